"""Latency: the slowest of n samples, serial steps, and what the verifier adds."""

from __future__ import annotations

import numpy as np
import pytest

from planner.cost.assumptions import LENGTH_CV, P95_TO_MEAN, P95_TO_MEAN_THINKING
from planner.cost.fleets import operating_fleet
from planner.cost.hardware import Hardware
from planner.cost.latency import latency, length_cv, length_sd_log, slowest_to_mean
from planner.cost.methods import tokens_of
from planner.cost.shape import Shape
from planner.cost.work import Spending


@pytest.mark.parametrize("ratio", [1.4, 1.9, 3.1])
def test_log_normal_has_the_p95_over_mean_asked_for(ratio: float) -> None:
    sd = float(length_sd_log(ratio))
    assert np.exp(1.6448536 * sd - sd**2 / 2) == pytest.approx(ratio)


def test_ratios_beyond_a_log_normal_are_bounded() -> None:
    assert length_sd_log([0.5, 1.0, 3.87, 9.0]) == pytest.approx([0, 0, 1.6449, 1.6449], abs=0.05)
    assert length_sd_log(P95_TO_MEAN_THINKING.high) > length_sd_log(P95_TO_MEAN_THINKING.value)


def test_default_variation_is_that_of_the_default_tail() -> None:
    assert float(length_cv(P95_TO_MEAN.value)) == pytest.approx(LENGTH_CV, abs=0.01)


@pytest.mark.parametrize("parallel", [1, 4, 64, 256])
@pytest.mark.parametrize("quantile", [0.5, 0.95])
def test_slowest_of_n_matches_simulation(parallel: int, quantile: float) -> None:
    rng = np.random.default_rng(parallel)
    total = float(length_sd_log(1.9))
    within = np.sqrt(np.log1p(0.2**2))
    between = np.sqrt(total**2 - within**2)
    queries = 40_000
    slowest = np.full(queries, -np.inf)
    for _ in range(parallel):
        np.maximum(slowest, rng.normal(0, within, queries), out=slowest)
    log_length = rng.normal(0, between, queries) + slowest - total**2 / 2
    found = float(slowest_to_mean(quantile, parallel, 1.9, 0.2))
    assert found == pytest.approx(np.exp(np.quantile(log_length, quantile)), rel=0.03)


def test_p95_of_one_sample_is_the_ratio_itself() -> None:
    assert float(slowest_to_mean(0.95, 1, 1.9)) == pytest.approx(1.9)


def test_latency_grows_with_n_steps_and_verifier(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    shape = shapes["llama2-7b"]
    fleet = operating_fleet(
        shape, gpus["h100-sxm"], 200, 300, verifier=shape, engine_efficiency=0.5
    )
    n = np.array([1.0, 4.0, 64.0])
    spending = Spending(n=n, prompt_tokens=200, output_tokens=300, depth=3.0)
    vote, best, chain = (
        latency(fleet, tokens_of(m, spending)) for m in ("majority_vote", "best_of_n", "revision")
    )
    for found in (vote, best, chain):
        assert found.p50_s.shape == (1, 3)
        assert np.all(found.p95_s > found.p50_s)
        assert np.all(np.diff(found.p95_s) > 0)
    assert np.all(best.p50_s > vote.p50_s)
    assert np.all(chain.p50_s > 3.5 * vote.p50_s)
    # One sample: 300 tokens of the log-normal's median at the engine's time per token.
    step = float(fleet.step_s[0])
    assert float(vote.p50_s[0, 0]) == pytest.approx(
        300 * step * np.exp(-(float(length_sd_log(1.9)) ** 2) / 2), rel=0.02
    )


def test_an_emptier_fleet_is_faster(shapes: dict[str, Shape], gpus: dict[str, Hardware]) -> None:
    fleet = operating_fleet(shapes["llama3-8b"], gpus["h100-sxm"], 200, 300)
    work = tokens_of("greedy", Spending(n=1.0, prompt_tokens=200, output_tokens=300))
    full, light = latency(fleet, work), latency(fleet, work, batch=4.0)
    assert float(light.p95_s[0, 0]) < 0.5 * float(full.p95_s[0, 0])
