"""Samples that carry one number: the same record twice, or two runs without their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.domain.measured import Left
from planner.errors import Note
from planner.ingest.logs.record import SERIES

if TYPE_CHECKING:
    import duckdb

RUN_SERIES = (*SERIES, "run_id")
"""Columns that tell the samples of a problem apart, beside their number."""
TELLING = ("score", "step_scores", "output_tokens", "time_s")
"""Columns that hardly are the same in two samples."""

# Numbers less than 64 apart differ modulo 64, so that one word holds all that occur.
_DISTINCT = """CASE WHEN max(sample) - min(sample) < 64
    THEN bit_count(bit_or(1::UBIGINT << CAST(sample % 64 AS UBIGINT)))
    ELSE max(sample) - min(sample) + 1 END"""


def without_repeats(
    connection: duckdb.DuckDBPyConnection, view: str, columns: frozenset[str]
) -> tuple[str, tuple[Left, ...], tuple[Note, ...]]:
    """A view of the samples without those logged twice; how many these are, and what is noted.

    columns are those of the view that hold anything. Of a problem whose samples share a number,
    records that are equal in everything are one sample; records that differ are samples of
    several runs and all kept. Where records hold so little that two samples may be equal by
    chance, equal ones are repeats only if no numbers of the series are shared by others.

    One aggregation finds the problems with fewer numbers than samples; where these spread over
    64 or more, only if they fill the range. The rest is done for these problems only.
    """
    if "sample" not in columns:
        return view, (), ()
    series = [key for key in RUN_SERIES if key in columns]
    keys = ", ".join([*series, "problem_id"])
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE crowded AS SELECT {keys} FROM {view} "
        f"WHERE sample IS NOT NULL GROUP BY {keys} HAVING count(*) > {_DISTINCT}"
    )
    if not connection.execute("SELECT count(*) FROM crowded").fetchall()[0][0]:
        return view, (), ()
    alike = " AND ".join(f"v.{key} IS NOT DISTINCT FROM c.{key}" for key in [*series, "problem_id"])
    telling = " OR ".join(f"{name} IS NOT NULL" for name in TELLING)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE crowd AS
        SELECT *, ({telling}) OR max(variants) OVER (PARTITION BY {", ".join(series)}) = 1 AS once
        FROM (SELECT *, count(*) OVER (PARTITION BY {keys}, sample) AS variants
              FROM (SELECT v.*, count(*) AS times FROM {view} v SEMI JOIN crowded c ON {alike}
                    WHERE v.sample IS NOT NULL GROUP BY ALL))"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP VIEW {view}_once AS
        SELECT v.* FROM {view} v ANTI JOIN crowded c ON v.sample IS NOT NULL AND {alike}
        UNION ALL
        SELECT * EXCLUDE (times, variants, once)
            REPLACE (CASE WHEN once THEN samples ELSE samples * times END AS samples) FROM crowd"""
    )
    repeated, shared = connection.execute(
        """SELECT coalesce(sum(times - 1) FILTER (WHERE once), 0),
            coalesce(sum(CASE WHEN once THEN 1 ELSE times END)
                     FILTER (WHERE variants > 1 OR (times > 1 AND NOT once)), 0) FROM crowd"""
    ).fetchall()[0]
    why = "records that are equal in everything to another one"
    left = (Left(where="all logs", why=why, rows=int(repeated)),) if repeated else ()
    message = (
        f"{shared} samples share their number with another sample of the same problem: taken for "
        "samples of several runs; a column run_id tells runs apart"
    )
    return f"{view}_once", left, (Note("shared_numbers", message),) if shared else ()
