"""Reads quantities with units: "1M queries/day", "$2.50/h", "7B", "12 months".

A parser takes text or a number, which is already in the unit of the parser's name, and returns
a float in that unit. It raises ValueError with a plain sentence: what was seen, two examples
of what is understood. Numbers have a decimal point; commas and underscores group thousands.

Scales are k, M, B (or bn), T and their words. A small "m" means a million only where a count
is expected; beside a time it is ambiguous (minutes, months) and refused, and so is "MM".
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable

from planner.units.amount import (
    SCALES,
    Amount,
    RefusedError,
    amount_of,
    at_most,
    mantissa_of,
    plain,
    unscaled,
)
from planner.units.factors import (
    DAYS_PER_MONTH,
    DAYS_PER_WEEK,
    DAYS_PER_YEAR,
    EXA,
    GIGA,
    HOURS_PER_DAY,
    KILO,
    MEGA,
    MICRO,
    MILLI,
    PARAMS_PER_B,
    PETA,
    SECONDS_PER_DAY,
    SECONDS_PER_MINUTE,
    TERA,
    TOKENS_PER_MTOK,
)

_PERIOD_DAYS = {
    word: days
    for words, days in {
        "s sec second seconds": 1 / SECONDS_PER_DAY,
        "min minute minutes": SECONDS_PER_MINUTE / SECONDS_PER_DAY,
        "h hr hour hours hourly": 1 / HOURS_PER_DAY,
        "d day days daily": 1.0,
        "w wk week weeks weekly": DAYS_PER_WEEK,
        "mo month months monthly": DAYS_PER_MONTH,
        "y yr year years yearly annum": DAYS_PER_YEAR,
    }.items()
    for word in words.split()
}
_SECONDS = {
    "": 1.0, "us": MICRO, "µs": MICRO, "μs": MICRO, "microseconds": MICRO,
    "ms": MILLI, "msec": MILLI, "millisecond": MILLI, "milliseconds": MILLI,
    **{word: days * SECONDS_PER_DAY for word, days in _PERIOD_DAYS.items() if word[-2:] != "ly"},
}  # fmt: skip
_PER_SECOND_WORDS = {"qps": "s", "rps": "s", "qpm": "min", "rpm": "min", "qpd": "d", "rpd": "d"}
_FLOP_PREFIXES = {"": 1.0, "k": KILO, "m": MEGA, "g": GIGA, "t": TERA, "p": PETA, "e": EXA,
                  "z": 1e21, "y": 1e24}  # fmt: skip

_WIDE = re.compile(r"\s{2,}")
_DOLLAR_BEFORE = re.compile(r"(?:us)?\s*\$|usd\b", re.IGNORECASE)
_DOLLAR_AFTER = re.compile(r"\s*(?:\$|(?:usd|us\s?dollars?|dollars?)\b)", re.IGNORECASE)
_PER = re.compile(r"\s*(?:/|\bper\b|\ban?\b|\beach\b|\bevery\b)\s*", re.IGNORECASE)
_NOUNS = re.compile(
    r"(?:quer(?:y|ies)|questions?|q|req(?:uest)?s?|calls?|prompts?|samples?)\b", re.IGNORECASE
)


def _reads(
    kind: str, first: str, second: str, most: float = math.inf
) -> Callable[[Callable[[str], float]], Callable[[str | float], float]]:
    """Lets a parser take a number as well, and words its refusals with two examples."""

    def decorated(parse: Callable[[str], float]) -> Callable[[str | float], float]:
        @functools.wraps(parse)
        def reader(text: str | float) -> float:
            try:
                # What lets space stand anywhere would take the square of a long one's length.
                return at_most(
                    most, parse(_WIDE.sub(" ", text)) if isinstance(text, str) else plain(text)
                )
            except RefusedError as why:
                raise ValueError(
                    f"{text!r} is not {kind} that is understood: {why}; "
                    f"write it like {first!r} or {second!r}"
                ) from None

        return reader

    return decorated


@_reads("a count", "250k", "1.5e6")
def parse_count(text: str) -> float:
    """A count: "1M", "250k", "1.5e6", "1,000,000", "1_000". A small "m" is a million."""
    amount = amount_of(text)
    _nothing_after(amount.rest)
    return amount.value


MOST_QUERIES_PER_DAY = 1e15
"""A hundred thousand for each person alive: more is a slip, and its GPUs could not be counted."""


@_reads("a volume", "1M queries/day", "40 qps")
def parse_volume_per_day(text: str) -> float:
    """Queries a day: "1M queries/day", "40 qps", "30M/month", "500 an hour".

    Text without a period is refused: people differ on which they mean.
    """
    amount = amount_of(text)
    return at_most(MOST_QUERIES_PER_DAY, amount.value / _period_days(amount.rest))


def _period_days(rest: str) -> float:
    """Days of the period that follows a number of queries."""
    words = rest.strip().rstrip(".")
    if words.lower() in _PER_SECOND_WORDS:
        return _PERIOD_DAYS[_PER_SECOND_WORDS[words.lower()]]
    if noun := _NOUNS.match(words):
        words = words[noun.end() :].strip()
    if not words:
        raise RefusedError("it names no period")
    if words.lower() in ("daily", "hourly", "weekly", "monthly", "yearly"):
        return _PERIOD_DAYS[words.lower()]
    return _after_per(words)


@_reads("an amount in dollars", "$5k", "2.50 USD")
def parse_usd(text: str) -> float:
    """Dollars: "$5k", "500", "2.50 USD"."""
    amount = _dollars(text)
    _nothing_after(amount.rest)
    return amount.value


@_reads("a price per hour", "$2.50/h", "$2.50 per GPU-hour")
def parse_usd_per_hour(text: str) -> float:
    """Dollars an hour, usually of one GPU: "$2.50/h", "2.5 $/hour", "$2.50 per GPU-hour"."""
    amount = _dollars(text)
    rest = re.sub(
        r"\b(?:gpu|accelerator|chip|card)s?\b[\s/-]*", "", amount.rest, flags=re.IGNORECASE
    )
    rest = re.sub(r"[\s/]*(?:/|\bper\b|\ban?\b)\s*$", "", rest, flags=re.IGNORECASE)
    if not rest.strip():
        return amount.value
    return amount.value / (_after_per(rest) * HOURS_PER_DAY)


@_reads("a price per million tokens", "$0.60/Mtok", "$2.50 per million tokens")
def parse_usd_per_mtok(text: str) -> float:
    """Dollars per million tokens: "$0.60/Mtok", "$2.50 per million tokens", "$0.002/1k tokens".

    Raises RefusedError, a ValueError that says what to write.
    """
    amount = _dollars(text)
    if not amount.rest.strip():
        return amount.value
    per = _PER.match(amount.rest)
    unit = amount.rest[per.end() :] if per else amount.rest
    found = re.fullmatch(
        r"([0-9.,_]*)\s*([a-z]*?)\s*-?\s*tok(?:en)?s?", unit.strip(), re.IGNORECASE
    )
    scale = SCALES.get(found.group(2).lower()) if found else None
    if found is None or scale is None:
        raise RefusedError(f"{unit.strip()!r} is not a number of tokens")
    tokens = (mantissa_of(found.group(1)) if found.group(1) else 1.0) * scale
    if tokens <= 0:
        raise RefusedError("it is a price for no tokens")
    return amount.value * TOKENS_PER_MTOK / tokens


@_reads("an amount per day", "$500/day", "$15k/month")
def parse_usd_per_day(text: str) -> float:
    """Dollars a day: "$500/day", "$15k/month" (a month is a twelfth of 365 days), "500"."""
    amount = _dollars(text)
    if not amount.rest.strip():
        return amount.value
    return amount.value / _after_per(amount.rest)


@_reads("a number of parameters", "7B", "350M")
def parse_params_b(text: str) -> float:
    """Parameters in billions: "7B", "350M", "1.5T", "0.5b". A bare number in text is refused.

    Raises RefusedError, a ValueError that says what to write.
    """
    amount = amount_of(text)
    words = re.sub(r"^\s*param(?:eter)?s?$", "", amount.rest, flags=re.IGNORECASE)
    _nothing_after(words)
    if not amount.scaled and amount.value < MEGA:
        raise RefusedError("it lacks B (billions), M (millions) or T")
    return amount.value / PARAMS_PER_B


@_reads("a duration", "12 months", "90 days")
def parse_duration_days(text: str) -> float:
    """Days: "12 months", "1 year", "90 days", "2y". "12m" is refused: minutes or months?

    Raises RefusedError, a ValueError that says what to write.
    """
    amount = unscaled(text)
    unit = amount.rest.strip().lower()
    if unit not in _PERIOD_DAYS or unit.endswith("ly"):
        raise RefusedError("it names no unit" if not unit else f"{unit!r} is not a unit of time")
    return amount.value * _PERIOD_DAYS[unit]


@_reads("a time", "10 s", "500ms")
def parse_seconds(text: str) -> float:
    """Seconds: "10 s", "500ms", "2 min". A bare number is seconds; "2m" is refused.

    Raises RefusedError, a ValueError that says what to write.
    """
    amount = unscaled(text)
    unit = amount.rest.strip().lower()
    if unit not in _SECONDS:
        raise RefusedError(f"{unit!r} is not a unit of time")
    return amount.value * _SECONDS[unit]


@_reads("a fraction", "66.2%", "0.662", most=1)
def parse_fraction(text: str) -> float:
    """A fraction between 0 and 1: "66.2%", "0.662". "66.2" is refused, never rescaled.

    Raises RefusedError, a ValueError that says what to write.
    """
    amount = unscaled(text)
    unit = amount.rest.strip().lower()
    if unit not in ("", "%", "percent", "per cent"):
        raise RefusedError(f"{unit!r} follows the number")
    return amount.value / 100 if unit else amount.value


@_reads("a number of tokens", "4k", "300 tokens")
def parse_tokens(text: str) -> float:
    """Tokens: "4k" (4000, not 4096), "300", "1.5M tokens"."""
    amount = amount_of(text)
    _nothing_after(re.sub(r"^\s*tok(?:en)?s?$", "", amount.rest, flags=re.IGNORECASE))
    return amount.value


@_reads("a number of FLOPs", "1e14", "20 TFLOP")
def parse_flop(text: str) -> float:
    """Floating-point operations: "1e14", "3.65e25 FLOP", "20 TFLOP". A rate is refused.

    Raises RefusedError, a ValueError that says what to write.
    """
    amount = unscaled(text)
    unit = amount.rest.strip()
    found = re.fullmatch(r"([kmgtpezy]?)flops?", unit, re.IGNORECASE)
    if unit and found is None:
        raise RefusedError(f"{unit!r} is not a unit of work")
    return amount.value * (_FLOP_PREFIXES[found.group(1).lower()] if found else 1.0)


def _dollars(text: str) -> Amount:
    text = text.strip()
    before = _DOLLAR_BEFORE.match(text)
    amount = amount_of(text[before.end() :] if before else text)
    after = _DOLLAR_AFTER.match(amount.rest)
    return amount._replace(rest=amount.rest[after.end() :]) if after and not before else amount


def _after_per(text: str) -> float:
    """Days of the period that a text names: "/hour", " per day"."""
    per = _PER.match(text)
    unit = (text[per.end() :] if per else text).strip().rstrip(".").lower()
    if per is None or unit not in _PERIOD_DAYS:
        raise RefusedError(f"{text.strip()!r} is not a period")
    return _PERIOD_DAYS[unit]


def _nothing_after(rest: str) -> None:
    if rest.strip():
        raise RefusedError(f"{rest.strip()!r} follows the number")
