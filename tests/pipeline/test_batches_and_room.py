"""Questions about speed and room: a cap chooses the batch, and whole GPUs hold free samples."""

from __future__ import annotations

import pytest

from planner import pipeline
from planner.domain.answer import Answer, AnswerOption

PAIR = "7B+PRM@4 or 34B greedy"


def ask(question: str) -> Answer:
    return pipeline.ask(question, draws=20)


def by_model(answer: Answer) -> dict[str, AnswerOption]:
    return {option.model_title: option for option in answer.options}


@pytest.fixture(scope="module")
def usual() -> Answer:
    return ask(f"{PAIR} at 1M queries/day")


def test_a_cap_is_met_by_smaller_batches_that_cost_more(usual: Answer) -> None:
    capped = ask(f"{PAIR} at 1M queries/day, p95 under 12 s")
    assert capped.meets_wishes
    for model, option in by_model(capped).items():
        free = by_model(usual)[model]
        assert option.latency_p95_s is not None
        assert free.latency_p95_s is not None
        assert option.latency_p95_s <= 12 < free.latency_p95_s
        assert option.batch is not None
        assert free.batch is not None
        assert option.batch < free.batch
        assert option.gpu_s_per_query > free.gpu_s_per_query
    said = [w.message for w in capped.warnings if w.code == "batch_for_latency"]
    assert len(said) == 2
    assert all("more GPU time" in message for message in said)


def test_a_cap_that_is_met_anyway_changes_nothing(usual: Answer) -> None:
    slow = ask(f"{PAIR} at 1M queries/day, p95 under 1000 s")
    assert [o.batch for o in slow.options] == [o.batch for o in usual.options]


def test_the_mean_load_is_faster_than_full_batches(usual: Answer) -> None:
    for option in usual.options:
        assert option.latency_p95_s is not None
        assert option.latency_p95_at_mean_load_s is not None
        assert 0 < option.latency_p95_at_mean_load_s < option.latency_p95_s


def test_samples_are_free_up_to_what_whole_gpus_hold() -> None:
    """Asked again at the n that is said to be free, and at one more."""
    few = ask("7B+PRM@4 or 34B greedy at 20k queries/day")
    option = few.options[0]
    most = option.same_gpus_up_to_n
    assert most is not None
    assert most > 8
    assert any("more samples can be free" in line for line in few.explanation)
    at, over = (
        ask(f"7B+PRM@{n} or 34B greedy at 20k queries/day").options[0] for n in (most, most + 1)
    )
    assert at.gpus == option.gpus < over.gpus
    assert at.cost_usd_per_day == option.cost_usd_per_day < over.cost_usd_per_day


def test_alone_on_a_replica_four_samples_take_hardly_longer_than_one(usual: Answer) -> None:
    option = usual.options[0]
    assert option.idle_times_one_sample is not None
    assert 1 < option.idle_times_one_sample < 1.2
