"""A plan over time: its shares stay, its volume moves, and its fleets are bought month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.allocate.baseline import Side, accuracy_draws, label_of
from planner.allocate.problem import Problem
from planner.allocate.scenario import overall_mix
from planner.allocate.solvers.books import fixed_usd_per_day
from planner.allocate.solvers.milp import Solution
from planner.allocate.table import Table
from planner.ask.break_evens import paid_back
from planner.ask.capex import capex_usd, training_usd
from planner.ask.horizon import month_rows
from planner.ask.per_correct import plan_beside_people, plan_last_point
from planner.ask.stage import Stage
from planner.ask.sunk import sunk_of
from planner.ask.ways import Way, saved, sentences, told_ways
from planner.cost.settings import HORIZON_DAYS
from planner.cost.supply import Supply, daily
from planner.domain.draws import CENTRAL
from planner.domain.money_answer import CostOverTime
from planner.domain.plan import PlanAnswer
from planner.economics.cash import Cash, GpuMarket, nothing_paid, running, up_front
from planner.economics.months import Array, Months, months_of
from planner.economics.paths import Path
from planner.units import format_usd

PLAN = "the plan"


def plan_money(
    plan: PlanAnswer, stage: Stage, problem: Problem, solution: Solution
) -> dict[str, Any]:
    """What a plan costs over time and beside people, as fields of it."""
    people = {id(c): c for e in stage.table.entries for c in (e.candidate,)}.values()
    mix = overall_mix(stage.scenario)
    months = _months(stage)
    assert plan.accuracy is not None
    told = _over_time(stage, problem, solution, months, plan.accuracy)
    usd = plan_last_point(plan)
    if usd is not None:
        said = (
            f"One more point of accuracy would cost {format_usd(usd)} a day, were GPUs divisible."
        )
        told = told.model_copy(update={"sentences": (*told.sentences, said)})
    return {
        "over_time": told,
        "assumptions": (*plan.assumptions, *month_rows(months, stage.scenario.workload)),
        "human": plan_beside_people(plan, list(people), mix),
        "last_point_usd_per_day": usd,
    }


def _months(stage: Stage) -> Months:
    workload = stage.scenario.workload
    draws = stage.table.entries[0].candidate.supply.draws
    start = workload.day or dt.date.fromisoformat(stage.prices_as_of)
    return months_of(workload, start, HORIZON_DAYS, draws, workload.queries_per_day)


def _over_time(
    stage: Stage, problem: Problem, solution: Solution, months: Months, accuracy: float
) -> CostOverTime:
    table = stage.table
    volume, used = stage.scenario.workload.queries_per_day, table.used(solution.share)
    trained = training_usd(stage.training, used, len(months.rate))
    cash, gpus = _plan_cash(table, problem, solution, months)
    ways = [
        Way(
            label=PLAN,
            cash=up_front(trained, months) + cash,
            gpus=gpus,
            training_usd=trained,
            accuracy=accuracy,
            sunk_usd_per_day=sum(
                float(s.sunk_usd_per_day[CENTRAL]) for s in _supplies(table).values()
            ),
        )
    ]
    if stage.baseline:
        ways.append(_today(stage, months))
    told = told_ways(ways, months, volume, sunk_of(stage.training, used))
    if len(ways) > 1:
        told |= _against_today(ways, months)
    found = CostOverTime(**told)
    return found.model_copy(update={"sentences": sentences(found)})


def _supplies(table: Table) -> dict[int, Supply]:
    pools = table.problem.fleets.pool
    return {int(p): r.supply for r, p in zip(table.fleet_of, pools, strict=True)}


def _plan_cash(
    table: Table, problem: Problem, solution: Solution, months: Months
) -> tuple[Cash, NDArray[np.int64]]:
    """Dollars of the plan's shares month by month, and its whole GPUs (month,), central case.

    Every fleet is sized for the load of its month and draw. Where the plan buys more than its load
    takes, such as for a chance that it must keep, so do all months of the central case.
    """
    served = solution.share * table.problem.queries_per_day[:, None]
    cash, gpus = nothing_paid(*months.volume.shape), np.zeros(months.count, dtype=np.int64)
    for pool, needed in _gpus(table, solution, served, months).items():
        cash = cash + GpuMarket(_supplies(table)[pool], months).cash(needed)
        gpus += needed[CENTRAL].astype(np.int64)
    paid = np.array([e.candidate.usd_per_answer is not None for e in table.entries])
    by_option = (table.direct_usd * served).sum(axis=1)
    tokens, people = by_option[:, ~paid].sum(axis=1), by_option[:, paid].sum(axis=1)
    metered = (tokens[:, None] * months.price + people[:, None]) * months.volume
    fixed: float = table.problem.fleets.fixed_usd_per_day[solution.replicas > 0].sum()
    # Training stands in the capital, not in the dollars a day.
    fixed += fixed_usd_per_day(replace(problem, training=None), np.any(solution.share > 0, axis=0))
    return cash + running(metered + fixed, months), gpus


def _gpus(table: Table, solution: Solution, served: Array, months: Months) -> dict[int, Array]:
    """Whole GPUs of each pool, (draw, month)."""
    problem = table.problem
    found: dict[int, Array] = {}
    for f, rented in enumerate(table.fleet_of):
        if solution.replicas[f] == 0:
            continue
        gpu_s = (table.gpu_s * served)[:, :, problem.fleet == f].sum(axis=(1, 2))
        if problem.reader_fleet is not None:
            reads = (table.reader_gpu_s * served)[:, :, problem.reader_fleet == f]
            gpu_s = gpu_s + reads.sum(axis=(1, 2))
        moving = np.column_stack([np.ones(len(gpu_s)), months.volume])
        needed = daily(rented.fleet, rented.supply, gpu_s[:, None], moving).gpus
        bought = int(problem.fleets.gpus(solution.replicas)[f])
        gpus = needed[:, 1:].astype(np.float64)
        gpus[CENTRAL] += max(bought - int(needed[CENTRAL, 0]), 0)
        pool = int(problem.fleets.pool[f])
        found[pool] = found.get(pool, 0.0) + gpus
    return found


def _today(stage: Stage, months: Months) -> Way:
    """Today's allocation, each option on a fleet of its own."""
    mix, volume = overall_mix(stage.scenario), stage.scenario.workload.queries_per_day
    paths = [_side_path(stage, side, months, volume) for side in stage.baseline]
    cash, trained = paths[0].cash(), paths[0].capex_usd
    gpus = paths[0].served().gpus[CENTRAL]
    for path in paths[1:]:
        cash, trained = cash + path.cash(), trained + path.capex_usd
        gpus = gpus + path.served().gpus[CENTRAL]
    accuracy = float(accuracy_draws(stage.baseline, mix)[CENTRAL])
    return Way(label_of(stage.baseline), cash, gpus, trained, accuracy)


def _side_path(stage: Stage, side: Side, months: Months, queries_per_day: float) -> Path:
    rows = side.candidate.supply.draws.rows
    return Path(
        candidate=side.candidate,
        n=np.full(rows, float(side.n)),
        able=np.ones(rows, dtype=bool),
        mix=overall_mix(stage.scenario),
        queries_per_day=queries_per_day * side.share,
        months=months,
        capex_usd=capex_usd(stage.training, side.candidate),
    )


def _against_today(ways: Sequence[Way], months: Months) -> dict[str, Any]:
    """The plan beside today's allocation: which costs less, and when training is paid back."""
    plan, today = ways
    labels = (plan.label, today.label)
    one, other = (months.present_value(way.cash.total) for way in ways)
    gain = today.cash.total - plan.cash.total
    evens = {
        "date": paid_back(plan.label, gain, months, discounted=True),
        "date_undiscounted": paid_back(plan.label, gain, months, discounted=False),
    }
    return saved(labels, one, other) | {
        "break_evens": {of: told for of, (told, _) in evens.items()},
        "break_even_sentences": {of: said for of, (_, said) in evens.items()},
    }
