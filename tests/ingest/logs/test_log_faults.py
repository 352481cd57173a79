"""What is wrong with a table is named with its place, and only that is left out."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_tables import (
    SOUND,
    Rows,
    only_problem,
    opened,
    problems,
    queried,
    samples,
    write,
)

from planner.errors import InputError
from planner.ingest.logs.read import read_logs
from planner.ingest.logs.reading import LogOptions

HEADER = "model,problem_id,sample,correct,answer\n"
FEWER = settings(max_examples=max(8, settings().max_examples // 6))

BAD_ROWS: dict[str, Any] = {
    "a grade of -1": {"correct": -1},
    "a grade of 2": {"correct": 2},
    "a percentage": {"correct": 66.2},
    "a word for a grade": {"correct": "maybe"},
    "an infinite grade": {"correct": "inf"},
    "no model": {"model": None},
    "a blank model": {"model": "  "},
    "no problem": {"problem_id": ""},
    "half a sample number": {"sample": 2.5},
    "a sample number below 0": {"sample": -1},
    "a sample number too large to be exact": {"sample": 1e300},
    "a method that is none": {"method": "majrity"},
    "a word for a score": {"score": "good"},
    "an infinite score": {"score": "-Infinity"},
    "fewer tokens than none": {"output_tokens": -3},
    "more tokens than there are": {"output_tokens": 1e30},
    "zero samples to choose from": {"n_samples": 0},
    "a negative temperature": {"temperature": -0.1},
    "step scores that are no list": {"step_scores": "0.5"},
    "a step score that is no number": {"step_scores": "[0.5, null]"},
    "an infinite step score": {"step_scores": "[1e999]"},
    "a text too long to be an answer": {"answer": "é" * 500_000},
}
BAD_NUMBERS: Rows = (
    {"correct": -1.0},
    {"correct": 66.2},
    {"correct": math.inf},
    {"sample": 2.5},
    {"sample": -1.0},
    {"n_samples": 0.0},
    {"score": -math.inf},
    {"output_tokens": -3.0},
    {"output_tokens": 1e30},
    {"prompt_tokens": 1e13},
    {"step_scores": [0.5, None]},
    {"step_scores": [math.nan]},
)
"""Cells that are wrong in a Parquet file of numbers."""
COLUMNS = dict.fromkeys((*SOUND[0], *(column for bad in BAD_ROWS.values() for column in bad)))


def spoilt(bad: Sequence[Mapping[str, Any]], of: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows like `of`, each with something wrong."""
    return [{**COLUMNS, **of, **cells} for cells in bad]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_bad_cells_are_named_and_their_rows_alone_left_out(tmp_path: Path, suffix: str) -> None:
    sound = spoilt([{"sample": 100}, {"sample": 200}], SOUND[0])
    rows = [sound[0], *spoilt(list(BAD_ROWS.values()), SOUND[1]), sound[1]]
    if suffix == "parquet":
        # One type a column.
        rows = [{n: None if v is None else str(v) for n, v in row.items()} for row in rows]
    path = write(tmp_path / f"a.{suffix}", rows)
    place = {"csv": ":{}", "jsonl": ":{}", "parquet": ": row {}"}[suffix]
    first = 3 if suffix == "csv" else 2
    found = problems(path)
    assert [p.where for p in found] == [
        f"{path}{place.format(first + i)}" for i in range(len(BAD_ROWS))
    ]
    for problem, (name, bad) in zip(found, BAD_ROWS.items(), strict=True):
        assert problem.column in {*bad, None}, name
        assert problem.what, name
        assert problem.remedy, name
    kept = samples(path, skip_bad=True)
    assert kept.rows == samples(write(tmp_path / f"b.{suffix}", [rows[0], rows[-1]])).rows
    assert sum(rows or 0 for rows in kept.left.values()) == len(BAD_ROWS)
    assert {left.where for left in kept.left_out} == {str(path)}


def test_bad_numbers_of_parquet_are_named_and_their_rows_alone_left_out(tmp_path: Path) -> None:
    of = {**SOUND[1], "correct": 0.5, "sample": 3.0}
    path = write(tmp_path / "a.parquet", [{**COLUMNS, **of}, *spoilt(BAD_NUMBERS, of)])
    found = problems(path)
    assert [p.where for p in found] == [f"{path}: row {i + 2}" for i in range(len(BAD_NUMBERS))]
    assert [p.column for p in found] == [column for bad in BAD_NUMBERS for column in bad]
    assert len(samples(path, skip_bad=True).rows) == 1


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_grade_is_read_as_it_is_meant(tmp_path: Path, suffix: str) -> None:
    grades = {
        "1": 1.0, "0": 0.0, "1.0": 1.0, "0.25": 0.25, "true": 1.0, "False": 0.0, "C": 1.0,
        "c": 1.0, "I": 0.0, "P": 0.5, "N": 0.0, "": None, "nan": None, " 1 ": 1.0, "1e0": 1.0,
    }  # fmt: skip
    if suffix == "csv":
        grades |= {"NA": None, "None": None, "NULL": None}
    rows = [{"model": "m", "problem_id": f"grade {g!r}", "correct": g} for g in grades]
    found = samples(write(tmp_path / f"a.{suffix}", rows))
    assert {row["problem_id"]: row.get("correct") for row in found.rows} == {
        f"grade {cell!r}": grade for cell, grade in grades.items()
    }


def test_words_for_nothing_are_blank_in_a_csv_and_answers_in_json_lines(tmp_path: Path) -> None:
    words = ["NA", "NaN", "null", "None", "none", ""]
    rows = [{**SOUND[0], "answer": w, "method": w, "score": w, "bucket": w} for w in words]
    of_csv = samples(write(tmp_path / "a.csv", rows))
    assert sorted(of_csv.column("answer"), key=str) == sorted([*words[:-1], None], key=str)
    assert set(of_csv.column("bucket")) == {None}
    assert set(of_csv.column("score")) == {None}
    kept = [{**SOUND[0], "answer": w, "bucket": w} for w in words]
    of_json = samples(write(tmp_path / "a.jsonl", kept))
    assert sorted(of_json.column("answer"), key=str) == sorted([*words[:-1], None], key=str)
    assert of_json.column("bucket") == of_json.column("answer")


def test_counts_that_cannot_be_are_refused(tmp_path: Path) -> None:
    bad = [
        ("m,p,0,0", "n_total", "zero samples"),
        ("m,p,4,5", "n_correct", "more right samples"),
        ("m,p,,1", "n_total", "blank"),
        ("m,p,4,", "n_correct", "blank"),
        ("m,p,4,-1", "n_correct", "0 or more"),
        ("m,p,2.5,1", "n_total", "whole number"),
        ("m,p,many,1", "n_total", "whole number"),
        (",p,4,1", "model", "blank"),
    ]
    text = "\n".join(["m,o,4,1", *(row for row, _, _ in bad), "m,q,4,4.0"])
    path = write(tmp_path / "a.csv", f"model,problem_id,n_total,n_correct\n{text}\n")
    found = problems(path)
    assert [(p.where, p.column) for p in found] == [
        (f"{path}:{i + 3}", column) for i, (_, column, _) in enumerate(bad)
    ]
    for problem, (row, _, what) in zip(found, bad, strict=True):
        assert what in problem.what, row
    kept = samples(path, skip_bad=True)
    assert {(r["problem_id"], r["correct"], r["samples"]) for r in kept.rows} == {
        ("o", 1.0, 1),
        ("o", 0.0, 3),
        ("q", 1.0, 4),
    }
    assert sum(rows or 0 for rows in kept.left.values()) == len(bad)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_of_a_run_with_two_models_the_second_is_left_out(tmp_path: Path, suffix: str) -> None:
    rows = [
        {"model": m, "problem_id": p, "correct": 1, "run_id": run}
        for m, p, run in [
            ("z", "1", "run-a"), ("a", "2", "run-a"), ("z", "3", "run-a"), ("b", "4", "run-b"),
            ("a", "5", "run-a"), ("c", "6", None), ("d", "7", None),
        ]
    ]  # fmt: skip
    path = write(tmp_path / f"a.{suffix}", rows)
    found = problems(path)
    first, second = {"csv": (":3", ":6"), "jsonl": (":2", ":5")}.get(suffix, (": row 2", ": row 5"))
    assert [p.where for p in found] == [f"{path}{first}", f"{path}{second}"]
    assert all("mixed models" in p.what and p.column == "model" for p in found)
    kept = samples(path, skip_bad=True)
    assert kept.column("problem_id") == ["4", "6", "7", "1", "3"]
    assert list(kept.left.values()) == [2]


def test_a_run_with_two_models_in_two_files_is_found(tmp_path: Path) -> None:
    one = write(tmp_path / "1.jsonl", [{**SOUND[0], "run_id": "r"}])
    two = write(tmp_path / "2.csv", [{**SOUND[1], "run_id": "r", "model": "k"}, SOUND[2]])
    sound = write(tmp_path / "3.csv", [{**SOUND[1], "run_id": "s", "model": "k"}])
    assert only_problem([one, two, sound]).where == f"{two}:2"
    assert only_problem([two, sound, one]).where == f"{one}:1"
    assert len(samples([one, two, sound], skip_bad=True).rows) == 3


def test_runs_that_are_counted_for_each_model_are_no_mixture(tmp_path: Path) -> None:
    rows = [{**SOUND[0], "model": m, "run": run} for m in "ab" for run in (0, 1)]
    assert len(samples(write(tmp_path / "a.csv", rows)).rows) == 4


def test_complaints_of_a_file_stand_in_the_order_of_its_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"{HEADER}m,p,0,7,x\nm,p\nm,p,0,8,x\nm\nm,p,0,1,x\n")
    assert [p.where for p in problems(path)] == [f"{path}:{i}" for i in (2, 3, 4, 5)]


def test_a_row_with_two_faults_is_lost_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"{HEADER},p,x,7,x\nm,p,0,1,x\n")
    assert {p.column for p in problems(path)} == {"model", "sample", "correct"}
    found = samples(path, skip_bad=True)
    assert sum(rows or 0 for rows in found.left.values()) == 1


def test_nothing_is_left_behind_where_logs_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = write(tmp_path / "a.csv", f"{HEADER}m,p,0,7,x\n")
    problems(path)
    problems(path, skip_bad=True)
    with opened(write(tmp_path / "b.csv", SOUND)) as found:
        assert queried(found, f"SELECT count(*) AS n FROM {found.view}") == [{"n": 3}]
        assert list((tmp_path / "temporary").iterdir())
    assert not list((tmp_path / "temporary").iterdir())


# All but the long text, which takes long.
SPOILT = st.sampled_from([{}, {}, *list(BAD_ROWS.values())[:-1]])


@FEWER
@given(st.lists(SPOILT, max_size=30), st.sampled_from(["csv", "jsonl"]))
def test_skipping_bad_rows_is_reading_the_file_without_them(
    faults: list[dict[str, Any]], suffix: str
) -> None:
    # Numbered, so that equal ones are no repeats.
    rows = [{**COLUMNS, **SOUND[0], "answer": str(i), **bad} for i, bad in enumerate([{}, *faults])]
    kept = [row for row, bad in zip(rows, [{}, *faults], strict=True) if not bad]
    with tempfile.TemporaryDirectory() as folder:
        found = samples(write(Path(folder) / f"a.{suffix}", rows), skip_bad=True)
        without = samples(write(Path(folder) / f"b.{suffix}", kept))
    assert found.rows == without.rows
    assert sum(n or 0 for n in found.left.values()) == len(rows) - len(kept)


def test_json_spread_over_lines_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text('{\n "a": 1\n}\n', encoding="utf-8")
    with (
        pytest.raises(InputError, match="one record a line"),
        read_logs([path], LogOptions("records"), "100MB"),
    ):
        pass


@pytest.mark.parametrize("memory", ["1KB", "9MB", "0GB", "much"])
def test_a_memory_too_small_to_work_in_is_refused(memory: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", SOUND)
    with pytest.raises(InputError, match="--memory"), read_logs([path], LogOptions(), memory):
        pass


def test_what_measuring_wrote_is_no_log_of_the_next_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", SOUND)
    (tmp_path / "obs.csv").write_text(
        "model,method,question_set,bucket,n_samples,accuracy,n_questions\n"
    )
    (tmp_path / "obs.meta.json").write_text(
        '{\n "schema": "planner.measured/1",\n "csv": "obs.csv"\n}\n'
    )
    with read_logs([tmp_path], LogOptions(), "100MB") as found:
        assert list(found.inputs) == [str(path)]
