"""The range of one configuration's price: its inputs moved to their ends, one at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, hypot, log
from typing import Any

from planner.cost.lengths import Z95
from planner.domain.ranges import Z80, Range


@dataclass(frozen=True)
class Open:
    """An input that is not known exactly, or was assumed."""

    name: str
    value: Range
    unit: str
    source: str
    flag: str | None = None
    """The option that sets it."""

    def row(self) -> dict[str, Any]:
        """As the assumptions of planner.price/1 list it."""
        exact = self.value.exact
        return {
            "name": self.name,
            "value": self.value.value,
            "low": None if exact else self.value.low,
            "high": None if exact else self.value.high,
            "unit": self.unit,
            "source": self.source,
            "flag": self.flag,
        }


def interval90(middle: float, ends: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """90% interval of a positive figure from what it is at both ends of each input's 80% range.

    low = middle exp(-1.645 / 1.282 sqrt(sum of ln(middle / lower end)^2)), high alike with the
    higher ends: the inputs are taken to be log-normal and independent, and the figure a product of
    their powers.
    """
    below, above = 0.0, 0.0
    for pair in ends:
        below = hypot(below, log(middle / min(*pair, middle)))
        above = hypot(above, log(max(*pair, middle) / middle))
    wider = Z95 / Z80
    return middle * exp(-wider * below), middle * exp(wider * above)
