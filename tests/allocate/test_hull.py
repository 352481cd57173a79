"""Hulls of many groups at once against the textbook scan of one."""

from __future__ import annotations

import numpy as np
import pytest

from planner.allocate.solvers import hull
from planner.allocate.solvers.hull import upper_hull

Point = tuple[float, float]


def scanned(points: list[Point]) -> list[Point]:
    """The hull by Graham's scan."""
    found: list[Point] = []
    for cost, gain in sorted(set(points), key=lambda point: (point[0], -point[1])):
        if found and gain <= found[-1][1]:
            continue
        while len(found) > 1:
            (c0, g0), (c1, g1) = found[-2:]
            if (g1 - g0) * (cost - c0) > (gain - g0) * (c1 - c0):
                break
            found.pop()
        found.append((cost, gain))
    return found


def compared(cost: np.ndarray, gain: np.ndarray, group: np.ndarray) -> None:
    vertices = upper_hull(cost, gain, group)
    for g in np.unique(group):
        found = [(cost[i], gain[i]) for i in vertices if group[i] == g]
        every = np.flatnonzero(group == g)
        assert found == scanned([(cost[i], gain[i]) for i in every])


@pytest.mark.parametrize("block", [5, 50_000])
def test_hulls_of_random_points_with_ties_are_those_of_the_scan(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(hull, "BLOCK", block)
    rng = np.random.default_rng(0)
    for _ in range(200):
        sizes = rng.integers(1, 14, rng.integers(1, 6))
        group = np.repeat(np.arange(len(sizes)) * 3, sizes)
        cost, gain = rng.integers(0, 20, (2, len(group))).astype(float)
        compared(cost, gain, group)


def test_a_saturating_curve_is_its_own_hull_and_a_spike_after_it_cuts_it_off() -> None:
    n = np.arange(1.0, 200.0)
    curve = 1 - n**-0.5
    zero = np.zeros(len(n), dtype=np.int64)
    assert len(upper_hull(n, curve, zero)) == len(n)
    cost, gain = np.append(n, 201.0), np.append(curve, 3.0)
    compared(cost, gain, np.append(zero, 0))


def test_points_in_a_line_or_all_the_same_leave_the_ends() -> None:
    n = np.arange(10.0)
    zero = np.zeros(10, dtype=np.int64)
    assert upper_hull(n, 2 * n, zero).tolist() == [0, 9]
    assert len(upper_hull(np.ones(10), np.ones(10), zero)) == 1


def test_no_points_have_no_hull() -> None:
    nothing = np.zeros(0)
    assert len(upper_hull(nothing, nothing, np.zeros(0, dtype=np.int64))) == 0
