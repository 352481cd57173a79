"""Numbers as the page and the terminal write them, over the formatting of `planner.units`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from planner.domain.answer import Answer
from planner.domain.observation import ALL
from planner.report import wording
from planner.report.page import Cell, missing
from planner.units import format_count, format_percent, format_usd

Write = Callable[[float], str]


def number_cell(
    value: float | None,
    write: Write,
    low: float | None = None,
    high: float | None = None,
    reason: str | None = None,
) -> Cell:
    """A number with its interval beneath, or a dash with the reason that it is missing."""
    if value is None:
        return missing(reason)
    return Cell(write(value), span(low, high, write))


def span(low: float | None, high: float | None, write: Write) -> str | None:
    """Such as "2 to 8"; None where there is no interval, or none that could be seen."""
    if low is None or high is None or write(low) == write(high):
        return None
    return f"{write(low)} to {write(high)}"


def plus_minus(value: float, low: float | None, high: float | None) -> str:
    """Such as "24.8 ± 3.2%": half the 90% interval, in percentage points."""
    if low is None or high is None:
        return f"{value * 100:.1f}%"
    return f"{value * 100:.1f} ± {(high - low) / 2 * 100:.1f}%"


def samples(n: float) -> str:
    """A real-valued sample count: one decimal, as much as it is known to."""
    return f"{n:.1f}" if n < 100 else format_count(n)


def parity_span(low: float | None, high: float | None) -> str:
    """The interval of a parity, open where it lies outside of what was measured."""
    left = wording.UNDER_ONE if low is None else samples(low)
    right = wording.BEYOND if high is None else samples(high)
    return f"{left} to {right}"


def whole_percent(fraction: float) -> str:
    """A probability or share: no decimals."""
    return format_percent(fraction, 0)


def probability(share: float) -> str:
    """A probability counted over draws, which cannot show one to be certain."""
    if share > 0.99:
        return "over 99%"
    return "under 1%" if share < 0.01 else whole_percent(share)


def bucket_name(bucket: str) -> str:
    """A bucket as a person says it."""
    return "all questions" if bucket == ALL else bucket


def usd_per_query(usd: float) -> str:
    """Dollars a query: small."""
    return format_usd(usd)


def mix_name(mix: Mapping[str, float]) -> str:
    """Such as "48% level 1-3, 52% level 4-5"; buckets without traffic are left out."""
    return ", ".join(f"{whole_percent(share)} {name}" for name, share in mix.items() if share > 0)


class Sides:
    """Names and numbers of the sides of a question, told from labels."""

    def __init__(self, answer: Answer) -> None:
        self.names: dict[int, str] = {}
        self._side_of: dict[str, int] = {}
        for side, label in enumerate(answer.sides):
            self._learn(label, side)
        for curve in answer.curves:
            self._learn(curve.label, curve.side)
        for option in answer.options:
            self._side_of.setdefault(option.label, option.side)
            self._learn(_without_n(option.label), option.side)
        self.of_model: dict[str, int] = {}
        """The side of each model; the first one where several sides share it."""
        for option in answer.options:
            self.of_model.setdefault(option.model, option.side)

    def _learn(self, label: str, side: int) -> None:
        self.names.setdefault(side, label)
        self._side_of.setdefault(label, side)

    def of(self, label: str) -> int | None:
        """The side that a label belongs to; None for a stranger."""
        found = self._side_of.get(label)
        return self._side_of.get(_without_n(label)) if found is None else found


def _without_n(label: str) -> str:
    """The label of an option without its sample count."""
    name, at, n = label.rpartition(" @")
    return name if at and n.isdigit() else label
