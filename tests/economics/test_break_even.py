"""Break-evens of staircases, against a search by brute force."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from planner.economics.break_even import EVEN, Crossings, crossings

PAIRS = 1_000
GRID = np.geomspace(1e3, 1e7, 241)


class Stairs:
    """CAPEX spread over its days, whole replicas with a least number, and dollars by the query."""

    def __init__(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.fixed = draw.choice([0.0, 1.0], PAIRS) * draw.uniform(0, 3e3, PAIRS)
        self.replica = draw.uniform(20, 400, PAIRS)
        self.holds = 10 ** draw.uniform(3.5, 6.5, PAIRS)
        self.least = draw.integers(0, 4, PAIRS)
        # Some are bought by the token and climb with every query.
        self.token = draw.choice([0.0, 1.0], PAIRS) * 10 ** draw.uniform(-5, -2.5, PAIRS)

    def __call__(self, volume: np.ndarray) -> np.ndarray:
        at = np.atleast_2d(volume)
        count = np.maximum(np.ceil(at / self.holds[:, None] - 1e-9), self.least[:, None])
        return self.fixed[:, None] + count * self.replica[:, None] + at * self.token[:, None]


def by_hand(one: np.ndarray, other: np.ndarray) -> list[tuple[int, int, int]]:
    """(turns, index after the last, who is cheaper at the end) of each pair, point by point."""
    found = []
    for ours, theirs in zip(one.tolist(), other.tolist(), strict=True):
        now, turns, at = 0, 0, -1
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            if abs(a - b) <= EVEN * max(abs(a), abs(b)):
                continue
            sign = -1 if a < b else 1
            if now not in (0, sign):
                turns, at = turns + 1, i
            now = sign
        found.append((turns, at, now))
    return found


@pytest.fixture(scope="module")
def pair() -> tuple[Stairs, Stairs, Crossings]:
    one, other = Stairs(1), Stairs(2)
    return one, other, crossings(one, other, GRID)


def test_a_thousand_break_evens_are_those_of_a_search_over_the_grid(
    pair: tuple[Stairs, Stairs, Crossings],
) -> None:
    one, other, found = pair
    several = 0
    for i, (turns, at, end) in enumerate(by_hand(one(GRID), other(GRID))):
        assert found.count[i] == turns
        assert found.one_beyond[i] == (end < 0)
        if turns == 0:
            assert np.isinf(found.last[i])
            continue
        several += turns > 1
        assert GRID[at - 1] < found.last[i] <= GRID[at]
        assert found.first[i] <= found.last[i]
        assert (found.first[i] < found.last[i]) == (turns > 1)
    assert several > 20, "the pairs hold too few with several crossings to prove anything"
    assert np.isinf(found.last).sum() > 20


def test_at_a_break_even_the_cheaper_way_changes_and_just_before_it_has_not(
    pair: tuple[Stairs, Stairs, Crossings],
) -> None:
    one, other, found = pair
    crossed = np.isfinite(found.last)
    at = np.where(crossed, found.last, 1.0)[:, None]
    after = (one(at) - other(at))[:, 0][crossed]
    before = (one(at * (1 - 1e-8)) - other(at * (1 - 1e-8)))[:, 0][crossed]
    beyond = np.where(found.one_beyond[crossed], -1, 1)
    scale = one(at)[:, 0][crossed]
    assert (after * beyond >= -EVEN * scale).all()
    assert (before * beyond <= 1e-6 * scale).all()


def test_a_finer_search_agrees_where_no_step_hides_between_the_points() -> None:
    one, other = Stairs(3), Stairs(4)
    # Without replicas costs are lines: (fixed' - fixed) / (token - token').
    for side in (one, other):
        side.replica = np.zeros(PAIRS)
    found = crossings(one, other, GRID)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = (other.fixed - one.fixed) / (one.token - other.token)
    inside = np.isfinite(exact) & (exact > GRID[0]) & (exact < GRID[-1])
    assert inside.sum() > 100
    assert found.last[inside] == pytest.approx(exact[inside], rel=1e-6)
    assert np.isinf(found.last[~inside]).all()


def test_a_stretch_at_the_same_cost_is_no_crossing() -> None:
    grid = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    costs = np.array([[1, 2, 2, 3, 3.0], [1, 2, 2, 3, 3.0]])
    rival = np.array([[2, 2, 2, 4, 4.0], [2, 2, 2, 1, 4.0]])

    def read(table: np.ndarray, x: np.ndarray) -> np.ndarray:
        steps = np.broadcast_to(np.searchsorted(grid, x), (2, np.shape(x)[-1]))
        return np.take_along_axis(table, steps, axis=1)

    found = crossings(partial(read, costs), partial(read, rival), grid)
    assert found.count.tolist() == [0, 2]
    assert np.isinf(found.last[0])
    assert found.last[1] == pytest.approx(4.0, abs=1e-9)
    assert found.first[1] == pytest.approx(3.0, abs=1e-9)


def test_ways_that_begin_at_the_same_cost_have_not_crossed_where_they_part() -> None:
    grid = np.array([1.0, 2.0, 3.0, 4.0])

    def flat(x: np.ndarray) -> np.ndarray:
        return np.full((2, np.shape(x)[-1]), 5.0)

    def parting(x: np.ndarray) -> np.ndarray:
        up = np.where(np.broadcast_to(x, (2, np.shape(x)[-1])) > 2.5, 6.0, 5.0)
        return up if np.ndim(x) else up[:, None]

    found = crossings(flat, parting, grid)
    assert found.count.tolist() == [0, 0]
    assert np.isinf(found.last).all()
    assert found.one_beyond.all()
