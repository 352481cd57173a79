"""From a solution back to a plan in words, with its intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from planner.allocate.plan import Accounts, accounts, checked
from planner.allocate.plan_draws import cost_draws, gpu_draws, plan_accuracy
from planner.allocate.problem import API_FLEET, Array, Problem
from planner.allocate.relax import Conflict
from planner.allocate.solvers.books import plan_value
from planner.allocate.solvers.milp import Solution
from planner.allocate.table import Table
from planner.allocate.told import shadow_rows
from planner.cost.at_load import batch_at_load
from planner.domain.draws import CENTRAL, interval90
from planner.domain.plan import (
    STATUS_SENTENCE,
    AllocationRow,
    BlockRow,
    FleetRow,
    PlanAnswer,
    Totals,
)
from planner.domain.routed import RouterRow


def plan_answer(
    table: Table,
    problem: Problem,
    solution: Solution,
    baseline: Totals | None = None,
    conflict: Conflict | None = None,
) -> PlanAnswer:
    """The solution as a plan with intervals; `problem` is the table's with budgets and floors."""
    limits: dict[str, Any] = {
        "objective": problem.objective,
        "budget_usd_per_day": problem.budget_usd_per_day,
        "budget_flop_per_day": problem.budget_flop_per_day,
        "budget_eflop_per_day": problem.budget_eflop_per_day,
        "budget_kwh_per_day": problem.budget_kwh_per_day,
        "budget_gpus": problem.budget_gpus,
        "queries_per_day": float(problem.queries_per_day.sum()),
    }
    if solution.status == "infeasible":
        return PlanAnswer(
            status="infeasible",
            status_sentence=STATUS_SENTENCE["infeasible"],
            **conflict_fields(conflict),
            baseline=baseline,
            **limits,
        )
    books = accounts(problem, solution.share, solution.replicas)
    accuracy = plan_accuracy(table, solution.share)
    low, high = interval90(accuracy)
    cost_low, cost_high = interval90(cost_draws(table, solution, problem))
    return PlanAnswer(
        status=solution.status,
        status_sentence=STATUS_SENTENCE[solution.status],
        solver=solution.solver,
        gap=solution.gap,
        bound=solution.bound,
        accuracy=float(accuracy[CENTRAL]),
        accuracy_low=low,
        accuracy_high=high,
        cost_usd_per_day=books.cost_usd_per_day,
        cost_usd_per_day_low=cost_low,
        cost_usd_per_day_high=cost_high,
        fixed_usd_per_day=books.fixed_usd_per_day or None,
        objective_value=finite(solution.value),
        cost_usd_per_correct=_per_correct(problem, solution),
        net_value_usd_per_day=_net_value(problem, solution),
        shadow_prices=shadow_rows(problem, solution.prices),
        flop_per_day=finite(books.flop_per_day),
        eflop_per_day=finite(books.eflop_per_day),
        **_supply_figures(table, solution),
        shadow_price_accuracy_per_usd_per_day=(
            solution.shadow_price if problem.objective == "accuracy" else None
        ),
        allocation=_allocation_rows(table, solution, books),
        fleet=_fleet_rows(table, solution, books),
        baseline=baseline,
        feasibility=checked(problem, solution),
        **limits,
    )


def conflict_fields(conflict: Conflict | None) -> dict[str, Any]:
    """What a plan tells of a conflict."""
    if conflict is None:
        return {}
    return {
        "relaxation": conflict.sentence,
        "conflict": conflict.together,
        "relaxations": conflict.relaxations,
    }


def _per_correct(problem: Problem, solution: Solution) -> float | None:
    ratio = replace(problem, objective="cost_per_correct")
    return finite(plan_value(ratio, solution.share, solution.replicas))


def _net_value(problem: Problem, solution: Solution) -> float | None:
    """Dollars a day left; None where nothing says what an answer is worth."""
    if problem.value_per_correct_usd is None:
        return None
    return plan_value(replace(problem, objective="net_value"), solution.share, solution.replicas)


def _allocation_rows(
    table: Table, solution: Solution, books: Accounts
) -> tuple[AllocationRow, ...]:
    rows = []
    for c, o in zip(*np.nonzero(solution.share > 0), strict=True):
        entry, load = table.entries[o], table.classes[c]
        candidate = entry.candidate
        low, high = interval90(table.accuracy[:, c, o])
        p50, p95 = _latency_s(table, books, c, o)
        rows.append(
            AllocationRow(
                query_class=load.query_class,
                bucket=load.bucket,
                queries_per_day=load.queries_per_day,
                share=float(solution.share[c, o]),
                option=entry.label,
                model=candidate.model,
                method=candidate.method,
                verifier=candidate.verifier,
                temperature=candidate.temperature,
                n_samples=entry.n,
                samples_drawn=candidate.samples_drawn(entry.n, load.mix),
                hands_on_to=entry.stages[1].label if len(entry.stages) > 1 else None,
                then_model=entry.stages[1].candidate.model if len(entry.stages) > 1 else None,
                depth=candidate.depth,
                width=candidate.width,
                thinking_tokens=candidate.thinking_tokens,
                accuracy=float(table.accuracy[CENTRAL, c, o]),
                accuracy_low=low,
                accuracy_high=high,
                cost_usd_per_query=float(books.allocated_usd_per_query[c, o]),
                marginal_cost_usd_per_query=_marginal_usd(table, solution, c, o),
                latency_p50_s=p50,
                latency_p95_s=p95,
            )
        )
    return tuple(rows)


def router_row(table: Table, signal: str, model: str | None) -> RouterRow | None:
    """What telling the difficulty takes, at the first supply's price; None where it is free."""
    routed = [load for load in table.classes if load.router is not None]
    router = routed[0].router if routed else None
    if router is None:
        return None
    supply = table.entries[0].candidate.supply
    volume = sum(load.queries_per_day for load in routed)
    usd = float(router.usd(supply)[CENTRAL])
    return RouterRow(
        signal=signal,
        model=model,
        tokens=router.tokens + router.samples * router.output_tokens if model else 0.0,
        queries_per_day=volume,
        flop_per_query=router.flop(supply),
        gpu_s_per_query=float(router.gpu_s(supply)[CENTRAL]),
        cost_usd_per_query=usd,
        cost_usd_per_day=usd * volume,
    )


def _marginal_usd(table: Table, solution: Solution, c: int, o: int) -> float:
    """Dollars of one more query on a full fleet: its share of another replica, of the GPUs that
    would be bought next; or its tokens.
    """
    problem, fleets = table.problem, table.problem.fleets
    usd = float(problem.direct_usd[c, o])
    for fleet, gpu_s in problem.loads:
        f = int(fleet[o])
        if f != API_FLEET:
            next_usd = fleets.next_usd_per_gpu_day(solution.replicas)[f]
            replica_day = next_usd * fleets.gpus_per_replica[f]
            usd += float(gpu_s[c, o] * replica_day / fleets.capacity_gpu_s_per_day[f])
    return usd


def _supply_figures(table: Table, solution: Solution) -> dict[str, Any]:
    """Energy, what is spent whatever the plan, and which blocks of GPUs are in use."""
    pools = dict(
        zip(table.problem.fleets.pool.tolist(), (c.supply for c in table.fleet_of), strict=True)
    )
    kwh: Array = np.zeros(table.draws)
    blocks = []
    for pool, gpus in gpu_draws(table, solution).items():
        supply, left = pools[pool], float(gpus[CENTRAL])
        kwh = kwh + gpus * supply.kwh_per_gpu_day
        for block in supply.blocks:
            used = left if block is supply.blocks[-1] else min(left, block.gpus)
            left -= used
            if used > 0:
                blocks.append(
                    BlockRow(
                        accelerator=supply.terms.accelerator.name,
                        kind=block.kind,
                        gpus=round(used),
                        usd_per_gpu_hour=float(block.usd_per_gpu_hour[CENTRAL]),
                    )
                )
    known = bool(np.isfinite(kwh).all())
    low, high = interval90(kwh) if known else (None, None)
    sunk = sum(float(supply.sunk_usd_per_day[CENTRAL]) for supply in pools.values())
    return {
        "kwh_per_day": float(kwh[CENTRAL]) if known else None,
        "kwh_per_day_low": low,
        "kwh_per_day_high": high,
        "sunk_usd_per_day": sunk or None,
        "blocks": tuple(blocks),
    }


def finite(number: float) -> float | None:
    """A number that is known, None for nan and inf."""
    return float(number) if np.isfinite(number) else None


def _latency_s(table: Table, books: Accounts, c: int, o: int) -> tuple[float | None, float | None]:
    """(p50, p95) restated at the mean load of the fleet that was bought; None where not known."""
    f = int(table.problem.fleet[o])
    if f == API_FLEET:
        return None, None
    if table.problem.also_model is not None and table.problem.also_model[o] >= 0:
        # Two stages, each in full batches.
        return finite(table.latency_p50_s[c, o]), finite(table.latency_p95_s[c, o])
    entry, load = table.entries[o], table.classes[c]
    busy = float(books.utilisation[f])
    p50, p95 = entry.candidate.latency_s([entry.n], load.mix, busy)
    return finite(p50[0]), finite(p95[0])


def _fleet_rows(table: Table, solution: Solution, books: Accounts) -> tuple[FleetRow, ...]:
    rows = []
    usd_per_day = table.problem.fleets.usd_per_day(solution.replicas)
    for f, rented in enumerate(table.fleet_of):
        kwh = float(rented.supply.kwh_per_gpu_day[CENTRAL])
        if (count := int(solution.replicas[f])) == 0:
            continue
        fleet, busy = rented.fleet, float(books.utilisation[f])
        token_s = np.broadcast_to(fleet.step_s, (table.draws,))
        token_s_low, token_s_high = interval90(token_s)
        rows.append(
            FleetRow(
                model=rented.model,
                verifier=rented.verifier,
                accelerator=fleet.hardware.name,
                replicas=count,
                gpus=count * fleet.gpus_per_replica,
                utilisation=busy,
                batch=float(fleet.batch[CENTRAL]),
                batch_at_mean_load=float(batch_at_load(fleet, busy)[CENTRAL]),
                token_s=float(token_s[CENTRAL]),
                token_s_low=token_s_low,
                token_s_high=token_s_high,
                token_late_in=fleet.late_in(),
                usd_per_day=float(usd_per_day[f]),
                kwh_per_day=finite(count * fleet.gpus_per_replica * kwh),
            )
        )
    return tuple(rows)
