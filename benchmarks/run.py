"""Speeds of the planner, whole process, as a user waits for them.

    make bench                      every case, 11 runs each
    python benchmarks/run.py --runs 3 --only help

Prints the median and the worst run in seconds, and the ratio of the median to that of an
interpreter that does nothing (`python -c pass`), which tells a slow planner from a slow machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PLANNER = str(Path(sys.executable).with_name("planner"))
QUESTION = "7B+PRM or 34B greedy at 1M queries/day"

CASES: dict[str, tuple[list[str], float | None]] = {
    # name: (command, the most seconds it may take on 2 quiet cores)
    "nothing": ([sys.executable, "-c", "pass"], None),
    "help": ([PLANNER, "--help"], 0.35),
    "price": ([PLANNER, "price", "llama-3-8b", "majority_vote", "-n", "16"], 0.5),
    "ask": ([PLANNER, "ask", QUESTION, "--json"], 2.5),
    "ask with a report": ([PLANNER, "ask", QUESTION, "--json", "--report", "page.html"], 5.0),
}


def seconds(command: list[str], runs: int, directory: Path) -> list[float]:
    """Wall-clock seconds of each run, after one that is not counted (it fills the file cache).

    Raises SystemExit with the command's own message where it fails.
    """
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - start)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return times[1:]


def main() -> None:
    """Time the cases and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--only", choices=list(CASES), action="append")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        times = {
            name: seconds(command, given.runs, Path(folder))
            for name, (command, _) in CASES.items()
            if name == "nothing" or not given.only or name in given.only
        }
    nothing_s = statistics.median(times["nothing"])
    rows = [
        {
            "case": name,
            "median_s": round(statistics.median(runs), 3),
            "worst_s": round(max(runs), 3),
            "times_nothing": round(statistics.median(runs) / nothing_s, 1),
            "limit_s": CASES[name][1],
        }
        for name, runs in times.items()
    ]
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }
    if given.json:
        print(json.dumps({"machine": machine, "runs": given.runs, "cases": rows}, indent=2))
        return
    print(" ".join(f"{key} {value}" for key, value in machine.items()), f"runs {given.runs}")
    print(f"{'case':<20}{'median s':>10}{'worst s':>10}{'x nothing':>11}{'limit s':>9}")
    for row in rows:
        limit = "" if row["limit_s"] is None else f"{row['limit_s']}"
        print(
            f"{row['case']:<20}{row['median_s']:>10}{row['worst_s']:>10}"
            f"{row['times_nothing']:>11}{limit:>9}"
        )


if __name__ == "__main__":
    main()
