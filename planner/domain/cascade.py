"""`[[cascades]]` of a scenario: a cheap answer is kept where a verifier's score clears a threshold,
else a stronger option answers.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from planner.domain.base import Strict
from planner.domain.quantity import Count, Fraction

SCORES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Thresholds of a score that logs hold."""
FALSE_POSITIVES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Thresholds of a verifier of which only the AUC is known, by the wrong answers that they pass."""


class Stage(Strict):
    """One option of a cascade; it has to be an option of the scenario's candidates."""

    model: str = Field(min_length=1)
    method: str = "greedy"
    samples: Count = 1


class Cascade(Strict):
    """Try the first, keep its answer or let the second answer."""

    first: Stage
    then: Stage
    verifier: str | None = Field(default=None, min_length=1)
    """Whose quality by bucket stands in the obs.meta.json of the observations."""
    auc: Fraction | None = Field(default=None, ge=0.5, lt=1)
    """Chance that a right answer is scored above a wrong one, where no log holds its scores."""
    cost: float = Field(ge=0, allow_inf_nan=False)
    """Dollars of scoring one answer."""

    @model_validator(mode="after")
    def _its_quality_is_known(self) -> Self:
        if (self.verifier is None) == (self.auc is None):
            raise ValueError(
                "a cascade needs one source of its verifier's quality; write verifier, whose scores"
                " `planner measure` has seen, or auc = 0.8"
            )
        if self.first == self.then:
            raise ValueError("first and then are the same option; a cascade needs two")
        return self
