"""Writes quantities for readers and for JSON.

What a formatter writes reads back as the number rounded to the digits shown, so that a greater
number is never written as a smaller one.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

from planner.units.factors import (
    EXA,
    GIGA,
    KILO,
    MEGA,
    MICRO,
    MILLI,
    PETA,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
    TERA,
)

SIGNIFICANT_DIGITS = 9
"""Digits to which numbers are printed in JSON, so that the same inputs give the same bytes."""

_AS_IS = frozenset({type(None), bool, str, int})
"""Types that JSON holds as they are, and that nothing need be asked of."""


def round_to(x: float, digits: int) -> float:
    """Round x to so many significant digits, halves to even in decimal."""
    rounded = float(f"{x:.{digits - 1}e}") + 0.0  # + 0.0 turns -0.0 into 0.0
    return rounded if math.isfinite(rounded) else x  # rounding up may overflow


def significant(x: float, digits: int = SIGNIFICANT_DIGITS) -> float:
    """Round x to `digits` significant digits. Raises ValueError where x is not finite."""
    if not math.isfinite(x):
        raise ValueError(f"{x} is not a number that can be printed; use null")
    return round_to(x, digits)


def jsonable(obj: Any, _path: str = "") -> Any:
    """A copy of nested mappings and sequences with every float at 9 significant digits.

    Dates become ISO text; arrays and their scalars become lists and numbers. Raises ValueError
    that names the place of a NaN or an infinity (use None), TypeError for what JSON lacks.
    """
    match obj:
        case None | bool() | str() | int():
            return obj
        case float():
            if not math.isfinite(obj):
                raise ValueError(f"{_path or 'the value'} is {obj}; use None where it is unknown")
            return round_to(float(obj), SIGNIFICANT_DIGITS)
        case dt.date():
            return obj.isoformat()
        case Mapping():
            bad = next((key for key in obj if not isinstance(key, str)), None)
            if bad is not None:
                raise TypeError(f"{_path or 'the object'} has the key {bad!r}; keys are text")
            return {
                key: value
                if type(value) in _AS_IS
                else jsonable(value, f"{_path}.{key}".lstrip("."))
                for key, value in obj.items()
            }
        case Sequence() if not isinstance(obj, bytes):
            return [
                value if type(value) in _AS_IS else jsonable(value, f"{_path}[{i}]")
                for i, value in enumerate(obj)
            ]
        case _ if hasattr(obj, "tolist"):
            return jsonable(obj.tolist(), _path)
        case _:
            raise TypeError(f"{_path or 'the value'} is a {type(obj).__name__}, which JSON lacks")


def _decimal(x: float) -> str:
    """Write x in full, without exponent or trailing zeros."""
    if abs(x) >= PETA:
        return f"{x:g}"
    text = f"{x:,.15f}" if abs(x) < 1 else f"{x:,.9f}"
    return text.rstrip("0").rstrip(".")


def _scaled(x: float, steps: Sequence[tuple[float, str]]) -> tuple[str, str]:
    """Number and suffix of the greatest step not above |x|."""
    for step, suffix in steps:
        if abs(x) >= step:
            return _decimal(round_to(x / step, 12)), suffix
    return _decimal(x), ""


_LARGE = ((TERA, "T"), (GIGA, "B"), (MEGA, "M"))


def format_usd(x: float, digits: int = 3) -> str:
    """Dollars: $0.0012, $2.50, $412, $41,200, $3.1M. Reads back as x to `digits` digits."""
    rounded = significant(x, digits)
    sign, rounded = ("-" if rounded < 0 else ""), abs(rounded)
    if rounded and not MICRO <= rounded < PETA:
        return f"{sign}${rounded:g}"
    if 0.01 <= rounded < 100 and round(rounded, 2) == rounded:
        return f"{sign}${rounded:.2f}"
    number, suffix = _scaled(rounded, _LARGE)
    return f"{sign}${number}{suffix}"


def format_count(x: float, digits: int = 3) -> str:
    """A count: 250, 4,100, 12.5k, 1M, 2.5B. Reads back as x to `digits` digits."""
    rounded = significant(x, digits)
    if rounded and not MICRO <= abs(rounded) < PETA:
        return f"{rounded:g}"
    if abs(rounded) < 10 * KILO:
        return _decimal(rounded)
    return "".join(_scaled(rounded, (*_LARGE, (KILO, "k"))))


def format_tokens(x: float, digits: int = 3) -> str:
    """Tokens: "1 token", "300 tokens", "12.5k tokens"."""
    count = format_count(x, digits)
    return f"{count} token" if count == "1" else f"{count} tokens"


def format_percent(fraction: float, decimals: int = 1) -> str:
    """A fraction as a percentage: 66.2%, 5%, and two digits where it is tiny: 0.012%."""
    percent = significant(fraction * 100, 12)
    if percent and abs(percent) < 10.0**-decimals:
        return f"{_decimal(round_to(percent, 2))}%"
    return f"{_decimal(round(percent, decimals))}%"


def format_seconds(x: float, digits: int = 3) -> str:
    """A time: "34.1 us", "500 ms", "12.3 s", "2.5 min", "3 h", "4 days"."""
    rounded = significant(x, digits)
    steps = ((2 * SECONDS_PER_DAY, SECONDS_PER_DAY, "days"),
             (2 * SECONDS_PER_HOUR, SECONDS_PER_HOUR, "h"),
             (2 * SECONDS_PER_MINUTE, SECONDS_PER_MINUTE, "min"),
             (1.0, 1.0, "s"), (MILLI, MILLI, "ms"))  # fmt: skip
    for least, unit_s, name in steps:
        if abs(rounded) >= least:
            return f"{_decimal(significant(x / unit_s, digits))} {name}"
    return f"{_decimal(significant(x / MICRO, digits))} us" if rounded else "0 s"


def format_flop(x: float, digits: int = 3) -> str:
    """Work: "14.2 TFLOP", "3.65e25 FLOP" from 1e21 up. Reads back as x to `digits` digits."""
    rounded = significant(x, digits)
    if rounded and not 1 <= abs(rounded) < 1e21:
        return f"{rounded:g} FLOP".replace("e+", "e")
    steps = ((EXA, "E"), (PETA, "P"), (TERA, "T"), (GIGA, "G"), (MEGA, "M"), (KILO, "k"))
    number, prefix = _scaled(rounded, steps)
    return f"{number} {prefix}FLOP"
