"""Sound tables are read whole and alike, whatever they are written in."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from log_tables import (
    SOUND,
    Rows,
    csv_text,
    jsonl_text,
    only_problem,
    opened,
    queried,
    samples,
    write,
)

from planner.ingest.logs import LOG_FORMATS, tables

FORMATS = ("csv", "jsonl", "parquet")

SAMPLE = {"question_set": "unnamed", "model": "m", "method": "sampled", "samples": 1}


def expected(rows: Rows = SOUND) -> list[dict[str, Any]]:
    found = [{**SAMPLE, **row, "correct": float(row["correct"])} for row in rows]
    order = ("question_set", "model", "method", "problem_id", "answer", "correct", "sample")
    return sorted(({n: r[n] for n in (*order, "samples") if n in r} for r in found), key=repr)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_table_of_every_format_gives_its_samples(tmp_path: Path, suffix: str) -> None:
    found = samples(write(tmp_path / f"a.{suffix}", SOUND))
    assert found.rows == expected()
    assert found.left == {}
    assert {"sample", "answer", "question_set", "samples"} <= found.columns
    assert not found.columns & {"score", "time_s", "bucket"}


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_packed_table_is_read_as_it_is(tmp_path: Path, suffix: str, pack: Any) -> None:
    text = csv_text(SOUND) if suffix == "csv" else jsonl_text(SOUND)
    found = samples(write(tmp_path / "packed", pack(text.encode())))
    assert found.rows == expected()


@pytest.mark.parametrize(
    "change",
    {
        "semicolons": lambda t: t.replace(",", ";"),
        "tabs": lambda t: t.replace(",", "\t"),
        "byte order mark": lambda t: "\ufeff" + t,
        "line ends of Windows": lambda t: t.replace("\n", "\r\n"),
        "both line ends": lambda t: t.replace("\n", "\r\n", 2),
        "no end of the last line": lambda t: t.rstrip("\n"),
        "blank lines": lambda t: t.replace("\n", "\n\n") + "  \n,,,,\n",
        "blank lines above": lambda t: "\n\n" + t,
        "a line of Excel": lambda t: "sep=,\n" + t,
        "spaces around cells": lambda t: t.replace(",", " , "),
        "quotation marks": lambda t: "\n".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) for line in t.splitlines()
        ),
        "trailing separators": lambda t: t.replace("7\n", "7,\n"),
        "capitals": lambda t: t.replace("problem_id,sample", "Problem ID,Sample"),
        "a nameless column of row numbers": lambda t: "".join(
            f"{i - 1 if i else ''},{line}\n" for i, line in enumerate(t.splitlines())
        ),
    }.items(),
    ids=lambda change: change[0],
)
def test_a_csv_is_read_however_editors_write_it(tmp_path: Path, change: Any) -> None:
    found = samples(write(tmp_path / "a.csv", change[1](csv_text(SOUND))))
    assert found.rows == expected()
    assert "unread_columns" not in found.notes


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_utf_16_is_read(tmp_path: Path, encoding: str, suffix: str) -> None:
    text = csv_text(SOUND) if suffix == "csv" else jsonl_text(SOUND)
    assert samples(write(tmp_path / f"a.{suffix}", text.encode(encoding))).rows == expected()


def test_json_lines_may_have_keys_that_the_first_lack(tmp_path: Path) -> None:
    # More lines than are looked at to tell the keys.
    rows = [{"model": "m", "problem_id": i, "correct": True} for i in range(3000)]
    rows.append({"model": "m", "problem_id": "last", "correct": False, "Answer": "42", "reward": 2})
    path = write(tmp_path / "a.jsonl", jsonl_text(rows).replace("Answer", "answer"))
    found = samples(path)
    assert len(found.rows) == 3001
    assert [(r["answer"], r["score"]) for r in found.rows if "answer" in r] == [("42", 2.0)]
    assert {"answer", "score"} <= found.columns


def test_a_first_line_longer_than_what_is_looked_at_is_read(tmp_path: Path) -> None:
    rows = [{"transcript": "x" * 200_000, **row} for row in SOUND]
    assert samples(write(tmp_path / "a.jsonl", rows)).rows == expected()


def test_parquet_of_any_types_is_read_as_the_same_text(tmp_path: Path) -> None:
    rows = [
        {"model": "m", "problem_id": 43.0, "correct": True, "score": float("nan"), "sample": 0.0},
        {"model": "m", "problem_id": 7.0, "correct": None, "score": 0.5, "sample": 1.0},
    ]
    found = samples(write(tmp_path / "a.parquet", rows))
    assert found.column("problem_id") == ["43", "7"]
    assert found.column("correct") == [1.0, None]
    assert found.column("score") == [None, 0.5]
    assert found.column("sample") == [0, 1]


def test_step_scores_are_read_from_lists_and_from_their_text(tmp_path: Path) -> None:
    rows = [{**SOUND[0], "step_scores": [0.25, 1]}, {**SOUND[1], "step_scores": None}]
    for suffix in FORMATS:
        found = samples(write(tmp_path / f"{suffix}.{suffix}", rows))
        assert found.column("step_scores") == [[0.25, 1.0], None]


def test_counts_become_right_and_wrong_samples(tmp_path: Path) -> None:
    rows = [
        {"model": "m", "problem_id": "p", "n_total": 10, "n_correct": 3.0},
        {"model": "m", "problem_id": "q", "n_total": 5, "n_correct": 0},
        {"model": "m", "problem_id": "r", "n_total": 2, "n_correct": 2},
    ]
    for suffix in FORMATS:
        found = samples(write(tmp_path / f"{suffix}.{suffix}", rows))
        assert {(r["problem_id"], r["correct"], r["samples"]) for r in found.rows} == {
            ("p", 1.0, 3),
            ("p", 0.0, 7),
            ("q", 0.0, 5),
            ("r", 1.0, 2),
        }
        assert len(found.rows) == 4


def test_counts_under_other_names_are_read(tmp_path: Path) -> None:
    found = samples(write(tmp_path / "a.csv", "model_name,problem,num_samples,c\nm,p,4,4\n"))
    assert found.only["samples"] == 4


def test_files_of_all_formats_are_one_table(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / f"{suffix}.{suffix}", [{**row, "model": suffix} for row in SOUND])
        for suffix in FORMATS
    ]
    paths.append(write(tmp_path / "counts.csv", "model,problem_id,n_total,n_correct\nm,z,9,9\n"))
    found = samples(paths)
    assert len(found.rows) == 3 * len(SOUND) + 1
    assert sum(row["samples"] for row in found.rows) == 3 * len(SOUND) + 9
    assert found.inputs == {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }


def test_a_copy_is_read_once_and_noted(tmp_path: Path) -> None:
    one, copy = write(tmp_path / "a.csv", SOUND), write(tmp_path / "b.csv", SOUND)
    found = samples([one, copy])
    assert found.rows == expected()
    assert str(copy) in found.notes["copy"]
    assert list(found.inputs) == [str(one), str(copy)]


def test_columns_without_a_use_are_noted_together(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", [{**row, "seed": 1, "host": "h"} for row in SOUND])
    write(tmp_path / "b.jsonl", [{**row, "host": "h", "prompt": "?"} for row in SOUND])
    note = samples(tmp_path).notes["unread_columns"]
    assert note.endswith(": host, prompt, seed")


def test_a_text_of_the_question_beside_its_name_is_left_unread(tmp_path: Path) -> None:
    rows = [{**row, "question": "how many?", "task": "math", "dataset": "gsm8k"} for row in SOUND]
    found = samples(write(tmp_path / "a.jsonl", rows))
    assert set(found.column("problem_id")) == {"p", "q"}
    assert set(found.column("question_set")) == {"gsm8k"}
    assert "question" in found.notes["unread_columns"]


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    from planner.ingest.logs.read import read_logs
    from planner.ingest.logs.reading import LogOptions

    write(tmp_path / "a.csv", SOUND)
    write(tmp_path / "b.csv", csv_text(SOUND) + "m,q\n")
    write(tmp_path / "c.parquet", SOUND)
    told: list[tuple[int, int]] = []
    options = LogOptions(skip_bad=True)
    read_logs([tmp_path], options, "100MB", lambda *state: told.append(state)).close()
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert told[-1] == (size, size)
    assert told == sorted(told)


def test_saved_counts_are_told_by_name_or_contents_and_handed_on(tmp_path: Path) -> None:
    table = pa.table({"model": ["m"]}).replace_schema_metadata({"schema": "planner.counts/1"})
    named, renamed = tmp_path / "a.counts.parquet", tmp_path / "b.parquet"
    for path, rows in ((named, table), (renamed, pa.concat_tables([table, table]))):
        pq.write_table(rows, path)
    with opened([named, renamed]) as found:
        assert found.saved == (named, renamed)
        assert not found.columns_present
    with opened([named, write(tmp_path / "log.parquet", SOUND)]) as found:
        assert found.saved == (named,)
        assert len(queried(found, f"SELECT * FROM {found.view}")) == len(SOUND)


def test_every_format_stands_under_its_name() -> None:
    assert {name: log_format.name for name, log_format in LOG_FORMATS.items()} == {
        name: name for name in LOG_FORMATS
    }


def test_the_format_can_be_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", csv_text(SOUND))
    assert samples(path, format="records").rows == expected()
    problem = only_problem(path, format="record")
    assert problem.remedy == "did you mean records?"


# Cells with quotation marks, separators, line ends, white space and what might pass for blank.
LETTERS = st.text(st.sampled_from("ab ,;\"\n\r\t'\\é{}[]:#NAnull0.1-"), max_size=8)
NUMBERS = st.none() | st.integers(0, 10**6) | st.floats(0, 1e6, allow_nan=False)
RECORDS = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["m", "model, \"b\"", "é\n"]),
        "problem_id": st.sampled_from(["p", "43.0", " 7 ", "-1.0", "1.00"]),
        "correct": st.sampled_from([None, True, False, 0, 1, 0.5, "C", "i", "P", "n", " 1.0 "]),
    },
    optional={
        "answer": st.none() | LETTERS | st.integers() | st.floats(allow_nan=False),
        "score": st.none() | st.floats(-1e9, 1e9),
        "step_scores": st.none() | st.lists(st.floats(0, 1), max_size=3),
        "method": st.sampled_from([None, "", "greedy", "pass@1", "Majority Vote", "long_cot"]),
        "n_samples": st.sampled_from([None, 1, 8]),
        "temperature": st.sampled_from([None, 0, 0.0, 0.7]),
        "thinking_tokens": st.sampled_from([None, 0, 1024, "2048.0"]),
        "reasoning_effort": st.none() | st.sampled_from(["high", "low"]),
        "output_tokens": NUMBERS,
        "reasoning_tokens": NUMBERS,
        "question_set": st.sampled_from([None, "", "math", " MATH "]),
    },
)  # fmt: skip
# Numbered, so that equal ones are no repeats.
TABLES = st.lists(RECORDS, min_size=1, max_size=30).map(
    lambda rows: [{**row, "sample": i if i % 3 else f" {i}.0"} for i, row in enumerate(rows)]
)
# Each example reads logs twice, which takes a while.
FEWER = settings(max_examples=max(8, settings().max_examples // 6))


def read_both_ways(text: str, suffix: str) -> tuple[Any, Any]:
    """Samples of a text in place, and split line by line."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = write(Path(folder) / f"a.{suffix}", text)
        in_place = samples(path)
        patch.setattr(tables, "_told", lambda *_: None)
        return in_place, samples(path)


@FEWER
@given(TABLES)
def test_a_sound_csv_is_the_same_in_place_and_line_by_line(rows: list[dict[str, Any]]) -> None:
    in_place, split = read_both_ways(csv_text(rows), "csv")
    assert in_place.rows == split.rows
    assert len(in_place.rows) == len(rows)


@FEWER
@given(TABLES)
def test_sound_json_lines_are_the_same_in_place_and_line_by_line(
    rows: list[dict[str, Any]],
) -> None:
    in_place, split = read_both_ways(jsonl_text(rows), "jsonl")
    assert in_place.rows == split.rows
    assert len(in_place.rows) == len(rows)


@FEWER
@given(TABLES)
def test_csv_and_json_lines_say_the_same(rows: list[dict[str, Any]]) -> None:
    # A CSV cannot tell a blank from these words.
    words = {"NA", "nan", "null", "none"}
    kept = [{k: v for k, v in row.items() if str(v).strip() not in words} for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        of_csv = samples(write(Path(folder) / "a.csv", csv_text(kept)))
        of_json = samples(write(Path(folder) / "a.jsonl", jsonl_text(kept)))
    assert of_csv.rows == of_json.rows
