"""Outcomes: counted alike by every engine, and put together without loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logged import accuracies, drawn, logged, measured

from planner.measure.outcomes import added_up, bin_width, grades, outcomes
from planner.measure.table import OUTCOMES

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "model": st.sampled_from(["m", "n"]),
            "problem_id": st.sampled_from(["1", "2", "3"]),
            "depth": st.sampled_from([None, 1]),
            "answer": st.sampled_from([None, "", " a", "a", "b"]),
            "score": st.sampled_from([None, 0.25, 0.5]),
            "correct": st.sampled_from([None, 0.0, 0.5, 1.0]),
            "output_tokens": st.sampled_from([None, 0, 15, 16, 17, 1000, 1023, 1024]),
            "time_s": st.sampled_from([None, 0.25, 1.5]),
        }
    ),
    min_size=1,
    max_size=12,
)
SCHEMA = {
    "model": "VARCHAR",
    "problem_id": "VARCHAR",
    "depth": "BIGINT",
    "answer": "VARCHAR",
    "score": "DOUBLE",
    "correct": "DOUBLE",
    "output_tokens": "BIGINT",
    "time_s": "DOUBLE",
}
PANDAS = {"VARCHAR": "string", "BIGINT": "Int64", "DOUBLE": "Float64"}
POLARS = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "DOUBLE": pl.Float64}


def by_hand(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], list[int]]:
    """Outcome -> samples, samples with tokens, tokens, samples with time, microseconds."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        answer = (row["answer"] or "").strip() or None
        tokens, time = row["output_tokens"], row["time_s"]
        binned = tokens
        if tokens is not None and tokens >= 16:
            width = 2 ** (int(np.log2(tokens)) - 3)
            binned = tokens - tokens % width
        key = (row["model"], row["problem_id"], row["depth"], answer, row["score"],
               row["correct"], binned)  # fmt: skip
        held = found.setdefault(key, [0, 0, 0, 0, 0])
        held[0] += 1
        held[1] += tokens is not None
        held[2] += tokens or 0
        held[3] += time is not None
        held[4] += round((time or 0) * 1e6)
    return found


def collected(frame: Any) -> dict[tuple[Any, ...], list[int]]:
    """The same of a frame of outcomes."""
    columns = frame.collect().to_dict(as_series=False)
    names = ("model", "problem_id", "depth", "answer", "score", "correct", "output_bin")
    sums = ("samples", "samples_output", "output_tokens_sum", "samples_time", "time_us_sum")

    def known(value: Any) -> Any:
        return None if pd.isna(value) else value

    return {
        tuple(known(columns[name][i]) for name in names): [int(columns[s][i]) for s in sums]
        for i in range(len(columns["samples"]))
    }


CONNECTION = duckdb.connect()


def in_duckdb(rows: list[dict[str, Any]]) -> Any:
    connection = CONNECTION
    names = ", ".join(f"{name} {kind}" for name, kind in SCHEMA.items())
    connection.execute(f"CREATE OR REPLACE TABLE samples ({names})")
    for row in rows:
        connection.execute(
            f"INSERT INTO samples VALUES ({', '.join('?' * len(SCHEMA))})",
            [row[name] for name in SCHEMA],
        )
    return connection.table("samples")


def in_pandas(rows: list[dict[str, Any]]) -> Any:
    return pd.DataFrame(rows).astype({name: PANDAS[kind] for name, kind in SCHEMA.items()})


def in_polars(rows: list[dict[str, Any]]) -> Any:
    return pl.DataFrame(rows, schema={name: POLARS[kind] for name, kind in SCHEMA.items()})


@pytest.mark.parametrize("table", [in_duckdb, in_pandas, in_polars])
@settings(max_examples=20)
@given(rows=ROWS)
def test_every_engine_counts_the_outcomes_that_counting_by_hand_gives(
    table: Callable[[list[dict[str, Any]]], Any], rows: list[dict[str, Any]]
) -> None:
    assert collected(outcomes(table(rows))) == by_hand(rows)


@settings(max_examples=20)
@given(rows=ROWS, cut=st.integers(0, 12))
def test_outcomes_of_two_parts_add_up_to_those_of_the_whole(
    rows: list[dict[str, Any]], cut: int
) -> None:
    parts = [in_polars(part) for part in (rows[:cut], rows[cut:]) if part]
    together = added_up(nw.concat([outcomes(part) for part in parts]))
    assert collected(together) == collected(outcomes(in_polars(rows)))


@given(rows=ROWS)
def test_the_quick_count_of_whole_grades_is_that_of_the_outcomes(
    rows: list[dict[str, Any]],
) -> None:
    whole = [{k: r[k] for k in ("model", "problem_id", "correct")} for r in rows]
    whole = [r for r in whole if r["correct"] != 0.5]
    quick = grades(pl.DataFrame(whole, schema={"model": pl.String, "problem_id": pl.String,
                                               "correct": pl.Float64})).collect()  # fmt: skip
    found = {
        (row["model"], row["problem_id"]): (row["drawn"], row["graded"], row["correct"])
        for row in quick.iter_rows(named=True)
    }
    assert found == {
        key: (
            len(mine := [r["correct"] for r in whole if (r["model"], r["problem_id"]) == key]),
            sum(c is not None for c in mine),
            sum(c or 0 for c in mine),
        )
        for key in {(r["model"], r["problem_id"]) for r in whole}
    }


def test_tokens_fall_into_the_bin_that_its_width_says() -> None:
    tokens = np.arange(0, 5000)
    binned = outcomes(pl.DataFrame({"problem_id": ["1"] * 5000, "correct": [1.0] * 5000,
                                    "output_tokens": tokens})).collect()  # fmt: skip
    fewest = np.sort(np.array(binned["output_bin"].to_list()))
    assert np.array_equal(np.append(fewest[1:], 5120), fewest + bin_width(fewest))


def test_a_log_without_answers_counts_the_same_with_and_without_the_quick_way() -> None:
    log = drawn([0.2, 0.5, 0.9], 6, np.random.default_rng(0))
    del log["answer"]
    slow = {**log, "answer": [None] * len(log["problem_id"])}
    assert measured(log).rows == measured(slow).rows


def test_partial_grades_reach_the_coverage_of_a_log_without_answers() -> None:
    log = {"problem_id": ["1", "1"], "correct": [0.5, 0.0]}
    assert accuracies(measured(log), "oracle_best_of_n") == {1: 0.25, 2: 0.5}


def test_weights_stand_for_as_many_samples() -> None:
    rows = {"problem_id": ["1", "1", "2"], "correct": [1.0, 0.0, 1.0], "samples": [3, 1, 4]}
    plain = {"problem_id": ["1"] * 4 + ["2"] * 4, "correct": [1.0] * 3 + [0.0] + [1.0] * 4}
    assert measured(rows).rows == measured(plain).rows


def test_tokens_and_seconds_are_means_over_problems() -> None:
    log = {
        "problem_id": ["1", "1", "2"],
        "correct": [1.0, 0.0, 1.0],
        "output_tokens": [100, 300, 50],
        "prompt_tokens": [10, 10, None],
        "time_s": [1.0, 3.0, 5.0],
    }
    found = measured(log)
    row = found.rows[0]
    assert (row.output_tokens, row.prompt_tokens) == (125.0, 10.0)
    assert found.times[0].time_s == pytest.approx(3.5)


def test_the_95th_percentile_of_tokens_is_within_a_bin_of_the_true_one() -> None:
    rng = np.random.default_rng(0)
    tokens = np.exp(rng.normal(6, 0.7, 20_000)).astype(int)
    log = {
        "problem_id": [f"p{i % 50}" for i in range(len(tokens))],
        "correct": [1.0] * len(tokens),
        "output_tokens": tokens.tolist(),
    }
    assert measured(log).rows[0].output_tokens_p95 == pytest.approx(
        np.quantile(tokens, 0.95), rel=0.02
    )


def test_ungraded_samples_are_counted_and_left_out() -> None:
    log = {"problem_id": ["1", "1", "2", "3"], "correct": [1.0, None, 0.0, None]}
    found = measured(log)
    assert found.rows[0].accuracy == 0.5
    assert found.rows[0].n_questions == 2
    said = " ".join(note.message for note in found.notes)
    assert "2 samples without a grade" in said
    assert "1 of 3 problems" in said


def test_an_answer_of_blanks_is_no_answer() -> None:
    with logged({"problem_id": ["1", "1"], "correct": [0.0, 0.0], "answer": ["  ", "x"]}) as table:
        found = table.connection.execute(f"SELECT answer FROM {OUTCOMES} ORDER BY 1").fetchall()
    assert {row[0] for row in found} == {None, "x"}
