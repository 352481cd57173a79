"""Fleets at their operating batch: GPU-seconds, shares, parities and whole GPUs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.cost.at_load import batch_at_load
from planner.cost.fleets import Fleet, gpu_seconds, operating_fleet
from planner.cost.hardware import Hardware
from planner.cost.memory import gpu_choices, memory_batch
from planner.cost.methods import tokens_of
from planner.cost.replicas import replicas
from planner.cost.seconds import decode_step_s, prefill_s
from planner.cost.shape import Shape
from planner.cost.work import Spending
from planner.domain.draws import Draws
from planner.domain.ranges import Range
from planner.errors import InfeasibleError

N = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0])
GPUS = ["h100-sxm", "h200-sxm", "a100-80gb"]


def small(shapes: dict[str, Shape], gpu: Hardware, prompt: float, out: float, **more: Any) -> Fleet:
    shape = shapes["llama2-7b"]
    return operating_fleet(shape, gpu, prompt, out, verifier=shape, **more)


@pytest.mark.parametrize("gpu", GPUS)
@pytest.mark.parametrize("prompt", [150, 300])
@pytest.mark.parametrize("out", [250, 350])
def test_verifier_takes_a_quarter_to_a_half_at_every_n(
    shapes: dict[str, Shape], gpus: dict[str, Hardware], gpu: str, prompt: float, out: float
) -> None:
    """A loaded fleet: the share hardly depends on n, unlike on an idle GPU (0.6 to 42%)."""
    fleet = small(shapes, gpus[gpu], prompt, out, engine_efficiency=0.53)
    work = tokens_of("weighted_vote", Spending(n=N, prompt_tokens=prompt, output_tokens=out))
    share = gpu_seconds(fleet, work).verifier_share[0]
    assert 0.20 < share.min() <= share.max() < 0.49
    assert share.max() - share.min() < 0.08


@pytest.mark.parametrize("gpu", GPUS)
def test_cost_parity_of_7b_and_verifier_with_34b_greedy(
    shapes: dict[str, Shape], gpus: dict[str, Hardware], gpu: str
) -> None:
    """2.43 in nominal FLOPs; in GPU-seconds about 1.6 to 3.6 by batch, prompt and accelerator."""
    grid = np.linspace(0.5, 8, 200)
    found = []
    for prompt in (100, 200, 300, 600):
        for limit_s in (0.05, 0.1, 0.2):
            terms = {"engine_efficiency": 0.53, "token_time_limit_s": limit_s}
            fleet = small(shapes, gpus[gpu], prompt, 300, **terms)
            work = Spending(n=grid, prompt_tokens=prompt, output_tokens=300)
            cost = gpu_seconds(fleet, tokens_of("weighted_vote", work)).total[0]
            other = operating_fleet(
                shapes["codellama-34b"],
                gpus[gpu],
                prompt,
                300,
                engine_efficiency=0.53,
                token_time_limit_s=limit_s,
            )
            target = gpu_seconds(other, tokens_of("greedy", work)).total[0, 0]
            assert cost[0] < target < cost[-1]
            found.append(float(np.interp(target, cost, grid)))
    assert min(found) > 1.4
    assert max(found) < 3.6
    assert 1.6 < np.median(found) < 2.6


def test_smaller_batches_favour_the_small_model(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    """Reading the 34B's weights is shared by fewer sequences: parity n rises."""
    parities = []
    for limit_s in (0.03, 0.1):
        costs = []
        for name, verifier, method in (
            ("llama2-7b", shapes["llama2-7b"], "weighted_vote"),
            ("codellama-34b", None, "greedy"),
        ):
            fleet = operating_fleet(
                shapes[name],
                gpus["h200-sxm"],
                200,
                300,
                verifier=verifier,
                engine_efficiency=0.53,
                token_time_limit_s=limit_s,
            )
            work = tokens_of(method, Spending(n=1.0, prompt_tokens=200, output_tokens=300))
            costs.append(float(gpu_seconds(fleet, work).total[0, 0]))
        parities.append(costs[1] / costs[0])
    assert parities[0] > parities[1] * 1.1


def test_gpu_seconds_by_hand(shapes: dict[str, Shape], gpus: dict[str, Hardware]) -> None:
    """Decode at step / batch, prompt and verifier in passes of 8,192 tokens, over efficiency."""
    shape, gpu = shapes["llama2-7b"], gpus["h100-sxm"]
    fleet = small(shapes, gpu, 200, 300, engine_efficiency=0.5, length_cv=0.0)
    batch = float(fleet.batch[0])
    decode = 4 * 300 * float(decode_step_s(shape, gpu, batch, 350)) / batch
    attention = 4 * 32 * 128 * 32 / (0.347 * 989e12)
    linear = float(prefill_s(shape, gpu, 8192, 0)) / 8192
    reader = float(prefill_s(shape.as_verifier(), gpu, 8192, 0)) / 8192
    prefill = 200 * (linear + attention * 100)
    verify = 4 * 500 * (reader + attention * 250)
    work = tokens_of(
        "best_of_n", Spending(n=4.0, prompt_tokens=200, output_tokens=300, length_cv=0.0)
    )
    found = gpu_seconds(fleet, work)
    assert fleet.gpus_per_replica == 1
    assert float(found.decode[0, 0]) == pytest.approx(decode / 0.5)
    assert float(found.prefill[0, 0]) == pytest.approx(prefill / 0.5)
    assert float(found.verifier[0, 0]) == pytest.approx(verify / 0.5)


def test_what_is_read_again_is_attended_over_as_a_prompt_alone(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    """Two chains of three answers: 200 + 2 x 300 x (1 + 2) tokens, over 6 turns 500 long."""
    shape, gpu = shapes["llama2-7b"], gpus["h100-sxm"]
    fleet = operating_fleet(shape, gpu, 200, 300)
    work = tokens_of("revision", Spending(n=2.0, prompt_tokens=200, output_tokens=300, depth=2.0))
    linear = float(prefill_s(shape, gpu, 8192, 0)) / 8192
    attention = 4 * 32 * 128 * 32 / (0.347 * 989e12)
    found = float(gpu_seconds(fleet, work).prefill[0, 0])
    assert found == pytest.approx(2000 * (linear + attention * 500 / 2))


def test_samples_of_one_prompt_hold_a_cache_of_it_each(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    """Where memory limits the batch: four samples hold a quarter of a prompt each."""
    shape, gpu = shapes["llama2-7b"], replace(gpus["h100-sxm"], max_gpus=1)
    more = {"length_cv": 0.0, "samples_per_prompt": 4.0, "token_time_limit_s": 10.0}
    fleet = operating_fleet(shape, gpu, 2000, 300, **more)
    assert fleet.limited_by == "memory"
    assert float(fleet.batch[0]) == float(memory_batch(shape, gpu, 500 + 150))


@pytest.mark.parametrize("model", ["llama2-7b", "llama3-8b", "codellama-34b", "llama3-70b"])
@pytest.mark.parametrize("gpu", GPUS)
def test_operating_batch_is_the_largest_that_may_run(
    shapes: dict[str, Shape], gpus: dict[str, Hardware], model: str, gpu: str
) -> None:
    fleet = operating_fleet(shapes[model], gpus[gpu], 200, 300, engine_efficiency=0.5)
    batch = fleet.batch
    assert batch[0] == np.floor(batch[0])
    assert fleet.step_s[0] <= 0.05
    if fleet.limited_by == "time per token":
        assert fleet.step_at(batch + 1)[0] > 0.05


def test_gpus_are_those_that_serve_a_sample_with_the_least(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    """Compared with every other number of GPUs, one at a time."""
    for model in ("llama3-8b", "codellama-34b", "llama3-70b"):
        work = tokens_of("greedy", Spending(n=1.0, prompt_tokens=200, output_tokens=300))
        costs = {}
        for wide in (1, 2, 4, 8):
            try:
                fleet = operating_fleet(
                    shapes[model], gpus["h100-sxm"], 200, 300, gpus_per_replica=wide
                )
            except InfeasibleError:
                continue
            costs[wide] = float(gpu_seconds(fleet, work).total[0, 0])
        chosen = operating_fleet(shapes[model], gpus["h100-sxm"], 200, 300)
        assert chosen.gpus_per_replica == min(costs, key=lambda g: costs[g])


def test_a_replica_has_gpus_that_cannot_share_the_heads(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    """14 heads and 2 cached ones split over 2 GPUs and not over 4 or 8; 40 and 10 over 5."""
    small, on = shapes["qwen2.5-0.5b"], gpus["h100-sxm"]
    large = shapes["llama3-70b"]
    assert gpu_choices(on, small) == (1, 2)
    assert gpu_choices(on, large) == (1, 2, 4, 8)
    assert gpu_choices(on, large, small) == (1, 2)
    odd = replace(shapes["llama2-7b"], heads=40, kv_heads=10)
    assert [g for g in range(1, 9) if odd.splits_over(g)] == [1, 2, 5]
    assert [g for g in range(1, 9) if replace(odd, kv_latent_dim=512).splits_over(g)] == [
        *(1, 2, 4, 5, 8)
    ]
    # Four GPUs would hold the pair; its verifier cannot be split so.
    half = replace(on, memory_byte=on.memory_byte / 1.5)
    assert operating_fleet(large, half, 200, 300).gpus_per_replica == 4
    with pytest.raises(InfeasibleError, match="2 x h100-sxm hold"):
        operating_fleet(large, half, 200, 300, verifier=small)


def test_limit_that_no_replica_meets_is_refused_with_its_best(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    with pytest.raises(InfeasibleError, match="s a token at best"):
        operating_fleet(shapes["llama3-70b"], gpus["a100-80gb"], 200, 300, token_time_limit_s=0.001)


def test_draws_stay_joint_and_the_central_case_is_unmoved(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    draws = Draws(200)
    prompt = draws.positive("prompt", Range.model_validate([150, 200, 300]))
    out = draws.positive("output", Range.model_validate([250, 300, 350]))
    engine = draws.fraction("engine", Range.model_validate([0.35, 0.53, 0.8]))
    shape = shapes["llama2-7b"]
    fleet = operating_fleet(
        shape, gpus["h100-sxm"], prompt, out, verifier=shape, engine_efficiency=engine
    )
    spending = Spending(n=N, prompt_tokens=prompt[:, None], output_tokens=out[:, None])
    cost = gpu_seconds(fleet, tokens_of("weighted_vote", spending)).total
    assert cost.shape == (201, len(N))
    middle = small(shapes, gpus["h100-sxm"], 200, 300, engine_efficiency=0.53)
    at = tokens_of("weighted_vote", Spending(n=N, prompt_tokens=200, output_tokens=300))
    assert cost[0] == pytest.approx(gpu_seconds(middle, at).total[0])
    assert np.corrcoef(engine[1:], cost[1:, 3])[0, 1] < -0.5


@pytest.mark.parametrize("gpu", ["h100-sxm", "a100-80gb"])
def test_kernels_slower_than_expected_cost_as_much_more_and_leave_no_batch_of_one(
    shapes: dict[str, Shape], gpus: dict[str, Hardware], gpu: str
) -> None:
    """The batch is set once, for the central case: a slow draw is late, not fifty times dearer."""
    slower = np.array([1.0, 0.5, 1.6, 3.0])
    hardware = replace(gpus[gpu], time_factor=slower)
    fleet = operating_fleet(shapes["llama3-70b"], hardware, 200, 300)
    assert fleet.limited_by == "time per token"
    assert len(set(fleet.batch)) == 1
    work = tokens_of("greedy", Spending(n=1.0, prompt_tokens=200, output_tokens=300))
    cost = gpu_seconds(fleet, work).total[:, 0]
    assert cost / cost[0] == pytest.approx(slower)
    assert fleet.late_in() == pytest.approx(2 / 3)
    assert fleet.late_in(10.0) == 0


def test_a_draw_of_longer_contexts_has_a_batch_that_still_fits(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    out = np.array([300.0, 150.0, 30_000.0])
    fleet = operating_fleet(shapes["llama2-7b"], gpus["h100-sxm"], 200, out)
    room = memory_batch(shapes["llama2-7b"], gpus["h100-sxm"], fleet.context_tokens, 1)
    assert fleet.gpus_per_replica == 1
    assert fleet.batch[1] == fleet.batch[0]
    assert fleet.batch[2] == room[2] < fleet.batch[0]


@given(
    load=st.floats(0, 1e4),
    utilisation=st.floats(0.1, 1),
    peak=st.floats(1, 5),
    least=st.integers(1, 4),
)
def test_replicas_are_whole_and_just_enough(
    shapes: dict[str, Shape],
    gpus: dict[str, Hardware],
    load: float,
    utilisation: float,
    peak: float,
    least: int,
) -> None:
    fleet = operating_fleet(shapes["codellama-34b"], gpus["h100-sxm"], 200, 300)
    count = replicas(load, fleet, utilisation, peak, least)
    capacity = utilisation * fleet.gpus_per_replica / peak
    assert count.dtype == np.int64
    assert count >= least
    assert count * capacity >= load * (1 - 1e-6) - 1e-6
    assert count == least or (count - 1) * capacity < load


def test_a_load_that_fills_replicas_exactly_buys_one_more(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    fleet = operating_fleet(shapes["codellama-34b"], gpus["h100-sxm"], 200, 300)
    exact = np.array([3 * 0.7 * fleet.gpus_per_replica])
    assert replicas(exact, fleet, 0.7).tolist() == [3]


def test_batch_at_load_balances_arrivals_and_steps(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    fleet = operating_fleet(shapes["llama3-8b"], gpus["h100-sxm"], 200, 300)
    full = float((fleet.batch / fleet.step_s)[0])
    for busy in (0.2, 0.5, 0.8):
        batch = batch_at_load(fleet, busy)
        assert float((batch / fleet.step_at(batch))[0]) == pytest.approx(busy * full, rel=1e-6)
        assert batch[0] < busy * fleet.batch[0]
    assert batch_at_load(fleet, 1.0)[0] == pytest.approx(fleet.batch[0])
    assert batch_at_load(fleet, 0.0)[0] == 1
