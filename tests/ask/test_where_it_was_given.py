"""A row of what it rests on says truly where its number was given, and what changes it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import planner
from planner.ask.prepare import pools_of, scenario_settings
from planner.cost.settings import Settings, settings_from_text
from planner.cost.terms import supply_terms
from planner.domain.scenario import Scenario
from planner.ingest.cards import load_cards
from planner.ingest.template import init_scenario

SCENARIO = """[workload]
volume = "2M queries/day"
prompt_tokens = 300
output_tokens = { all = 400 }
[[candidates]]
model = "llama-3-70b-instruct"
methods = ["greedy"]
[[supply]]
accelerator = "h100-sxm"
price = "$3/h"
engine_efficiency = 0.5
utilisation = 0.6
"""
TERMS = {"rent of", "prompt tokens", "generated tokens", "engine efficiency", "utilisation"}


def _sources(settings: Settings) -> dict[str, str]:
    rows = supply_terms(settings, load_cards()).assumptions
    return {term: row.source for row in rows for term in TERMS if row.name.startswith(term)}


@pytest.fixture(scope="module")
def of_scenario() -> Settings:
    scenario = Scenario.model_validate(tomllib.loads(SCENARIO))
    return scenario_settings(scenario, pools_of(scenario)[0])


def test_what_a_scenario_gives_is_not_said_to_stand_in_a_question(of_scenario: Settings) -> None:
    assert _sources(of_scenario) == dict.fromkeys(TERMS, "given with the scenario")


def test_what_is_asked_goes_before_the_scenario_and_is_told_apart(of_scenario: Settings) -> None:
    asked = settings_from_text(price="$9/h", output_tokens="70").over(of_scenario)
    found = _sources(asked)
    question = {term for term, source in found.items() if source == "given with the question"}
    assert question == {"rent of", "generated tokens"}
    assert {found[term] for term in TERMS - question} == {"given with the scenario"}


def test_what_nobody_gave_is_not_said_to_be_given() -> None:
    assert not [source for source in _sources(Settings()).values() if "given with" in source]


@cache
def _schema() -> dict[str, Any]:
    return Scenario.model_json_schema(by_alias=True)


def _known(section: str, key: str) -> bool:
    """Whether the schema of scenarios has a key: "[[supply]]", "price"."""
    at = schema = _schema()
    for part in (*section.strip("[]").split("."), key):
        at = next((p[part] for p in _objects(at, schema) if part in p), {})
    return bool(at)


def _objects(node: Any, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Properties of every object that a node of the schema may be, or be a list of."""
    if "$ref" in node:
        yield from _objects(schema["$defs"][node["$ref"].rsplit("/", 1)[1]], schema)
    if "properties" in node:
        yield node["properties"]
    for part in (*node.get("anyOf", ()), *([node["items"]] if "items" in node else ())):
        yield from _objects(part, schema)


def test_a_key_that_no_scenario_has_would_be_seen() -> None:
    assert _known("[candidates.verifier_capex]", "usd_per_label")
    assert not _known("[candidates.capex]", "usd_per_label")
    assert not _known("[[supply]]", "usd_per_gpu_hour")


def test_the_code_names_no_key_that_scenarios_do_not_have() -> None:
    named = {
        found.groups()
        for path in Path(planner.__file__).parent.rglob("*.py")
        for found in re.finditer(r'"(\[+[\w.]+\]+) (\w+)"', path.read_text(encoding="utf-8"))
    }
    assert len(named) > 6
    assert not [pair for pair in named if not _known(*pair)]


CHANGES = {
    "prompt_tokens": "prompt_tokens = 999",
    "output_tokens": "output_tokens = 888",
    "peak_to_mean": 'peak_to_mean = 3.0\nhorizon = "24 months"',
    "price": 'price = "$3.75/h"',
    "engine_efficiency": "engine_efficiency = 0.6",
    "utilisation": "utilisation = 0.5",
    "min_replicas": "min_replicas = 3\nprefix_sharing = false",
    "usd_per_day": "usd_per_day = 9000",
}
TRANSFER = "[transfer]\ncommon_sd_logit = 0.4\noption_sd_logit = 0.1\n"


def test_each_key_that_a_plan_names_changes_the_row_beside_it(tmp_path: Path) -> None:
    """All at once: a row whose key does nothing keeps its value."""
    init_scenario(tmp_path)
    path = tmp_path / "scenario.toml"
    before = planner.solve(path, draws=20).assumptions
    text = path.read_text(encoding="utf-8")
    for key, line in CHANGES.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", line, text)
        assert count == 1, key
    path.write_text(text.replace("[baseline]", f"{TRANSFER}[baseline]"), encoding="utf-8")
    after = {row.name: row for row in planner.solve(path, draws=20).assumptions}
    named = [row for row in before if row.key is not None]
    assert len(named) == len(CHANGES) + 3
    assert not [row.name for row in named if after[row.name].value == row.value]
    assert {after[row.name].source for row in named} == {"given with the scenario"}
