"""Where a router's signal sends the questions of each true bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from planner.domain.measured import RouterConfusion
from planner.measure.partition import THRESHOLDS, Partition
from planner.measure.table import Tally


def confusion(partition: Partition, tallies: Sequence[Tally]) -> Iterator[RouterConfusion]:
    """The confusion of a deployable partition on each question set; nothing for the others.

    The true bucket of a question is the range of its mean pass@1 over all models
    (`THRESHOLDS`). For plans that know accuracies of true buckets only: where accuracies were
    measured by predicted bucket they hold what is lost, and this must not be applied to them.
    """
    if not partition.used.deployable:
        return
    for question_set, rates in sorted(_solve_rates(tallies).items()):
        counts: dict[str, dict[str, float]] = {name: {} for name in THRESHOLDS}
        for fold in partition.folds:
            for problem, rate in rates.items():
                predicted = fold.get((question_set, problem))
                if predicted is not None:
                    row = counts[_true_bucket(rate)]
                    row[predicted] = row.get(predicted, 0.0) + 1.0
        known = {name: row for name, row in counts.items() if row}
        if not known:
            continue
        predicted_names = sorted({p for row in known.values() for p in row})
        yield RouterConfusion(
            question_set=question_set,
            true_buckets=tuple(known),
            predicted_buckets=tuple(predicted_names),
            share=tuple(
                tuple(row.get(p, 0.0) / sum(row.values()) for p in predicted_names)
                for row in known.values()
            ),
        )


def _solve_rates(tallies: Sequence[Tally]) -> Mapping[str, Mapping[str, float]]:
    """Mean pass@1 of each problem over the series measured on it, by question set."""
    gathered: dict[str, dict[str, list[float]]] = {}
    for tally in tallies:
        rates = gathered.setdefault(tally.series.question_set, {})
        for problem, rate in zip(tally.problem, (tally.n_correct / tally.n).tolist(), strict=True):
            rates.setdefault(problem, []).append(rate)
    return {q: {p: sum(r) / len(r) for p, r in rates.items()} for q, rates in gathered.items()}


def _true_bucket(rate: float) -> str:
    return next(name for name, low in reversed(THRESHOLDS.items()) if rate + 1e-12 >= low)
