"""From logs that were read to a table of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from planner.measure.outcomes import KEYS, SIZES, SUMS, WEIGHT, grades, outcomes
from planner.measure.table import OutcomeTable

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

Steps = Literal["min", "product", "last"]
STEPS: dict[Steps, str] = {
    "min": "list_min(step_scores)",
    "product": "list_product(step_scores)",
    "last": "step_scores[-1]",
}
"""One score of a sample from those of its steps: min (Wang et al. 2023, arXiv:2312.08935),
product (Lightman et al. 2023, arXiv:2305.20050), last (Snell et al. 2024, arXiv:2408.03314)."""
_TOLD_APART = frozenset({"answer", "score", "step_scores", "output_tokens"})
_COUNTED = (*KEYS, *SIZES, WEIGHT, "bucket", "prompt_tokens", "output_tokens", "time_s")


def add_logs(
    table: OutcomeTable, view: str, columns: frozenset[str], steps: Steps, *, partial: bool
) -> None:
    """Counts the records of a view and adds them to the table.

    columns are those that some log has: the others of the view are null throughout. partial:
    whether a grade may lie between 0 and 1.
    """
    import narwhals as nw

    there = columns | ({"score"} if "step_scores" in columns else set())
    chosen = [name for name in _COUNTED if name in there or name in ("problem_id", "correct")]
    selected = ", ".join(_score(columns, steps) if name == "score" else name for name in chosen)
    samples = table.connection.sql(f"SELECT {selected} FROM {view}")
    if partial or columns & _TOLD_APART:
        counted = nw.to_native(outcomes(samples))
        table.add(counted.sql_query(), tuple(counted.columns))
        return
    counted = nw.to_native(grades(samples))
    table.connection.execute(f"CREATE OR REPLACE TEMP TABLE graded AS {counted.sql_query()}")
    _add_grades(table, tuple(counted.columns))
    table.connection.execute("DROP TABLE graded")


def _score(columns: frozenset[str], steps: Steps) -> str:
    if "step_scores" not in columns:
        return "score"
    return f"coalesce(score, {STEPS[steps]}) AS score"


def _add_grades(table: OutcomeTable, columns: tuple[str, ...]) -> None:
    """Adds counts by grade as outcomes: the right samples, the wrong ones, the ungraded ones."""
    kept = [c for c in columns if c not in ("drawn", "graded", "correct")]
    totals = [c for c in kept if c in SUMS]
    plain = [c for c in kept if c not in totals]
    # Totals of tokens and time are of all samples of the problem: they go with its first row.
    right = "CAST(round(correct) AS BIGINT)"
    grades_of = {
        # Grade: how many samples have it, and whether its row is the problem's first.
        "1.0": (right, "true"),
        "0.0": (f"graded - {right}", f"{right} = 0"),
        "NULL": ("drawn - graded", "graded = 0"),
    }
    for grade, (number, first) in grades_of.items():
        carried = [f"CASE WHEN {first} THEN {total} ELSE 0 END AS {total}" for total in totals]
        table.add(
            f"SELECT {', '.join([*plain, *carried])}, {grade} AS correct, {number} AS {WEIGHT} "
            f"FROM graded WHERE {number} > 0",
            (*kept, "correct", WEIGHT),
        )
