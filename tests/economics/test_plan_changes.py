"""Two plans compared: what changed between them, and what it did to the decision."""

from __future__ import annotations

import json
from pathlib import Path

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
    # Wilson's interval of 10 right of 20 at 90%, as statsmodels' proportion_confint has it.
    assert few.figures[0].seen_low == pytest.approx(0.3274, abs=2e-4)
    many = plan_observed(plan(), [seen(0.5, 2000)])
    assert many.plan_again
    assert "accuracy of A on easy" in many.sentence
    # Wilson's interval of 1,000 right of 2,000 at 90%.
    assert many.figures[0].seen_low == pytest.approx(0.5 - 0.01838, abs=2e-4)


def test_changes_too_small_to_print_are_none_and_any_other_is_told() -> None:
    assert plan_changes(plan(cost=100.0), plan(cost=100.00001)).changes == ()
    (told,) = plan_changes(plan(cost=100.0), plan(cost=100.1)).changes
    assert told.name == "cost_usd_per_day"


def buckets(**queries: float) -> PlanAnswer:
    """A plan that answers every bucket by A."""
    row = plan().allocation[0]
    made = [row.model_copy(update={"bucket": b, "queries_per_day": q}) for b, q in queries.items()]
    return plan().model_copy(update={"allocation": tuple(made)})


@pytest.mark.parametrize(("easy", "off"), [(6400, False), (6600, True), (5400, True)])
def test_a_mix_is_off_from_five_points_on(easy: int, off: bool) -> None:
    rows = [seen(0.6, easy), seen(0.6, 10_000 - easy).model_copy(update={"bucket": "hard"})]
    found = plan_observed(buckets(easy=600.0, hard=400.0), rows)
    # The 90% interval of 10,000 queries is .8 points wide on either side.
    assert {one.off for one in found.figures if one.kind == "mix"} == {off}


@pytest.mark.parametrize(("tokens", "off"), [(325.0, False), (275.0, False), (335.0, True)])
def test_tokens_without_a_range_are_off_from_a_tenth_on(tokens: float, off: bool) -> None:
    length = Assumption(
        name="generated tokens of a sample", value=300.0, unit="tokens", source="given"
    )
    row = seen(0.6, 200).model_copy(update={"output_tokens": tokens})
    found = plan_observed(plan().model_copy(update={"assumptions": (length,)}), [row])
    assert [one.off for one in found.figures if one.kind == "tokens"] == [off]


def test_tokens_are_held_against_the_assumption_of_their_bucket() -> None:
    of = {"generated tokens of a sample": 300.0, "generated tokens of a sample on hard": 600.0}
    lengths = tuple(
        Assumption(name=name, value=value, unit="tokens", source="given")
        for name, value in of.items()
    )
    planned = buckets(easy=600.0, hard=400.0).model_copy(update={"assumptions": lengths})
    rows = [
        seen(0.6, 60).model_copy(update={"output_tokens": 300.0}),
        seen(0.6, 40).model_copy(update={"output_tokens": 600.0, "bucket": "hard"}),
    ]
    found = [one for one in plan_observed(planned, rows).figures if one.kind == "tokens"]
    assert [(one.planned, one.off) for one in found] == [(300.0, False), (600.0, False)]


def test_a_row_is_about_the_class_that_it_names() -> None:
    first = plan().allocation[0].model_copy(update={"query_class": "first", "accuracy": 0.6})
    second = first.model_copy(update={"query_class": "second", "accuracy": 0.9})
    planned = plan().model_copy(update={"allocation": (first, second)})
    row = seen(0.6, 5000).model_copy(update={"question_set": "first"})
    found = plan_observed(planned, [row])
    assert [one.planned for one in found.figures] == [0.6]
    assert not found.plan_again
    other = row.model_copy(update={"question_set": "third"})
    assert plan_observed(planned, [other]).unmatched == ("A greedy @1 on third, easy",)


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


def test_the_mix_is_that_of_the_plans_own_queries_each_counted_once() -> None:
    easy = plan(share=0.7).allocation
    hard = easy[0].model_copy(update={"bucket": "hard", "share": 1.0})
    rows = (*easy, hard)
    queries = {"easy": 600.0, "hard": 400.0}
    planned = plan().model_copy(
        update={
            "allocation": tuple(
                row.model_copy(update={"queries_per_day": queries[row.bucket]}) for row in rows
            )
        }
    )

    def mix(*seen_rows: Observation) -> dict[str, float]:
        found = plan_observed(planned, seen_rows)
        return {one.name[9:13]: one.seen for one in found.figures if one.kind == "mix"}

    a_hard = seen(0.6, 800).model_copy(update={"bucket": "hard"})
    # A answers 840 easy queries and B the other 360.
    shared = (seen(0.6, 840), seen(0.6, 360, "B"), a_hard)
    assert mix(*shared) == pytest.approx({"easy": 0.6, "hard": 0.4})
    # Both were tried on the same 1,200.
    same = (seen(0.6, 1200), seen(0.6, 1200, "B"), a_hard)
    assert mix(*same) == pytest.approx({"easy": 0.6, "hard": 0.4})
    # What no option of the plan answered says nothing of its mix.
    assert mix(*shared, seen(0.6, 5000, "Z")) == pytest.approx({"easy": 0.6, "hard": 0.4})


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
