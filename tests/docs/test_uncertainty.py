"""The examples of docs/uncertainty.md are read and solved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages import texts

import planner

CASCADE_ROWS = """\
model,method,question_set,bucket,n_samples,accuracy,n_questions,output_tokens
llama-3-8b,greedy,our-set,all,1,0.45,400,300
llama-3-70b,greedy,our-set,all,1,0.62,400,300
"""
CHECKED_ROWS = """\
model,method,question_set,bucket,n_samples,accuracy,n_questions,output_tokens
llama-3-8b,oracle_best_of_n,our-set,all,1,0.30,400,300
llama-3-8b,oracle_best_of_n,our-set,all,8,0.60,400,300
"""
ALL_OF_IT = """\
[data]
observations = ["obs.csv"]
[workload]
volume = "100k queries/day"
prompt_tokens = 200
[[workload.classes]]
name = "all of it"
share = 1.0
"""


def supply(method: str, *models: str) -> str:
    candidates = (f'[[candidates]]\nmodel = "{m}"\nmethods = ["{method}"]\n' for m in models)
    return '[[supply]]\naccelerator = "h100-sxm"\nprice = "$2.50/h"\n' + "".join(candidates)


@pytest.fixture
def parts(project: Path) -> list[str]:
    return texts(project / "docs" / "uncertainty.md", "toml")


def solved(folder: Path, rows: str, scenario: str) -> Any:
    (folder / "obs.csv").write_text(rows, encoding="utf-8")
    path = folder / "scenario.toml"
    path.write_text(scenario, encoding="utf-8")
    return planner.solve(path, draws=60)


def test_a_checker_of_the_page_answers_a_class(parts: list[str], tmp_path: Path) -> None:
    text = ALL_OF_IT + parts[1] + supply("checked_best_of_n", "llama-3-8b")
    plan = solved(tmp_path, CHECKED_ROWS, text + "[budget]\nusd_per_day = 500\n")
    assert {row.method for row in plan.allocation} == {"checked_best_of_n"}


def test_a_cascade_of_the_page_is_an_option_and_floors_hold_in_the_share_asked_for(
    parts: list[str], tmp_path: Path
) -> None:
    wished = parts[0].replace("draws = 100 ", "draws = 20 ")
    assert wished != parts[0]
    busy = ALL_OF_IT.replace("100k", "60M")  # whole GPUs are then no reason to keep to one model
    text = busy + "min_accuracy = 0.4\n" + supply("greedy", "llama-3-8b", "llama-3-70b")
    text += '[objective]\nkind = "cost"\n' + wished + parts[2] + '[router]\nsignal = "none"\n'
    plan = solved(tmp_path, CASCADE_ROWS, text)
    assert plan.status in {"optimal", "feasible"}
    assert any(", else " in row.option for row in plan.allocation)
    (floor,) = plan.how_sure.floors
    assert floor.probability > 0.7
