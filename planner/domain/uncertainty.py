"""What a scenario may ask of a plan that rests on uncertain numbers, and what is told of it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from planner.domain.base import Strict
from planner.domain.quantity import Count, Fraction

Risk = Literal["cvar", "minimax_regret"]
"""`cvar`: least mean regret of the worst draws; `minimax_regret`: least regret of the worst."""


class Uncertainty(Strict):
    """`[uncertainty]` of a scenario: the draws count in the choice, not only in the intervals."""

    floor_holds_in: Fraction | None = Field(default=None, gt=0, lt=1)
    """Share of the draws in which every accuracy floor has to hold; without it a floor is kept by
    the central estimates."""
    risk: Risk | None = None
    """What is made least instead of the objective's central case."""
    level: Fraction = Field(default=0.9, gt=0, lt=1)
    """The worst 1 - level of the draws are those that `cvar` averages."""
    draws: Count = Field(default=100, ge=10)
    """Draws that are solved one by one for the regret; no more than there are."""

    @model_validator(mode="after")
    def _level_is_used(self) -> Self:
        if "level" in self.model_fields_set and self.risk == "minimax_regret":
            raise ValueError(
                'level is the tail of risk = "cvar"; minimax_regret looks at the worst draw alone: '
                "remove one of the two"
            )
        return self


class FloorRow(Strict):
    """How sure it is that an accuracy floor holds."""

    query_class: str | None
    """None: the floor of all queries together."""
    floor: float
    probability: float
    """Share of the draws in which it holds; where the choice was made on some draws, of the
    others."""


class Regret(Strict):
    """What was lost to not knowing, in the unit of the objective, against the best plan of each
    draw.
    """

    label: str
    mean: float
    cvar: float
    """Mean of the worst 1 - level of the draws."""
    worst: float


class BestIn(Strict):
    """A plan, and the share of the draws in which none is better."""

    plan: str
    """Its options; the plan that is told here is "this plan"."""
    share: float


class HowSure(Strict):
    """What the draws say of the plan."""

    floors: tuple[FloorRow, ...] = ()
    wanted: float | None = None
    """floor_holds_in, where it was asked for."""
    draws: int | None = None
    """Draws that were solved one by one; None: none were, and there is no regret."""
    unit: Literal["accuracy", "usd_per_day", "usd_per_correct"] | None = None
    level: float | None = None
    risk: Risk | None = None
    """What was made least instead of the objective's central case."""
    regret: tuple[Regret, ...] = ()
    """Of this plan, of the plan of the central case where it is another, and of the baseline."""
    best_in: tuple[BestIn, ...] = ()
    """Stability: this plan first, then the others, the most frequent first."""
