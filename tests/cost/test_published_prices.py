"""Every published price and training example, as docs/published_prices.md lists them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from published_forms import usd_per_solved

from planner.cost.api import ApiBilling, api_usd
from planner.cost.flops import FLOP_PER_PARAM_TOKEN
from planner.cost.methods import tokens_of
from planner.cost.training import (
    exchange_rate,
    rollout_label_flop,
    step_label_usd,
    total_over_active,
    training_flop,
    training_gpu_hours,
    training_usd,
)
from planner.cost.work import Spending
from planner.domain.price import ApiPrice

H100 = 989e12
"""Dense bf16 FLOP/s of an H100 and an H800."""


def output_usd(tokens: float, usd_per_mtok: float) -> float:
    """Dollars of one query whose tokens are all output, at one price."""
    price = ApiPrice(
        model="o3",
        input_usd_per_mtok=usd_per_mtok,
        output_usd_per_mtok=usd_per_mtok,
        start_date=dt.date(2024, 12, 20),
    )
    work = tokens_of("sampled", Spending(n=1.0, prompt_tokens=0.0, output_tokens=tokens))
    return float(np.squeeze(api_usd(work, ApiBilling(price))))


A, B, E, ALPHA, BETA = 406.4, 410.7, 1.69, 0.336, 0.283
"""Chinchilla's law as Sardana et al. use it: appendix A, footnote 2."""


def chinchilla_tokens(params: float) -> float:
    """Training tokens that are FLOP-optimal for a size (Hoffmann et al. 2022, approach 3)."""
    g = (ALPHA * A / (BETA * B)) ** (1 / (ALPHA + BETA))
    return float((params / g) ** ((ALPHA + BETA) / BETA) / params)


def total_flop(params: float, tokens: float, inferred: float) -> float:
    return float(training_flop(params, tokens)) + FLOP_PER_PARAM_TOKEN * params * inferred


def sardana(params: float, inferred: float) -> tuple[float, float, float, float]:
    """(best size, its tokens over Chinchilla's, FLOPs of Chinchilla, least FLOPs), by search."""
    own = chinchilla_tokens(params)
    loss = E + A / params**ALPHA + B / own**BETA
    sizes = np.geomspace(params / 20, params, 100_001)
    room = loss - E - A / sizes**ALPHA
    tokens = np.where(room > 0, (B / np.maximum(room, 1e-12)) ** (1 / BETA), np.inf)
    flop = training_flop(sizes, tokens) + FLOP_PER_PARAM_TOKEN * sizes * inferred
    best = int(np.argmin(flop))
    return sizes[best], tokens[best] / own, total_flop(params, own, inferred), flop[best]


def saving(params: float, inferred: float) -> float:
    _, _, chinchilla, least = sardana(params, inferred)
    return 100 * (1 - least / chinchilla)


def deepseek_v3_hours(params: float) -> float:
    return float(training_gpu_hours(training_flop(params, 14.8e12), H100)) / 1e6


CASES: dict[str, tuple[Callable[[], float], float, float | None]] = {
    # name: (ours, published, relative tolerance of "reproduced"; None where it is not)
    "SWE-bench Lite, DeepSeek-Coder-V2 x 5, all 300 issues": (
        lambda: 300 * usd_per_solved(0.0072, 5, 1.0), 10.8, 1e-9),
    "SWE-bench Lite, GPT-4o": (lambda: 300 * usd_per_solved(0.13, 1, 1.0), 39, 1e-9),
    "SWE-bench Lite, Claude 3.5 Sonnet": (
        lambda: 300 * usd_per_solved(0.17, 1, 1.0), 51, 1e-9),
    "the same a solved issue, DeepSeek x 5": (
        lambda: usd_per_solved(0.0072, 5, 0.2962), 0.1215, 1e-3),
    "the same a solved issue, GPT-4o": (lambda: usd_per_solved(0.13, 1, 0.24), 0.542, 1e-3),
    "the same a solved issue, Claude 3.5 Sonnet": (
        lambda: usd_per_solved(0.17, 1, 0.267), 0.637, 1e-3),
    "o3, ARC-AGI-1, 6 samples, 100 tasks at $61 a million tokens": (
        lambda: 100 * output_usd(33e6 / 100, 61), 2012, 1e-3),
    "o3, a task of the semi-private set": (lambda: output_usd(33e6 / 100, 61), 20, 0.01),
    "o3, public set, 400 tasks at $60 a million tokens": (
        lambda: 400 * output_usd(111e6 / 400, 60), 6677, 3e-3),
    "o3, a task of the public set": (lambda: output_usd(111e6 / 400, 60), 17, 0.025),
    "o3, 1024 over 6 samples, semi-private": (
        lambda: output_usd(5.7e9, 61) / output_usd(33e6, 61), 172, 5e-3),
    "pre-training FLOPs, 3B on 9T": (lambda: float(training_flop(3e9, 9e12)), 1.62e23, 1e-9),
    "pre-training FLOPs, 405B on 15T": (
        lambda: float(training_flop(405e9, 15e12)), 3.65e25, 2e-3),
    "FLOPs exchange, M = 14, R = 0.16": (lambda: float(exchange_rate(14, 0.16)), 257.75, 1e-9),
    "FLOPs exchange, M = 14, R = 0.79": (lambda: float(exchange_rate(14, 0.79)), 63.37, 1e-4),
    "FLOPs exchange, M = 14, R = 22": (lambda: float(exchange_rate(14, 22)), 15.77, 1e-3),
    "30B quality, 1e13 inferred: size, B": (lambda: sardana(30e9, 1e13)[0] / 1e9, 13.6, 2e-3),
    "30B quality, 1e13 inferred: data ratio": (lambda: sardana(30e9, 1e13)[1], 2.84, 3e-3),
    "30B quality, 1e13 inferred: saving, %": (lambda: saving(30e9, 1e13), 28, 5e-3),
    "13B quality, 2e12 inferred: size, B": (lambda: sardana(13e9, 2e12)[0] / 1e9, 7, 6e-3),
    "13B quality, 2e12 inferred: FLOPs of Chinchilla": (
        lambda: sardana(13e9, 2e12)[2], 9.7e22, 1e-3),
    "13B quality, 2e12 inferred: least FLOPs": (lambda: sardana(13e9, 2e12)[3], 8.0e22, 1e-3),
    "7B quality, 1e11 inferred: data ratio": (lambda: sardana(7e9, 1e11)[1], 1.18, 5e-3),
    "70B quality, 2e12 inferred: saving, %": (lambda: saving(70e9, 2e12), 1.3, 0.02),
    "70B, Chinchilla's tokens, T": (lambda: chinchilla_tokens(70e9) / 1e12, 4.26, 2e-3),
    "PRM800K: labels at a dollar each": (lambda: float(step_label_usd(800e3, 1.0)), 800e3, 1e-9),
    "Math-Shepherd: FLOPs of a step's 8 continuations of 100 tokens by 7B": (
        lambda: float(rollout_label_flop(1, 8, 100, 7e9)), 2 * 7e9 * 800, 1e-9),
    "DeepSeek-V3 at $2 an hour: $M of 2.788M hours": (
        lambda: float(training_usd(2.788e6 * 3600 * H100 * 0.4, H100, 2.0, 0.4)) / 1e6,
        5.576, 1e-9),
    "DeepSeek-R1, FLOPs counted by total over active parameters": (
        lambda: float(total_over_active(671e9, 671e9, 37e9) or 0), 18, 0.01),
    "DeepSeek-V3, pre-training hours by active parameters, M": (
        lambda: deepseek_v3_hours(37e9), 2.664, None),
    "DeepSeek-V3, the same by total parameters, M": (
        lambda: deepseek_v3_hours(671e9), 2.664, None),
    "Llama 3.1 405B, hours, M": (
        lambda: float(training_gpu_hours(training_flop(405e9, 15.6e12), H100)) / 1e6, 30.84, None),
    "Llama 3.1 8B, hours, M": (
        lambda: float(training_gpu_hours(training_flop(8e9, 15e12), H100)) / 1e6, 1.46, None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_published_figure_is_not_reproduced(name: str) -> None:
    ours, published, tolerance = CASES[name]
    if tolerance is not None:
        assert ours() == pytest.approx(published, rel=tolerance)
    else:
        assert ours() > 0


def written(number: float) -> str:
    return f"{number:.4g}"


def test_the_docs_list_every_case_with_our_value_and_the_published_one(project: Path) -> None:
    text = (project / "docs" / "published_prices.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|", text, flags=re.MULTILINE)
    listed = {name: (ours, published) for name, ours, published in rows}
    for name, (ours, published, _) in CASES.items():
        assert listed.get(name) == (written(ours()), written(published)), name


def test_counting_every_expert_is_found_and_counting_the_active_ones_is_not() -> None:
    assert total_over_active(671e9, 671e9, 37e9) == pytest.approx(18.1, abs=0.05)
    assert total_over_active(680e9, 671e9, 37e9) is not None  # rounded otherwise
    assert total_over_active(37e9, 671e9, 37e9) is None
    assert total_over_active(8e9, 8e9, 8e9) is None
    assert total_over_active(100e9, 671e9, 37e9) is None


def test_dollars_of_training_are_hours_times_rent() -> None:
    flop = training_flop(37e9, 14.8e12)
    usd = float(training_usd(flop, H100, 2.0, 0.4))
    assert usd == pytest.approx(2 * float(training_gpu_hours(flop, H100, 0.4)))
