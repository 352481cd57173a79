"""Observations to curves: all of them fitted at once, with joint draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import get_args

import numpy as np

from planner.curves.along import turn_note
from planner.curves.anchor import Anchor
from planner.curves.book import CurveBook
from planner.curves.curve import Curve
from planner.curves.families import Family, Kind
from planner.curves.families.base import Array
from planner.curves.grouping import Known, draw, grouped, own_along
from planner.curves.key import CurveKey
from planner.curves.landmarks import fall_note
from planner.curves.roughness import changes_of, noise_of_step, roughness_of, status_of
from planner.curves.select import INDIFFERENCE, families_for
from planner.curves.shape import Shape
from planner.curves.shapes import Batch, shapes_of_longer, shapes_of_two_points
from planner.curves.slices import lend, lent_note, of_curve, of_surface
from planner.curves.status import Status
from planner.curves.surface import Surface, fit_surface
from planner.curves.turning import falls, from_the_peak
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observations
from planner.errors import InputError, Note, Problem
from planner.measure.replicates import Correlation

BEND_MAX = 2.0
"""Largest exponent assumed between two points; drawn as BEND_MAX u^2, u uniform on (0, 1).

From 0 (the same gain at every doubling) over 1/2 in the central case to 2 (all but won after
two doublings). Of the 42 curves of Sun et al. 2024 (arXiv:2403.09472), the exponent that best
joins the points at n = 1 and 256 runs from .09 to .65, median .34 (.54 between 16 and 256).
Other tasks bend more and less: UL2-20B's votes in Wang et al. 2023 (arXiv:2203.11171), n = 1
to 40, .8 on AQuA and below 0 on MultiArith. Hence a prior wider than the 42 curves."""
SHARED_N = 24
"""Curves measured at no more different n than this together are fitted as one batch."""


def fit_curves(
    observations: Observations,
    draws: Draws,
    correlation: Correlation | None = None,
    *,
    only: Callable[[CurveKey], bool] | None = None,
    anchors: Mapping[CurveKey, Anchor] | None = None,
    families: Sequence[Family] | None = None,
    few: bool = False,
) -> CurveBook:
    """Fits every curve of the observations, or those for which `only` is true.

    A row alone on its key is a curve of one point. `anchors` gives curves that lack n = 1 a
    borrowed point there (`planner.curves.anchor`); without it none is borrowed. `families`
    replaces the registered ones; raises InputError where none of them may describe a curve of three
    or more points. A curve's draws do not depend on which others are fitted.

    A curve is fitted when it is first asked for between its points, and all others with it; where
    `few` will be, only the buckets of its own model and method.
    """
    correlation = correlation or Correlation()
    found = grouped(observations, only, anchors or {})
    draw(found, observations, draws, correlation)
    own_share = 1.0 - correlation.methods
    surfaces = [fit_surface(c.key, c.rows, c.measured, own_share, draws) for c in found.surfaces]
    notes = _lent(found.over_n, surfaces)
    batches = _of_one_method if few else _sharing_n
    over_n = _told(found.over_n, families, draws, correlation, notes, batches)

    def sliced(source: Surface | Curve, value: int) -> Curve:
        known = (
            of_surface(source, value) if isinstance(source, Surface) else of_curve(source, value)
        )
        return _told([known], families, draws, correlation, {}, batches)[0]

    along = _told(found.along, families, draws, correlation, {}, batches)
    return CurveBook(over_n, found.left_out, along, surfaces, sliced)


def _lent(known: Sequence[Known], surfaces: Sequence[Surface]) -> dict[CurveKey, Note]:
    """Lends curves on a surface what they lack; notes by curve."""
    notes = {}
    for surface in surfaces:
        axis = surface.key.axis
        for k in known:
            if k.key.across(axis) == surface.key:
                lend(k, surface)
                if k.borrowed:
                    notes[k.key] = lent_note(k, surface)
    return notes


def _told(
    known: Sequence[Known],
    families: Sequence[Family] | None,
    draws: Draws,
    correlation: Correlation,
    notes: Mapping[CurveKey, Note],
    batches: Callable[[Sequence[Known]], list[list[Known]]],
) -> list[Curve]:
    """The curves, fitted when asked for, with all that is said of them."""
    curves: dict[CurveKey, Curve] = {}
    for kind in get_args(Kind):
        offered = families_for(kind, families)
        of_kind = [k for k in known if k.key.kind == kind]
        longer = [k for k in of_kind if len(k.n) > 2]
        if longer and not offered:
            raise _none_offered(longer[0], families or ())
        two = [k for k in of_kind if len(k.n) == 2]
        along = own_along(kind, correlation)
        for found in (
            *(_longer(some, kind, offered, draws, along) for some in batches(longer)),
            *(_of_two_points(some, kind, offered, draws, along) for some in batches(two)),
            [_curve(k, Status.ONE_POINT) for k in of_kind if len(k.n) == 1],
        ):
            curves |= {curve.key: curve for curve in found}
    told = []
    for k in known:
        curve = curves[k.key]
        turns = fall_note(curve) if k.key.axis == "n_samples" else turn_note(curve)
        said = (*curve.notes, *([notes[k.key]] if k.key in notes else []), *turns)
        own = k.roughness * np.sqrt(1.0 - correlation.methods) * draws.normal(f"own|{k.key}")
        told.append(replace(curve, own=own, notes=said))
    return told


def _none_offered(known: Known, families: Sequence[Family]) -> InputError:
    """None of the families that were let in may describe a curve."""
    allowed = ", ".join(family.name for family in families_for(known.key.kind))
    return InputError(
        Problem(
            "--families",
            f"none of them may describe {known.key}",
            value=",".join(family.name for family in families),
            remedy=f"add one of {allowed}",
        )
    )


def _curve(
    known: Known,
    status: Status,
    fitted: Callable[[], Shape] | None = None,
    bend: Array | None = None,
) -> Curve:
    anchor = known.anchor
    return Curve(
        known.key,
        known.n,
        known.measured,
        tuple(known.rows),
        status,
        fitted,
        bend,
        known.borrowed | ({1.0} if anchor is not None and anchor.assumed else frozenset()),
        anchor.notes if anchor is not None else (),
        beyond=known.beyond,
    )


def _longer(
    known: Sequence[Known],
    kind: Kind,
    families: Sequence[Family],
    draws: Draws,
    correlation: Correlation,
) -> list[Curve]:
    """Curves of three or more points that are fitted together, once one of them is asked for."""
    for k in known:
        k.roughness = roughness_of(k, correlation)

    @cache
    def shapes() -> list[Shape]:
        step_sd = np.array([k.roughness * noise_of_step(k, -2, -1, correlation) for k in known])
        changes = np.array([changes_of(k, correlation) for k in known])
        # What cannot fall does not, whatever was measured.
        fallen = np.array([kind != "coverage" and falls(k.measured) for k in known])
        names = [str(k.key) for k in known]
        batch = _batch(known, kind)
        weight = from_the_peak(
            families, batch.central(), _noise_of(known, batch, correlation), fallen
        )
        batch = replace(batch, weight=weight)
        return shapes_of_longer(batch, families, step_sd, changes, fallen, names, draws)

    return [
        _curve(
            k,
            status_of(k, Status.FITTED, correlation),
            partial(_one_of, shapes, i),
            None if kind == "coverage" else _bend(k.key, draws),
        )
        for i, k in enumerate(known)
    ]


def _of_two_points(
    known: Sequence[Known],
    kind: Kind,
    families: Sequence[Family],
    draws: Draws,
    correlation: Correlation,
) -> list[Curve]:
    """Curves of two points that are fitted together, once one of them is asked for."""
    bends = [_bend(k.key, draws) for k in known]

    @cache
    def shapes() -> list[Shape]:
        names = [str(k.key) for k in known]
        return shapes_of_two_points(_batch(known, kind), families, np.stack(bends), names, draws)

    return [
        _curve(
            k,
            status_of(k, Status.TWO_POINTS, correlation),
            partial(_one_of, shapes, i),
            None if kind == "coverage" else bend,
        )
        for i, (k, bend) in enumerate(zip(known, bends, strict=True))
    ]


def _one_of(shapes: Callable[[], list[Shape]], i: int) -> Shape:
    return shapes()[i]


def _of_one_method(known: Sequence[Known]) -> list[list[Known]]:
    """Curves that are fitted as one batch: those that differ in nothing but their bucket."""
    alike: dict[CurveKey, list[Known]] = {}
    for k in known:
        alike.setdefault(replace(k.key, bucket=ALL), []).append(k)
    return [some for buckets in alike.values() for some in _sharing_n(buckets)]


def _sharing_n(known: Sequence[Known]) -> list[list[Known]]:
    """Curves that are fitted as one batch: all of them where few different n were measured."""
    if len({n for k in known for n in k.n}) <= SHARED_N:
        return [list(known)] if known else []
    groups: dict[bytes, list[Known]] = {}
    for k in known:
        groups.setdefault(k.n.tobytes(), []).append(k)
    return list(groups.values())


def _batch(known: Sequence[Known], kind: Kind) -> Batch:
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


def _noise_of(known: Sequence[Known], batch: Batch, correlation: Correlation) -> Array:
    """How far each point may lie off its curve, (curve, point): its own error, and a difference
    of form that is not held against a family.
    """
    own = np.array([k.roughness for k in known]) ** 2 * (1.0 - correlation.methods)
    variance: Array = own[:, None] / np.maximum(batch.weight, 1e-300)
    return np.sqrt(variance + INDIFFERENCE**2)


def _bend(key: CurveKey, draws: Draws) -> Array:
    bend: Array = BEND_MAX * draws.uniform(f"bend|{key}") ** 2
    return bend
