"""Break-evens in words: where two ways cost the same, how often they change places, and why not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from planner.ask.break_evens import Pair, by_volume
from planner.economics.paths import Path

Array = Any


def way(usd: Any) -> Path:
    """A way that costs `usd(volume)` over the horizon; at a million queries a day without one."""

    def present_usd(volume: Array | None = None) -> Array:
        points = np.array([1e6]) if volume is None else np.asarray(volume)
        found = np.broadcast_to(usd(points), (11, points.shape[-1]))
        return found[:, 0] if volume is None else found

    return cast(Path, SimpleNamespace(present_usd=present_usd))


def pair(one: Any, other: Any) -> Pair:
    return Pair(way(one), way(other), ("A", "B"), None)


def test_ways_that_change_places_several_times_are_told_so_with_the_first_and_the_last() -> None:
    """Replicas of 20 dollars a million against 12 to begin with and 16 a million."""
    told, said = by_volume(pair(lambda v: 20 * np.ceil(v / 1e6), lambda v: 12 + 16 * v / 1e6))
    assert told is not None
    volumes = np.geomspace(1e2, 1e11, 2_000_001)
    ahead = 20 * np.ceil(volumes / 1e6) < 12 + 16 * volumes / 1e6
    changes = volumes[1:][ahead[1:] != ahead[:-1]]
    assert told.crossings == len(changes)
    assert told.crossings > 1
    assert told.first == pytest.approx(changes[0], rel=1e-3)
    assert told.median == pytest.approx(changes[-1], rel=1e-3)
    assert told.ahead_beyond == "B"
    assert f"make the two change places {told.crossings} times, from" in said


def test_one_crossing_says_who_is_cheaper_beyond_it() -> None:
    told, said = by_volume(pair(lambda v: 1000 + v / 1e3, lambda v: 2 * v / 1e3))
    assert told is not None
    assert (told.crossings, told.first) == (1, None)
    assert told.median == pytest.approx(1e6)
    assert told.ahead_beyond == "A"
    assert said.startswith("A costs less than B from about 1M queries a day up")
    assert "change places" not in said


def test_ways_that_never_cross_are_told_with_the_cheaper_one() -> None:
    told, said = by_volume(pair(lambda v: 2 * v, lambda v: v))
    assert told is None
    assert said == "B costs less at every volume from 100 to 100B a day."
