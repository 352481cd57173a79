"""Questions off the beaten track: a message or a right sentence, and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import pipeline
from planner.cost.settings import Settings, settings_from_text
from planner.domain.answer import Answer
from planner.errors import InputError

DRAWS = 50


def ask(question: str, *data: Path, settings: Settings | None = None) -> Answer:
    return pipeline.ask(question, data=data, settings=settings, draws=DRAWS)


@pytest.fixture(scope="module")
def fixed() -> Answer:
    return ask("7B+PRM@64 or 34B majority@8 at 1M queries/day")


def test_a_parity_names_the_side_without_the_n_that_it_is_not_about(fixed: Answer) -> None:
    parity = next(line for line in fixed.explanation if "is as accurate as" in line)
    assert parity.startswith("Llemma 34B majority vote is as accurate as Llemma 7B + PRM")


def test_the_side_of_the_window_is_named_for_it_may_be_the_larger_model(fixed: Answer) -> None:
    window = next(line for line in fixed.explanation if "window" in line)
    assert "Llemma 34B majority vote is both cheaper and more accurate" in window


def test_a_side_of_equal_cost_is_not_called_cheaper() -> None:
    found = ask("7B greedy or 7B majority@8 at 10k queries/day")
    one, other = (option.cost_usd_per_day for option in found.options)
    assert one == other
    assert found.winner == "Llemma 7B majority vote @8"
    assert "cheaper" not in found.answer
    assert "costs no more and is at least as accurate" in found.answer


def test_an_option_of_the_pool_that_does_not_fit_is_left_out_and_the_rest_is_answered() -> None:
    found = ask("7B+PRM or 34B greedy at 1M queries/day on GH200")
    left = [w.message for w in found.warnings if w.code == "option_left_out"]
    assert any("Llemma 34B + OPRM" in message for message in left)
    assert found.best_plan is not None
    assert found.best_plan.status == "optimal"


def test_a_latency_cap_out_of_reach_is_told_in_a_sentence() -> None:
    found = ask("7B+PRM or 34B greedy at 1M queries/day p95 under 1 s")
    assert found.best_plan is not None
    assert found.best_plan.status == "infeasible"
    assert found.best_plan_sentence is not None
    assert "a latency cap (p95) of" in found.best_plan_sentence
    assert found.best_plan_sentence.endswith("for all queries.")


def test_thousands_of_replicas_fit_the_budget_that_they_cost() -> None:
    # 4,125 replicas of 8 GPUs: rounding must not lose the last one.
    found = ask(
        "7B+PRM or 34B greedy at 1M queries/day",
        settings=settings_from_text(output_tokens="100000"),
    )
    assert found.best_plan is not None
    assert found.best_plan.status == "optimal"
    assert found.best_plan.baseline is not None
    assert found.best_plan.cost_usd_per_day is not None
    assert found.best_plan.cost_usd_per_day <= found.best_plan.baseline.cost_usd_per_day * (
        1 + 1e-8
    )


def test_question_sets_that_all_serve_are_not_said_to_be_chosen_from(project: Path) -> None:
    shepherd = project / "fixtures" / "math_shepherd_2023.csv"
    several = ask("7B+PRM or 34B greedy at 1M queries/day", shepherd)
    assert set(several.mix) == {"GSM8K", "MATH-500"}
    assert "question_set_choice" not in {w.code for w in several.warnings}
    one = ask("Qwen3-8B or Qwen3-32B at 50k queries/day")
    assert "question_set_choice" in {w.code for w in one.warnings}


def test_a_folder_without_cards_is_not_sound(tmp_path: Path) -> None:
    found = pipeline.check(tmp_path)
    assert [problem.what for problem in found.problems] == ["the folder holds no cards"]


def test_the_same_side_twice_is_refused() -> None:
    with pytest.raises(InputError, match="are the same"):
        ask("34B greedy or 34B greedy at 1M queries/day")
