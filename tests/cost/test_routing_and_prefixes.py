"""Skewed routing of experts, and decode steps whose samples share a prefix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.cost.hardware import Hardware, hardware_of
from planner.cost.seconds import (
    decode_step_s,
    decode_step_shared_s,
    experts_touched,
    touched_by,
)
from planner.cost.shape import Shape
from planner.domain.card import ModelCard
from planner.errors import InputError
from planner.ingest.cards import load_cards


@pytest.fixture(scope="module")
def h200() -> Hardware:
    """The H200 as its card has it."""
    return hardware_of(load_cards().accelerator("h200-sxm"))[0]


def test_touched_experts_under_skew_are_those_of_even_routing() -> None:
    """Against tokens drawn one by one, each expert used independently with its probability."""
    rng = np.random.default_rng(5)
    use = np.exp(rng.normal(0, 1, 32))
    use = np.minimum(4 * use / use.sum(), 1.0)
    for tokens in (1, 4, 16, 64):
        drawn = rng.random((3000, tokens, 32)) < use
        counted = drawn.any(axis=1).sum(axis=1).mean()
        assert float(experts_touched(32, 4, tokens, tuple(use))) == pytest.approx(counted, rel=0.02)


@given(
    use=st.lists(st.floats(0.01, 1.0), min_size=4, max_size=16),
    tokens=st.integers(1, 500),
)
def test_even_routing_touches_fewer_experts_than_skewed(use: list[float], tokens: int) -> None:
    """Even routing is an upper bound: 1 - (1 - p)^T is concave in p."""
    total = sum(use)
    experts = len(use)
    even = float(experts * (1 - (1 - total / experts) ** tokens))
    assert float(experts_touched(experts, 1, tokens, tuple(use))) <= even + 1e-9


def test_counts_of_touched_experts_are_not_met(mixtral: ModelCard) -> None:
    shape = replace(Shape.from_card(mixtral), experts_touched=((1.0, 2.0), (16.0, 5.0)))
    assert touched_by(shape, [1, 4, 16]) == pytest.approx([2, 3.5, 5])
    even = float(experts_touched(8, 2, 16))
    assert float(touched_by(shape, 1000.0)) == pytest.approx(8 * 5 / even, rel=1e-3)
    late = replace(shape, experts_touched=((16.0, 5.0),))
    assert touched_by(late, [1, 4, 16]) == pytest.approx([2, 3.5, 5])


def test_skew_makes_a_decode_step_no_faster(mixtral: ModelCard, h200: Hardware) -> None:
    """All tokens on the same experts, measured: Mixtral 7.97 ms against 22.28 at 16 sequences."""
    shape = Shape.from_card(mixtral)
    one_pair = replace(shape, expert_probabilities=(1.0, 1.0, *[0.0] * 6))
    forced = float(decode_step_s(one_pair, h200, 16, 256))
    even = float(decode_step_s(shape, h200, 16, 256))
    assert forced * 1e3 == pytest.approx(7.97, rel=0.16)
    assert even * 1e3 == pytest.approx(22.28, rel=0.08)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"expert_probabilities": [0.5] * 4}, "has 4 numbers for 8 experts"),
        ({"expert_probabilities": [0.5] * 8}, "add up to 4"),
        ({"experts_touched": [[16, 5], [1, 2]]}, "not a list"),
    ],
)
def test_impossible_routing_on_a_card_is_taken(
    cards: Callable[..., ModelCard], fields: dict[str, object], what: str
) -> None:
    with pytest.raises(ValueError, match=what):
        cards("m", layers=2, experts=8, experts_active=2, expert_ffn=64, **fields)


@pytest.mark.parametrize(
    ("samples", "prefix", "own_ms", "shared_ms"),
    [(64, 4096, 13.20, 6.69), (16, 16384, 12.32, 6.03), (256, 1024, 17.18, 10.91)],
)
def test_a_shared_prefix_takes_other_time_than_measured(
    shapes: dict[str, Shape],
    h200: Hardware,
    samples: int,
    prefix: int,
    own_ms: float,
    shared_ms: float,
) -> None:
    """8B on an H200, 256 tokens of each sample's own."""
    shape = shapes["llama3-8b"]
    own = float(decode_step_s(shape, h200, samples, prefix + 256))
    shared = float(decode_step_shared_s(shape, h200, samples, prefix, 256))
    assert own * 1e3 == pytest.approx(own_ms, rel=0.05)
    assert shared * 1e3 == pytest.approx(shared_ms, rel=0.06)


def test_cascade_pays_for_a_single_sample(shapes: dict[str, Shape], h200: Hardware) -> None:
    """Measured: 5 to 8% slower at one sample."""
    shape = shapes["llama3-8b"]
    alone = float(decode_step_s(shape, h200, 1, 4096 + 256))
    shared = float(decode_step_shared_s(shape, h200, 1, 4096, 256))
    assert 1.03 < shared / alone < 1.15


def test_cascade_without_its_constants_is_priced(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    with pytest.raises(InputError, match="cascade_layer_s"):
        decode_step_shared_s(shapes["llama3-8b"], gpus["h100-sxm"], 4, 1024, 256)
