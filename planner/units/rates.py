"""Rates of change and of interest: "3%/month", "80%/year"."""

from __future__ import annotations

import re

from planner.units.factors import MONTHS_PER_YEAR

_RATE = re.compile(
    r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(%|percent)?\s*"
    r"(?:(?:/|per|an?)\s*(month|mo|year|yr|y|annum)|(monthly|yearly|annually))?\s*",
    re.IGNORECASE,
)


def parse_growth_per_year(text: str | float) -> float:
    """Effective yearly growth: "3%/month" compounds to .4258, "-10%/year" falls.

    A rate without its period is refused, for people differ on which they mean. Raises ValueError.
    """
    rate, period = _read(text, "a growth", "'3%/month' or '40%/year'")
    if period is None:
        raise ValueError(
            f"{text!r} names no period; write it like '3%/month' or '40%/year'",
        )
    return _yearly(rate, period)


def parse_rate_per_year(text: str | float) -> float:
    """Effective rate of a year, at least 0: "10%/year", "10%", 0.1, "1%/month".

    Without a period it is a year's, as rates of interest are quoted. Raises ValueError.
    """
    rate, period = _read(text, "a yearly rate", "'10%/year' or 0.1")
    if rate < 0:
        raise ValueError(f"{text!r} is negative; write a rate of 0 or more, like '10%/year'")
    if period is None and rate > 1:
        raise ValueError(f"{text!r} is more than 100% a year; write a percentage as '10%'")
    return _yearly(rate, period or "y")


def _read(text: str | float, what: str, examples: str) -> tuple[float, str | None]:
    found = _RATE.fullmatch(str(text))
    if found is None or isinstance(text, bool):
        raise ValueError(f"{text!r} is not {what} that is understood; write it like {examples}")
    number, percent, period, adverb = found.groups()
    rate = float(number) / 100 if percent else float(number)
    if rate <= -1:
        raise ValueError(f"{text!r} leaves nothing; write a fall of less than 100%")
    return rate, (period or adverb or "").lower()[:1] or None


def _yearly(rate: float, period: str) -> float:
    return rate if period in ("y", "a") else (1 + rate) ** MONTHS_PER_YEAR - 1
