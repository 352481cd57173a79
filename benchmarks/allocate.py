"""Speeds of the planner's own allocation solver, in one run with HiGHS.

    python benchmarks/allocate.py [--seeds 20] [--quick]

CPU-seconds: medians and worst over seeds. HiGHS is one search of `scipy.optimize.milp` at gap 0
over the planner's rows, without what `solve_milp` adds to it (a second search for the cheapest of
equal plans, integers fixed and solved again, the shadow price). Ratios are seed by seed.

curves   every model's accuracy saturates with the samples, which cost in proportion
random   accuracies and costs are uniform: few options matter
`--quick` takes five seeds and a tenth of the large case.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import API_FLEET, Problem
from planner.allocate.solvers import own
from planner.allocate.solvers.frontier_path import frontier_path
from planner.allocate.solvers.milp import optimum
from planner.allocate.solvers.one_budget import one_budget
from planner.allocate.solvers.scenarios import best_of_scenarios
from planner.allocate.solvers.subsets import Corners, Sets, best_opened

Array = NDArray[np.float64]


def instance(
    kind: str, seed: int, classes: int, options: int, models: int, *, fixed: bool = True
) -> Problem:
    """A random problem; the budget lies between the cheapest plan and the most accurate one."""
    rng = np.random.default_rng(seed)
    model = np.sort(np.arange(options) % models)
    queries = rng.lognormal(7, 1, classes)
    shape = (classes, options)
    if kind == "random":
        accuracy, usd = rng.random(shape), 0.01 * rng.random(shape)
    else:
        n = np.concatenate(
            [2.0 ** np.linspace(0, 8, int((model == m).sum())) for m in range(models)]
        )
        size = np.geomspace(1, 8, models)[model] * 1e-4
        skill = np.linspace(-0.5, 1.2, models) + rng.normal(0, 0.5, (classes, models))
        ceiling = 1 / (1 + np.exp(rng.normal(0, 1.2, (classes, 1)) - skill - 1))
        start = ceiling * rng.uniform(0.3, 0.9, ceiling.shape)
        power = rng.uniform(0.2, 0.9, ceiling.shape)[:, model]
        accuracy = ceiling[:, model] - (ceiling - start)[:, model] * n**-power
        accuracy = np.clip(accuracy + rng.normal(0, 0.005, shape), 0, 1)
        usd = size * n * rng.lognormal(0, 0.4, (classes, 1))
    cost = usd * queries[:, None]
    low = cost.min(axis=1).sum()
    high = cost[np.arange(classes), accuracy.argmax(axis=1)].sum()
    budget = low * (high / low) ** rng.uniform(0.2, 0.8)
    kept = rng.uniform(0.02, 0.15, models) * budget
    return Problem(
        queries_per_day=queries,
        accuracy=accuracy,
        allowed=np.ones(shape, dtype=bool),
        gpu_s=np.zeros(shape),
        direct_usd=usd,
        flop=np.zeros(shape),
        fleet=np.full(options, API_FLEET),
        model=model,
        model_fixed_usd_per_day=kept if fixed else None,
        budget_usd_per_day=float(budget + 0.6 * kept.sum() * fixed),
    )


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU-seconds of a call, and what it gave."""
    start = time.process_time()
    given = work()
    return time.process_time() - start, given


def against_highs(kind: str, seeds: int, *, whole: bool) -> str:
    """50 x 50 x 3, one budget: own solver and HiGHS."""
    ours, theirs, ratio, apart = [], [], [], 0.0
    for seed in range(seeds):
        problem = replace(instance(kind, seed, 50, 50, 3), whole=whole)
        own_s, found = seconds(partial(own.solve, problem))
        highs_s, value = seconds(partial(optimum, problem))
        ours.append(own_s)
        theirs.append(highs_s)
        ratio.append(highs_s / own_s)
        apart = max(apart, abs(found.bound - value))
    return _row(
        f"50 x 50 x 3, {'whole' if whole else 'split'}, {kind}",
        ours,
        f"HiGHS {1e3 * statistics.median(theirs):.0f} ms; x{statistics.median(ratio):.0f} median,"
        f" x{min(ratio):.1f} worst (wanted {10 if whole else 50}, 0.83); apart {apart:.0e}",
    )


def large(kind: str, classes: int) -> str:
    """Many classes, split: CPU-seconds and the certified gap."""
    problem = instance(kind, 0, classes, 50, 3)
    cpu_s, found = seconds(lambda: own.solve(problem))
    return _row(
        f"{classes:,} x 50 x 3, split, {kind}", [cpu_s], f"gap {found.gap:.1e} (wanted 1e-5)"
    )


def growth(kind: str) -> str:
    """Time against the number of options, split."""
    times = []
    for options in (30, 60, 120, 240, 480):
        problem = instance(kind, 0, 400, options, 3)
        times.append(min(seconds(partial(own.solve, problem))[0] for _ in range(3)))
    power = np.polyfit(np.log([30, 60, 120, 240, 480]), np.log(times), 1)[0]
    return _row(f"400 x 30..480 x 3, split, {kind}", times, f"time grows as options^{power:.2f}")


def frontier(kind: str, seeds: int, size: tuple[int, int, int], *, fixed: bool) -> str:
    """The whole frontier in one pass."""
    times, gaps = [], []
    for seed in range(seeds):
        problem = instance(kind, seed, *size, fixed=fixed)

        def drawn(problem: Problem = problem) -> float:
            cells, _ = one_budget(problem)
            sets = Sets.of(cells)
            path = None if sets is None else frontier_path(Corners.of(cells), sets)
            return np.inf if path is None else path.gap

        cpu_s, gap = min(seconds(drawn) for _ in range(3))
        times.append(cpu_s)
        gaps.append(gap)
    name = f"frontier {' x '.join(map(str, size))}{', fixed costs' if fixed else ''}, {kind}"
    return _row(name, times, f"gap {statistics.median(gaps):.1e} median, {max(gaps):.1e} worst")


def scenarios(kind: str) -> str:
    """1,000 scenarios of 5 x 50 x 3 with fixed costs, together."""
    problem = instance(kind, 0, 5, 50, 3)
    cells, _ = one_budget(problem)
    sets, rng, n = Sets.of(cells), np.random.default_rng(0), 1000
    assert sets is not None
    members = sets.members
    fixed, budget = cells.fixed_usd, np.full(n, cells.budget_usd)
    gain = problem.accuracy * problem.weight[:, None] * rng.uniform(0.9, 1.0, (n, 5, 50))
    usd = problem.direct_usd * problem.queries_per_day[:, None] * rng.lognormal(0, 0.2, (n, 1, 50))
    cpu_s, found = seconds(
        lambda: best_of_scenarios(gain, usd, problem.model, fixed, budget, members)
    )
    one = replace(cells, gain=gain[0].ravel(), cost_usd=usd[0].ravel())
    alone = best_opened(Corners.of(one), sets)
    apart = abs(found.gain[0] - alone.split.gain) if alone else 0.0
    name = f"1,000 scenarios of 5 x 50 x 3, {kind}"
    return _row(name, [cpu_s], f"{n / cpu_s:,.0f} a second (wanted 1,000); apart {apart:.0e}")


def _row(name: str, times: list[float], said: str) -> str:
    median, worst = 1e3 * statistics.median(times), 1e3 * max(times)
    return f"{name:<46}{median:>10.1f}{worst:>10.1f}  {said}"


def main() -> None:
    """Time the cases and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    seeds = 5 if given.quick else given.seeds
    # The first call imports the sparse matrices and warms the caches.
    optimum(instance("random", 0, 2, 2, 1))
    own.solve(instance("random", 0, 50, 50, 3))
    print(f"{'classes x options x models':<46}{'median ms':>10}{'worst ms':>10}  {seeds} seeds")
    for kind in ("curves", "random"):
        print(against_highs(kind, seeds, whole=False), flush=True)
        print(against_highs(kind, seeds, whole=True), flush=True)
        print(frontier(kind, seeds, (5, 50, 3), fixed=True), flush=True)
        print(frontier(kind, seeds, (50, 500, 10), fixed=False), flush=True)
        print(frontier(kind, min(seeds, 5), (50, 500, 10), fixed=True), flush=True)
        print(scenarios(kind), flush=True)
        print(growth(kind), flush=True)
        print(large(kind, 10_000 if given.quick else 100_000), flush=True)


if __name__ == "__main__":
    main()
