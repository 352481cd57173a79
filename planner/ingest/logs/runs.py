"""One run is of one model: records that say otherwise were mixed up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from planner.errors import Problem
from planner.ingest.logs.table import PLACE, Table

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

_MIXED = "mixed_runs"
_MODELS = "model_of_run"
_COUNTED = "[0-9]{1,4}"
"""A run_id that counts the runs of each model, and so may stand with several."""


def find_mixed(connection: Connection, tables: Sequence[Table]) -> bool:
    """Looks for runs of which the records name several models; whether there is one."""
    pairs = " UNION ALL ".join(_named(t) for t in tables if "run_id" in t.header.places)
    if not pairs:
        return False
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_MIXED} AS SELECT run_id FROM ({pairs}) "
        "GROUP BY run_id HAVING min(model) <> max(model)"
    )
    return bool(connection.execute(f"SELECT count(*) FROM {_MIXED}").fetchall()[0][0])


def is_mixed(connection: Connection, table: Table) -> bool:
    """Whether a table has records of a run that `find_mixed` found."""
    if "run_id" not in table.header.places:
        return False
    records = f"SELECT count(*) FROM ({_named(table)}) SEMI JOIN {_MIXED} USING (run_id)"
    return bool(connection.execute(records).fetchall()[0][0])


def find_first_models(connection: Connection, tables: Sequence[Table]) -> None:
    """Notes the model of each mixed run: that of its first record, in the order of the tables."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_MODELS} (run_id VARCHAR, model VARCHAR)")
    for table in tables:
        connection.execute(
            f"INSERT INTO {_MODELS} SELECT run_id, arg_min(model, {PLACE}) "
            f"FROM ({table.typed(place=True)}) SEMI JOIN {_MIXED} USING (run_id) "
            f"ANTI JOIN {_MODELS} USING (run_id) GROUP BY run_id"
        )


def strays(connection: Connection, table: Table) -> Iterator[Problem]:
    """What is wrong with each record whose run is of another model."""
    found = connection.execute(
        f"SELECT {PLACE}, t.model, run_id, r.model FROM ({table.typed(place=True)}) t "
        f"JOIN {_MODELS} r USING (run_id) WHERE t.model <> r.model ORDER BY {PLACE}"
    )
    while rows := found.fetchmany(10_000):
        for place, model, run, first in rows:
            yield Problem(
                table.where(place),
                "mixed models: its run began with another one",
                "model",
                f"{model}, where run {run} began with {first}",
                "correct the model or the run_id; leave out run_id where a run is of many models",
            )


def without_strays(typed: str) -> str:
    """SQL of typed records without those whose run is of another model."""
    return (
        f"SELECT t.* FROM ({typed}) t ANTI JOIN {_MODELS} r "
        "ON t.run_id = r.run_id AND t.model <> r.model"
    )


def _named(table: Table) -> str:
    return (
        f"SELECT run_id, model FROM ({table.typed()}) "
        f"WHERE run_id IS NOT NULL AND NOT regexp_full_match(run_id, '{_COUNTED}')"
    )
