"""Data frames measured as files are: the same observations, the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from planner.errors import InputError
from planner.ingest.logs.reading import LogOptions
from planner.measure.estimates import Asked
from planner.measure.logs import STEPS
from planner.measure.measuring import Terms
from planner.measure.written import observations_text
from planner.pipeline import measure

Make = Callable[[pd.DataFrame], Any]


def in_duckdb(table: pd.DataFrame) -> Any:
    connection = duckdb.connect()
    connection.register("given", table)
    return connection.table("given")


def in_lazy_polars(table: pd.DataFrame) -> pl.LazyFrame:
    return pl.from_pandas(table).lazy()


def in_arrow(table: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(table)


def in_pandas(table: pd.DataFrame) -> pd.DataFrame:
    return table


ENGINES = [in_pandas, in_lazy_polars, in_arrow, in_duckdb]
every_engine = pytest.mark.parametrize("make", ENGINES)


def records() -> pd.DataFrame:
    """Two models, twenty problems in three buckets, eight samples; cells as people leave them."""
    rng = np.random.default_rng(3)
    rows = []
    for model, skill in (("small", -0.3), (" large ", 0.4)):
        for problem in range(20):
            ease = rng.normal(skill, 1)
            for sample in range(8):
                right = bool(rng.random() < 1 / (1 + np.exp(-ease)))
                answer = " yes" if right else str(rng.choice(["no", "none", "", "NA"]))
                rows.append(
                    {
                        "model_name": model,
                        "question_id": problem,
                        "sample": sample,
                        "correct": right if sample or problem else None,
                        "answer": answer,
                        "reward": rng.beta(2 + right, 2) if answer else np.nan,
                        "temperature": 0.8,
                        "level": f"level {problem % 3}",
                        "dataset": "quiz",
                        "strategy": "self_consistency" if sample % 2 else None,
                        "completion_tokens": float(rng.integers(20, 900)),
                        "wall_s": round(float(rng.gamma(2)), 3),
                        "colour": "red",
                    }
                )
    return pd.DataFrame(rows)


TERMS = Terms(Asked(), replicates=50)


def observations(logs: Any, **how: Any) -> str:
    return observations_text(measure(logs, terms=TERMS, **how).rows)


@pytest.fixture(scope="module")
def of_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    records().to_csv(path, index=False)
    return observations([path])


@every_engine
def test_a_frame_measures_what_its_csv_file_measures(make: Make, of_file: str) -> None:
    assert observations(make(records())) == of_file
    assert {"best_of_n", "majority_vote", "weighted_vote", "level 1"} <= set(
        of_file.replace("\n", ",").split(",")
    )


@every_engine
def test_counts_of_a_frame_are_counts(make: Make, tmp_path: Path) -> None:
    table = pd.DataFrame({"model": ["m"] * 3, "problem": [1, 2, 3], "n": [4] * 3, "c": [0, 3, 4]})
    table.to_csv(tmp_path / "counts.csv", index=False)
    assert observations(make(table)) == observations([tmp_path / "counts.csv"])


@every_engine
@pytest.mark.parametrize("steps", STEPS)
def test_step_scores_of_a_frame_become_the_score_of_a_file(
    make: Make, steps: Any, tmp_path: Path
) -> None:
    table = records()
    rng = np.random.default_rng(5)
    lists = [rng.random(rng.integers(1, 5)).tolist() for _ in range(len(table))]
    if steps == "min":
        table = table.drop(columns="reward").assign(step_scores=lists)
    else:
        # Where there is no list, the score of the sample stands.
        table["step_scores"] = [None if i % 11 == 0 else each for i, each in enumerate(lists)]
        table.loc[table.index % 11 != 0, "reward"] = np.nan
    pl.from_pandas(table).write_parquet(tmp_path / "log.parquet")
    assert observations(make(table), steps=steps) == observations(
        [tmp_path / "log.parquet"], steps=steps
    )


def broken() -> pd.DataFrame:
    table = records()
    table["correct"] = table["correct"].astype("Float64")
    table.loc[[5, 6], "correct"] = 1.5
    table.loc[[6, 7, 8], "temperature"] = -1.0
    table.loc[9, "strategy"] = "best of m"
    table.loc[10, "model_name"] = " "
    return table


@every_engine
def test_every_bad_cell_of_a_frame_is_refused_by_number(make: Make) -> None:
    with pytest.raises(InputError) as caught:
        measure(make(broken()))
    told = {p.column: (p.what.split()[0], p.value) for p in caught.value.problems}
    # A row with two faults is lost by the first, as it is in a file.
    assert told == {
        "model": ("1", " "),
        "correct": ("2", "1.5"),
        "method": ("1", "best of m"),
        "temperature": ("2", "-1.0"),
    }


@every_engine
def test_what_is_sound_of_a_frame_is_kept_and_the_rest_counted(make: Make) -> None:
    sound = records().drop(index=range(5, 11))
    found = measure(make(broken()), options=LogOptions(skip_bad=True), terms=TERMS)
    assert observations_text(found.rows) == observations(make(sound))
    assert sum(left.rows or 0 for left in found.measured.left_out) == 6


@every_engine
def test_a_frame_without_grades_is_refused_by_the_name_of_the_column(make: Make) -> None:
    with pytest.raises(InputError, match="there is no column correct"):
        measure(make(records().drop(columns="correct")))


@every_engine
def test_two_columns_of_one_meaning_are_refused(make: Make) -> None:
    with pytest.raises(InputError, match="both mean score"):
        measure(make(records().assign(score=1.0)))


@every_engine
def test_records_that_were_logged_twice_are_not_counted_twice(make: Make) -> None:
    with pytest.raises(InputError, match="share their number"):
        measure(make(pd.concat([records(), records()])))


@every_engine
def test_text_is_read_as_the_numbers_and_grades_that_it_says(make: Make) -> None:
    table = records()
    words = table.assign(
        correct=table["correct"].map({True: "C", False: "i"}),
        wall_s=table["wall_s"].map(lambda x: f" {x:.3e}"),
        sample=table["sample"].map("{}.0".format),
    )
    assert observations(make(words)) == observations(make(table))


@every_engine
def test_text_that_is_no_number_is_shown(make: Make) -> None:
    table = records()
    table["wall_s"] = ["soon", *map(str, table["wall_s"][1:])]
    with pytest.raises(InputError, match=r"1 row: it must be a number from 0 to 1e.12.*'soon'"):
        measure(make(table))


@every_engine
def test_a_number_that_pandas_made_a_float_names_the_same_problem(make: Make) -> None:
    table = records()
    assert observations(make(table.assign(question_id=table["question_id"].astype(float)))) == (
        observations(make(table))
    )


def test_what_is_no_frame_is_refused_with_what_would_do() -> None:
    with pytest.raises(InputError, match="pandas, Polars, Arrow, DuckDB or PySpark"):
        measure({"model": ["m"]})


@every_engine
def test_a_frame_without_rows_is_refused(make: Make) -> None:
    with pytest.raises(InputError, match="no rows"):
        measure(make(records().head(0)))


def test_a_polars_table_that_is_not_lazy_is_measured_too(of_file: str) -> None:
    assert observations(pl.from_pandas(records())) == of_file


def test_the_measured_file_of_a_frame_names_no_input(tmp_path: Path) -> None:
    measure(records(), tmp_path / "obs.csv", terms=TERMS)
    meta = json.loads((tmp_path / "obs.meta.json").read_text())
    assert meta["inputs"] == {}
    assert any("colour" in note for note in meta["notes"])
