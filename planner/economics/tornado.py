"""Which inputs a plan hangs on: each at the ends of its range, and the plan chosen anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from planner.allocate.drawn import rebought
from planner.allocate.plan import violations
from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.books import plan_value
from planner.allocate.solvers.milp import Solution, first_found
from planner.allocate.table import Table
from planner.domain.tornado import MixOutcome, TornadoBar, TornadoOf, WinnerMap
from planner.economics.tornado_ends import Moved, moved_accuracy, moved_inputs, times_volume
from planner.economics.voi_inputs import Measured, measured_inputs
from planner.economics.voi_pool import MATTERS, difference

MOST_ACCURACIES = 12
"""Curves whose accuracy has a bar: those of the plan first."""
USED = 1e-6
"""Share of a class from which an option counts as part of a plan."""
SAME = "this plan"
"""A plan of the same options; how much each answers may differ."""
VOLUMES = (0.1, 0.3, 1.0, 3.0, 10.0)
PRICES = (0.5, 1.0, 2.0)
EASY = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the easiest bucket that are tried."""
UNITS = {
    "accuracy": ("accuracy", "accuracy of the best plan"),
    "cost": ("usd_per_day", "dollars a day of the cheapest plan"),
    "net_value": ("usd_per_day", "dollars a day left after the cost of the best plan"),
    "cost_per_correct": ("usd_per_correct", "dollars a correct answer of the best plan"),
}


def tornado(
    table: Table, problem: Problem, plan: Solution
) -> tuple[TornadoOf, tuple[TornadoBar, ...]]:
    """The bars of a plan, the widest first, and what they measure.

    Each input stands at the 10% and at the 90% quantile of its draws, the others in the middle,
    and the best plan there is found anew. The volume and the mix have ranges of the planner's.
    """
    wide = replace(problem, allowed=problem.permitted)
    moved = [*moved_inputs(table, wide), *_accuracies(table, wide, plan)]
    bars = [_bar(table, plan, one) for one in moved]
    unit, what = UNITS[problem.objective]
    of = TornadoOf(value=plan_value(problem, plan.share, plan.replicas), unit=unit, what=what)
    return of, tuple(sorted(bars, key=lambda bar: -bar.width))


def _accuracies(table: Table, problem: Problem, plan: Solution) -> Iterable[Moved]:
    measured = sorted(measured_inputs(table), key=lambda one: -_part(table, plan, one))
    for one in measured[:MOST_ACCURACIES]:
        yield moved_accuracy(table, problem, one)


def _part(table: Table, plan: Solution, one: Measured) -> float:
    """Share of the queries that the options of a curve answer on its bucket."""
    mine = np.array([e.candidate.curves is one.candidate.curves for e in table.entries])
    there = np.array([load.mix.get(one.bucket, 0.0) for load in table.classes])
    return float((plan.share[:, mine].sum(axis=1) * there * table.problem.weight).sum())


def _bar(table: Table, plan: Solution, moved: Moved) -> TornadoBar:
    (value_low, winner_low), (value_high, winner_high) = (
        outcome(table, plan, end) for end in moved.problems
    )
    return TornadoBar(
        input=moved.input,
        kind=moved.kind,
        low=moved.low,
        high=moved.high,
        unit=moved.unit,
        assumed_range=moved.assumed_range,
        value_low=value_low,
        value_high=value_high,
        winner_low=winner_low,
        winner_high=winner_high,
        changes_winner={winner_low, winner_high} != {SAME},
    )


def outcome(table: Table, plan: Solution, problem: Problem) -> tuple[float | None, str | None]:
    """(objective, plan) of the best plan of a problem, told against another plan.

    Where the other one is still possible there and as good within a thousandth, it stays.
    """
    found = _best(problem)
    if found is None:
        return None, None
    value = plan_value(problem, found.share, found.replicas)
    same = bool(((found.share > USED) == (plan.share > USED)).all())
    kept = rebought(problem, plan)
    if not same and not violations(problem, kept.share, kept.replicas):
        lost = abs(value - plan_value(problem, kept.share, kept.replicas))
        same = lost <= MATTERS * (1.0 if problem.objective == "accuracy" else abs(value))
    return value, SAME if same else difference(table, plan.share, found.share)


def _best(problem: Problem) -> Solution | None:
    share = first_found(problem)
    if share is None:
        return None
    share = np.where(share > USED, share, 0.0)
    share /= share.sum(axis=1, keepdims=True)
    empty = np.zeros(len(problem.fleets), dtype=np.int64)
    return rebought(problem, Solution("optimal", share, empty, np.nan, np.nan))


def winner_map(table: Table, problem: Problem) -> WinnerMap:
    """The best plan at each volume and price, by its models and methods, in the middle case.

    Budgets of dollars grow with the volume; those of GPUs, FLOPs and energy stay.
    """
    wide = replace(problem, allowed=problem.permitted)
    names: list[str] = []
    rows = []
    for volume in VOLUMES:
        row = []
        for price in PRICES:
            found = _best(_at(wide, volume, price))
            if found is None:
                row.append(-1)
                continue
            name = kinds(table, found.share)
            if name not in names:
                names.append(name)
            row.append(names.index(name))
        rows.append(tuple(row))
    total = float(problem.queries_per_day.sum())
    unknown: Sequence[None] = [None] * len(PRICES)
    return WinnerMap(
        volumes_per_day=tuple(total * volume for volume in VOLUMES),
        price_factors=PRICES,
        winners=tuple(names),
        winner=tuple(rows),
        probability=(tuple(unknown),) * len(VOLUMES),
    )


def kinds(table: Table, share: Array) -> str:
    """The models and methods of a plan, whatever their n: as pictures name it."""
    used = np.flatnonzero((share > USED).any(axis=0))
    return " and ".join(dict.fromkeys(table.entries[o].candidate.label for o in used))


def mix_map(table: Table, problem: Problem) -> tuple[MixOutcome, ...]:
    """The best plan at several shares of the easiest bucket; empty where no class has two.

    The other buckets keep their proportions; every class with buckets is moved at once.
    """
    wide = replace(problem, allowed=problem.permitted)
    found = []
    for easy in EASY:
        moved = _with_easy(table, wide, easy)
        if moved is None:
            return ()
        best = _best(moved)
        mix: dict[str, float] = {}
        for load, weight in zip(table.classes, moved.weight, strict=True):
            mix[load.bucket] = mix.get(load.bucket, 0.0) + float(weight)
        value = None if best is None else plan_value(moved, best.share, best.replicas)
        winner = "" if best is None else kinds(table, best.share)
        found.append(MixOutcome(mix=mix, winner=winner, value=value))
    return tuple(found)


def _with_easy(table: Table, problem: Problem, easy: float) -> Problem | None:
    """The problem where the easiest bucket of every class has this share of its queries."""
    best = np.where(problem.allowed, problem.accuracy, -np.inf).max(axis=1)
    volume, cut = problem.queries_per_day.copy(), False
    for name in dict.fromkeys(load.query_class for load in table.classes):
        rows = np.array([c for c, load in enumerate(table.classes) if load.query_class == name])
        if len(rows) < 2:
            continue
        cut = True
        first = rows[best[rows].argmax()]
        rest = rows[rows != first]
        total = float(volume[rows].sum())
        volume[rest] *= (1.0 - easy) * total / max(float(volume[rest].sum()), 1e-300)
        volume[first] = easy * total
    return replace(problem, queries_per_day=volume) if cut else None


def _at(problem: Problem, volume: float, price: float) -> Problem:
    """The problem at multiples of its volume and of every price."""
    blocks = problem.fleets.blocks
    dearer = replace(blocks, usd_per_gpu_day=blocks.usd_per_gpu_day * price)
    budget = problem.budget_usd_per_day
    return replace(
        times_volume(problem, volume),
        fleets=replace(problem.fleets, blocks=dearer),
        direct_usd=problem.direct_usd * price,
        budget_usd_per_day=None if budget is None else budget * volume,
    )
