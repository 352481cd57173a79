"""Constraints of a problem beside its budgets and floors, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ShareLimit:
    """Least and most of the queries of some classes that some options may answer."""

    name: str
    """As it is told: "api of all classes"."""
    options: NDArray[np.bool_]
    """(option,)"""
    classes: NDArray[np.bool_]
    """(class_,)"""
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Tie:
    """Classes in which every label answers the same share."""

    name: str
    classes: NDArray[np.int64]
    """(tied,) positions of the classes."""
    label: NDArray[np.int64]
    """(option,) what is the same: its model, its method, or itself."""


@dataclass(frozen=True)
class Training:
    """What is paid once if any option needs it, spread over the horizon."""

    names: tuple[str, ...]
    usd_per_day: Array
    """(training,) CAPEX / horizon."""
    needed: NDArray[np.bool_]
    """(training, option)"""

    def bought(self, used: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(training,) what has to be paid where `used` (option,) have a share."""
        found: NDArray[np.bool_] = np.any(self.needed & used, axis=1)
        return found


@dataclass(frozen=True)
class Rule:
    """Takes options away from some classes: a latency cap, or who may answer."""

    name: str
    """As it is told: "p95 latency of 10 s for homework"."""
    forbidden: NDArray[np.bool_]
    """(class_, option)"""
    seconds: Array | None = None
    """(class_, option) p95 latency, where it is a cap on it; nan where not known."""
    cap_s: float = np.inf
    classes: NDArray[np.bool_] | None = None
    """(class_,) those that the cap is of."""


@dataclass(frozen=True)
class Rules:
    """What every class could be served with, and the rules that take options away."""

    possible: NDArray[np.bool_]
    """(class_, option) measured, so that it could answer."""
    rules: tuple[Rule, ...]

    def allowed(self, but: Rule | None = None) -> NDArray[np.bool_]:
        """(class_, option) what all rules, or all but one, leave."""
        kept = self.possible.copy()
        for rule in self.rules:
            if rule is not but:
                kept &= ~rule.forbidden
        return kept

    def without(self, rule: Rule) -> Rules:
        """The rules less one."""
        return Rules(self.possible, tuple(one for one in self.rules if one is not rule))
