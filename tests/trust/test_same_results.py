"""Plans, curves and observations are the same bytes whatever the process is set to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import planner

from planner.ingest.template import init_scenario

PLAIN = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
OTHER = {
    "PYTHONHASHSEED": "777",
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "tr_TR.UTF-8",
    "OMP_NUM_THREADS": "2",
    "COLUMNS": "33",
    "NO_COLOR": "1",
}
FEW = ("--draws", "20", "--quiet")
RUNS = {
    "plan.json": ("solve", "scenario.toml", *FEW, "-o", "plan.json"),
    "curves.json": ("fit", "observations.csv", *FEW, "--at", "1,8", "-o", "curves.json"),
    "obs.csv": ("measure", "log.jsonl", "--quiet", "-o", "obs.csv"),
}


def made(
    folder: Path, settings: dict[str, str], words: tuple[str, ...], wanted: str
) -> list[bytes]:
    """What a run prints and writes, in a folder of its own."""
    init_scenario(folder)
    records = (
        {"model": "m", "problem_id": f"p{i}", "sample": j, "correct": (i * j) % 2, "answer": "x"}
        for i in range(6)
        for j in range(4)
    )
    (folder / "log.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    done = planner(*words, cwd=folder, **settings)
    assert done.returncode == 0, done.stderr
    return [done.stdout.encode(), (folder / wanted).read_bytes()]


@pytest.mark.parametrize("wanted", RUNS)
def test_a_setting_of_the_process_changes_a_byte(tmp_path: Path, wanted: str) -> None:
    one = made(tmp_path / "here", PLAIN, RUNS[wanted], wanted)
    assert one == made(tmp_path / "there", OTHER, RUNS[wanted], wanted)
