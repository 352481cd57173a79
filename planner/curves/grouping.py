"""Rows to curves: which rows lie on one curve, which on one surface, and their measured draws."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from planner.curves.anchor import GREEDY_OFFSET, Anchor
from planner.curves.axis import ACROSS
from planner.curves.book import LeftOut
from planner.curves.families.base import Array
from planner.curves.key import CurveKey
from planner.domain.draws import Draws
from planner.domain.method import METHODS
from planner.domain.observation import Observation, Observations
from planner.measure.replicates import Correlation, accuracy_draws, parts_of_sets

APART = 1e-9
"""Correlation of the own errors at two depths, or two numbers of thinking tokens: of samples of
their own, none."""


@dataclass
class Known:
    """The points of one curve before it is fitted."""

    key: CurveKey
    rows: list[Observation]
    anchor: Anchor | None = None
    n: Array = field(default_factory=lambda: np.empty(0))
    """Positions along its axis, ascending."""
    measured: Array = field(default_factory=lambda: np.empty((0, 0)))
    roughness: float = 1.0
    """Noise along the curve, relative to what is assumed of its points."""
    borrowed: frozenset[float] = frozenset()
    """Positions whose values were read off a surface."""
    beyond: bool = False
    """True where all of them were, outside the measurements."""


@dataclass
class Cells:
    """The rows of one surface: several n, at several depths or numbers of thinking tokens."""

    key: CurveKey
    rows: list[Observation]
    measured: Array = field(default_factory=lambda: np.empty((0, 0)))


@dataclass(frozen=True)
class Grouped:
    """Rows by what they lie on; a row on a surface lies on a curve over n too."""

    over_n: list[Known]
    along: list[Known]
    """Curves over depth or thinking tokens, at one n."""
    surfaces: list[Cells]
    left_out: list[LeftOut]


def grouped(
    observations: Observations,
    only: Callable[[CurveKey], bool] | None,
    anchors: Mapping[CurveKey, Anchor],
) -> Grouped:
    """Rows by curve, ascending in n; of two rows at one point the first is kept."""
    first_place: dict[tuple[CurveKey, int], str] = {}
    by_key: dict[CurveKey, list[Observation]] = {}
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
        by_key.setdefault(key, []).append(row)
    for rows in by_key.values():
        rows.sort(key=lambda row: row.n_samples)
    over_n = [Known(key, rows, anchors.get(key)) for key, rows in by_key.items()]
    along, surfaces = _across(by_key)
    return Grouped(over_n, along, surfaces, left_out)


def _across(by_key: Mapping[CurveKey, list[Observation]]) -> tuple[list[Known], list[Cells]]:
    """Curves and surfaces of the rows that differ in depth, or in thinking tokens, alone."""
    alike: dict[CurveKey, list[Observation]] = defaultdict(list)
    for key, rows in by_key.items():
        for axis in ACROSS:
            if getattr(key, axis) is not None:
                alike[key.across(axis)].extend(rows)
    along, surfaces = [], []
    for key, own in alike.items():
        rows = [*own, *_single_samples(key, own, by_key)]
        at_n: dict[int, list[Observation]] = defaultdict(list)
        n_at: dict[float, set[int]] = defaultdict(set)
        for row in rows:
            at_n[row.n_samples].append(row)
            n_at[key.position(row)].add(row.n_samples)
        several = [n for n, here in at_n.items() if len(here) > 1]
        if several and max(map(len, n_at.values())) > 1:
            cells = sorted(rows, key=lambda row: (key.position(row), row.n_samples))
            surfaces.append(Cells(key, cells))
        elif rows == own:
            along += [
                Known(replace(key, n_samples=n), sorted(at_n[n], key=key.position)) for n in several
            ]
    return along, surfaces


def _single_samples(
    key: CurveKey, own: Sequence[Observation], by_key: Mapping[CurveKey, list[Observation]]
) -> list[Observation]:
    """Long thinking of the same model: what a vote or a pick among one such sample shows."""
    method = METHODS.get(key.method)
    if key.axis != "thinking_tokens" or method is None or not method.samples or method.deep:
        return []
    has = {row.thinking_tokens for row in own if row.n_samples == 1}
    return [
        row
        for other, rows in by_key.items()
        for row in rows
        if other.method == "long_cot"
        and (other.model, other.question_set, other.bucket)
        == (key.model, key.question_set, key.bucket)
        and (None in (other.temperature, key.temperature) or other.temperature == key.temperature)
        and row.thinking_tokens is not None
        and row.thinking_tokens not in has
    ]


def draw(
    found: Grouped, observations: Observations, draws: Draws, correlation: Correlation
) -> None:
    """Fills in the positions and the measured draws of every curve and surface."""
    for k in found.over_n:
        if k.anchor is not None and k.rows[0].n_samples == 1:
            k.anchor = None
        if k.anchor is not None:
            k.rows = [k.anchor.row, *k.rows]
    rows = [row for k in found.over_n for row in k.rows]
    parts = parts_of_sets(observations.rows)
    values = np.empty((draws.rows, len(rows)))
    picks = np.array([k.key.kind == "pick" for k in found.over_n for _ in k.rows], dtype=bool)
    for of_kind, assumed in ((picks, own_along("pick", correlation)), (~picks, correlation)):
        some = [rows[i] for i in np.flatnonzero(of_kind)]
        values[:, of_kind] = accuracy_draws(some, draws, assumed, parts, observations.replicates)
    column: dict[tuple[CurveKey, int], int] = {}
    start = 0
    for k in found.over_n:
        stop = start + len(k.rows)
        k.n = np.array([row.n_samples for row in k.rows], dtype=np.float64)
        k.measured = values[:, start:stop].copy()
        column |= {(k.key, int(n)): start + i for i, n in enumerate(k.n)}
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
    # The rows of a curve along another axis are those of curves over n, and so are their draws.
    for along in found.along:
        along.n = np.array([along.key.position(row) for row in along.rows])
        along.measured = values[:, _columns(along.rows, column)]
    for cells in found.surfaces:
        cells.measured = values[:, _columns(cells.rows, column)]


def _columns(rows: Sequence[Observation], column: Mapping[tuple[CurveKey, int], int]) -> list[int]:
    return [column[CurveKey.of(row), row.n_samples] for row in rows]


def own_along(kind: str, correlation: Correlation) -> Correlation:
    """The correlation of errors along a curve of that kind."""
    if kind == "pick":
        return correlation.of_picks()
    return replace(correlation, doubling=APART) if kind in ("depth", "thinking") else correlation
