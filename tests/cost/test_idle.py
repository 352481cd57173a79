"""A query alone on an idle replica: what it reads again, and samples that share a prompt."""

from __future__ import annotations

import pytest

from planner.cost.hardware import Hardware, hardware_of
from planner.cost.idle import idle_query_s
from planner.cost.methods import tokens_of
from planner.cost.seconds import decode_step_s, decode_step_shared_s, prefill_s
from planner.cost.shape import Shape
from planner.cost.work import Spending
from planner.ingest.cards import load_cards


@pytest.fixture(scope="module")
def h200() -> Hardware:
    """The H200 as its card has it."""
    return hardware_of(load_cards().accelerator("h200-sxm"))[0]


def test_a_later_turn_alone_reads_all_earlier_ones_as_one_long_prompt(
    shapes: dict[str, Shape], h200: Hardware
) -> None:
    """Worked by hand: 16 chains of 9 answers of 305 tokens, each turn a pass of its own."""
    shape = shapes["llama3-8b"]
    n, depth, prompt, sample = 16, 8, 212, 305
    spent = Spending(n=n, prompt_tokens=prompt, output_tokens=sample, depth=depth, length_cv=0)
    query = idle_query_s(shape, h200, tokens_of("revision", spent))
    context = prompt + sample * depth / 2 + sample / 2
    decode = 9 * sample * decode_step_s(shape, h200, n, context)
    again = sum(
        prefill_s(shape, h200, n * sample * turn, prompt + sample * turn) for turn in range(1, 9)
    )
    total = float(decode + again + prefill_s(shape, h200, prompt, prompt))
    assert float(query.total_s) == pytest.approx(total, rel=0.03)

    # Short turns read the weights each time: four passes, not one, nor more.
    spent = Spending(n=1.0, prompt_tokens=20, output_tokens=10, depth=4, length_cv=0)
    query = idle_query_s(shape, h200, tokens_of("revision", spent))
    decode = 50 * decode_step_s(shape, h200, 1, 20 + 10 * 2 + 5)
    reading = float(query.total_s - decode)
    assert reading == pytest.approx(5 * float(prefill_s(shape, h200, 20, 20)), rel=0.03)


def test_samples_that_read_one_prompt_are_priced_as_if_each_had_its_own(
    shapes: dict[str, Shape], h200: Hardware
) -> None:
    shape = shapes["llama3-8b"]
    work = tokens_of(
        "majority_vote", Spending(n=64.0, prompt_tokens=4096, output_tokens=512, length_cv=0)
    )
    own = idle_query_s(shape, h200, work)
    one = idle_query_s(shape, h200, work, one_prefix=True)
    saved = decode_step_s(shape, h200, 64, 4352) - decode_step_shared_s(shape, h200, 64, 4096, 256)
    assert float(own.total_s - one.total_s) == pytest.approx(float(512 * saved))
    assert float(one.total_s) < 0.6 * float(own.total_s)
