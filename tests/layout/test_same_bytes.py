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


def output(folder: Path, settings: Settings, *options: str) -> bytes:
    """The JSON of `planner ask` in a fresh process, run in a folder of its own."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "planner", "ask", QUESTION, "--json", *options],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def answer_and_page(folder: Path, settings: Settings) -> tuple[bytes, bytes]:
    """The JSON and the page of `planner ask`."""
    answer = output(folder, settings, "--report", "page.html")
    return answer, (folder / "page.html").read_bytes()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    return answer_and_page(tmp_path_factory.mktemp("plain") / "here", PLAIN)


def test_hash_seed_zone_locale_threads_and_folder_change_no_byte(
    plain: tuple[bytes, bytes], tmp_path: Path
) -> None:
    assert answer_and_page(tmp_path / "there", OTHER) == plain


def test_another_seed_gives_other_draws(plain: tuple[bytes, bytes], tmp_path: Path) -> None:
    other = output(tmp_path / "seed", PLAIN, "--seed", "1")
    lows = [
        [option["cost_usd_per_query_low"] for option in json.loads(answer)["options"]]
        for answer in (plain[0], other)
    ]
    assert lows[0] != lows[1]


@pytest.mark.verify
def test_forty_hash_seeds_change_no_byte(tmp_path: Path) -> None:
    outputs = {
        answer_and_page(tmp_path / str(seed), PLAIN | {"PYTHONHASHSEED": str(seed)})
        for seed in range(1, 41)
    }
    assert len(outputs) == 1
