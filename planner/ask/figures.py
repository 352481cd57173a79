"""The figures of a question: volume, money, times, accuracy, mix, accelerator."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.ask.caret import pointed
from planner.ask.words import SECOND_WORDS
from planner.errors import Problem
from planner.units import (
    parse_duration_days,
    parse_fraction,
    parse_seconds,
    parse_usd_per_day,
    parse_usd_per_hour,
    parse_volume_per_day,
)

if TYPE_CHECKING:
    from lark import Token, Tree

    Part = Tree[Token]

Span = tuple[int, int]

_SHORT_PERIODS = frozenset([*SECOND_WORDS.split(), "min", "mins", "minute", "minutes"])
_HOURS = frozenset(["h", "hr", "hrs", "hour", "hours"])
_MIX_TOLERANCE = 0.01

_FIGURES = {
    "queries_per_day": "the volume",
    "horizon_days": "the horizon",
    "budget_usd_per_day": "the budget",
    "min_accuracy": "the accuracy floor",
    "max_latency_p95_s": "the latency cap",
    "usd_per_gpu_hour": "the rent of a GPU",
}
_EXAMPLES = {
    "queries_per_day": "1M queries/day",
    "horizon_days": "for 12 months",
    "budget_usd_per_day": "under $500/day",
    "min_accuracy": "at least 40% accuracy",
    "max_latency_p95_s": "p95 under 10 s",
    "usd_per_gpu_hour": "$2.50/h",
}
_UNIT_NAMES = {"mins": "min", "secs": "s", "hrs": "h", "yrs": "y"}
_ADVERBS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month",
            "yearly": "year"}  # fmt: skip


def _unit(period: str) -> str:
    period = period.lower()
    return _ADVERBS.get(period) or _UNIT_NAMES.get(period, period)


class Figures:
    """Converts the figures in the order in which they stand, and collects problems."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self.leads: list[tuple[str, Span]] = []
        """What stands before the next figure and tells how it is meant, with its place."""
        self.figures: dict[str, float] = {}
        self.accelerator: str | None = None
        self.shares: list[tuple[str, float, Span]] = []

    @property
    def kinds(self) -> list[str]:
        """Terminals of the leads."""
        return [kind for kind, _ in self.leads]

    def _read_volume(self, part: Part) -> None:
        tail = [t for t in tokens_of(part) if t.type in ("PERIOD", "PERIODLY", "RATE")]
        amount = amount_of(part)
        if not tail:
            text = f"{amount} queries"
        elif tail[0].type == "PERIOD":
            text = f"{amount} queries/{tail[0].value}"
        else:
            text = f"{amount} {tail[0].value}"
        self._set(part, "queries_per_day", self.convert(part, parse_volume_per_day, text))

    def _read_spend(self, part: Part) -> None:
        tail = [t for t in tokens_of(part) if t.type in ("PERIOD", "PERIODLY", "GPU_HOUR")]
        if not tail:
            self.refuse(part, "dollars for what time?", "$500/day, $2.50/h")
        elif tail[0].type == "PERIODLY":
            self._set_budget(part, tail[0].value)
        elif "BUDGET" in self.kinds:
            self._read_budget(part)
        elif tail[0].type == "GPU_HOUR" or tail[0].value.lower() in _HOURS:
            rent = self.convert(part, parse_usd_per_hour, f"{money_of(part)}/h")
            self._set(part, "usd_per_gpu_hour", rent)
        else:
            self._set_budget(part, tail[0].value)

    def _read_budget(self, part: Part) -> None:
        tail = [t for t in tokens_of(part) if t.type in ("PERIOD", "PERIODLY", "GPU_HOUR")]
        self._set_budget(part, "h" if tail[0].type == "GPU_HOUR" else tail[0].value)

    def _set_budget(self, part: Part, period: str) -> None:
        if "FLOOR" in self.kinds:
            self.refuse(part, "a budget is the most to spend, not the least", "under $500/day")
        budget = self.convert(part, parse_usd_per_day, f"{money_of(part)}/{_unit(period)}")
        self._set(part, "budget_usd_per_day", budget)

    def _read_duration(self, part: Part) -> None:
        tokens = tokens_of(part)
        unit = next(t.value for t in tokens if t.type == "PERIOD").lower()
        text = f"{amount_of(part) or '1'} {_UNIT_NAMES.get(unit, unit)}"
        kinds = set(self.kinds) | {t.type for t in tokens}
        if kinds & {"LATENCY", "P95"} or (unit in _SHORT_PERIODS and not kinds & {"HORIZON"}):
            latency = True
        elif unit in _HOURS and not kinds & {"FOR", "OVER", "HORIZON", "CAP"}:
            self.refuse(part, "a latency or a horizon?", "p95 under 10 s, for 12 months")
            return
        else:
            latency = unit in _HOURS and "CAP" in kinds
        if not latency:
            self._set(part, "horizon_days", self.convert(part, parse_duration_days, text))
            return
        if kinds & {"FLOOR", "OVER"}:
            self.refuse(part, "a latency is capped, not floored", "p95 under 10 s")
        self._set(part, "max_latency_p95_s", self.convert(part, parse_seconds, text))

    def _read_accuracy(self, part: Part) -> None:
        percent = [t.value for t in tokens_of(part) if t.type == "PERCENT"]
        words = [t.type for t in tokens_of(part)]
        amount = percent[0] if percent else amount_of(part)
        self.set_accuracy(part, f"{amount}%" if "PERCENT_WORD" in words else amount)

    def set_accuracy(self, part: Part, text: str) -> None:
        """An accuracy floor."""
        if "CAP" in self.kinds:
            what = "accuracy has a floor, not a cap"
            self.refuse(part, what, "at least 40% accuracy")
        self._set(part, "min_accuracy", self.convert(part, parse_fraction, text))

    def _read_share(self, part: Part) -> None:
        self.leads = []
        tokens = tokens_of(part)
        percents = [t.value for t in tokens if t.type == "PERCENT"]
        text = percents[0] if percents else f"{amount_of(part)}%"
        share = self.convert(part, parse_fraction, text)
        named = [t.value for t in tokens if t.type in ("BUCKET", "RANGE")]
        if not named:
            named = [t.value for t in tokens if t.type == "NUMBER"][-1:]
        level = any(t.type == "LEVEL" for t in tokens)
        if share is not None:
            bucket = f"level {named[0]}" if level else named[0]
            self.shares.append((bucket, share, span_of(part)))

    def _read_accelerator(self, part: Part) -> None:
        name = tokens_of(part)[0].value
        if re.fullmatch(r"[ABHVabhv]\d{3}s", name):
            name = name[:-1]
        if self.accelerator is not None and self.accelerator.lower() != name.lower():
            self.refuse(part, "two accelerators: a question is about one", "on H100 at $2.50/h")
        self.accelerator = name

    def mix(self) -> dict[str, float] | None:
        """Shares of the traffic, which must add up to one."""
        if not self.shares:
            return None
        span = (self.shares[0][2][0], self.shares[-1][2][1])
        mix = {bucket: share for bucket, share, _ in self.shares}
        total = sum(mix.values())
        if len(mix) < len(self.shares):
            self.refuse(span, "a bucket has two shares", "60% level 1-3, 40% level 4-5")
        elif abs(total - 1) > _MIX_TOLERANCE:
            what = f"the shares add up to {100 * total:.4g}%, not 100%"
            self.refuse(span, what, "60% level 1-3, 40% level 4-5")
        return {bucket: share / total for bucket, share in mix.items()} if total else None

    def _set(self, part: Part, name: str, value: float | None) -> None:
        """A figure that must be above zero and may be named once."""
        self.leads = []
        label = _FIGURES[name]
        if value is None:
            return
        if value <= 0:
            self.refuse(part, f"{label} must be above zero", _EXAMPLES[name])
        elif name in self.figures and self.figures[name] != value:
            self.refuse(part, f"{label} is named twice", "keep one of them", example=False)
        else:
            self.figures[name] = value

    def convert(self, part: Part, parse: Callable[[str | float], float], text: str) -> float | None:
        """The figure by a parser of units; None, and a problem, where it refuses."""
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(pointed(self.text, span_of(part), str(error)))
            return None

    def refuse(self, at: Part | Span, what: str, remedy: str, *, example: bool = True) -> None:
        """Adds a problem at a phrase; the remedy is an example, or a sentence."""
        span = at if isinstance(at, tuple) else span_of(at)
        remedy = f"write it like: {remedy}" if example else remedy
        self.problems.append(pointed(self.text, span, what, remedy))


def tokens_of(part: Part) -> list[Token]:
    """All tokens of a phrase, in order."""
    return list(part.scan_values(lambda token: token is not None))


def span_of(part: Part) -> Span:
    """Columns of a phrase, the second one past its end."""
    return part.meta.start_pos, part.meta.end_pos


def amount_of(part: Part) -> str:
    """The number of a phrase with its scale: "1 million"; empty where there is none."""
    amounts = list(part.find_data("amount"))
    return " ".join(t.value for t in tokens_of(amounts[0])) if amounts else ""


def money_of(part: Part) -> str:
    """The dollars of a phrase: "$15k"."""
    money = next(part.find_data("money"))
    written = [t.value for t in tokens_of(money) if t.type in ("MONEY", "SCALE")]
    return " ".join(written) if "$" in "".join(written) else f"${amount_of(part)}"
