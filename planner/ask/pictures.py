"""What the page draws of an answer: curves, cost against volume, who wins by traffic mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from planner.ask.judge import Contender, judge
from planner.curves.curve import Curve
from planner.curves.gaps import WIDE_GAP
from planner.domain.answer import UNDECIDED, AnswerOption, Criterion, MixWinner, VolumePoint
from planner.domain.draws import CENTRAL
from planner.domain.money_answer import CostCrossing
from planner.domain.observation import ALL
from planner.domain.pictured import AnswerCurve, CurvePoint
from planner.options import Candidate
from planner.options.mix import mix_grid
from planner.units import format_count

VOLUMES = np.geomspace(1e3, 1e8, 51)
"""Queries a day of the cost chart."""
POINTS_PER_DOUBLING = 4


def answer_curves(
    sides: Sequence[Contender], buckets: Sequence[str], labels: Sequence[str]
) -> tuple[AnswerCurve, ...]:
    """Accuracy against n of every side, on the whole set and on each bucket measured."""
    found = []
    for i, side in enumerate(sides):
        for bucket in (ALL, *buckets):
            curve = side.candidate.curves.get(bucket)
            if curve is not None:
                found.append(curve_of(curve, i, bucket, labels[i]))
    return tuple(found)


def curve_of(curve: Curve, side: int, bucket: str, label: str) -> AnswerCurve:
    """A curve as the page draws it: at its measured n, between them, and a doubling beyond."""
    known = curve.n_measured
    if len(known) == 1:
        grid = known
    else:
        doublings = np.log2(known[-1] / known[0])
        even = np.geomspace(known[0], known[-1], int(np.ceil(doublings * POINTS_PER_DOUBLING)) + 1)
        # One doubling beyond the data, to be drawn dashed.
        beyond = known[-1] * 2 ** (np.arange(1, POINTS_PER_DOUBLING + 1) / POINTS_PER_DOUBLING)
        near = np.isclose(even[:, None], known, rtol=1e-9).any(axis=1)
        grid = np.unique(np.concatenate([even[~near], known, beyond]))
    values = curve.accuracy(grid)
    low, high = np.quantile(values[1:], [0.05, 0.95], axis=0)
    basis = curve.basis(grid)
    points = tuple(
        CurvePoint(
            n_samples=float(n),
            accuracy=float(values[CENTRAL, i]),
            low=float(low[i]),
            high=float(high[i]),
            basis=basis[i],
        )
        for i, n in enumerate(grid)
    )
    gaps = tuple((float(a), float(b)) for a, b in pairwise(known) if b / a > WIDE_GAP * (1 + 1e-9))
    return AnswerCurve(label=label, side=side, bucket=bucket, points=points, far_gaps=gaps)


def cost_by_volume(
    rows: Sequence[AnswerOption],
    sides: Sequence[tuple[Candidate, int | None]],
    mix: Mapping[str, float],
) -> tuple[VolumePoint, ...]:
    """Dollars a day of each row over volumes, whole GPUs, central case."""
    served = {}
    for row in rows:
        candidate = sides[row.side][0]
        load = candidate.load([row.n_samples], mix)
        served[row.label] = candidate.served(load, VOLUMES)
    return tuple(
        VolumePoint(
            queries_per_day=float(volume),
            cost_usd_per_day={k: float(d.usd_per_day[CENTRAL, i]) for k, d in served.items()},
            gpus={k: int(d.gpus[CENTRAL, i]) for k, d in served.items()},
        )
        for i, volume in enumerate(VOLUMES)
    )


def other_winner_by_volume(
    rows: Sequence[AnswerOption],
    points: Sequence[VolumePoint],
    queries_per_day: float,
    matters: float,
    over_draws: CostCrossing | None,
) -> str | None:
    """At which volumes another side costs less than the one that does at the volume asked about.

    Compares the rows at equal accuracy, whole GPUs, central case; over_draws is the volume at which
    two sides cost the same in the draws, told beside it. None where the ranking is the same at
    every volume of the chart.
    """
    equal = [row for row in rows if row.role != "cost parity"]
    if len(equal) < 2:
        return None
    now = min(equal, key=lambda row: row.cost_usd_per_day)
    cheaper: dict[str, list[float]] = {}
    for point in points:
        best = min(equal, key=lambda row: point.cost_usd_per_day[row.label])
        cost = point.cost_usd_per_day
        if cost[best.label] < cost[now.label] * (1 - matters):
            cheaper.setdefault(best.label, []).append(point.queries_per_day)
    for label, volumes in cheaper.items():
        if max(volumes) < queries_per_day:
            most = format_count(max(volumes), 2)
            return (
                f"In the middle case {label} costs less up to about {most} queries a day:"
                f" {_smallest(points[0], label)}, and"
                f" {_smallest(points[0], now.label)}.{_over_draws(over_draws)}"
            )
        if min(volumes) > queries_per_day:
            least = format_count(min(volumes), 2)
            return (
                f"In the middle case {label} costs less above about {least} queries a day."
                f"{_over_draws(over_draws)}"
            )
    return None


def _over_draws(found: CostCrossing | None) -> str:
    if found is None or found.median is None or found.low is None or found.high is None:
        return ""
    median, low, high = (format_count(v) for v in (found.median, found.low, found.high))
    return (
        f" Over the draws {found.ahead_beyond} is ahead for good from about {median} (median; 90%"
        f" interval {low} to {high})."
    )


def _smallest(point: VolumePoint, label: str) -> str:
    gpus = point.gpus[label]
    if gpus == 0:
        return f"{label} is paid by the query"
    return f"the smallest fleet of {label} has {gpus} GPUs"


def winners_by_mix(
    sides: Sequence[Contender],
    reference: int,
    queries_per_day: float,
    criterion: Criterion,
    matters: float,
    buckets: Sequence[str],
    labels: Sequence[str],
) -> tuple[tuple[MixWinner, ...], str | None]:
    """Who wins when traffic has this or that mix, and what has to be assumed for it."""
    if len(sides) < 2:
        return (), "only one side was asked about"
    if len(buckets) < 2:
        return (), "the questions were not split by difficulty"
    even = {bucket: 1 / len(buckets) for bucket in buckets}
    missing = [labels[i] for i, side in enumerate(sides) if not side.candidate.covers(even)]
    if missing:
        return (), f"{', '.join(missing)} was measured on the whole set only"
    found = []
    for mix in mix_grid(tuple(buckets)):
        verdict = judge(sides, reference, queries_per_day, criterion, matters, mix).verdict
        leader = labels[verdict.leader]
        found.append(
            MixWinner(
                mix=mix,
                winner=leader if verdict.decided else UNDECIDED,
                probability=verdict.probability,
                leader=leader,
            )
        )
    assumed = [
        f"{labels[i]} was measured on the whole set only: by bucket it is taken to be its model's"
        " single sample, better by the same odds everywhere"
        for i, side in enumerate(sides)
        if side.candidate.assumed
    ]
    return tuple(found), "; ".join(assumed) or None
