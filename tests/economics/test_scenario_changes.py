"""Two versions of a scenario: what differs, and what every line that does would do alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.cli import app
from planner.domain.plan import PlanAnswer
from planner.domain.plan_changes import LineChange, PlanChanges
from planner.economics.scenario_lines import Line, scenario_lines, with_line
from planner.pipeline import compare_plans, solve
from planner.report.terminal_changes import print_changes

ROWS = """model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b
small,majority_vote,set,easy,1,0.70,300,7
small,majority_vote,set,easy,4,0.78,300,7
small,majority_vote,set,hard,1,0.30,300,7
small,majority_vote,set,hard,4,0.38,300,7
large,greedy,set,easy,1,0.82,300,30
large,greedy,set,hard,1,0.52,300,30
"""
SCENARIO = """schema = "planner.scenario/1"
title = "before"
[data]
observations = ["obs.csv"]
[workload]
volume = 40e6
prompt_tokens = 300
output_tokens = 300
[[workload.classes]]
name = "all"
mix = { easy = 0.6, hard = 0.4 }
min_accuracy = 0.6
[[candidates]]
model = "small"
methods = ["majority_vote"]
[[candidates]]
model = "large"
methods = ["greedy"]
[[supply]]
accelerator = "h200-sxm"
price = "$3/h"
engine_efficiency = 0.5
[objective]
kind = "cost"
"""


def written(folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    text = SCENARIO
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    folder.mkdir(exist_ok=True)
    (folder / "obs.csv").write_text(ROWS, encoding="utf-8")
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder / f"{name}.toml"


FLOOR = ("min_accuracy = 0.6", "min_accuracy = 0.65")
RENT = ('"$3/h"', '"$2/h"')
TITLE = ('"before"', '"after"')


def test_each_line_alone_does_what_solving_with_it_alone_does(tmp_path: Path) -> None:
    before = written(tmp_path, "before")
    after = written(tmp_path, "after", FLOOR, RENT, TITLE)
    found = compare_plans(before, after, draws=20)
    rent, floor = sorted(found.lines, key=lambda line: line.key)
    assert (rent.key, rent.before, rent.after) == ("supply[0].price", '"$3/h"', '"$2/h"')
    assert (floor.key, floor.before, floor.after) == (
        "workload.classes[0].min_accuracy", "0.6", "0.65",
    )  # fmt: skip
    (usd,) = (one for one in found.changes if one.name == "cost_usd_per_day")
    assert isinstance(usd.before, float)
    assert rent.usd_per_day == pytest.approx(usd.before * (2 / 3 - 1))
    alone = solve(written(tmp_path, "alone", FLOOR), draws=20, for_page=False)
    assert alone.cost_usd_per_day is not None
    assert floor.usd_per_day == pytest.approx(alone.cost_usd_per_day - usd.before)
    assert floor.accuracy_points is not None
    assert floor.accuracy_points > 0
    assert rent.decision_changed is False
    assert rent.changes_to is None
    assert floor.decision_changed is True
    assert floor.changes_to is not None
    assert "large" in floor.changes_to
    assert "By itself workload.classes[0].min_accuracy changes who answers what." in found.sentence


def test_what_no_plan_keeps_and_what_cannot_stand_alone_are_told(tmp_path: Path) -> None:
    before = written(tmp_path, "before")
    after = written(
        tmp_path, "after", ("min_accuracy = 0.6", "min_accuracy = 0.9"),
        ('kind = "cost"', 'kind = "accuracy"'), ("volume = 40e6", "volume = 4e6"),
    )  # fmt: skip
    after.write_text(after.read_text() + "[budget]\nusd_per_day = 1e6\n", encoding="utf-8")
    lines = {line.key: line for line in compare_plans(before, after, draws=5).lines}
    floor = lines["workload.classes[0].min_accuracy"]
    assert floor.decision_changed is True
    assert floor.changes_to == "no plan, for none keeps every requirement"
    # The most accuracy without the budget of the other scenario has no end.
    aim = lines["objective.kind"]
    assert aim.decision_changed is None
    assert aim.reason
    assert lines["budget"].decision_changed is False


def test_data_of_the_same_content_in_another_folder_is_no_difference(tmp_path: Path) -> None:
    two = ('["obs.csv"]', '["obs.csv", "more.csv"]')
    before, after = written(tmp_path, "before", two), written(tmp_path / "copy", "after", two)
    head, *rows = ROWS.splitlines()
    for folder, hard in ((before.parent, "0.52"), (after.parent, "0.7")):
        large = "\n".join(rows[4:]).replace("0.52", hard)
        (folder / "obs.csv").write_text("\n".join([head, *rows[:4]]), encoding="utf-8")
        (folder / "more.csv").write_text(f"{head}\n{large}\n", encoding="utf-8")
    told = CliRunner().invoke(app, ["compare", str(before), str(after), "--draws", "20", "--json"])
    (line,) = json.loads(told.stdout)["lines"]
    assert line["key"] == "data.observations"
    assert json.loads(line["after"]) == ["obs.csv", str(after.parent.resolve() / "more.csv")]
    assert line["usd_per_day"] < 0


def test_a_saved_plan_is_compared_with_a_scenario_without_its_lines(tmp_path: Path) -> None:
    saved = PlanAnswer(
        status="optimal", status_sentence="", objective="cost", accuracy=0.6, cost_usd_per_day=1.0
    )
    path = tmp_path / "plan.json"
    path.write_text(saved.model_dump_json(by_alias=True), encoding="utf-8")
    scenario = written(tmp_path, "after")
    told = CliRunner().invoke(app, ["compare", str(path), str(scenario), "--draws", "20"])
    assert told.exit_code == 0, told.output
    assert "What came out" in told.stdout
    assert "by itself" not in told.stdout


def test_the_terminal_says_of_every_line_what_it_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    changed = LineChange(
        key="supply[0].price", before='"$3/h"', after='"$2/h"', decision_changed=True,
        changes_to="A @1 for all", accuracy_points=-0.25, usd_per_day=-1500.0,
    )  # fmt: skip
    stuck = LineChange(key="objective.kind", before=None, after='"x"', reason="it has no end")
    found = PlanChanges(sentence="Two differ.", decision_changed=True, lines=(changed, stuck))
    print_changes(found)
    told = capsys.readouterr().out
    assert re.search(r'supply\[0\]\.price +"\$3/h" +"\$2/h" +another +-0\.25 +-\$1,500', told)
    assert "A @1 for all" in told
    assert re.search(r'objective\.kind +– +"x" +not by itself +– +–', told)
    assert "it has no end" in told


def test_lines_are_keys_of_tables_and_of_lists_of_as_many_tables() -> None:
    before: dict[str, Any] = {
        "title": "a",
        "workload": {"volume": 1, "classes": [{"name": "x", "mix": {"e": 0.5, "h": 0.5}}]},
        "supply": [{"price": 1}, {"price": 2}],
        "budget": {"usd_per_day": 5},
    }
    after: dict[str, Any] = {
        "title": "b",
        "workload": {"volume": 1, "classes": [{"name": "x", "mix": {"e": 0.4, "h": 0.6}}]},
        "supply": [{"price": 1}, {"price": 3, "count": 4}],
        "constraints": {"max_models": 1},
    }
    lines = {line.key: line for line in scenario_lines(before, after)}
    assert list(lines) == [
        "workload.classes[0].mix", "supply[1].price", "supply[1].count", "budget", "constraints",
    ]  # fmt: skip
    assert with_line(before, lines["supply[1].count"])["supply"][1] == {"price": 2, "count": 4}
    assert "budget" not in with_line(before, lines["budget"])
    assert with_line(before, lines["constraints"])["constraints"] == {"max_models": 1}
    changed = before
    for line in lines.values():
        changed = with_line(changed, line)
    assert {**changed, "title": "b"} == after
    assert before["supply"][1] == {"price": 2}, "the first scenario is not touched"
    (one,) = scenario_lines({"supply": [{"price": 1}]}, {"supply": [{"price": 1}, {"price": 2}]})
    assert one == Line(("supply",), [{"price": 1}], [{"price": 1}, {"price": 2}])
