"""From simulated truths, the intervals hold the truth as often as they say.

Families are drawn with equal frequency and not told to the planner; 200 to 1,000 questions,
accuracies within .05 and .95, some with a peak that lies beyond the data. The errors along a
curve are correlated as the planner assumes: what is tested is the curves, not that assumption.
The normal suite runs fewer worlds, with wider limits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from simulated_worlds import held, table, worlds

from planner.curves.families import Kind

WORLDS = 2_800
"""Of each kind, in the table."""


def share_held(
    kind: Kind, count: int, seed: int
) -> tuple[float, float, list[tuple[str, int, float, float]]]:
    some = list(worlds(kind, count, np.random.default_rng(seed)))
    inside, beyond = held(some)
    return float(inside.mean()), float(beyond.mean()), table(some, inside, beyond)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_intervals_hold_simulated_truths(kind: Kind) -> None:
    inside, beyond, _ = share_held(kind, 210, seed=1)
    assert 0.84 < inside < 0.95
    assert beyond > 0.80


@pytest.mark.verify
def test_intervals_hold_simulated_truths_of_every_family(
    record_property: Callable[[str, object], None],
) -> None:
    """The table of docs/curves.md, printed."""
    lines = [f"{'kind':<10}{'family':<26}{'worlds':>6}{'inside':>8}{'beyond':>8}"]
    kinds, families = [], []
    for kind in get_args(Kind):
        inside, beyond, by_family = share_held(kind, WORLDS, seed=2024)
        kinds.append((kind, inside, beyond))
        for name, count, *held_by_family in by_family:
            families.append((f"{kind}, {name}", *held_by_family))
            lines.append(
                f"{kind:<10}{name:<26}{count:>6}" + "".join(f"{x:>8.3f}" for x in held_by_family)
            )
        lines.append(f"{kind:<10}{'all':<26}{WORLDS:>6}{inside:>8.3f}{beyond:>8.3f}")
    record_property("table", "\n".join(lines))
    for name, inside, beyond in kinds:
        assert 0.87 <= inside <= 0.93, name
        assert beyond >= 0.80, name
    for name, inside, beyond in families:
        assert inside >= 0.82, name
        assert beyond >= 0.82, name
