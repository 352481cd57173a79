"""What a plan must keep to: budgets of a day, and constraints on who answers what."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from planner.domain.base import Strict
from planner.domain.quantity import Count, Flop, Fraction, KwhPerDay, UsdPerDay


class Budget(Strict):
    """The most that a day may take; every one that is given holds."""

    usd_per_day: UsdPerDay | None = Field(default=None, gt=0)
    flop_per_day: Flop | None = Field(default=None, gt=0)
    eflop_per_day: Flop | None = Field(default=None, gt=0)
    """Memory-aware FLOPs: what reads the cache counts as well."""
    gpus: Count | None = None
    kwh_per_day: KwhPerDay | None = Field(default=None, gt=0)
    """Of the GPUs in service, cooling and server included."""
    include_capex: bool = Field(default=False, strict=True)
    """True: training is a decision, and its dollars are spread evenly over the horizon of the
    workload. False: it stands beside the dollars a day, and no plan avoids it for its price."""


class ShareLimit(Strict):
    """How much of the queries some options may answer."""

    of: str = Field(min_length=1)
    """`api` for all that is bought by the token; or a model, a method, or an option's label."""
    max: Fraction | None = None
    min: Fraction | None = None
    classes: tuple[str, ...] = ()
    """Whose queries; empty: all."""

    @model_validator(mode="after")
    def _it_limits_something(self) -> Self:
        if self.max is None and self.min is None:
            raise ValueError("it limits nothing; add max = 0.2 or min = 0.1")
        if self.max is not None and self.min is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is over max {self.max:g}; correct one of them")
        return self


class Tie(Strict):
    """Classes that are served alike."""

    by: Literal["model", "method", "option"] = "model"
    """What is the same for all of them: each model (method, option) answers the same share."""
    classes: tuple[str, ...] = ()
    """Empty: all."""

    @model_validator(mode="after")
    def _there_are_two(self) -> Self:
        if len(self.classes) == 1:
            raise ValueError("one class is tied to nothing; name two or more, or none for all")
        return self


class Constraints(Strict):
    """What a plan must keep to beside its budgets."""

    min_accuracy: Fraction | None = None
    """Least mean accuracy over all queries."""
    max_models: Count | None = None
    """Most models in service at once."""
    whole: bool = Field(default=False, strict=True)
    """True forbids splitting a class and bucket between options."""
    share: tuple[ShareLimit, ...] = ()
    tie: tuple[Tie, ...] = ()

    @property
    def named_classes(self) -> set[str]:
        """Classes that some constraint names."""
        shares = {name for limit in self.share for name in limit.classes}
        return shares | {name for tie in self.tie for name in tie.classes}
