"""The curve families. A new one: a file here, and a line in `FAMILIES`."""

from __future__ import annotations

from planner.curves.families.base import Curved, Family, Kind, Separable
from planner.curves.families.beta_binomial import BetaBinomial
from planner.curves.families.constant import Constant
from planner.curves.families.exponentiated_power_law import ExponentiatedPowerLaw
from planner.curves.families.heavy_tail import HeavyTail
from planner.curves.families.hill import Hill
from planner.curves.families.imperfect_verifier import ImperfectVerifier
from planner.curves.families.log_linear import LogLinear
from planner.curves.families.logistic import Logistic
from planner.curves.families.overthinking import Overthinking
from planner.curves.families.power_law import PowerLaw
from planner.curves.families.revision_chain import RevisionChain
from planner.curves.families.two_level_vote import TwoLevelVote
from planner.curves.families.vote_limit import VoteLimit

FAMILIES: dict[str, Family] = {
    "constant": Constant(),
    "log_linear": LogLinear(),
    "power_law": PowerLaw(),
    "hill": Hill(),
    "vote_limit": VoteLimit(),
    "logistic": Logistic(),
    "two_level_vote": TwoLevelVote(),
    "imperfect_verifier": ImperfectVerifier(),
    "exponentiated_power_law": ExponentiatedPowerLaw(),
    "beta_binomial": BetaBinomial(),
    "heavy_tail": HeavyTail(),
    "revision_chain": RevisionChain(),
    "overthinking": Overthinking(),
}
"""Every family by its name."""

__all__ = ["FAMILIES", "Curved", "Family", "Kind", "Separable"]
