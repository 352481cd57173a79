"""Counts per problem: one expression over any table of samples, wherever the table lies.

The same expression runs on DuckDB, pandas, Polars and Spark, for it is written in narwhals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import narwhals as nw

SERIES = ("question_set", "model", "method", "depth", "thinking_tokens", "temperature")
"""Columns whose samples are drawn alike, so that they can be counted together."""
WEIGHT = "samples"
"""Column of tallies: how many equal samples a row stands for."""


def counts_per_problem(samples: Any) -> nw.LazyFrame[Any]:
    """Counts and token sums of each problem of each series, one row each, in no order.

    samples: a table that narwhals knows (DuckDB relation, pandas, Polars, PySpark, ...) with
    the column correct, in [0, 1] or null where it was not logged, and any of the columns of
    SERIES, problem_id, bucket, answer, score, params_b, prompt_tokens, output_tokens; with a
    column `samples`, a row stands for that many, and its tokens are sums
    (prompt_tokens_sum, output_tokens_sum, of samples_prompt and samples_output samples).

    Columns of the outcome: the keys there are; n (samples whose correctness is known),
    n_correct (their sum), n_unknown, n_fraction (neither right nor wrong), and of what the table
    has: n_blank, n_blank_right, n_score, prompt_tokens_sum, samples_prompt, output_tokens_sum,
    samples_output, params_b, bucket, bucket_last (first and last in the alphabet: they differ
    where logs disagree). Counts are 64-bit integers on every engine.
    """
    import narwhals as nw

    frame = nw.from_native(samples).lazy()
    columns = set(frame.collect_schema().names())
    weight = nw.col(WEIGHT) if WEIGHT in columns else nw.lit(1)
    correct = nw.col("correct")
    known = ~correct.is_null()
    counted = {
        "n": known,
        "n_unknown": ~known,
        "n_fraction": known & (correct > 0.0) & (correct < 1.0),
    }
    if "answer" in columns:
        blank = is_blank(nw.col("answer"))
        counted |= {"n_blank": known & blank, "n_blank_right": known & blank & (correct > 0.0)}
    if "score" in columns:
        counted["n_score"] = known & ~nw.col("score").is_null()
    keys = [key for key in (*SERIES, "problem_id") if key in columns]
    aggregates = [
        nw.when(expression).then(weight).otherwise(0).sum().cast(nw.Int64).alias(name)
        for name, expression in counted.items()
    ]
    aggregates.append((correct * weight).sum().alias("n_correct"))
    aggregates += _tokens(columns)
    if "params_b" in columns:
        aggregates.append(nw.col("params_b").max())
    if "bucket" in columns:
        bucket = nw.col("bucket")
        aggregates += [bucket.min().alias("bucket"), bucket.max().alias("bucket_last")]
    counted_frame: nw.LazyFrame[Any] = frame.group_by(*keys).agg(*aggregates)
    return counted_frame


def is_blank(answer: nw.Expr) -> nw.Expr:
    """True where an answer casts no vote: null, empty or white space only."""
    return answer.fill_null("").str.strip_chars() == ""


def _tokens(columns: set[str]) -> list[nw.Expr]:
    import narwhals as nw

    found = []
    for kind in ("prompt", "output"):
        if f"{kind}_tokens_sum" in columns:
            found += [nw.col(f"{kind}_tokens_sum").sum(), nw.col(f"samples_{kind}").sum()]
        elif f"{kind}_tokens" in columns:
            tokens = nw.col(f"{kind}_tokens")
            count = tokens.count().cast(nw.Int64)
            found += [tokens.sum().alias(f"{kind}_tokens_sum"), count.alias(f"samples_{kind}")]
    return found
