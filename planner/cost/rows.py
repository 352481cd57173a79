"""Rows of the table of assumptions."""

from __future__ import annotations

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
    )


def weights_row(model: str, weights: WeightFormat, source: str) -> Assumption:
    """The weight format of a model as the table of assumptions shows it."""
    return Assumption(
        name=f"weights of {model}",
        value=weights,
        unit="format",
        source=source,
        flag="--weights",
    )
