"""The curve families. A new one: a file here, and a line in `FAMILIES`."""

from __future__ import annotations

from planner.curves.families.base import Curved, Family, Kind, Separable
from planner.curves.families.constant import Constant
from planner.curves.families.exponentiated_power_law import ExponentiatedPowerLaw
from planner.curves.families.log_linear import LogLinear
from planner.curves.families.power_law import PowerLaw

FAMILIES: dict[str, Family] = {
    "constant": Constant(),
    "log_linear": LogLinear(),
    "power_law": PowerLaw(),
    "exponentiated_power_law": ExponentiatedPowerLaw(),
}
"""Every family by its name."""

__all__ = ["FAMILIES", "Curved", "Family", "Kind", "Separable"]
