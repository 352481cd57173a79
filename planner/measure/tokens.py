"""Tokens and seconds of the samples of a series, by bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.domain.observation import ALL
from planner.ingest.logs.record import SERIES
from planner.measure.outcomes import TOTALS, bin_width
from planner.measure.table import OUTCOMES, OutcomeTable, Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PERCENTILE = 0.95


@dataclass(frozen=True)
class Spent:
    """What a sample of a series takes in one bucket; None where it was not logged."""

    prompt_tokens: float | None = None
    output_tokens: float | None = None
    output_tokens_p95: float | None = None
    time_s: float | None = None


def spent_by_bucket(
    table: OutcomeTable, tally: Tally, folds: Sequence[Sequence[str | None]]
) -> Mapping[str, Spent]:
    """What the samples of a series take in each bucket, and in the whole.

    folds gives the bucket of each problem in each fold. Means are over problems, of the mean of
    each, as accuracies are; the percentile is over samples, to within a bin of tokens (an
    eighth of a doubling), in which they are taken to lie evenly.
    """
    logged = {column: (tally.totals[c], tally.totals[t], scale)
              for column, (c, t, scale) in TOTALS.items() if tally.totals[c].any()}  # fmt: skip
    if not logged:
        return {}
    shares = _shares(len(tally.problem), folds)
    p95 = _percentiles(table, tally, shares) if "output_tokens" in logged else {}
    found = {}
    for bucket, share in shares.items():
        means = {
            c: _mean(count, total / scale, share) for c, (count, total, scale) in logged.items()
        }
        found[bucket] = Spent(**means, output_tokens_p95=p95.get(bucket))
    return found


def _shares(problems: int, folds: Sequence[Sequence[str | None]]) -> dict[str, Array]:
    """How far each problem belongs to each bucket, shape (problem,)."""
    import numpy as np

    shares = {ALL: np.ones(problems)}
    for fold in folds:
        named = np.array([b or "" for b in fold], dtype=object)
        for bucket in sorted({b for b in fold if b}):
            shares.setdefault(bucket, np.zeros(problems))
            shares[bucket] += (named == bucket) / len(folds)
    return shares


def _mean(count: NDArray[np.int64], total: Array, share: Array) -> float | None:
    weight = share * (count > 0)
    if not weight.sum() > 0:
        return None
    return float((weight * total / count.clip(1)).sum() / weight.sum())


def _percentiles(
    table: OutcomeTable, tally: Tally, shares: Mapping[str, Array]
) -> dict[str, float]:
    """95th percentile of output tokens in each bucket."""
    import numpy as np

    same = " AND ".join(f"{key} IS NOT DISTINCT FROM ?" for key in SERIES)
    found = table.connection.execute(
        f"""SELECT problem_id, output_bin, sum(samples_output) AS n FROM {OUTCOMES}
        WHERE {same} AND output_bin IS NOT NULL AND correct IS NOT NULL
        GROUP BY 1, 2 ORDER BY 1, 2""",
        [getattr(tally.series, key) for key in SERIES],
    ).fetchnumpy()
    place = {name: i for i, name in enumerate(tally.problem)}
    problem = np.array([place.get(str(name), -1) for name in found["problem_id"]])
    fewest, into = np.unique(np.ma.getdata(found["output_bin"]), return_inverse=True)
    fewest = fewest.astype(np.int64)
    number = np.ma.getdata(found["n"]).astype(np.float64) * (problem >= 0)
    reached = {}
    for bucket, share in shares.items():
        held = np.bincount(into, number * share[problem], minlength=len(fewest)).astype(float)
        if held.sum() > 0:
            reached[bucket] = _quantile(fewest, held)
    return reached


def _quantile(fewest: NDArray[np.int64], held: Array) -> float:
    import numpy as np

    total = np.cumsum(held)
    wanted = PERCENTILE * total[-1]
    i = int(np.searchsorted(total, wanted))
    inside = (wanted - (total[i] - held[i])) / held[i]
    return float(fewest[i] + inside * (bin_width(fewest[i : i + 1])[0] - 1))
