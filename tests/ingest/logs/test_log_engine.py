"""The engine reads what it was given and nothing else, whatever a log holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from log_tables import SOUND, csv_text, opened, samples, write

from planner.errors import InputError
from planner.ingest.logs.engine import enough, file_literal, identifier, open_engine, text
from planner.ingest.logs.read import read_logs
from planner.ingest.logs.reading import LogOptions

NAMES = [
    "it's.csv",
    'a "quoted" name.csv',
    "[abc].csv",
    "*.csv",
    "what?.csv",
    "a\nb.csv",
    "é ü 数.csv",
    "semi;colon -- .csv",
    "$(touch x).csv",
    " space .csv",
    "{a,b}.csv",
    "%41.csv",
    "s3:x.csv",
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    (tmp_path / "temporary").mkdir()
    named = write(tmp_path / "named.csv", SOUND)
    write(tmp_path / "other.csv", SOUND)
    connection = open_engine([named], tmp_path / "temporary", "100MB")
    yield connection
    connection.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name_is_read_and_no_other(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, SOUND)
    # What a pattern would take instead or as well.
    write(tmp_path / "a.csv", csv_text(SOUND).replace("m,", "other,"))
    write(tmp_path / "whatx.csv", csv_text(SOUND).replace("m,", "other,"))
    found = samples(path)
    assert set(found.column("model")) == {"m"}
    assert len(found.rows) == len(SOUND)
    assert list(found.inputs) == [str(path)]


def test_the_file_that_was_named_can_be_read(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = engine.execute(f"SELECT count(*) FROM {file_literal(tmp_path / 'named.csv')}")
    assert found.fetchall() == [(len(SOUND),)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM '{folder}/other.csv'",
        "SELECT * FROM read_csv('{folder}/*.csv')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM 'https://example.org/a.csv'",
        "COPY (SELECT 1) TO '{folder}/written.csv'",
        "ATTACH '{folder}/a.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/etc/passwd']",
        "SET lock_configuration = false",
        "SET memory_limit = '100GB'",
        "RESET lock_configuration",
        "EXPORT DATABASE '{folder}/all'",
    ],
)
def test_nothing_else_can_be_reached(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, statement: str
) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(duckdb.Error):
        engine.execute(statement.format(folder=tmp_path)).fetchall()
    assert sorted(tmp_path.iterdir()) == before


def test_the_table_that_is_given_out_is_as_closed(tmp_path: Path) -> None:
    other = write(tmp_path / "other.csv", SOUND)
    with (
        opened(write(tmp_path / "a.csv", SOUND)) as found,
        pytest.raises(duckdb.Error),
    ):
        found.connection.execute(f"SELECT * FROM {file_literal(other)}")


def test_cells_are_never_sql(tmp_path: Path) -> None:
    cell = "'); DROP VIEW log_samples; --"
    rows = [{**SOUND[0], "model": cell, "method": "pass@1", "answer": cell, "it's\"x": 1}]
    for suffix in ("csv", "jsonl", "parquet"):
        found = samples(write(tmp_path / f"a.{suffix}", rows))
        assert (found.only["model"], found.only["answer"]) == (cell, cell)


@pytest.mark.parametrize("memory", ["", "1", "many", "-1GB", "0GB", "1GB; SET threads = 1"])
def test_a_memory_that_is_no_size_is_refused(tmp_path: Path, memory: str) -> None:
    with pytest.raises(InputError, match="1GB or 500MB"):
        open_engine([], tmp_path, memory)


def test_texts_and_identifiers_are_quoted() -> None:
    found = duckdb.sql(f"SELECT {text(chr(39) + '; --')} AS {identifier('a' + chr(34) + 'b')}")
    assert found.columns == ['a"b']
    assert found.fetchall() == [("'; --",)]
    with pytest.raises(ValueError, match="zero byte"):
        text("a\0b")


def test_a_cast_that_fails_gives_null(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    # DuckDB 2.0 moves TRY_CAST into its reader of CSV, where it raises.
    named = file_literal(tmp_path / "named.csv")
    columns = "{'a': 'VARCHAR', 'b': 'VARCHAR', 'c': 'VARCHAR', 'd': 'VARCHAR', 'e': 'VARCHAR'}"
    table = f"read_csv({named}, auto_detect = false, header = true, columns = {columns})"
    found = engine.execute(f"SELECT count(v) FROM (SELECT TRY_CAST(e AS DOUBLE) v FROM {table})")
    assert found.fetchall() == [(2,)]


def test_many_shapes_of_json_fill_a_small_memory(tmp_path: Path) -> None:
    optional = ("depth", "width", "bucket", "temperature", "params_b", "prompt_tokens", "time_s")
    for i in range(20):
        record: dict[str, object] = {"model": "m", "problem_id": f"p{i}", "sample": 0, "correct": 1}
        record |= {name: 1 for k, name in enumerate(optional) if (i + 1) >> k & 1}
        (tmp_path / f"{i}.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    with read_logs([tmp_path], LogOptions(), "200MB") as found:
        (read,) = found.connection.execute(f"SELECT count(*) FROM {found.view}").fetchall()
    assert read == (20,)


def test_too_little_memory_is_a_defect_of_the_planner(engine: duckdb.DuckDBPyConnection) -> None:
    many = "SELECT list(repeat('x', 1000) || i) FROM range(1000000) t(i)"
    with pytest.raises(InputError, match="--memory: this is too little"), enough("100MB"):
        engine.execute(many).fetchall()
