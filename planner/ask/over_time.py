"""CAPEX against OPEX of the sides of a question: what each costs month by month, and in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.ask.break_evens import Pair, break_evens
from planner.ask.capex import Training
from planner.ask.judge import Contender, Judgement, is_scalable
from planner.ask.sunk import not_known, sunk_of
from planner.ask.ways import Way, saved, sentences, told_ways
from planner.domain.draws import CENTRAL
from planner.domain.money_answer import CostOverTime, CostVolume, PairOverTime
from planner.economics.months import Array, Months
from planner.economics.paths import Path

VOLUMES = np.geomspace(1e3, 1e8, 61)
"""Queries a day of the chart."""
POINTS_PER_DOUBLING = 6
"""Of n, in the search for the n of the same cost."""


def side_paths(
    sides: Sequence[Contender],
    judgement: Judgement,
    mix: Mapping[str, float],
    queries_per_day: float,
    months: Months,
    capex_usd: Sequence[Array],
) -> list[Path]:
    """Each side at its n, or in each draw at its accuracy-parity n; at its largest measured n where
    it has none.
    """
    found = []
    for i, side in enumerate(sides):
        rows = side.candidate.supply.draws.rows
        n, able = np.full(rows, float(side.n or side.n_max)), np.ones(rows, dtype=bool)
        if side.n is None:
            parity = judgement.parity_accuracy[i].n
            able = np.isfinite(parity)
            n = np.where(able, parity, n)
        found.append(Path(side.candidate, n, able, mix, queries_per_day, months, capex_usd[i]))
    return found


def pairs_of(
    paths: Sequence[Path], sides: Sequence[Contender], reference: int, labels: Sequence[str]
) -> list[Pair]:
    """Every side that is not the reference, each with the reference; none of one side."""
    return [
        Pair(path, paths[reference], (labels[i], labels[reference]), _n_grid(sides[i]))
        for i, path in enumerate(paths)
        if i != reference
    ]


def cost_over_time(
    paths: Sequence[Path],
    labels: Sequence[str],
    pairs: Sequence[Pair],
    training: Training | None,
) -> CostOverTime:
    """Every path's dollars over the months, and where those of each pair cost the same."""
    candidates = [path.candidate for path in paths]
    sunk = sunk_of(training, candidates)
    ways = [_way(path, label) for path, label in zip(paths, labels, strict=True)]
    found = told_ways(ways, paths[0].months, paths[0].queries_per_day, sunk)
    found["unknown"] = not_known(training, candidates)
    found["by_volume"] = _by_volume(paths)
    compared = [_compared(pair) for pair in pairs]
    if compared:
        found |= compared[0]
        found["other_pairs"] = tuple(PairOverTime(**other) for other in compared[1:])
    told = CostOverTime(**found)
    return told.model_copy(update={"sentences": sentences(told)})


def _compared(pair: Pair) -> dict[str, Any]:
    """Fields of a pair: which costs less, and where the two cost the same."""
    evens = break_evens(pair)
    return saved(pair.labels, pair.one.present_usd(), pair.other.present_usd()) | {
        "break_evens": {of: told for of, (told, _) in evens.items()},
        "break_even_sentences": {of: said for of, (_, said) in evens.items()},
    }


def _way(path: Path, label: str) -> Way:
    candidate, n = path.candidate, float(path.n[CENTRAL])
    idle = 0.0 if candidate.fleet is None else candidate.supply.sunk_usd_per_day[CENTRAL]
    return Way(
        label=label,
        cash=path.cash(),
        gpus=path.served().gpus[CENTRAL],
        training_usd=path.capex_usd,
        accuracy=float(candidate.accuracy([n], path.mix)[CENTRAL, 0]),
        n_samples=n,
        able=path.able,
        sunk_usd_per_day=float(idle),
    )


def _n_grid(side: Contender) -> Array | None:
    if not is_scalable(side.candidate):
        return None
    most = max(side.candidate.measured_n())
    points = max(2, round(np.log2(most) * POINTS_PER_DOUBLING) + 1)
    return np.geomspace(1.0, most, points)


def _by_volume(paths: Sequence[Path]) -> tuple[CostVolume, ...]:
    days = float(paths[0].months.weight_days[CENTRAL].sum())
    worth = [path.present_usd(VOLUMES)[CENTRAL] / days for path in paths]
    return tuple(
        CostVolume(
            queries_per_day=float(volume),
            equivalent_usd_per_day=tuple(
                float(usd[i]) if np.isfinite(usd[i]) else None for usd in worth
            ),
        )
        for i, volume in enumerate(VOLUMES)
    )
