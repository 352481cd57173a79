"""A row of what it rests on says truly where its number was given."""

from __future__ import annotations

import tomllib

import pytest

from planner.ask.prepare import pools_of, scenario_settings
from planner.cost.settings import Settings, settings_from_text
from planner.cost.terms import supply_terms
from planner.domain.scenario import Scenario
from planner.ingest.cards import load_cards

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
