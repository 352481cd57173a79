"""Rows of the table of assumptions."""

from __future__ import annotations

from planner.cost.settings import IN_COMMAND, IN_SCENARIO
from planner.domain.plan import Assumption
from planner.domain.ranges import Range
from planner.domain.weights import WeightFormat


def range_row(
    name: str,
    value: Range,
    unit: str,
    source: str,
    flag: str | None = None,
    date: str | None = None,
    *,
    key: str | None = None,
) -> Assumption:
    """A range as the table of assumptions shows it; an exact number has no low and high."""
    low, high = (None, None) if value.exact else (value.low, value.high)
    return Assumption(
        name=name,
        value=value.value,
        low=low,
        high=high,
        unit=unit,
        source=source,
        date=date,
        flag=flag,
        key=key,
    )


def weights_row(
    model: str,
    weights: WeightFormat,
    asked: WeightFormat | None = None,
    wished: WeightFormat | None = None,
    *,
    chosen: bool = True,
) -> Assumption:
    """The weight format of a model as the table of assumptions shows it.

    asked: with the command; wished: in the scenario. chosen: a scenario may choose it.
    """
    return Assumption(
        name=f"weights of {model}",
        value=weights,
        unit="format",
        source=IN_COMMAND if asked else IN_SCENARIO if wished else "its card",
        flag="--weights",
        key="[[candidates]] weights" if chosen else None,
    )
