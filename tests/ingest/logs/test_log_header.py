"""A header that cannot be used is met with what to write instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from log_tables import SOUND, only_problem, problems, samples, write

from planner.ingest.logs.header import understand
from planner.ingest.logs.record import COUNTS, RECORD


@pytest.mark.parametrize(
    ("header", "column", "suggested"),
    [
        ("modle,problem_id,correct", "model", "modle"),
        ("model,problemid2,correct", "problem_id", "problemid2"),
        ("model,problem_id,corect", "correct", "corect"),
        ("model,problem_id,n_totl,n_correct", "n_total", "n_totl"),
    ],
)
def test_a_column_nearly_spelt_is_suggested(
    tmp_path: Path, header: str, column: str, suggested: str
) -> None:
    path = write(tmp_path / "a.csv", header + "\nm,p,1,1\n"[: 2 * header.count(",") + 2] + "\n")
    log_format = "counts" if column == "n_total" else "records"
    problem = only_problem(path, format=log_format)
    assert problem.where == f"{path}:1"
    assert f"no column {column}" in problem.what
    assert problem.remedy == f"did you mean {suggested}? Then name it {column}"


def test_a_key_nearly_spelt_is_suggested(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"modle": "m", "problem_id": "p", "correct": 1}])
    assert only_problem(path).remedy == "did you mean modle? Then name it model"


def test_what_is_there_and_an_example_are_shown_where_nothing_is_near(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "model,problem_id,zzz\nm,p,1\n")
    problem = only_problem(path)
    assert problem.value == "model, problem_id, zzz"
    assert problem.remedy is not None
    assert problem.remedy.endswith("model,problem_id,sample,correct,answer")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize(
    "names", [("sample", "epoch"), ("correct", "is_correct"), ("model", "Model Name")]
)
def test_two_columns_that_mean_one_are_refused(
    tmp_path: Path, suffix: str, names: tuple[str, str]
) -> None:
    first, second = names
    row = {**SOUND[0], first: 1, second: 1}
    problem = only_problem(write(tmp_path / f"a.{suffix}", [row]))
    assert first in problem.what
    assert second in problem.what


def test_records_may_name_a_column_one_way_or_the_other(tmp_path: Path) -> None:
    rows = [
        {"model": "m", "problem_id": "p", "correct": 1, "sample": 3},
        {"model": "m", "problem_id": "p", "correct": 1, "epoch": 4},
    ]
    assert samples(write(tmp_path / "a.jsonl", rows)).column("sample") == [3, 4]


def test_observations_are_sent_to_fit(tmp_path: Path) -> None:
    text = "model,method,bucket,n_samples,accuracy,n_questions\nm,greedy,all,1,0.5,100\n"
    path = write(tmp_path / "obs.csv", text)
    problem = only_problem(path)
    assert "observations already" in problem.what
    assert problem.remedy is not None
    assert problem.remedy.endswith(f"planner fit {path}")
    # Where they lie in a folder of logs, they are none.
    write(tmp_path / "log.csv", SOUND)
    found = samples(tmp_path)
    assert len(found.rows) == len(SOUND)
    assert "obs.csv" in found.notes["no_logs"]


@pytest.mark.parametrize("content", ["", "\n\n", "sep=;\n"])
def test_an_empty_file_is_told_how_to_begin(tmp_path: Path, content: str) -> None:
    problem = only_problem(write(tmp_path / "a.csv", content))
    assert problem.what == "it names no columns"
    assert problem.remedy is not None
    assert "model,problem_id" in problem.remedy


def test_a_header_without_rows_is_no_record(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "model,problem_id,correct\n")
    assert "no record" in only_problem(path).what
    sound = write(tmp_path / "b.csv", SOUND)
    assert len(samples([path, sound]).rows) == len(SOUND)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_file_with_a_wrong_header_does_not_spoil_the_others(tmp_path: Path, suffix: str) -> None:
    sound = write(tmp_path / f"sound.{suffix}", SOUND)
    bad = write(tmp_path / f"bad.{suffix}", [{"model": "m", "sample": 1}])
    assert {p.where.partition(":")[0] for p in problems([sound, bad])} == {str(bad)}
    found = samples([bad, sound], skip_bad=True)
    assert len(found.rows) == len(SOUND)
    assert set(found.left.values()) == {None}


def test_json_lines_without_any_known_key_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"x": "' + "y" * 100_000 + '"}\n')
    assert {p.where for p in problems(path)} == {f"{path}:1"}


def test_every_alias_means_its_column() -> None:
    for counts, columns in ((False, RECORD), (True, COUNTS)):
        for column, about in columns.items():
            for alias in (column, column.upper(), *about.aliases):
                assert understand((alias,), counts).places == {column: 0}


def test_counts_have_no_use_for_columns_of_samples(tmp_path: Path) -> None:
    text = "model,problem_id,n_total,n_correct,accuracy,answer\nm,p,4,1,0.25,x\n"
    found = samples(write(tmp_path / "a.csv", text))
    assert sum(row["samples"] for row in found.rows) == 4
    assert "answer" not in found.columns
    assert found.notes["unread_columns"].endswith(": accuracy, answer")


def test_what_is_no_log_is_refused_where_it_was_named_and_noted_in_a_folder(
    tmp_path: Path,
) -> None:
    stray = write(tmp_path / "notes.txt", "remember the milk\n")
    array = write(tmp_path / "array.json", json.dumps(SOUND))
    write(tmp_path / "log.csv", SOUND)
    assert {p.where for p in problems([stray, array])} == {str(stray), str(array)}
    found = samples(tmp_path)
    assert len(found.rows) == len(SOUND)
    assert found.notes["no_logs"].endswith(f": {array}, {stray}")
