"""Latency under load against a step-by-step simulation of continuous batching."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from continuous_batching import Replica, drawn_lengths, response_times
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from planner.cost.assumptions import P95_TO_MEAN, P95_TO_MEAN_THINKING
from planner.cost.fleets import Fleet, operating_fleet
from planner.cost.hardware import Hardware
from planner.cost.latency import Part, latency_quantiles, station_of
from planner.cost.lengths import length_cv, length_sd_log
from planner.cost.methods import tokens_of
from planner.cost.queueing import Demand, Station, query_s, response_points, weighted_quantiles
from planner.cost.shape import Shape
from planner.cost.work import Spending

Array = NDArray[np.float64]

WITHIN = 0.15
"""Largest relative error of p95 that is let pass."""

# name: model, method, verifier, prompt, output, p95 / mean, variation within a query, efficiency
KINDS = {
    "7B vote": ("llama2-7b", "majority_vote", None, 200, 300, P95_TO_MEAN.value, 0.2, 0.53),
    "8B vote, even": ("llama3-8b", "majority_vote", None, 500, 200, 1.4, 0.1, 0.8),
    "8B vote, ragged": ("llama3-8b", "majority_vote", None, 150, 400, 2.4, 0.5, 0.6),
    "7B + PRM": ("llama2-7b", "weighted_vote", "llama2-7b", 200, 300, 1.9, 0.2, 0.53),
    "34B vote": ("codellama-34b", "majority_vote", None, 200, 300, 1.9, 0.2, 0.53),
    "8B thinks": (
        "llama3-8b", "majority_vote", None, 200, 3000, P95_TO_MEAN_THINKING.value, 0.22, 0.53
    ),
}  # fmt: skip


def served(
    kind: str, n: int, shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> tuple[Fleet, Part, int]:
    model, method, verifier, prompt, output, ratio, within, efficiency = KINDS[kind]
    cv = float(length_cv(ratio))
    fleet = operating_fleet(
        shapes[model],
        gpus["h100-sxm"],
        prompt,
        output,
        length_cv=cv,
        verifier=None if verifier is None else shapes[verifier],
        engine_efficiency=efficiency,
    )
    work = tokens_of(
        method, Spending(n=[float(n)], prompt_tokens=prompt, output_tokens=output, length_cv=cv)
    )
    return fleet, Part(1.0, work, ratio, within), prompt


def simulated(fleet: Fleet, part: Part, prompt: int, load: float, queries: int, seed: int) -> Array:
    """Times of queries on one replica; the first tenth fills it and is left out."""
    station, demand = station_of(fleet, part, 0)
    rng = np.random.default_rng(seed)
    rate = load / query_s(station, demand)
    n = int(demand.parallel)
    sd = float(length_sd_log(part.p95_to_mean))
    within = min(float(np.sqrt(np.log1p(part.sample_cv**2))), sd)
    lengths = drawn_lengths(rng, queries, n, demand.tokens, sd, within)
    mean_context = float(part.work.context_tokens.ravel()[0])
    cache_s = station.token_s * mean_context
    base = [float(s) - b * cache_s for b, s in enumerate(station.step_s)]
    replica = Replica(station.places, base, station.token_s, station.read_s, station.verify_s)
    arrivals = np.cumsum(rng.exponential(1 / rate, queries))
    return response_times(replica, arrivals, lengths, prompt)[queries // 10 :]


def row(
    kind: str,
    n: int,
    load: float,
    shapes: dict[str, Shape],
    gpus: dict[str, Hardware],
    queries: int,
    seeds: tuple[int, ...],
) -> tuple[int, list[float], list[float]]:
    """(places, simulated [p50, p95], modelled [p50, p95])."""
    fleet, part, prompt = served(kind, n, shapes, gpus)
    truths = [
        np.quantile(simulated(fleet, part, prompt, load, queries, seed), [0.5, 0.95])
        for seed in seeds
    ]
    said = latency_quantiles(fleet, [part], [0.5, 0.95], load)[:, 0]
    return int(fleet.batch[0]), np.mean(truths, axis=0).tolist(), said.tolist()


@pytest.mark.parametrize(
    ("kind", "n", "load"),
    [
        ("7B vote", 1, 0.8),
        ("7B vote", 16, 0.5),
        ("7B vote", 16, 0.8),
        ("8B vote, even", 4, 0.3),
        ("8B vote, ragged", 16, 0.7),
        ("7B + PRM", 4, 0.7),
        ("34B vote", 16, 0.8),
        ("8B thinks", 4, 0.5),
    ],
)
def test_p95_under_load_is_that_of_continuous_batching(
    kind: str, n: int, load: float, shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    queries = max(6_000, 24_000 // n)
    _, truth, said = row(kind, n, load, shapes, gpus, queries, (1,))
    assert said[1] == pytest.approx(truth[1], rel=WITHIN)


@pytest.mark.verify
def test_p95_under_load_over_the_whole_table(
    shapes: dict[str, Shape],
    gpus: dict[str, Hardware],
    record_property: Callable[[str, object], None],
) -> None:
    """The table of docs/methods.md, printed; every cell within the bound."""
    errors = []
    lines = [
        f"{'kind':<17}{'places':>7}{'n':>4}{'load':>6}{'p95 s':>9}{'said s':>9}{'p95':>8}{'p50':>8}"
    ]
    for kind in KINDS:
        for n in (1, 4, 16):
            for load in (0.3, 0.5, 0.7, 0.8):
                seeds = (1, 2, 3, 4, 5) if n == 16 else (1, 2)
                places, truth, said = row(kind, n, load, shapes, gpus, 20_000, seeds)
                error = [s / t - 1 for s, t in zip(said, truth, strict=True)]
                errors.append(abs(error[1]))
                lines.append(
                    f"{kind:<17}{places:>7}{n:>4}{load:>6}{truth[1]:>9.2f}{said[1]:>9.2f}"
                    f"{error[1]:>+8.1%}{error[0]:>+8.1%}"
                )
    lines.append(f"p95: largest {max(errors):.1%}, mean {np.mean(errors):.1%}")
    record_property("table", "\n".join(lines))
    assert max(errors) < WITHIN


def test_steps_added_up_in_one_go_are_steps_taken_one_by_one() -> None:
    """The simulation's shortcut changes no time."""
    rng = np.random.default_rng(11)
    replica = Replica(6, [0.01 + 0.001 * b for b in range(7)], 3e-6, 0.02, 0.01)
    lengths = drawn_lengths(rng, 300, 4, 60, 0.6, 0.2)
    arrivals = np.cumsum(rng.exponential(0.9, 300))
    fast, slow = (response_times(replica, arrivals, lengths, 50, jump=j) for j in (True, False))
    assert fast == pytest.approx(slow, rel=1e-9)


def test_a_replica_without_slowing_and_with_one_place_is_a_single_server() -> None:
    """One place and equal lengths: the mean wait of M/D/1 is load / (2 (1 - load)) services."""
    rng = np.random.default_rng(5)
    lengths = np.full((60_000, 1), 100)
    arrivals = np.cumsum(rng.exponential(1 / 0.5, 60_000))
    replica = Replica(1, [0.0, 0.01], 0.0)
    wait = response_times(replica, arrivals, lengths, 10).mean() - 1.0
    assert wait == pytest.approx(0.5 / (2 * 0.5), rel=0.05)


def test_light_load_is_one_query_alone() -> None:
    station = Station(np.array([0.0, *(0.01 + 0.001 * b for b in range(32))]), 0.0, 0.1, 0.2)
    demand = Demand(1.0, 100.0, 1.0, 0.0)
    found = weighted_quantiles(*response_points(station, demand, 0.0), [0.5, 0.95])
    assert found == pytest.approx([0.3 + 100 * 0.01, 0.3 + 100 * 0.01], rel=1e-3)


@given(load=st.floats(0.05, 0.9), n=st.integers(1, 64), places=st.integers(1, 400))
@settings(max_examples=25)
def test_more_load_is_never_faster(load: float, n: int, places: int) -> None:
    station = Station(0.012 + 1e-4 * np.arange(places + 1), 1e-7, 0.01, 0.0)
    demand = Demand(float(n), 300.0, 1.9, 0.2)
    low, high = (
        weighted_quantiles(*response_points(station, demand, u), 0.95) for u in (load, load + 0.05)
    )
    assert high >= low * 0.995
