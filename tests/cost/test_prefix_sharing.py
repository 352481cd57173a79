"""GPUs that share no prefix: the prompt is read, and held, once a sample, step or round."""

from __future__ import annotations

import numpy as np
import pytest

from planner.cost.fleets import gpu_seconds, operating_fleet
from planner.cost.flops import cache_read_byte, full_flop
from planner.cost.hardware import Hardware, hardware_of
from planner.cost.idle import idle_query_s
from planner.cost.methods import METHODS, tokens_of
from planner.cost.methods.stopping import Drawn, Retries, retried, stopped_early
from planner.cost.seconds import decode_step_s, prefill_s
from planner.cost.shape import Shape
from planner.cost.work import Spending, without_sharing
from planner.ingest.cards import load_cards

PROMPT, SAMPLE = 1000.0, 300.0


@pytest.fixture(scope="module")
def h200() -> Hardware:
    """The H200 as its card has it."""
    return hardware_of(load_cards().accelerator("h200-sxm"))[0]


def spent(n: float, depth: float = 1.0, width: float = 1.0) -> Spending:
    return Spending(
        n=n, prompt_tokens=PROMPT, output_tokens=SAMPLE, depth=depth, width=width, length_cv=0
    )


@pytest.mark.parametrize(
    ("method", "depth", "width", "prompts", "again"),
    [
        ("greedy", 1, 1, 1, 0),
        ("majority_vote", 1, 1, 8, 0),
        ("best_of_n", 1, 1, 8, 0),
        # 8 chains of 3 answers; before the second and third the 1 and 2 answers so far.
        ("revision", 2, 1, 8 * 3, 8 * (1 + 2) * 300),
        # An answer, a critique and a rewrite; the critique is half as long as the answer.
        ("refine", 1, 1, 8 * 3, 8 * (300 + 300 + 0.5 * 300)),
        # Five steps of 60 tokens of 8 x 4 candidates, which go on from 0, 60, 120, 180 and 240.
        ("beam_search", 5, 4, 32 * 5, 32 * (60 + 120 + 180 + 240)),
        ("rebase", 5, 1, 8 * 5, 8 * (60 + 120 + 180 + 240)),
        ("mcts", 5, 1, 8 * 5, 8 * (60 + 120 + 180 + 240)),
        ("lookahead", 5, 4, 32 * 5, 32 * (60 + 120 + 180 + 240)),
    ],
)
def test_a_sample_step_or_round_reads_no_prompt_of_its_own(
    method: str, depth: float, width: float, prompts: float, again: float
) -> None:
    shared = tokens_of(method, spent(8.0, depth, width))
    alone = without_sharing(shared)
    assert float(alone.prefill_tokens) == pytest.approx(prompts * PROMPT + again)
    assert float(alone.prompt_tokens) == pytest.approx(PROMPT)
    assert float(shared.prompt_reads) == 1
    # What is generated, and what a verifier reads, stays.
    for name in ("decoded_tokens", "context_tokens", "verifier_tokens", "verifier_passes"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(shared, name))


def test_the_flop_of_a_prompt_of_each_sample_are_not_n_times_those_of_one(
    shapes: dict[str, Shape],
) -> None:
    shape = shapes["llama3-8b"]
    shared = tokens_of("majority_vote", spent(16.0))
    one = PROMPT * (2 * shape.active_layer_params + float(shape.prefill_attention_flop(PROMPT)))
    assert float(full_flop(shared, shape).prefill) == pytest.approx(one)
    alone = full_flop(without_sharing(shared), shape)
    assert float(alone.prefill) == pytest.approx(16 * one)
    assert float(alone.decode) == float(full_flop(shared, shape).decode)


def test_a_copy_of_the_prompt_of_each_sample_is_not_read_from_memory_by_each(
    shapes: dict[str, Shape],
) -> None:
    shape = shapes["llama3-8b"]
    shared = tokens_of("majority_vote", spent(16.0))
    more = cache_read_byte(without_sharing(shared), shape) - cache_read_byte(shared, shape)
    prompt = float(shape.kv_bytes(PROMPT))
    # 300 steps: 16 reads of the prompt instead of one.
    assert float(more) == pytest.approx(300 * 15 * prompt)


def test_the_gpu_seconds_of_reading_are_not_n_times_as_many(
    shapes: dict[str, Shape], h200: Hardware
) -> None:
    fleet = operating_fleet(shapes["llama3-8b"], h200, PROMPT, SAMPLE)
    shared = tokens_of("majority_vote", spent(16.0))
    once, each = (gpu_seconds(fleet, work) for work in (shared, without_sharing(shared)))
    np.testing.assert_allclose(each.prefill, 16 * once.prefill)
    np.testing.assert_array_equal(each.decode, once.decode)


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"human"}))
def test_sharing_makes_a_query_dearer_or_one_sample_cheaper(
    method: str, shapes: dict[str, Shape], h200: Hardware
) -> None:
    shape = shapes["llama3-8b"]
    fleet = operating_fleet(shape, h200, PROMPT, SAMPLE, verifier=shape)
    before = 0.0
    for n in (1.0, 2.0, 5.0, 64.0):
        shared = tokens_of(method, spent(n))
        alone = without_sharing(shared)
        more = gpu_seconds(fleet, alone).total - gpu_seconds(fleet, shared).total
        idle = idle_query_s(shape, h200, alone).total_s - idle_query_s(shape, h200, shared).total_s
        if float(shared.parallel * shared.serial_steps) == 1:
            assert float(more.item()) == float(idle) == 0
        else:
            assert more.item() > before
            assert float(idle) > 0
        before = more.item()


def test_an_idle_replica_reads_one_prompt_for_samples_that_share_none(
    shapes: dict[str, Shape], h200: Hardware
) -> None:
    """By hand: one pass over 16 prompts, then 300 steps; a revision reads them in every turn."""
    shape = shapes["llama3-8b"]
    votes = idle_query_s(shape, h200, without_sharing(tokens_of("majority_vote", spent(16.0))))
    step = decode_step_s(shape, h200, 16, PROMPT + SAMPLE / 2)
    total = float(prefill_s(shape, h200, 16 * PROMPT, PROMPT) + SAMPLE * step)
    assert float(votes.total_s) == pytest.approx(total)

    chain = idle_query_s(shape, h200, without_sharing(tokens_of("revision", spent(16.0, 1))))
    step = decode_step_s(shape, h200, 16, PROMPT + SAMPLE)
    first = prefill_s(shape, h200, 16 * PROMPT, PROMPT)
    later = prefill_s(shape, h200, 16 * (PROMPT + SAMPLE), PROMPT + SAMPLE)
    total = float(first + later + 2 * SAMPLE * step)
    assert float(chain.total_s) == pytest.approx(total, rel=0.01)


def test_a_fleet_holds_a_batch_for_which_its_prompts_leave_no_room(
    shapes: dict[str, Shape], h200: Hardware
) -> None:
    """Two samples of a prompt of 4000 tokens and 300 of its own: 2150 cached tokens, or 4150."""
    shape = shapes["llama3-8b"]
    loose = {"token_time_limit_s": 10.0, "length_cv": 0.0}
    two, own = (
        operating_fleet(shape, h200, 4000.0, 300.0, samples_per_prompt=s, **loose)
        for s in (2.0, 1.0)
    )
    assert two.limited_by == own.limited_by == "memory"
    assert two.batch / own.batch == pytest.approx(4150 / 2150, rel=0.01)
    work = tokens_of("majority_vote", spent(2.0))
    assert gpu_seconds(own, work).total.item() > gpu_seconds(two, work).total.item()


def test_samples_that_are_not_drawn_or_drawn_again_read_as_many_prompts_as_before() -> None:
    votes = tokens_of("majority_vote", spent(16.0))
    counts = Drawn(np.array(10.0), np.array(3.0), np.array(4.0))
    stopped = without_sharing(stopped_early(votes, 16.0, counts, 4))
    assert float(stopped.prefill_tokens) == pytest.approx(10 * PROMPT)
    again = Retries(most=2, failure_rate=0.5)
    assert float(without_sharing(retried(votes, again)).prefill_tokens) == pytest.approx(
        16 * 1.75 * PROMPT
    )
    beam = tokens_of("beam_search", spent(4.0, 5, 2))
    assert float(without_sharing(retried(beam, again)).prefill_tokens) == pytest.approx(
        1.75 * float(without_sharing(beam).prefill_tokens)
    )
