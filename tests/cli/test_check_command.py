"""`planner check` takes a file for what it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.cli import app
from planner.ingest import importers
from planner.ingest.importer import Importer

CARDS = (
    "llms/llama-3-8b.toml",
    "verifiers/skywork-prm-7b.toml",
    "accelerators/h100-sxm.toml",
    "prices/deepseek.toml",
)


def check(*words: object) -> tuple[int, list[dict[str, Any]]]:
    done = CliRunner().invoke(app, ["check", "--json", *map(str, words)])
    return done.exit_code, json.loads(done.stdout)["files"]


@pytest.mark.parametrize("card", CARDS)
def test_a_sound_card_is_taken_for_a_scenario(project: Path, tmp_path: Path, card: str) -> None:
    path = tmp_path / "mine.toml"
    text = (project / "models" / card).read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    code, (found,) = check(path)
    assert (code, found["kind"], found["sound"]) == (0, "card", True)
    lines = [line for line in text.splitlines() if not line.startswith("schema")]
    path.write_text("\n".join(lines), encoding="utf-8")
    code, (found,) = check(path)
    assert (code, found["kind"]) == (2, "card")
    (problem,) = found["problems"]
    assert problem["where"] == str(path)
    assert problem["column"] == "schema"
    assert text.splitlines()[0] in problem["remedy"] or "write schema" in problem["remedy"]


def test_a_wrong_key_of_a_card_is_not_named(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "h100.toml"
    text = (project / "models" / CARDS[2]).read_text(encoding="utf-8")
    path.write_text(text.replace("memory_byte", "memory_bytes", 1), encoding="utf-8")
    code, (found,) = check(path)
    assert (code, found["kind"]) == (2, "card")
    assert all(problem["where"] == str(path) for problem in found["problems"])
    assert any("memory_byte" in str(problem) and problem["remedy"] for problem in found["problems"])


@pytest.mark.parametrize("text", ["", "[workload\n", 'schema = "planner.scenario/1"\n', "a = 1\n"])
def test_what_is_no_card_is_taken_for_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    code, (found,) = check(path)
    assert (code, found["kind"]) == (2, "scenario")


def test_a_format_that_was_registered_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file is a list, which no saved result is; the CSV beside it holds the rows."""
    csv = tmp_path / "obs.csv"
    csv.write_text(
        "model,method,question_set,bucket,n_samples,accuracy,n_questions\nm,greedy,s,all,1,0.5,9\n"
    )
    board = Importer(
        "board", "board", lambda head: head.startswith("["), lambda _: importers.read_observed(csv)
    )
    monkeypatch.setitem(importers.IMPORTERS, "board", board)
    (tmp_path / "board.json").write_text("[]")
    code, (found,) = check(tmp_path / "board.json")
    assert (code, found["kind"]) == (0, "observations")
    done = CliRunner().invoke(app, ["fit", str(tmp_path / "board.json"), "--at", "1", "--json"])
    assert done.exit_code == 0
    assert [curve["model"] for curve in json.loads(done.stdout)["curves"]] == ["m"]
