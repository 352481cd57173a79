"""Latency: the slowest of n samples, serial steps, and what the verifier adds."""

from __future__ import annotations

import numpy as np
import pytest

from planner.cost.assumptions import LENGTH_CV, P95_TO_MEAN, P95_TO_MEAN_THINKING
from planner.cost.fleets import operating_fleet
from planner.cost.hardware import Hardware
from planner.cost.latency import Part, latency_quantiles
from planner.cost.lengths import length_cv, length_sd_log, slowest_to_mean
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
    for load in (None, 0.5):
        vote, best, chain = (
            latency_quantiles(fleet, [Part(1.0, tokens_of(m, spending))], [0.5, 0.95], load)
            for m in ("majority_vote", "best_of_n", "revision")
        )
        for found in (vote, best, chain):
            assert found.shape == (2, 3)
            assert np.all(found[1] > found[0])
            assert np.all(np.diff(found[1]) > 0)
        assert np.all(best[0] > vote[0])
        assert np.all(chain[0] > 3.5 * vote[0] * (1.0 if load is None else 0.9))
    # One sample: 300 tokens of the log-normal's median at the engine's time per token.
    step = float(fleet.step_s[0])
    full = latency_quantiles(fleet, [Part(1.0, tokens_of("greedy", spending))], [0.5, 0.95])
    assert float(full[0, 0]) == pytest.approx(
        300 * step * np.exp(-(float(length_sd_log(1.9)) ** 2) / 2), rel=0.03
    )


def test_an_emptier_fleet_is_faster_and_a_fuller_one_slower(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    fleet = operating_fleet(shapes["llama3-8b"], gpus["h100-sxm"], 200, 300)
    part = Part(1.0, tokens_of("greedy", Spending(n=[1.0], prompt_tokens=200, output_tokens=300)))
    full = float(latency_quantiles(fleet, [part], 0.95)[0])
    said = [float(latency_quantiles(fleet, [part], 0.95, load)[0]) for load in (0, 0.2, 0.5, 0.9)]
    assert np.all(np.diff(said) > 0)
    assert said[1] < 0.5 * full
    # Nobody else is there: one sequence at the pace of a batch of one.
    alone = float(fleet.step_at(1.0)[0]) * 300 * 1.9
    assert said[0] == pytest.approx(alone, rel=0.1)
    with pytest.raises(ValueError, match="under 1"):
        latency_quantiles(fleet, [part], 0.95, 1.0)


def test_p95_of_a_mix_is_that_of_its_long_queries(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    """By sampling: a tenth of the queries is ten times as long."""
    fleet = operating_fleet(shapes["llama3-8b"], gpus["h100-sxm"], 200, 300)
    parts = [
        Part(share, tokens_of("greedy", Spending(n=[1.0], prompt_tokens=0, output_tokens=out)))
        for share, out in ((0.9, 200.0), (0.1, 2000.0))
    ]
    rng = np.random.default_rng(3)
    sd = float(length_sd_log(P95_TO_MEAN.value))
    times = []
    for part, queries in zip(parts, (180_000, 20_000), strict=True):
        step = float(latency_quantiles(fleet, [part], 0.5)[0])
        times.append(step * np.exp(rng.normal(0, sd, queries)))
    found = float(latency_quantiles(fleet, parts, 0.95)[0])
    assert found == pytest.approx(float(np.quantile(np.concatenate(times), 0.95)), rel=0.03)
