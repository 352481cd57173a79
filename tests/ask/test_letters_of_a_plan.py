"""An option of a plan's page has one letter and colour throughout: B is the baseline's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import planner
from planner.domain.plan import PlanAnswer
from planner.domain.tornado import WinnerMap
from planner.ingest.template import init_scenario
from planner.report.page import Pictures
from planner.report.sections.tornado import winners_section

BASELINE = 'option = "7B+PRM@16"'
THIRTY_FOUR = "Llemma 34B majority vote"


def _plan(folder: Path, *changes: tuple[str, str]) -> PlanAnswer:
    init_scenario(folder)
    path = folder / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    return planner.solve(path, draws=20)


def _sides(plan: PlanAnswer) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for curve in plan.curves:
        found.setdefault(curve.label, set()).add(curve.side)
    return found


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> PlanAnswer:
    return _plan(tmp_path_factory.mktemp("letters"))


def test_the_curve_of_the_baseline_has_its_letter_and_others_have_their_own(
    usual: PlanAnswer,
) -> None:
    assert usual.baseline is not None
    sides = _sides(usual)
    label = re.sub(r" @\d+$", "", usual.baseline.label)
    assert sides.pop(label) == {1}
    others = [side for (side,) in sides.values()]
    assert len(set(others)) == len(others)
    assert 1 not in others


def test_an_option_that_is_the_whole_plan_has_the_plans_letter(usual: PlanAnswer) -> None:
    models = {re.sub(r" @\d+$", "", row.option) for row in usual.allocation}
    assert models == {THIRTY_FOUR}
    assert _sides(usual)[THIRTY_FOUR] == {0}


def test_a_baseline_of_several_options_leaves_each_a_letter_of_its_own(tmp_path: Path) -> None:
    shares = 'shares = { "7B+PRM@16" = 0.5, "34B greedy" = 0.5 }'
    sides = _sides(_plan(tmp_path, (BASELINE, shares)))
    assert all(len(found) == 1 and found != {1} for found in sides.values())


def test_a_winner_that_is_no_curve_of_the_page_takes_nobodys_letter(usual: PlanAnswer) -> None:
    letters = {curve.label: curve.side for curve in usual.curves}
    found = WinnerMap(
        volumes_per_day=(1e6,),
        price_factors=(1.0, 2.0, 3.0),
        winners=("a stranger", THIRTY_FOUR, "another"),
        winner=((0, 1, 2),),
        probability=((None, None, None),),
    )
    section = winners_section(found, letters.get, letters.values())
    assert section is not None
    (pictures,) = section.blocks
    assert isinstance(pictures, Pictures)
    legend = [entry.side for entry in pictures.legend]
    assert legend[1] == letters[THIRTY_FOUR]
    assert not {legend[0], legend[2]} & set(letters.values())
    assert legend[0] != legend[2]
