"""Curves over n cut out of what was measured across depths or numbers of thinking tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.curves.axis import WORDS, position_of
from planner.curves.curve import Curve
from planner.curves.families.base import Array
from planner.curves.grouping import Known
from planner.curves.key import CurveKey
from planner.curves.surface import Surface
from planner.domain.draws import CENTRAL
from planner.domain.observation import Observation
from planner.errors import Note

SOURCE = "read off the cells beside it"
"""Source of the rows that stand for what was not measured."""


def lend(known: Known, surface: Surface) -> None:
    """Gives a curve over n the points that its neighbours on a surface were measured at."""
    lacking = [n for n in surface.n_measured if float(n) not in known.n]
    if not lacking:
        return
    value = int(getattr(known.key, surface.key.axis))
    lent = surface.accuracy(lacking, np.full(len(lacking), float(value)))
    rows = [
        _row(known.rows, n, float(accuracy), known.key)
        for n, accuracy in zip(lacking, lent[CENTRAL], strict=True)
    ]
    n = np.r_[known.n, np.array(lacking, dtype=np.float64)]
    order = np.argsort(n)
    known.n = n[order]
    known.rows = [[*known.rows, *rows][i] for i in order]
    known.measured = np.concatenate([known.measured, lent], axis=1)[:, order]
    known.borrowed = frozenset(map(float, lacking))
    if known.key.kind == "coverage":
        known.measured = never_falling(known.measured, np.isin(known.n, lacking))


def never_falling(measured: Array, lent: NDArray[np.bool_]) -> Array:
    """Coverage (draw, point) whose lent points lie between the measured ones around them."""
    floor = np.maximum.accumulate(np.where(lent, 0.0, measured), axis=1)
    roof = np.minimum.accumulate(np.where(lent, 1.0, measured)[:, ::-1], axis=1)[:, ::-1]
    kept = np.where(lent, np.clip(measured, floor, np.maximum(roof, floor)), measured)
    # Floor and roof rise along n, and so no lent point is lifted over its own.
    rising: Array = np.where(lent, np.maximum.accumulate(kept, axis=1), kept)
    return rising


def lent_note(known: Known, surface: Surface) -> Note:
    """What the page says of a curve with lent points."""
    own = ", ".join(f"{n:g}" for n in known.n if n not in known.borrowed)
    lent = ", ".join(f"{n:g}" for n in sorted(known.borrowed))
    return Note(
        "lent_by_surface",
        f"{known.key} is measured at n = {own} only: its accuracy at n = {lent} is read off the"
        f" surface over n and {WORDS[surface.key.axis]} of the same method",
    )


def of_surface(surface: Surface, value: int) -> Known:
    """The curve over n at a depth, or number of thinking tokens, that was not measured."""
    key = surface.key.cut(value)
    n = list(surface.n_measured)
    measured = surface.accuracy(n, np.full(len(n), float(value)))
    rows = [
        _row(surface.observations, x, float(y), key)
        for x, y in zip(n, measured[CENTRAL], strict=True)
    ]
    low, high = surface.values_measured[0], surface.values_measured[-1]
    positions = np.array(n, dtype=np.float64)
    if key.kind == "coverage":
        measured = np.maximum.accumulate(measured, axis=1)
    return Known(
        key,
        rows,
        n=positions,
        measured=measured,
        borrowed=frozenset(map(float, n)),
        beyond=not low <= value <= high,
    )


def of_curve(curve: Curve, value: int) -> Known:
    """The single point over n of a curve along another axis, at a value that was not measured."""
    key = curve.key.cut(value)
    position = position_of(curve.key.axis, float(value))
    measured = curve.accuracy([position])
    n = curve.key.n_samples or 1
    return Known(
        key,
        [_row(curve.observations, n, float(measured[CENTRAL, 0]), key)],
        n=np.array([float(n)]),
        measured=measured,
        borrowed=frozenset({float(n)}),
        beyond=curve.basis([position]) == ["extrapolated"],
    )


def _row(
    rows: list[Observation] | tuple[Observation, ...], n: int, accuracy: float, key: CurveKey
) -> Observation:
    """A row that stands for what was not measured: as its nearest neighbour, of fewest questions.

    Tokens are left out where the neighbour thinks longer or shorter.
    """
    near = min(rows, key=lambda row: abs(np.log(row.n_samples / n)))
    alike = (near.depth, near.thinking_tokens) == (key.depth, key.thinking_tokens)
    update = {
        "n_samples": n,
        "accuracy": min(max(accuracy, 0.0), 1.0),
        "accuracy_se": None,
        "depth": key.depth,
        "thinking_tokens": key.thinking_tokens,
        "n_questions": min(row.n_questions for row in rows),
        "source": SOURCE,
    }
    if not alike:
        update |= {"output_tokens": None, "output_tokens_p95": None}
    return near.model_copy(update=update)
