"""Options: class x model x method x n, as accuracy and work over draws.

`candidate.py` is a model with a method for every n; `workshop.py` builds candidates from curves,
cards and supply; `lengths.py` says how long samples are; `faster.py` finds smaller batches for a
latency cap, `smaller.py` smaller replicas for a low volume; `router.py` charges what tells the
difficulty; `mix.py` weighs difficulty buckets. An option is a candidate at one n.
"""

from planner.options.by_bucket import At
from planner.options.candidate import WHOLE, Candidate, StandIn
from planner.options.faster import FasterFleets
from planner.options.router import RouterWork
from planner.options.smaller import on_smaller_replicas
from planner.options.spending import Axes, spending
from planner.options.workshop import Part, Workshop

__all__ = [
    "WHOLE",
    "At",
    "Axes",
    "Candidate",
    "FasterFleets",
    "Part",
    "RouterWork",
    "StandIn",
    "Workshop",
    "on_smaller_replicas",
    "spending",
]
