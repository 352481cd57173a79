"""The samples that measuring reads, from the records of all formats: one meaning a column.

What a record leaves open is decided here, and only here: which method it is, what its model is
called, how many samples a row of counts stands for. Written in narwhals, so that records mean
the same on DuckDB, on Spark and in any DataFrame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.ingest.logs.reading import LogOptions

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw

VIEW = "log_samples"
"""Name of the view of all samples."""
UNNAMED = "unnamed"
"""Question set of records that name none."""
CHOSEN_LATER = ("majority_vote", "best_of_n", "weighted_vote", "oracle_best_of_n")
"""Methods that choose among samples: a record of one sample is a sample of their pool."""
SINGLE = ("greedy", "sampled", "long_cot")
"""Methods of one sample: another n_samples says how many were drawn, which is counted."""


COLUMNS = (
    "question_set", "model", "method", "verifier", "problem_id", "bucket", "answer", "n_samples",
    "depth", "width", "thinking_tokens", "temperature", "score", "params_b", "active_params_b",
    "verifier_params_b", "correct", "step_scores", "prompt_tokens", "output_tokens", "time_s",
    "run_id", "sample", "samples",
)  # fmt: skip
"""Columns of samples, in their order; those that no log has are null or not there."""


def canonical_sql(
    connection: duckdb.DuckDBPyConnection, typed: str, options: LogOptions, *, counts: bool
) -> str:
    """SQL of the samples behind `typed`, SQL of records with all columns of CLEAN_COLUMNS."""
    import narwhals as nw

    records = nw.from_native(connection.sql(typed)).lazy()
    if not counts:
        records = records.drop("n_total", "n_correct")
    samples = canonical(records, options).select(*COLUMNS)
    query: str = nw.to_native(samples).sql_query()
    return query


def canonical(records: nw.LazyFrame[Any], options: LogOptions) -> nw.LazyFrame[Any]:
    """The samples behind records, whose columns are those of CLEAN_COLUMNS that some log has.

    Rows of counts (n_total, n_correct) become their right samples and their wrong ones, without
    answers; `samples` says of each row how many it stands for.
    """
    import narwhals as nw

    columns = set(records.collect_schema().names())
    frame = records.with_columns(_method(columns)).with_columns(*_names(columns, options))
    if "temperature" in columns:
        warm = nw.when((nw.col("method") != "greedy") | (nw.col("temperature") > 0))
        frame = frame.with_columns(warm.then(nw.col("temperature")).alias("temperature"))
    if "n_samples" in columns:
        chosen = nw.when(~nw.col("method").is_in(SINGLE)).then(nw.col("n_samples"))
        frame = frame.with_columns(chosen.alias("n_samples"))
    if tokens := _tokens(columns):
        frame = frame.with_columns(*tokens)
    if "n_total" in columns:
        return _from_counts(frame)
    return frame.with_columns(nw.lit(1, nw.Int64).alias("samples"))


def _method(columns: set[str]) -> nw.Expr:
    import narwhals as nw

    thinks = _known("thinking_tokens", columns)
    pool: nw.Expr = nw.when(thinks).then(nw.lit("long_cot")).otherwise(nw.lit("sampled"))
    if "depth" in columns:
        revised = (nw.col("depth") > 0).fill_null(value=False)
        pool = nw.when(revised).then(nw.lit("revision")).otherwise(pool)
    cold = warm = nw.lit(value=False)
    if "temperature" in columns:
        cold = (nw.col("temperature") == 0).fill_null(value=False) & ~thinks
        warm = (nw.col("temperature") > 0).fill_null(value=False)
    blank = nw.when(cold).then(nw.lit("greedy")).otherwise(pool)
    if "method" not in columns:
        return blank.alias("method")
    method = nw.col("method")
    one = nw.lit(value=True)
    if "n_samples" in columns:
        one = (nw.col("n_samples") == 1).fill_null(value=True)
    single = (method == "sampled") | (method.is_in(CHOSEN_LATER) & one)
    # Greedy decoding has no thinking budget and no heat: such a record is another sample.
    misnamed = (method == "greedy") & (thinks | warm)
    named = nw.when(single | misnamed).then(pool).otherwise(method)
    return nw.when(method.is_null()).then(blank).otherwise(named).alias("method")


def _names(columns: set[str], options: LogOptions) -> list[nw.Expr]:
    import narwhals as nw

    fallback = nw.lit(options.question_set or UNNAMED)
    question_set = fallback
    if "question_set" in columns:
        named = nw.col("question_set")
        question_set = nw.when(named.is_null()).then(fallback).otherwise(named)
    named_columns = [question_set.alias("question_set")]
    if "reasoning_effort" in columns:
        model, effort = nw.col("model"), nw.col("reasoning_effort")
        full = nw.concat_str(model, nw.lit(" (effort "), effort, nw.lit(")"))
        named_columns.append(nw.when(effort.is_null()).then(model).otherwise(full).alias("model"))
    scored = _known("score", columns) | _known("step_scores", columns)
    if options.verifier is not None and columns & {"score", "step_scores"}:
        verifier: nw.Expr = nw.when(scored).then(nw.lit(options.verifier))
        if "verifier" in columns:
            known = nw.col("verifier")
            verifier = nw.when(known.is_null()).then(verifier).otherwise(known)
        named_columns.append(verifier.alias("verifier"))
    return named_columns


def _known(column: str, columns: set[str]) -> nw.Expr:
    import narwhals as nw

    return ~nw.col(column).is_null() if column in columns else nw.lit(value=False)


def _tokens(columns: set[str]) -> list[nw.Expr]:
    """Whole tokens; thinking that a provider counts apart is added to the output."""
    import narwhals as nw

    found = []
    if "prompt_tokens" in columns:
        found.append(nw.col("prompt_tokens").round(0).cast(nw.Int64))
    if "output_tokens" in columns:
        output = nw.col("output_tokens")
        if "reasoning_tokens" in columns:
            thought = nw.col("reasoning_tokens")
            output = nw.when(thought > output).then(thought + output).otherwise(output)
        found.append(output.round(0).cast(nw.Int64).alias("output_tokens"))
    return found


def _from_counts(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    import narwhals as nw

    total, right = nw.col("n_total").cast(nw.Int64), nw.col("n_correct").cast(nw.Int64)
    kinds = {1.0: right, 0.0: total - right}
    parts = [
        frame.with_columns(nw.lit(grade).alias("correct"), number.alias("samples")).filter(
            nw.col("samples") > 0
        )
        for grade, number in kinds.items()
    ]
    samples: nw.LazyFrame[Any] = nw.concat(parts).drop("n_total", "n_correct")
    return samples
