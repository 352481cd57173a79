"""The 95th percentile of output tokens of each series and bucket, from bins that can be merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.domain.observation import ALL
from planner.measure.counts import SERIES
from planner.measure.source import SOURCE, Source
from planner.measure.table import Series, series_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PERCENTILE = 0.95


def output_tokens_p95(
    source: Source, bucket_of: Mapping[tuple[str, str], str]
) -> dict[tuple[Series, str], float]:
    """Output tokens that 95 % of the samples stay within, of each series and bucket, and of all.

    bucket_of names the bucket of each question set and problem. The value is the largest number
    of tokens in the bin (1.1 % wide) that holds the percentile.
    """
    import numpy as np

    sets, problems = zip(*bucket_of, strict=True)
    source.connection.register(
        "problem_buckets",
        {
            "question_set": np.array(sets, dtype=object),
            "problem_id": np.array(problems, dtype=object),
            "bucket": np.array(list(bucket_of.values()), dtype=object),
        },
    )
    keys = ", ".join(f"s.{key}" for key in SERIES)
    weight, largest = source.sums["samples_output"], source.sums["output_tokens_max"]
    found = source.connection.execute(
        f"""SELECT {keys}, b.bucket, s.bin, sum(s.n), max(s.largest) FROM (
                SELECT {", ".join(SERIES)}, problem_id, {source.output_bin} AS bin,
                       {weight} AS n, {largest} AS largest
                FROM {SOURCE} WHERE correct IS NOT NULL GROUP BY ALL) s
            JOIN problem_buckets b USING (question_set, problem_id)
            WHERE s.bin IS NOT NULL GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    source.connection.unregister("problem_buckets")
    bins: dict[tuple[Series, str], dict[int, tuple[int, float]]] = {}
    for *key, bucket, number, count, top in found:
        for name in dict.fromkeys((bucket, ALL)):
            held = bins.setdefault((series_of(key), name), {})
            before = held.get(number, (0, 0.0))
            held[number] = (before[0] + int(count), max(before[1], float(top)))
    return {key: _percentile(held) for key, held in bins.items()}


def _percentile(bins: Mapping[int, tuple[int, float]]) -> float:
    wanted = PERCENTILE * sum(count for count, _ in bins.values())
    reached = 0
    for number in sorted(bins):
        reached += bins[number][0]
        if reached >= wanted:
            return bins[number][1]
    raise AssertionError("the percentile lies within the bins")
