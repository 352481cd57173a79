"""Observations to curves: all of them fitted at once, with joint draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from planner.curves.anchor import GREEDY_OFFSET, Anchor
from planner.curves.book import CurveBook, LeftOut
from planner.curves.curve import Curve, CurveKey, Status
from planner.curves.families import Family, Kind
from planner.curves.families.base import Array
from planner.curves.landmarks import fall_note
from planner.curves.select import families_for, kind_of
from planner.curves.shape import Shape
from planner.curves.shapes import Batch, shapes_of_longer, shapes_of_two_points
from planner.domain.draws import Draws
from planner.domain.observation import Observation, Observations
from planner.measure.replicates import Correlation, accuracy_draws, parts_of_sets

BEND_MAX = 2.0
"""Largest exponent assumed between two points; drawn as BEND_MAX u^2, u uniform on (0, 1).

From 0 (the same gain at every doubling) over 1/2 in the central case to 2 (all but won after
two doublings). Of the 42 curves of Sun et al. 2024 (arXiv:2403.09472), the exponent that best
joins the points at n = 1 and 256 runs from .09 to .65, median .34 (.54 between 16 and 256).
Other tasks bend more and less: UL2-20B's votes in Wang et al. 2023 (arXiv:2203.11171), n = 1
to 40, .8 on AQuA and below 0 on MultiArith. Hence a prior wider than the 42 curves."""
SHARED_N = 24
"""Curves measured at no more different n than this together are fitted as one batch."""
SMOOTH = 7
"""Fewest points that tell how rough a curve is."""
ROUGHNESS_MIN = 0.2
FLAT_SD = 1.645
"""A spread below this many standard deviations of its noise is called flat."""


@dataclass
class _Known:
    """The points of one curve before it is fitted."""

    key: CurveKey
    rows: list[Observation]
    anchor: Anchor | None
    n: Array
    measured: Array
    roughness: float = 1.0
    """Noise along the curve, relative to what is assumed of its points."""


def fit_curves(
    observations: Observations,
    draws: Draws,
    correlation: Correlation | None = None,
    *,
    only: Callable[[CurveKey], bool] | None = None,
    anchors: Mapping[CurveKey, Anchor] | None = None,
    families: Sequence[Family] | None = None,
) -> CurveBook:
    """Fits every curve of the observations, or those for which `only` is true.

    A row alone on its key is a curve of one point. `anchors` gives curves that lack n = 1 a
    borrowed point there (`planner.curves.anchor`); without it none is borrowed. `families`
    replaces the registered ones. A curve's draws do not depend on which others are fitted.
    """
    correlation = correlation or Correlation()
    grouped, left_out = _grouped(observations, only)
    known = [
        _Known(key, rows, (anchors or {}).get(key), np.empty(0), np.empty((0, 0)))
        for key, rows in grouped.items()
    ]
    _draw(known, observations, draws, correlation)
    curves: dict[CurveKey, Curve] = {}
    for kind in get_args(Kind):
        offered = families_for(kind, families)
        of_kind = [k for k in known if kind_of(k.key.method) == kind]
        longer = [k for k in of_kind if len(k.n) > 2]
        two = [k for k in of_kind if len(k.n) == 2]
        along = correlation.of_picks() if kind == "pick" else correlation
        for fitted in (
            _fit_longer(longer, kind, offered, draws, along),
            _fit_two_points(two, kind, offered, draws, along),
            [_curve(k, Status.ONE_POINT) for k in of_kind if len(k.n) == 1],
        ):
            curves |= {curve.key: curve for curve in fitted}
    told = []
    for k in known:
        curve = curves[k.key]
        notes = (*curve.notes, *fall_note(curve))
        own = k.roughness * np.sqrt(1.0 - correlation.methods) * draws.normal(f"own|{k.key}")
        told.append(replace(curve, own=own, notes=notes))
    return CurveBook(told, left_out)


def _grouped(
    observations: Observations, only: Callable[[CurveKey], bool] | None
) -> tuple[dict[CurveKey, list[Observation]], list[LeftOut]]:
    """Rows by curve, ascending in n; of two rows at one point the first is kept."""
    first_place: dict[tuple[CurveKey, int], str] = {}
    grouped: dict[CurveKey, list[Observation]] = {}
    left_out = []
    for row, place in zip(observations.rows, observations.places, strict=True):
        key = CurveKey.of(row)
        if only is not None and not only(key):
            continue
        point = (key, row.n_samples)
        if point in first_place:
            why = f"{key} has a row at n = {row.n_samples} already, at {first_place[point]}"
            left_out.append(LeftOut(place, why))
            continue
        first_place[point] = place
        grouped.setdefault(key, []).append(row)
    for rows in grouped.values():
        rows.sort(key=lambda row: row.n_samples)
    return grouped, left_out


def _draw(
    known: Sequence[_Known], observations: Observations, draws: Draws, correlation: Correlation
) -> None:
    """Fills in n and the measured draws of every curve, anchors included."""
    for k in known:
        if k.anchor is not None and k.rows[0].n_samples == 1:
            k.anchor = None
        if k.anchor is not None:
            k.rows = [k.anchor.row, *k.rows]
    rows = [row for k in known for row in k.rows]
    parts = parts_of_sets(observations.rows)
    values = np.empty((draws.rows, len(rows)))
    picks = np.array([kind_of(k.key.method) == "pick" for k in known for _ in k.rows], dtype=bool)
    for of_kind, assumed in ((picks, correlation.of_picks()), (~picks, correlation)):
        some = [rows[i] for i in np.flatnonzero(of_kind)]
        values[:, of_kind] = accuracy_draws(some, draws, assumed, parts, observations.replicates)
    start = 0
    for k in known:
        stop = start + len(k.rows)
        k.n = np.array([row.n_samples for row in k.rows], dtype=np.float64)
        k.measured = values[:, start:stop].copy()
        start = stop
        if k.anchor is not None:
            k.n[0] = 1.0
        if k.anchor is not None and k.anchor.lowered:
            low, high = GREEDY_OFFSET
            # One offset a model and question set: how its greedy decoding differs from its
            # samples does not depend on how those are then selected.
            name = f"greedy offset|{k.anchor.row.model}|{k.anchor.row.question_set}"
            offset = low + (high - low) * draws.uniform(name)
            k.measured[:, 0] = np.maximum(k.measured[:, 0] - offset, 0.0)


def _curve(
    known: _Known, status: Status, shape: Shape | None = None, bend: Array | None = None
) -> Curve:
    anchor = known.anchor
    return Curve(
        known.key,
        known.n,
        known.measured,
        tuple(known.rows),
        status,
        shape,
        bend,
        frozenset({1.0}) if anchor is not None and anchor.assumed else frozenset(),
        anchor.notes if anchor is not None else (),
    )


def _step_sd(known: _Known, i: int, j: int, correlation: Correlation) -> float:
    """Standard deviation of the noise in the difference between points i and j of a curve."""
    questions = min(known.rows[i].n_questions, known.rows[j].n_questions)
    p = (known.measured[0, [i, j]].mean() * questions + 0.5) / (questions + 1.0)
    together = correlation.along_curve(known.n[i], known.n[j])
    return float(np.sqrt(2.0 * (1.0 - together) * p * (1.0 - p) / questions))


def _roughness(known: _Known, correlation: Correlation) -> float:
    """How rough the curve is beside the noise assumed between its points, at most 1.

    Points that are means over many subsets of the same samples are smoother than points from
    samples of their own, and a mean does not say which it is. By how far points lie off the
    line between their neighbours, less what a bend that changes evenly along the curve puts
    them off; 1 where fewer than SMOOTH points tell.
    """
    u, y = np.log(known.n), known.measured[0]
    if len(u) < SMOOTH:
        return 1.0
    part = (u[1:-1] - u[:-2]) / (u[2:] - u[:-2])
    off = y[1:-1] - (y[:-2] * (1.0 - part) + y[2:] * part)
    steps = range(1, len(u) - 1)
    left = np.array([_step_sd(known, i - 1, i, correlation) for i in steps]) ** 2
    right = np.array([_step_sd(known, i, i + 1, correlation) for i in steps]) ** 2
    # Off the line by (1 - part) of the step before less part of the step after.
    expected = np.mean((1.0 - part) ** 2 * left + part**2 * right)
    even = np.column_stack([np.ones(len(off)), u[1:-1]])
    bends = even @ np.linalg.lstsq(even, off, rcond=None)[0]
    rough = ((off - bends) ** 2).sum() / (len(off) - 2) / max(float(expected), 1e-300)
    return float(np.clip(np.sqrt(rough), ROUGHNESS_MIN, 1.0))


def _status(known: _Known, usual: Status, correlation: Correlation) -> Status:
    if known.measured[0].min() == 1.0:
        return Status.PERFECT
    if usual is Status.FITTED and not _changes(known, correlation):
        return Status.FLAT
    return usual


def _changes(known: _Known, correlation: Correlation) -> bool:
    """True where the lowest and highest point differ by more than noise."""
    y = known.measured[0]
    low, high = int(y.argmin()), int(y.argmax())
    noise = _step_sd(known, low, high, correlation) if low != high else 0.0
    return bool(y[high] - y[low] > FLAT_SD * noise)


def _fit_longer(
    known: Sequence[_Known],
    kind: Kind,
    families: Sequence[Family],
    draws: Draws,
    correlation: Correlation,
) -> list[Curve]:
    """Curves of three or more points."""
    fitted = []
    for group in _sharing_n(known):
        for k in group:
            k.roughness = _roughness(k, correlation)
        batch = _batch(group, kind)
        step_sd = np.array([k.roughness * _step_sd(k, -2, -1, correlation) for k in group])
        changes = np.array([_changes(k, correlation) for k in group])
        names = [str(k.key) for k in group]
        shapes = shapes_of_longer(batch, families, step_sd, changes, names, draws)
        fitted += [
            _curve(
                k,
                _status(k, Status.FITTED, correlation),
                shape,
                None if kind == "coverage" else _bend(k.key, draws),
            )
            for k, shape in zip(group, shapes, strict=True)
        ]
    return fitted


def _fit_two_points(
    known: Sequence[_Known],
    kind: Kind,
    families: Sequence[Family],
    draws: Draws,
    correlation: Correlation,
) -> list[Curve]:
    """Curves of two points."""
    fitted = []
    for group in _sharing_n(known):
        bends = np.stack([_bend(k.key, draws) for k in group])
        names = [str(k.key) for k in group]
        shapes = shapes_of_two_points(_batch(group, kind), families, bends, names, draws)
        fitted += [
            _curve(
                k,
                _status(k, Status.TWO_POINTS, correlation),
                shape,
                None if kind == "coverage" else bend,
            )
            for k, shape, bend in zip(group, shapes, bends, strict=True)
        ]
    return fitted


def _sharing_n(known: Sequence[_Known]) -> list[list[_Known]]:
    """Curves that are fitted as one batch: all of them where few different n were measured."""
    if len({n for k in known for n in k.n}) <= SHARED_N:
        return [list(known)] if known else []
    groups: dict[bytes, list[_Known]] = {}
    for k in known:
        groups.setdefault(k.n.tobytes(), []).append(k)
    return list(groups.values())


def _batch(known: Sequence[_Known], kind: Kind) -> Batch:
    """The curves at the union of their n, weighted by the inverse binomial variance of each mean.

    Variances come from the central case, drawn half an answer towards 1/2 so that a mean of
    0 or 1 keeps one, and serve all draws.
    """
    n = np.unique(np.concatenate([k.n for k in known]))
    y = np.zeros((len(known), known[0].measured.shape[0], len(n)))
    weight = np.zeros((len(known), len(n)))
    for i, k in enumerate(known):
        at = np.searchsorted(n, k.n)
        questions = np.array([row.n_questions for row in k.rows], dtype=np.float64)
        p = (k.measured[0] * questions + 0.5) / (questions + 1.0)
        weight[i, at] = questions / (p * (1.0 - p))
        # What a curve's points err together moves it; how they err apart bends it.
        error = k.measured - k.measured[0]
        y[i][:, at] = k.measured[0] + error[:, -1:] + k.roughness * (error - error[:, -1:])
    return Batch(n, y, weight, rising=kind == "coverage")


def _bend(key: CurveKey, draws: Draws) -> Array:
    bend: Array = BEND_MAX * draws.uniform(f"bend|{key}") ** 2
    return bend
