"""Outcomes: one row for equal samples of a problem, with their number.

One expression over any table of samples, wherever the table lies: written in narwhals, it runs
on DuckDB, pandas, Polars and Spark alike. Nothing that measuring uses is lost by it, and the
outcomes of several tables, put together and added up again, are those of all tables at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.ingest.logs.record import SERIES

if TYPE_CHECKING:
    import narwhals as nw
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

SAMPLE = ("answer", "score", "correct", "output_bin")
"""What tells the samples of a problem apart."""
KEYS = (*SERIES, "problem_id", *SAMPLE)
WEIGHT = "samples"
"""Column of how many equal samples a row stands for."""
TOTALS = {
    "prompt_tokens": ("samples_prompt", "prompt_tokens_sum", 1),
    "output_tokens": ("samples_output", "output_tokens_sum", 1),
    "time_s": ("samples_time", "time_us_sum", 1_000_000),
}
"""Column -> how many samples have it, its sum, and the whole units of the sum in one of its own.

Sums are 64-bit whole numbers on every engine, so that none depends on the order of its terms."""
SUMS = (WEIGHT, *(name for counted, total, _ in TOTALS.values() for name in (counted, total)))
SIZES = ("params_b", "active_params_b", "verifier_params_b")

_EXACT_BELOW = 16
_DOUBLINGS = 27


def outcomes(samples: Any) -> nw.LazyFrame[Any]:
    """Equal samples counted: one row for each problem, answer, score, grade and bin of tokens.

    samples: a table that narwhals knows (DuckDB relation, pandas, Polars, PySpark, ...) with the
    columns of `planner.measure.records.canonical`; those that are not there stay away. A column
    `samples` says how many samples a row stands for; its tokens and seconds are of each of them.

    Columns of the outcome: of KEYS those there are; SUMS (samples; the number of samples that
    have prompt tokens, output tokens, seconds, and the sum of these); bucket and bucket_last
    (first and last in the alphabet: they differ where logs disagree); SIZES.
    """
    import narwhals as nw

    frame, columns = _prepared(samples)
    if "answer" in columns:
        answer = nw.col("answer").str.strip_chars()
        frame = frame.with_columns(nw.when(answer != "").then(answer).alias("answer"))
    if "output_tokens" in columns:
        tokens = nw.col("output_tokens").cast(nw.Int64)
        frame = frame.with_columns(_bin(tokens).alias("output_bin"))
    return added_up(frame)


def grades(samples: Any) -> nw.LazyFrame[Any]:
    """Samples of each problem (drawn), those graded, and the right ones (correct).

    For tables without answers, scores and output tokens in which every grade is 0 or 1: it keeps
    all that `outcomes` does, and takes half as long. One row a problem.
    """
    import narwhals as nw

    frame, columns = _prepared(samples)
    correct = nw.col("correct")
    drawn, graded = nw.len(), correct.count()
    if WEIGHT in columns:
        weight = nw.col(WEIGHT)
        known = nw.when(~correct.is_null()).then(weight).otherwise(0)
        frame = frame.with_columns(known.alias("graded"), (correct * weight).alias("correct"))
        drawn, graded = weight.sum(), nw.col("graded").sum()
    counted = [drawn.alias("drawn"), graded.alias("graded"), correct.sum().alias("correct")]
    there = set(frame.collect_schema().names())
    keys = [k for k in KEYS if k in there and k != "correct"]
    grouped: nw.LazyFrame[Any] = frame.group_by(*keys).agg(*counted, *_carried(there))
    return _whole(grouped, "drawn", "graded")


def added_up(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Rows of outcomes with equal KEYS put into one, of the columns there are."""
    import narwhals as nw

    there = set(frame.collect_schema().names())
    samples = nw.col(WEIGHT).sum() if WEIGHT in there else nw.len().alias(WEIGHT)
    keys = [k for k in KEYS if k in there]
    grouped: nw.LazyFrame[Any] = frame.group_by(*keys).agg(samples, *_carried(there))
    return _whole(grouped, WEIGHT)


def _whole(frame: nw.LazyFrame[Any], *counts: str) -> nw.LazyFrame[Any]:
    """Counts and totals as 64-bit integers; engines widen sums as they like."""
    import narwhals as nw

    there = frame.collect_schema().names()
    names = dict.fromkeys((*counts, *(s for s in SUMS if s in there)))
    return frame.with_columns(*(nw.col(name).cast(nw.Int64) for name in names))


def _prepared(samples: Any) -> tuple[nw.LazyFrame[Any], set[str]]:
    """The table with its totals as whole numbers, and the columns that it had."""
    import narwhals as nw

    frame = nw.from_native(samples).lazy()
    columns = set(frame.collect_schema().names())
    weight = nw.col(WEIGHT).cast(nw.Int64) if WEIGHT in columns else nw.lit(1, nw.Int64)
    totals = []
    for column, (counted, total, scale) in TOTALS.items():
        if column in columns:
            known = nw.when(~nw.col(column).is_null())
            value = (nw.col(column) * scale).round(0).cast(nw.Int64) * weight
            totals += [
                known.then(weight).otherwise(0).alias(counted),
                known.then(value).otherwise(0).alias(total),
            ]
    if WEIGHT in columns:
        totals.append(weight.alias(WEIGHT))
    return frame.with_columns(*totals) if totals else frame, columns


def _carried(there: set[str]) -> list[nw.Expr]:
    """Aggregates of what tells no sample apart: totals, sizes, the bucket."""
    import narwhals as nw

    carried = [nw.col(s).sum() for s in SUMS if s in there and s != WEIGHT]
    carried += [nw.col(size).max() for size in SIZES if size in there]
    if "bucket" in there:
        last = nw.col("bucket_last" if "bucket_last" in there else "bucket")
        carried += [nw.col("bucket").min(), last.max().alias("bucket_last")]
    return carried


def _bin(tokens: nw.Expr) -> nw.Expr:
    """Fewest tokens of the bin: each number below 16, from there on 8 bins a doubling.

    Whole numbers only, so that engines agree at the edges.
    """
    import narwhals as nw

    binned: nw.Expr = tokens - tokens % 2**_DOUBLINGS
    for doubling in reversed(range(_DOUBLINGS)):
        inside = tokens < _EXACT_BELOW * 2**doubling
        binned = nw.when(inside).then(tokens - tokens % 2**doubling).otherwise(binned)
    return binned


def bin_width(fewest: Ints) -> Ints:
    """Token counts that share the bin which begins at `fewest`, shape (bin,)."""
    import numpy as np

    doubling = np.floor(np.log2(np.maximum(fewest, 1) / (_EXACT_BELOW / 2))).astype(np.int64)
    width: Ints = 2 ** np.clip(doubling, 0, _DOUBLINGS)
    return width
