"""Replicas are sized for full load; a low volume may do with smaller ones."""

from __future__ import annotations

import pytest

import planner
from planner.cost.settings import settings_from_text
from planner.domain.answer import UNDECIDED, Answer
from planner.report.sections import checks

LLEMMA = "7B+PRM or 34B greedy at {volume} queries/day, on H100"


def asked(volume: str, question: str = LLEMMA) -> Answer:
    settings = settings_from_text(price="$4/h", engine_efficiency="0.53")
    return planner.ask(question.format(volume=volume), settings=settings, draws=200)


def noted(answer: Answer) -> list[str]:
    return [row.message for row in answer.warnings if row.code == "smaller_replicas"]


def test_a_side_does_not_lose_for_gpus_that_it_need_not_rent() -> None:
    """34B in bf16 holds 34 sequences on one H100. At 100k queries a day of .47 GPU-seconds two such
    GPUs do: what the 7B side costs, and half of two replicas of two.
    """
    answer = asked("100k")
    assert [row.gpus for row in answer.options] == [2, 2, 4]
    assert answer.winner == UNDECIDED
    assert "would cost $192 on smaller replicas" in answer.answer
    (said,) = noted(answer)
    assert said.startswith(
        "At 100k queries a day Llemma 34B greedy would cost $192 a day on 2 GPUs, replicas of 1, in"
        " place of $384 on 4, replicas of 2."
    )


def test_the_page_calls_the_gain_too_small_where_smaller_replicas_undo_it() -> None:
    rows = checks.answer_section(asked("100k")).blocks
    said = str(rows)
    assert "another side would cost less on smaller replicas" in said
    assert "too small to matter" not in said


def test_a_verdict_that_smaller_replicas_cannot_change_stands() -> None:
    """At 300k a day the small GPUs would be five, not four; at 1M sixteen, not six."""
    for volume in ("300k", "1M"):
        answer = asked(volume)
        assert noted(answer) == []
        assert "smaller replicas" not in answer.answer
        assert any(
            said.startswith("Not in this: at low volume Llemma 34B greedy")
            for said in answer.explanation
        )


def test_fixed_sides_are_not_decided_by_the_size_of_a_replica_either() -> None:
    """The rival of the vote of 8 pays for four GPUs and could do with two: no winner is named."""
    answer = asked("100k", "7B majority vote @8 or 34B greedy at {volume} queries/day, on H100")
    assert [row.cost_usd_per_day for row in answer.options] == pytest.approx([192, 384])
    assert len(noted(answer)) == 1
    assert answer.winner == UNDECIDED
