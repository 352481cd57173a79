"""How fitted curves move within their data: which gain, which saturate, which fall."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planner.domain.curves import FittedCurve, Series
from planner.domain.observation import ALL
from planner.domain.pictured import CurvePoint
from planner.report.curve_names import place_name
from planner.report.text import plus_minus
from planner.units import format_count

HALF_POINT = 0.005
"""Changes of accuracy below this are not spoken of, as in `saturates_at_n`."""
NEVER_CLIMBED = ("flat", "perfect", "one_point")
"""Statuses of curves that cannot be said to stop climbing."""

Names = Mapping[Series, str]


@dataclass(frozen=True)
class Change:
    """How a curve moves between two of its points."""

    curve: FittedCurve
    first: CurvePoint
    last: CurvePoint

    @property
    def points(self) -> float:
        """Change of accuracy, as a fraction."""
        return self.last.accuracy - self.first.accuracy

    @property
    def overlap(self) -> bool:
        """Whether the 90% intervals of the two points share anything."""
        return self.first.high >= self.last.low and self.last.high >= self.first.low

    def words(self, names: Names) -> dict[str, str]:
        """What a sentence puts in."""
        return {
            "name": names[self.curve.series],
            "place": place_name(self.curve.question_set, self.curve.bucket),
            "first": accuracy(self.first),
            "last": accuracy(self.last),
            "n_first": count_of(self.first.n_samples),
            "n_last": count_of(self.last.n_samples),
        }


def signed_points(change: float) -> str:
    """Such as "+12.5 points"."""
    return f"{change * 100:+.1f} points"


def accuracy(point: CurvePoint) -> str:
    """Such as "24.8 ± 3.2%"."""
    return plus_minus(point.accuracy, point.low, point.high)


def count_of(n: float) -> str:
    """A number of samples: 1,024 in full, and 5.66 as far as a curve tells it."""
    return format_count(n, 9 if float(n).is_integer() else 3)


def gains(curves: Iterable[FittedCurve]) -> list[Change]:
    """From the first known point of every curve to its peak or end, the largest gain first.

    Curves of whole question sets alone, where there are any; a bucket is a part of one. Coverage
    stands after what can be bought.
    """
    changes = []
    for curve in curves:
        known = curve.known()
        if len(known) > 1:
            end = known[-1]
            if curve.peak_n is not None:
                end = max(known[1:], key=lambda point: point.accuracy)
            changes.append(Change(curve, known[0], end))
    whole = [change for change in changes if change.curve.bucket == ALL]
    return sorted(whole or changes, key=lambda c: (not c.curve.buyable, -c.points))


def falls(curves: Iterable[FittedCurve]) -> list[Change]:
    """From the peak within the data to the end of them, the deepest fall first."""
    found = []
    for curve in curves:
        known = curve.known()
        if curve.peak_n is not None and len(known) > 1:
            peak = max(known[:-1], key=lambda point: point.accuracy)
            change = Change(curve, peak, known[-1])
            if change.points <= -HALF_POINT:
                found.append(change)
    return sorted(found, key=lambda change: change.points)


def climbs(curves: Iterable[FittedCurve]) -> int:
    """How many still gain half a point or more a doubling between their last two points."""
    ends = [c.known()[-2:] for c in curves if len(c.known()) > 1 and c.status not in NEVER_CLIMBED]
    return sum(_points_a_doubling(before, last) >= HALF_POINT for before, last in ends)


def saturation_n(curve: FittedCurve) -> float | None:
    """Where a curve that climbs stops within the data; None where it goes on, or never climbed."""
    return None if curve.status in NEVER_CLIMBED else curve.saturates_at_n


def saturated(curves: Iterable[FittedCurve]) -> list[tuple[float, FittedCurve]]:
    """Curves that saturate within the data, and where, the first to do so before the others."""
    found = [(n, curve) for curve in curves if (n := saturation_n(curve)) is not None]
    return sorted(found, key=lambda pair: pair[0])


def _points_a_doubling(first: CurvePoint, last: CurvePoint) -> float:
    doublings = math.log2(last.n_samples / first.n_samples)
    return (last.accuracy - first.accuracy) / doublings
