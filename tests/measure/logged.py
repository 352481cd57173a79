"""Small logs with known truths, and a table of outcomes made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from planner.measure.logs import add_logs
from planner.measure.measuring import Measurement, Terms, measure_outcomes
from planner.measure.table import TYPES, OutcomeTable

Columns = Mapping[str, Sequence[Any]]
LOG_TYPES = {
    **TYPES,
    "step_scores": "DOUBLE[]",
    "prompt_tokens": "BIGINT",
    "output_tokens": "BIGINT",
    "time_s": "DOUBLE",
}
DEFAULTS: Mapping[str, Any] = {"question_set": "set", "model": "m", "method": "sampled"}


@contextmanager
def logged(*logs: Columns) -> Iterator[OutcomeTable]:
    """The outcomes of logs, each a table of canonical columns."""
    with duckdb.connect() as connection:
        table = OutcomeTable(connection)
        for i, log in enumerate(logs):
            size = len(log["problem_id"])
            columns = {**{k: [v] * size for k, v in DEFAULTS.items()}, **log}
            names = ", ".join(f"{name} {LOG_TYPES[name]}" for name in columns)
            connection.execute(f"CREATE TABLE log{i} ({names})")
            frame = pd.DataFrame({name: pd.Series(v, dtype=object) for name, v in columns.items()})
            connection.register("given", frame)
            connection.execute(f"INSERT INTO log{i} SELECT {', '.join(columns)} FROM given")
            connection.unregister("given")
            everything = ", ".join(
                name if name in columns else f"CAST(NULL AS {kind}) AS {name}"
                for name, kind in LOG_TYPES.items()
                if name != "samples" or name in columns
            )
            connection.execute(f"CREATE VIEW view{i} AS SELECT {everything} FROM log{i}")
            partial = any(c not in (None, 0, 1) for c in log["correct"])
            add_logs(table, f"view{i}", frozenset(columns), "last", partial=partial)
        yield table


def measured(*logs: Columns, terms: Terms | None = None) -> Measurement:
    """What measuring makes of logs."""
    with logged(*logs) as table:
        return measure_outcomes(table, terms or Terms(replicates=50))


def accuracies(
    found: Measurement, method: str, bucket: str = "all", model: str = "m"
) -> dict[int, float]:
    """Accuracy at each n of a model, method and bucket."""
    return {
        row.n_samples: row.accuracy
        for row in found.rows
        if (row.method, row.bucket, row.model) == (method, bucket, model)
    }


def drawn(
    rates: Sequence[float], n: int, rng: np.random.Generator, **columns: Any
) -> dict[str, list[Any]]:
    """A log of n samples of problems with these solve rates; wrong answers are all alike."""
    problems = [f"p{i:04}" for i in range(len(rates)) for _ in range(n)]
    right = (rng.random((len(rates), n)) < np.asarray(rates)[:, None]).ravel()
    log: dict[str, list[Any]] = {
        "problem_id": problems,
        "correct": right.astype(float).tolist(),
        "answer": np.where(right, "yes", "no").tolist(),
    }
    return log | {name: [value] * len(problems) for name, value in columns.items()}
