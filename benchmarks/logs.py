"""Speeds of reading logs: counts per problem, in one run with the peers, and how they grow.

    python benchmarks/logs.py                  1e7 rows against the peers
    python benchmarks/logs.py --largest 1e8    growth from 1e6 to 1e8 rows too, and the memory

A Parquet file of samples (8 columns; three of them needed) is written first: two models on
10,000 problems, one sample of each problem after the other, as evaluations run. Each case then runs
in a process of its own, several times, all cases in turn: seconds are of the counting alone,
imports and start-up left out; memory is the highest of the process. Peers: pyarrow reading the
same columns and doing nothing with them, Polars (lazy) and pandas counting the same.
`planner measure` is the whole command: digest, checks, counting, estimates, files.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

COLUMNS = ["model", "problem_id", "correct"]
PROBLEMS = 10_000
WANTED = {"pyarrow, read only": 1.0, "polars": 1.5, "pandas": 5.0}
"""Times faster than the peer that counting shall be."""


def write_log(path: Path, rows: int) -> None:
    """A log of so many samples of two models."""
    import duckdb

    problems = min(PROBLEMS, max(rows // 20, 1))
    duckdb.sql(
        f"""COPY (SELECT 'org/model-' || (i % 2) AS model, 'benchmark' AS question_set,
            'problem-' || ((i // 2) % {problems}) AS problem_id,
            i // {2 * problems} AS sample, hash(i) % 3 = 0 AS correct,
            0.7 AS temperature, (hash(i + 1) % 900)::INT + 100 AS prompt_tokens,
            'run-' || (i % 2) AS run_id
        FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)"""
    )


def planner_counts(path: str) -> int:
    """Counts per problem by the planner's expression on DuckDB."""
    import duckdb
    import narwhals as nw

    from planner.measure.outcomes import grades

    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        samples = connection.sql(
            f"SELECT model, problem_id, CAST(correct AS DOUBLE) AS correct FROM '{path}'"
        )
        counted = nw.to_native(grades(samples)).sql_query()
        connection.execute(f"CREATE TEMP TABLE counted AS {counted}")
        return int(connection.execute("SELECT count(*) FROM counted").fetchall()[0][0])


def pyarrow_read(path: str) -> int:
    """The same columns read, and nothing done with them."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path, columns=COLUMNS)
    return int(table.num_rows)


def polars_counts(path: str) -> int:
    """Counts per problem by Polars, lazily."""
    import polars as pl

    counted = (
        pl.scan_parquet(path)
        .group_by("model", "problem_id")
        .agg(pl.len(), pl.col("correct").count().alias("n"), pl.col("correct").sum().alias("c"))
        .collect()
    )
    return len(counted)


def pandas_counts(path: str) -> int:
    """Counts per problem by pandas."""
    import pandas as pd

    frame = pd.read_parquet(path, columns=COLUMNS)
    return len(frame.groupby(["model", "problem_id"])["correct"].agg(["size", "count", "sum"]))


def planner_measure(path: str) -> int:
    """The whole command."""
    from planner.pipeline import measure

    with tempfile.TemporaryDirectory() as folder:
        return len(measure([Path(path)], Path(folder) / "obs.csv").rows)


CASES: dict[str, Callable[[str], int]] = {
    "planner counts": planner_counts,
    "pyarrow, read only": pyarrow_read,
    "polars": polars_counts,
    "pandas": pandas_counts,
    "planner measure": planner_measure,
}


def one_case(name: str, path: str) -> None:
    """Times a case once, after its imports, and prints seconds and memory as JSON."""
    work = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.parquet"
        write_log(small, 1000)
        work(str(small))
    before = time.process_time()
    start = time.perf_counter()
    work(path)
    seconds, cpu = time.perf_counter() - start, time.process_time() - before
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu_s": cpu, "peak_mb": peak_mb}))


def run(name: str, path: Path) -> dict[str, float]:
    """A case in a process of its own."""
    command = [sys.executable, __file__, "--case", name, "--log", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def compare(folder: Path, rows: int, runs: int) -> list[dict[str, Any]]:
    """Every case on one log, in turn."""
    path = folder / f"{rows}.parquet"
    write_log(path, rows)
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in CASES}
    for _ in range(runs):
        for name, found in taken.items():
            found.append(run(name, path))
    ours = [t["seconds"] for t in taken["planner counts"]]
    table = []
    for name, found in taken.items():
        seconds = [t["seconds"] for t in found]
        table.append(
            {
                "case": name,
                "rows": rows,
                "median_s": round(statistics.median(seconds), 3),
                "worst_s": round(max(seconds), 3),
                "cpu_s": round(statistics.median(t["cpu_s"] for t in found), 3),
                "peak_mb": round(max(t["peak_mb"] for t in found)),
                "ours_times_faster": round(statistics.median(seconds) / statistics.median(ours), 2),
                "wanted": WANTED.get(name),
            }
        )
    return table


def growth(folder: Path, sizes: list[int], runs: int) -> list[dict[str, Any]]:
    """Seconds and memory of the planner at each size, and the exponent from the smallest."""
    table: list[dict[str, Any]] = []
    for rows in sizes:
        path = folder / f"{rows}.parquet"
        if not path.exists():
            write_log(path, rows)
        for name in ("planner counts", "planner measure"):
            found = [run(name, path) for _ in range(runs)]
            median = statistics.median(t["seconds"] for t in found)
            least = next((t for t in table if t["case"] == name), None)
            exponent = None
            if least is not None:
                exponent = math.log(median / least["median_s"]) / math.log(rows / least["rows"])
            table.append(
                {
                    "case": name,
                    "rows": rows,
                    "median_s": round(median, 3),
                    "peak_mb": round(max(t["peak_mb"] for t in found)),
                    "exponent": None if exponent is None else round(exponent, 2),
                }
            )
    return table


def print_table(rows: list[dict[str, Any]]) -> None:
    """Rows under their headings."""
    names = list(rows[0])
    widths = {n: max(len(n), *(len(_shown(row[n])) for row in rows)) for n in names}
    print("  ".join(n.rjust(widths[n]) for n in names))
    for row in rows:
        print("  ".join(_shown(row[n]).rjust(widths[n]) for n in names))


def _shown(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def main() -> None:
    """Time the cases and print tables, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=float, default=1e7)
    parser.add_argument("--largest", type=float, help="rows of the largest log of the growth")
    parser.add_argument("--case", choices=list(CASES), help=argparse.SUPPRESS)
    parser.add_argument("--log", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    if given.case:
        one_case(given.case, given.log)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        compared = compare(folder, int(given.rows), given.runs)
        grown: list[dict[str, Any]] = []
        if given.largest:
            powers = range(6, round(math.log10(given.largest)) + 1)
            grown = growth(folder, [10**p for p in powers], min(given.runs, 3))
    if given.json:
        print(json.dumps({"compared": compared, "growth": grown}, indent=2))
        return
    print_table(compared)
    if grown:
        print()
        print_table(grown)


if __name__ == "__main__":
    main()
