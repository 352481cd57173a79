"""A number at the head of a text, with its sign, grouping and scale."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from planner.units.factors import GIGA, KILO, MEGA, TERA

SCALES = {
    "": 1.0, "k": KILO, "thousand": KILO, "m": MEGA, "mn": MEGA, "million": MEGA,
    "b": GIGA, "bn": GIGA, "billion": GIGA, "t": TERA, "trillion": TERA,
}  # fmt: skip

BLOB = re.compile(r"([+-]?)([0-9.,_]*[0-9.])([eE][+-]?[0-9]+)?")
MANTISSA = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:_[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?")
WORD = re.compile(r"\s*([^\W\d_]+)\.?(?![^\W\d_])")


class RefusedError(Exception):
    """Carries why a text is not understood, to be worded by the parser that was called."""


class Amount(NamedTuple):
    """A number at the head of a text, and what follows it."""

    value: float
    rest: str
    scaled: bool


def plain(number: float) -> float:
    """A number, finite and not negative; raises RefusedError with why it is not."""
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise RefusedError("it is not a number")
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise RefusedError("it is not finite")
    if value < 0:
        raise RefusedError("it is negative")
    return value


def at_most(most: float, value: float) -> float:
    """The value; raises RefusedError where it is more than `most`."""
    if value > most:
        raise RefusedError(f"it is more than {most:g}")
    return value


def mantissa_of(blob: str) -> float:
    """Digits whose commas or underscores group thousands; raises RefusedError for others."""
    if not MANTISSA.fullmatch(blob) or not re.search("[0-9]", blob):
        raise RefusedError(f"{blob!r} is no number (commas group thousands, a point is decimal)")
    return float(blob.replace(",", "").replace("_", ""))


def unscaled(text: str) -> Amount:
    """The number at the head of a text, without the scale that may follow it.

    Raises RefusedError where there is none.
    """
    text = text.strip()
    blob = BLOB.match(text)
    if blob is None:
        raise RefusedError("it does not begin with a number" if text else "it is empty")
    sign, mantissa, exponent = blob.groups()
    mantissa_of(mantissa)
    number = float(mantissa.replace(",", "").replace("_", "") + (exponent or ""))
    return Amount(plain(-number if sign == "-" else number), text[blob.end() :], False)


def amount_of(text: str) -> Amount:
    """A number and the scale that follows it: "1.5 million queries" -> 1.5e6, " queries".

    Raises RefusedError where the scale may mean two things.
    """
    number = unscaled(text)
    word = WORD.match(number.rest)
    if word is None:
        return number
    if word.group(1) in ("MM", "mm", "Mm"):
        raise RefusedError(f"{word.group(1)!r} is ambiguous; M is a million")
    scale = SCALES.get(word.group(1).lower())
    if scale is None:
        return number
    return Amount(plain(number.value * scale), number.rest[word.end() :], True)
