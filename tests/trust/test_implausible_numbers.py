"""A saved result with a number that nothing can have is refused, with the field and the number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.cli import app
from planner.ingest.plausible import implausible

ROW = {"accuracy": 0.5, "cost_usd_per_query": 0.001, "share": 1.0}


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, list(map(str, words)))
    return found.exit_code, found.output


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("plan")
    assert run("init", folder)[0] == 0
    path = folder / "plan.json"
    assert run("solve", folder / "scenario.toml", "--draws", 20, "-o", path)[0] == 0
    plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return plan


def test_a_sound_plan_is_called_implausible(saved: dict[str, Any]) -> None:
    assert list(implausible(saved)) == []


@pytest.mark.parametrize("verb", ["check", "report", "export"])
def test_a_plan_of_impossible_numbers_is_believed(
    verb: str, saved: dict[str, Any], tmp_path: Path
) -> None:
    first = saved["allocation"][0] | {"accuracy": 1e300}
    bad = saved | {"allocation": [first, *saved["allocation"][1:]], "cost_usd_per_day": -5.0}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(bad), encoding="utf-8")
    more = ("--to", "policy") if verb == "export" else ()
    code, said = run(verb, path, *more)
    assert code == 2
    said = " ".join(said.split())
    assert "allocation.0.accuracy: an accuracy is a share of 1 (saw '1e+300')" in said
    assert "cost_usd_per_day: it is never below 0 (saw '-5')" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accuracy", 1.01),
        ("accuracy", -0.2),
        ("accuracy", float("nan")),
        ("share", 1.001),
        ("cost_usd_per_query", -0.001),
        ("cost_usd_per_query", float("nan")),
    ],
)
def test_an_impossible_number_passes_wherever_it_stands(name: str, value: float) -> None:
    for depth in ([ROW | {name: value}], {"a": [{"b": ROW | {name: value}}]}):
        ((place, _, seen),) = implausible(depth)
        assert place.endswith(name)
        assert seen is value


def test_numbers_at_the_edge_or_that_may_be_negative_are_refused() -> None:
    edge = {"accuracy": 1.0 + 1e-9, "accuracy_low": -0.03, "share": 0.0, "cost_usd_per_day": 0}
    assert list(implausible([edge, {"net_value_usd_per_day": -7.0}, {"share": None}])) == []
