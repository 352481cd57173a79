"""Two plans compared: what changed between them, and what it did to the decision."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from planner.cli import app
from planner.domain.observation import Observation
from planner.domain.plan import AllocationRow, Assumption, PlanAnswer
from planner.economics.plan_changes import plan_changes
from planner.economics.plan_observed import plan_observed


def plan(
    option: str = "A", share: float = 1.0, rent: float = 2.5, cost: float = 100.0
) -> PlanAnswer:
    rows = [(option, share)] if share == 1 else [(option, share), ("B", 1 - share)]
    return PlanAnswer(
        status="optimal",
        status_sentence="",
        objective="accuracy",
        accuracy=0.6,
        cost_usd_per_day=cost,
        budget_usd_per_day=120.0,
        allocation=tuple(
            AllocationRow(
                query_class="all",
                bucket="easy",
                share=part,
                option=name,
                model=name,
                method="greedy",
                n_samples=1,
                accuracy=0.6,
                cost_usd_per_query=1e-4,
                marginal_cost_usd_per_query=1e-4,
            )
            for name, part in rows
        ),
        assumptions=(Assumption(name="rent", value=rent, unit="USD/h", source="given"),),
    )


def test_plans_that_are_alike_have_no_change() -> None:
    found = plan_changes(plan(), plan())
    assert found.changes == ()
    assert not found.decision_changed
    assert found.sentence.startswith("The two plans are the same")


def test_an_input_and_what_it_did_are_told_apart() -> None:
    found = plan_changes(plan(), plan(option="C", rent=3.0, cost=110.0))
    told = {(one.kind, one.name): (one.before, one.after) for one in found.changes}
    assert told == {
        ("assumption", "rent"): (2.5, 3.0),
        ("result", "cost_usd_per_day"): (100.0, 110.0),
        ("allocation", "A for all/easy"): (1.0, None),
        ("allocation", "C for all/easy"): (None, 1.0),
    }
    assert found.decision_changed
    assert "One input differs, rent: the decision is another" in found.sentence


def test_other_shares_of_the_same_options_are_no_other_decision() -> None:
    found = plan_changes(plan(share=0.7), plan(share=0.6))
    assert not found.decision_changed
    assert {one.kind for one in found.changes} == {"allocation"}
    assert "the same options are chosen" in found.sentence


@pytest.fixture
def saved(tmp_path: Path) -> tuple[str, str]:
    paths = []
    for name, made in (("one", plan()), ("two", plan(rent=3.0))):
        path = tmp_path / f"{name}.json"
        path.write_text(made.model_dump_json(by_alias=True), encoding="utf-8")
        paths.append(str(path))
    return paths[0], paths[1]


def test_files_that_are_there_are_plans_and_all_else_are_options(saved: tuple[str, str]) -> None:
    run = CliRunner().invoke(app, ["compare", *saved, "--json"])
    assert run.exit_code == 0, run.output
    told = json.loads(run.stdout)
    assert told["schema"] == "planner.changes/1"
    assert [one["name"] for one in told["changes"]] == ["rent"]
    shown = CliRunner().invoke(app, ["compare", *saved])
    assert "What was assumed" in shown.stdout
    without = CliRunner().invoke(app, ["compare", "7B", "34B"])
    assert without.exit_code == 2
    assert "two options need a volume" in without.output


def seen(accuracy: float, questions: int, option: str = "A") -> Observation:
    return Observation(
        model=option,
        method="greedy",
        question_set="all",
        bucket="easy",
        n_samples=1,
        accuracy=accuracy,
        n_questions=questions,
    )


def test_a_figure_is_off_only_where_its_sampling_error_cannot_explain_it() -> None:
    few = plan_observed(plan(), [seen(0.5, 20)])
    assert not few.plan_again
    # Wilson's interval of 10 right of 20 at 90 %, as statsmodels' proportion_confint has it.
    assert few.figures[0].seen_low == pytest.approx(0.3274, abs=2e-4)
    many = plan_observed(plan(), [seen(0.5, 2000)])
    assert many.plan_again
    assert "accuracy of A on easy" in many.sentence
    # Wilson's interval of 1,000 right of 2,000 at 90 %.
    assert many.figures[0].seen_low == pytest.approx(0.5 - 0.01838, abs=2e-4)


def test_dollars_and_rows_of_no_option_are_told() -> None:
    found = plan_observed(plan(), [seen(0.6, 200), seen(0.6, 200, "Z")], 150.0)
    assert [one.name for one in found.figures if one.off] == ["cost"]
    assert found.unmatched == ("Z greedy @1 on all, easy",)


def test_another_mix_and_longer_answers_are_off() -> None:
    easy = plan().allocation[0].model_copy(update={"queries_per_day": 600.0})
    hard = easy.model_copy(update={"bucket": "hard", "queries_per_day": 400.0})
    length = Assumption(
        name="generated tokens of a sample", value=300.0, low=250.0, high=350.0, unit="tokens",
        source="given",
    )  # fmt: skip
    planned = plan().model_copy(update={"allocation": (easy, hard), "assumptions": (length,)})

    def rows(n_easy: int, n_hard: int, tokens: float) -> list[Observation]:
        update = {"output_tokens": tokens}
        return [
            seen(0.6, n_easy).model_copy(update=update),
            seen(0.6, n_hard).model_copy(update=update | {"bucket": "hard"}),
        ]

    assert not plan_observed(planned, rows(1180, 820, 320.0)).plan_again
    found = plan_observed(planned, rows(800, 1200, 420.0))
    assert {one.kind for one in found.figures if one.off} == {"mix", "tokens"}


def test_check_holds_a_saved_plan_against_what_is_seen(
    saved: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "seen.csv"
    head = "model,method,question_set,bucket,n_samples,accuracy,n_questions\n"
    path.write_text(head + "A,greedy,all,easy,1,0.4,1000\n", encoding="utf-8")
    run = CliRunner().invoke(
        app, ["check", saved[0], "--observed", str(path), "--spent", "$100/day"]
    )
    assert run.exit_code == 1
    assert run.stdout.startswith("Plan again")
    told = CliRunner().invoke(app, ["check", saved[0], "--observed", str(path), "--json"])
    assert json.loads(told.stdout)["plan_again"] is True


def logged(kind: str, folder: Path) -> Path:
    """200 queries of A, 160 easy of which 100 are right, in the format of a log."""
    cells = [("easy", i, i < 100) for i in range(160)] + [("hard", i, i < 10) for i in range(40)]
    records = [
        {"model": "A", "method": "greedy", "problem_id": f"{level}-{i}", "sample": 0,
         "correct": int(right), "level": level, "temperature": 0.0, "output_tokens": 300}
        for level, i, right in cells
    ]  # fmt: skip
    if kind == "jsonl":
        path = folder / "seen.jsonl"
        path.write_text("\n".join(json.dumps(r) for r in records) + "\n", encoding="utf-8")
        return path
    frame = pd.DataFrame(records)
    path = folder / f"seen.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return path


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_saved_plan_is_held_against_logs_as_well_as_observations(
    kind: str, tmp_path: Path
) -> None:
    easy = plan().allocation[0].model_copy(update={"queries_per_day": 600.0})
    hard = easy.model_copy(update={"bucket": "hard", "queries_per_day": 400.0})
    saved_plan = tmp_path / "plan.json"
    planned = plan().model_copy(update={"allocation": (easy, hard)})
    saved_plan.write_text(planned.model_dump_json(by_alias=True), encoding="utf-8")
    log = logged(kind, tmp_path)
    told = CliRunner().invoke(
        app, ["check", str(saved_plan), "--observed", str(log), "--spent", "$100/day", "--json"]
    )
    found = json.loads(told.stdout)
    assert found["unmatched"] == []
    seen_of = {(one["kind"], one["name"]): one["seen"] for one in found["figures"]}
    assert seen_of["accuracy", f"accuracy of {easy.option} on easy"] == pytest.approx(100 / 160)
    assert seen_of["accuracy", f"accuracy of {easy.option} on hard"] == pytest.approx(10 / 40)
    assert seen_of["mix", f"share of easy in {easy.query_class}"] == pytest.approx(0.8)
    assert ("cost", "cost") in seen_of
    assert told.exit_code == 1


def test_a_log_of_another_model_is_no_part_of_the_plan(tmp_path: Path) -> None:
    saved_plan = tmp_path / "plan.json"
    saved_plan.write_text(plan().model_dump_json(by_alias=True), encoding="utf-8")
    log = logged("csv", tmp_path)
    log.write_text(log.read_text(encoding="utf-8").replace("A,", "Z,"), encoding="utf-8")
    told = CliRunner().invoke(app, ["check", str(saved_plan), "--observed", str(log)])
    assert told.exit_code == 0, told.output
    assert "Nothing that was seen is part of the plan" in told.stdout
    assert "not part of the plan: Z greedy @1" in told.stdout
