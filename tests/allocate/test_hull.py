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
@pytest.mark.parametrize(("short", "row"), [(0, 0), (0, 12), (6, 6), (48, 96)])
def test_hulls_of_random_points_with_ties_are_those_of_the_scan(
    monkeypatch: pytest.MonkeyPatch, block: int, short: int, row: int
) -> None:
    monkeypatch.setattr(hull, "BLOCK", block)
    monkeypatch.setattr(hull, "SHORT", short)
    monkeypatch.setattr(hull, "ROW", row)
    rng = np.random.default_rng(0)
    for i in range(100):
        sizes = rng.integers(1, 14, rng.integers(1, 6))
        group = np.repeat(np.arange(len(sizes)) * 3, sizes)
        cost, gain = rng.integers(0, 20, (2, len(group))).astype(float)
        if i % 2:
            cost = cost[np.lexsort((cost, group))]
        compared(cost, gain, group)


@pytest.mark.parametrize("short", [0, 48])
def test_points_that_differ_in_the_last_digit_lose_nothing_of_the_hull(
    monkeypatch: pytest.MonkeyPatch, short: int
) -> None:
    monkeypatch.setattr(hull, "SHORT", short)
    rng = np.random.default_rng(5)
    for _ in range(60):
        cost, gain = rng.uniform(1, 9, 8), rng.uniform(0, 1, 8)
        nearly = rng.integers(0, 8, 6)
        last = rng.integers(-2, 3, (2, 6)) * 2.0**-52
        cost, gain = (
            np.append(values, values[nearly] * (1 + digit))
            for values, digit in zip((cost, gain), last, strict=True)
        )
        vertices = upper_hull(cost, gain, np.zeros(len(cost), dtype=np.int64))
        assert (np.diff(cost[vertices]) >= 0).all()
        # No point lies above the line through the vertices by more than rounding.
        lowest = cost[vertices].min()
        reached = np.interp(cost, cost[vertices], gain[vertices])
        assert (gain <= reached + 1e-12 * (1 + gain))[cost > lowest * (1 + 1e-12)].all()
        assert gain[vertices].max() == pytest.approx(gain.max(), abs=1e-12)
        assert lowest == cost.min()


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
