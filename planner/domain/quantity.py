"""Fields of a scenario that hold a quantity: with its unit in text, or with a range.

`Annotated` types for pydantic fields. Each takes a plain number (in the unit of the field's
name), text with a unit ("$2.50/h", "70%"), and those that are ranges also `[low, high]` or
`[low, middle, high]` of either. Refusals are sentences for the user.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from planner import units
from planner.domain.observation import ALL
from planner.domain.ranges import Range

Count = Annotated[int, Field(strict=True, ge=1)]
"""A whole number from 1; true and 2.0 are none."""

Parser = Callable[[str | float], float]


def _number(parse: Parser) -> BeforeValidator:
    """One number; whatever else stands there is refused in the parser's words."""

    def before(raw: Any) -> float:
        return parse(_scalar(raw, "write one number here"))

    return BeforeValidator(before)


def _range(parse: Parser, least: float = 0.0, most: float | None = None) -> BeforeValidator:
    """A range above `least` and below `most`; an exact number may equal `most`."""

    def before(raw: Any) -> Any:
        if isinstance(raw, (Range, dict)):
            return raw
        listed = isinstance(raw, (list, tuple))
        if listed and len(raw) not in (2, 3):
            raise ValueError("write one number, [low, high], or [low, middle, high]")
        parts = raw if listed else [raw]
        numbers = [parse(_scalar(part, "write numbers in the list")) for part in parts]
        if sorted(numbers) != numbers:
            raise ValueError("a range runs from its low end to its high end")
        _within(numbers, least, most)
        return numbers[0] if len(numbers) == 1 else numbers

    return BeforeValidator(before)


def _within(numbers: list[float], least: float, most: float | None) -> None:
    if numbers[0] <= least:
        raise ValueError(f"it must be above {least:g}")
    if most is None or numbers[-1] < most or (len(numbers) == 1 and numbers[0] == most):
        return
    if numbers[-1] == most:
        # Draws of a share move in logits, which are infinite at 1.
        raise ValueError(f"a range must end below {most:g}; write {most - 0.01:g}")
    raise ValueError(f"it must be at most {most:g}")


def _scalar(raw: Any, sentence: str) -> str | float:
    match raw:
        case bool():
            pass
        case int() | float() | str():
            return raw
    raise ValueError(f"it is not a number; {sentence}")


def _by_bucket(raw: Any) -> Any:
    """A number or range for all buckets, or a table by bucket."""
    return raw if isinstance(raw, dict) else {ALL: raw}


Tokens = Annotated[float, _number(units.parse_tokens)]
VolumePerDay = Annotated[float, _number(units.parse_volume_per_day)]
UsdPerDay = Annotated[float, _number(units.parse_usd_per_day)]
Flop = Annotated[float, _number(units.parse_flop)]
KwhPerDay = Annotated[float, _number(units.parse_kwh_per_day)]
Seconds = Annotated[float, _number(units.parse_seconds)]
Fraction = Annotated[float, _number(units.parse_fraction)]

Params = Annotated[float, _number(units.parse_params_b)]
"""Billions of parameters."""
Days = Annotated[float, _number(units.parse_duration_days)]

UsdRange = Annotated[Range, _range(units.parse_usd)]
UsdPerKwhRange = Annotated[Range, _range(units.parse_usd_per_kwh)]
CountRange = Annotated[Range, _range(units.parse_count)]
UsdPerHourRange = Annotated[Range, _range(units.parse_usd_per_hour)]
ShareRange = Annotated[Range, _range(units.parse_fraction, most=1.0)]
TokensRange = Annotated[Range, _range(units.parse_tokens)]
TokensByBucket = Annotated[dict[str, TokensRange], BeforeValidator(_by_bucket)]
