"""Observations to curves: all of them fitted at once, with joint draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.curves.anchor import GREEDY_OFFSET, Anchor
from planner.curves.book import CurveBook, LeftOut
from planner.curves.curve import Curve, CurveKey, Shape, Status
from planner.curves.families import FAMILIES, Curved, Family, Kind
from planner.curves.families.base import Array
from planner.curves.fit import Points, fit
from planner.curves.select import families_for, family_weights, kind_of
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
    for kind in ("coverage", "selection"):
        offered = families_for(kind, families)
        of_kind = [k for k in known if kind_of(k.key.method) == kind]
        longer = [k for k in of_kind if len(k.n) > 2]
        two = [k for k in of_kind if len(k.n) == 2]
        for fitted in (
            _fit_longer(longer, kind, offered, draws, correlation),
            _fit_two_points(two, kind, offered, draws, correlation),
            [_curve(k, Status.ONE_POINT) for k in of_kind if len(k.n) == 1],
        ):
            curves |= {curve.key: curve for curve in fitted}
    return CurveBook([curves[key] for key in grouped], left_out)


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
    values = accuracy_draws(rows, draws, correlation, parts, observations.replicates)
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


def _points(known: Sequence[_Known]) -> Points:
    """The curves as one batch, weighted by the inverse binomial variance of each mean.

    Variances come from the central case, drawn half an answer towards 1/2 so that a mean of
    0 or 1 keeps one, and serve all draws.
    """
    longest = max(len(k.n) for k in known)
    n = np.ones((len(known), longest))
    y = np.zeros((len(known), known[0].measured.shape[0], longest))
    weight = np.zeros((len(known), longest))
    for i, k in enumerate(known):
        count = len(k.n)
        n[i, :count] = k.n
        y[i, :, :count] = k.measured
        questions = np.array([row.n_questions for row in k.rows], dtype=np.float64)
        p = (k.measured[0] * questions + 0.5) / (questions + 1.0)
        weight[i, :count] = questions / (p * (1.0 - p))
    return Points(n, y, weight)


def _step_sd(known: _Known, i: int, j: int, correlation: Correlation) -> float:
    """Standard deviation of the noise in the difference between points i and j of a curve."""
    questions = min(known.rows[i].n_questions, known.rows[j].n_questions)
    p = (known.measured[0, [i, j]].mean() * questions + 0.5) / (questions + 1.0)
    together = correlation.along_curve(known.n[i], known.n[j])
    return float(np.sqrt(2.0 * (1.0 - together) * p * (1.0 - p) / questions))


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
    if not known:
        return []
    points = _points(known)
    rising = kind == "coverage"
    step_sd = np.array([_step_sd(k, -2, -1, correlation) for k in known])
    central = replace(points, y=points.y[:, :1])
    changes = np.array([_changes(k, correlation) for k in known])
    weights = family_weights(families, central, step_sd, changes, rising)
    thetas = [fit(family, points, rising) for family in families]
    return [
        _curve(
            k,
            _status(k, Status.FITTED, correlation),
            _shape(k.key, families, weights[i], [theta[i] for theta in thetas], draws),
            None if kind == "coverage" else _bend(k.key, draws),
        )
        for i, k in enumerate(known)
    ]


def _fit_two_points(
    known: Sequence[_Known],
    kind: Kind,
    families: Sequence[Family],
    draws: Draws,
    correlation: Correlation,
) -> list[Curve]:
    """Curves of two points: a power law through both, its exponent drawn, not fitted.

    Coverage may as well follow a family of two parameters that the points determine.
    """
    if not known:
        return []
    points = _points(known)
    rising = kind == "coverage"
    bends = np.stack([_bend(k.key, draws) for k in known])
    through = FAMILIES["power_law"]
    offered: list[Family] = [through]
    thetas = [fit(through, points, rising, bends)]
    if kind == "coverage":
        for family in families:
            if isinstance(family, Curved) and len(family.parameters) == 2:
                offered.append(family)
                thetas.append(fit(family, points))
    weights = np.full(len(offered), 1.0 / len(offered))
    return [
        _curve(
            k,
            _status(k, Status.TWO_POINTS, correlation),
            _shape(k.key, offered, weights, [theta[i] for theta in thetas], draws),
            None if kind == "coverage" else bends[i],
        )
        for i, k in enumerate(known)
    ]


def _bend(key: CurveKey, draws: Draws) -> Array:
    bend: Array = BEND_MAX * draws.uniform(f"bend|{key}") ** 2
    return bend


def _shape(
    key: CurveKey,
    families: Sequence[Family],
    weights: Array,
    thetas: Sequence[Array],
    draws: Draws,
) -> Shape:
    """Hands each draw one family by weight."""
    edges = np.cumsum(weights)[:-1]
    choice = np.searchsorted(edges, draws.uniform(f"family|{key}"), side="right")
    theta = np.zeros((draws.rows, max(t.shape[-1] for t in thetas)))
    for i, fitted in enumerate(thetas):
        rows = choice == i
        theta[rows, : fitted.shape[-1]] = fitted[rows]
    return Shape(tuple(families), weights, tuple(t[0] for t in thetas), choice, theta)
