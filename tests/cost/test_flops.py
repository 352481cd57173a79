"""FLOPs in full and as published frontiers count them."""

from __future__ import annotations

import numpy as np
import pytest
from published_forms import nominal_flop

from planner.cost.flops import full_flop, memory_aware_flop
from planner.cost.methods import tokens_of
from planner.cost.shape import Shape
from planner.cost.work import Spending
from planner.domain.card import ModelCard

UNIT = 2e9


def units_of(method: str, n: float, params_b: float, verifier_b: float = 0.0) -> float:
    """FLOPs in units of 2e9 a generated token of one sample, as in Sun et al.'s figures."""
    work = tokens_of(method, Spending(n=n, prompt_tokens=123.0, output_tokens=300.0))
    return float(nominal_flop(params_b, work, verifier_b)) / (UNIT * 300)


def test_units_of_the_published_frontier() -> None:
    """Sun et al. 2024 (arXiv:2403.09472): 7B majority@8 56, 34B greedy 34, 7B + 7B ORM@16 224."""
    assert units_of("majority_vote", 8, 7) == pytest.approx(56)
    assert units_of("greedy", 1, 34) == pytest.approx(34)
    assert units_of("weighted_vote", 16, 7, 7) == pytest.approx(224)
    assert units_of("majority_vote", 32, 34) == pytest.approx(1088)
    assert units_of("weighted_vote", 32, 34, 34) == pytest.approx(2176)


def test_cost_parity_in_nominal_flops_is_34_over_14() -> None:
    parity = units_of("greedy", 1, 34) / units_of("weighted_vote", 1, 7, 7)
    assert parity == pytest.approx(2.43, abs=0.005)


def test_charging_the_34b_verifier_multiplies_the_7b_search() -> None:
    """Wu et al. 2024 leave their 34B reward model out: with it, 7B sampling costs (7 + 34) / 7."""
    ratio = units_of("weighted_vote", 256, 7, 34) / units_of("weighted_vote", 256, 7)
    assert ratio == pytest.approx(5.86, abs=0.005)


def test_full_count_matches_a_layer_by_layer_count(shapes: dict[str, Shape]) -> None:
    shape = shapes["llama3-8b"]
    prompt, output, n = 7, 5, 3
    d, heads, kv, hd, ffn, layers, vocab = 4096, 32, 8, 128, 14336, 32, 128256

    def token(context: float, head: bool) -> float:
        matmul = 2 * (d * heads * hd + 2 * d * kv * hd + heads * hd * d + 3 * d * ffn) * layers
        attention = 2 * 2 * heads * hd * context * layers
        return matmul + attention + (2 * d * vocab if head else 0)

    prefill = sum(token(i + 0.5, head=False) for i in range(prompt))
    decode = n * sum(token(prompt + i + 0.5, head=True) for i in range(output))
    verify = n * sum(token(i + 0.5, head=False) for i in range(prompt + output))
    work = tokens_of(
        "best_of_n",
        Spending(n=n, prompt_tokens=prompt, output_tokens=output, length_cv=0.0),
    )
    flop = full_flop(work, shape, shape.as_verifier())
    assert float(flop.prefill) == pytest.approx(prefill, rel=1e-4)
    assert float(flop.decode) == pytest.approx(decode, rel=1e-4)
    assert float(flop.verifier) == pytest.approx(verify, rel=1e-4)
    assert float(flop.total) == pytest.approx(prefill + decode + verify, rel=1e-4)


def test_mixture_of_experts_counts_active_parameters(mixtral: ModelCard) -> None:
    shape = Shape.from_card(mixtral)
    work = tokens_of("greedy", Spending(n=1.0, prompt_tokens=0.0, output_tokens=1.0))
    per_token = float(full_flop(work, shape).decode)
    assert per_token == pytest.approx(2 * 12.75e9, rel=0.01)


def test_attention_grows_with_context(shapes: dict[str, Shape]) -> None:
    outputs = np.array([100.0, 1000.0, 10000.0])
    work = tokens_of("greedy", Spending(n=1.0, prompt_tokens=100.0, output_tokens=outputs))
    per_token = full_flop(work, shapes["llama2-7b"]).decode / outputs
    assert np.all(np.diff(per_token) > 0)
    assert per_token[0] == pytest.approx(2 * 6.607e9, rel=0.02)


def test_memory_aware_flop_is_not_that_of_kinetics(shapes: dict[str, Shape]) -> None:
    """Decode part, worked from the paper's formulas: 16 samples of 8,000 tokens."""
    shape = shapes["llama3-8b"]
    n, prompt, length, intensity = 16.0, 500.0, 8000.0, 562.5
    spending = Spending(n=n, prompt_tokens=prompt, output_tokens=length, length_cv=0.0)
    work = tokens_of("majority_vote", spending)
    wide, narrow = 32 * 128 * 32, 8 * 128 * 32
    compute = n * (2 * shape.active_params * length + 2 * (2 * prompt + length) * length * wide)
    memory = intensity * 2 * (2 * prompt + n * length) * length * narrow
    flop = full_flop(work, shape)
    assert float(flop.decode) == pytest.approx(compute)
    found = float(memory_aware_flop(work, shape, intensity))
    assert found - float(flop.prefill) == pytest.approx(compute + memory)
    # Attention, not parameters, dominates long chains of thought.
    assert memory > 3 * n * 2 * shape.active_params * length
