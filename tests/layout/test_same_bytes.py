"""The same question and seed give the same bytes, whatever the machine is set to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

QUESTION = "7B+PRM or 34B greedy at 1M queries/day"

Settings = dict[str, str]
PLAIN: Settings = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
OTHER: Settings = {
    "PYTHONHASHSEED": "4242",
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "C",
    "OMP_NUM_THREADS": "2",
    "COLUMNS": "40",
}


def answer_and_page(folder: Path, settings: Settings, *options: str) -> tuple[bytes, bytes]:
    """The JSON and the page of `planner ask` in a fresh process, run in its own folder."""
    folder.mkdir()
    command = ["-m", "planner", "ask", QUESTION, "--json", "--report", "page.html", *options]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout, (folder / "page.html").read_bytes()


def test_hash_seed_zone_locale_threads_and_folder_change_no_byte(tmp_path: Path) -> None:
    first = answer_and_page(tmp_path / "here", PLAIN)
    second = answer_and_page(tmp_path / "there", OTHER)
    assert first == second


def test_another_seed_gives_other_draws(tmp_path: Path) -> None:
    lows = [
        [option["cost_usd_per_query_low"] for option in json.loads(answer)["options"]]
        for seed in ("1", "2")
        for answer, _ in [answer_and_page(tmp_path / seed, PLAIN, "--seed", seed)]
    ]
    assert lows[0] != lows[1]


@pytest.mark.verify
def test_forty_hash_seeds_change_no_byte(tmp_path: Path) -> None:
    outputs = {
        answer_and_page(tmp_path / str(seed), PLAIN | {"PYTHONHASHSEED": str(seed)})
        for seed in range(1, 41)
    }
    assert len(outputs) == 1
