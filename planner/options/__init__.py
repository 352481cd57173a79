"""Options: class x model x method x n, as accuracy and work over draws.

`candidate.py` is a model with a method for every n; `workshop.py` builds candidates from curves,
cards and supply; `mix.py` weighs difficulty buckets. An option is a candidate at one n.
"""

from planner.options.by_bucket import At
from planner.options.candidate import WHOLE, Axes, Candidate, StandIn, spending
from planner.options.workshop import Part, Workshop

__all__ = ["WHOLE", "At", "Axes", "Candidate", "Part", "StandIn", "Workshop", "spending"]
