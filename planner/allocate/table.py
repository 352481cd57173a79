"""From options to a problem of arrays, and from its solution back to a plan in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.allocate.plan import Accounts, accounts, checked
from planner.allocate.problem import Array, Fleets, Problem, replica_capacity_gpu_s_per_day
from planner.allocate.solvers.milp import Solution
from planner.cost.fleets import batch_at_load, fleet_usd_per_day
from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL, interval90
from planner.domain.plan import STATUS_SENTENCE, AllocationRow, FleetRow, PlanAnswer, Totals
from planner.options import Candidate


@dataclass(frozen=True)
class Entry:
    """One option: a candidate at one n."""

    candidate: Candidate
    n: int

    @property
    def label(self) -> str:
        """As it is named on the page."""
        return option_label(self.candidate, self.n)


def option_label(candidate: Candidate, n: int) -> str:
    """ "Llemma 7B weighted vote by PRM @16", or without n where the method has one sample only."""
    from planner.domain.method import METHODS

    return f"{candidate.label} @{n}" if METHODS[candidate.method].samples else candidate.label


@dataclass(frozen=True)
class ClassLoad:
    """A query class, or one difficulty bucket of it as the router tells it."""

    query_class: str
    bucket: str
    mix: Mapping[str, float]
    """Buckets of the question set that its queries are made of."""
    queries_per_day: float
    min_accuracy: float | None = None
    max_latency_p95_s: float | None = None
    allow: tuple[str, ...] | None = None
    """Models that may answer it; None: all."""
    forbid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Options against classes, with their draws."""

    entries: tuple[Entry, ...]
    classes: tuple[ClassLoad, ...]
    supply: Supply
    accuracy: Array
    """(draw, class_, option); nan where it was not measured."""
    latency_p50_s: Array
    """(class_, option), central case."""
    latency_p95_s: Array
    """(class_, option), central case."""
    fleet_of: tuple[Candidate, ...]
    """A candidate of each fleet, for its name."""
    problem: Problem


def option_table(entries: Sequence[Entry], classes: Sequence[ClassLoad], supply: Supply) -> Table:
    """Prices every option for every class and bucket; what was not measured is not allowed."""
    shape = (len(classes), len(entries))
    n_draws = supply.usd_per_gpu_hour.shape[0]
    accuracy = np.full((n_draws, *shape), np.nan)
    gpu_s, flop, p50, p95 = (np.zeros(shape) for _ in range(4))
    for o, entry in enumerate(entries):
        candidate = entry.candidate
        for c, load in enumerate(classes):
            if not candidate.covers(load.mix):
                continue
            accuracy[:, c, o] = candidate.accuracy([entry.n], load.mix)[:, 0]
            gpu_s[c, o] = candidate.gpu_s([entry.n], load.mix)[CENTRAL, 0]
            flop[c, o] = candidate.flop([entry.n], load.mix)[CENTRAL, 0]
            fast, slow = candidate.latency_s([entry.n], _heaviest(load.mix))
            p50[c, o], p95[c, o] = fast[CENTRAL, 0], slow[CENTRAL, 0]
    fleet_index, fleet_of = _fleet_index(entries)
    models = {m: i for i, m in enumerate(dict.fromkeys(e.candidate.model for e in entries))}
    problem = Problem(
        queries_per_day=np.array([load.queries_per_day for load in classes]),
        accuracy=np.nan_to_num(accuracy[CENTRAL]),
        allowed=_allowed(entries, classes, np.isfinite(accuracy[CENTRAL]), p95),
        gpu_s=gpu_s,
        direct_usd=np.zeros(shape),
        flop=flop,
        fleet=fleet_index,
        model=np.array([models[e.candidate.model] for e in entries]),
        fleets=_fleets(fleet_of, supply),
        min_accuracy=_floors(classes),
    )
    return Table(tuple(entries), tuple(classes), supply, accuracy, p50, p95, fleet_of, problem)


def _heaviest(mix: Mapping[str, float]) -> str:
    return max(mix, key=lambda bucket: mix[bucket])


def _fleet_index(entries: Sequence[Entry]) -> tuple[NDArray[np.int64], tuple[Candidate, ...]]:
    """Options that run on the very same replicas share a fleet."""
    found: dict[int, int] = {}
    of: list[Candidate] = []
    index = []
    for entry in entries:
        key = id(entry.candidate.fleet)
        if key not in found:
            found[key] = len(of)
            of.append(entry.candidate)
        index.append(found[key])
    return np.array(index, dtype=np.int64), tuple(of)


def _fleets(of: Sequence[Candidate], supply: Supply) -> Fleets:
    gpus = np.array([c.fleet.gpus_per_replica for c in of], dtype=np.int64)
    terms = supply.terms
    stock = np.inf if terms.stock_gpus is None else float(terms.stock_gpus)
    return Fleets(
        gpus_per_replica=gpus,
        usd_per_replica_day=fleet_usd_per_day(supply.usd_per_gpu_hour[CENTRAL], gpus, 1),
        capacity_gpu_s_per_day=replica_capacity_gpu_s_per_day(
            gpus, float(supply.utilisation[CENTRAL]), terms.peak_to_mean
        ),
        min_replicas=np.full(len(of), terms.min_replicas, dtype=np.int64),
        stock_gpus=np.full(len(of), stock),
    )


def _allowed(
    entries: Sequence[Entry],
    classes: Sequence[ClassLoad],
    measured: NDArray[np.bool_],
    p95_s: Array,
) -> NDArray[np.bool_]:
    allowed = measured.copy()
    for c, load in enumerate(classes):
        for o, entry in enumerate(entries):
            model = entry.candidate.model
            if load.allow is not None and model not in load.allow:
                allowed[c, o] = False
            if model in load.forbid:
                allowed[c, o] = False
        if load.max_latency_p95_s is not None:
            allowed[c] &= p95_s[c] <= load.max_latency_p95_s
    return allowed


def _floors(classes: Sequence[ClassLoad]) -> Array | None:
    floors = [np.nan if c.min_accuracy is None else c.min_accuracy for c in classes]
    return None if np.isnan(floors).all() else np.array(floors)


def plan_answer(
    table: Table,
    problem: Problem,
    solution: Solution,
    baseline: Totals | None = None,
    relaxation: str | None = None,
) -> PlanAnswer:
    """The solution as a plan with intervals; `problem` is the table's with budgets and floors."""
    limits: dict[str, Any] = {
        "objective": problem.objective,
        "budget_usd_per_day": problem.budget_usd_per_day,
        "budget_flop_per_day": problem.budget_flop_per_day,
        "budget_gpus": problem.budget_gpus,
        "queries_per_day": float(problem.queries_per_day.sum()),
    }
    if solution.status == "infeasible":
        return PlanAnswer(
            status="infeasible",
            status_sentence=STATUS_SENTENCE["infeasible"],
            relaxation=relaxation,
            baseline=baseline,
            **limits,
        )
    books = accounts(problem, solution.share, solution.replicas)
    accuracy = plan_accuracy(table, solution.share)
    low, high = interval90(accuracy)
    rent = _rent_draws(table, solution)
    cost_low, cost_high = interval90(rent)
    return PlanAnswer(
        status=solution.status,
        status_sentence=STATUS_SENTENCE[solution.status],
        gap=solution.gap,
        bound=solution.bound,
        accuracy=float(accuracy[CENTRAL]),
        accuracy_low=low,
        accuracy_high=high,
        cost_usd_per_day=books.cost_usd_per_day,
        cost_usd_per_day_low=cost_low,
        cost_usd_per_day_high=cost_high,
        flop_per_day=books.flop_per_day,
        shadow_price_accuracy_per_usd_per_day=solution.shadow_price,
        allocation=_allocation_rows(table, solution, books),
        fleet=_fleet_rows(table, solution, books),
        baseline=baseline,
        feasibility=checked(problem, solution),
        **limits,
    )


def plan_accuracy(table: Table, share: Array) -> Array:
    """Mean accuracy of an allocation over all queries, (draw,)."""
    weighted = share * table.problem.weight[:, None]
    mean: Array = np.where(share > 0, table.accuracy * weighted, 0.0).sum(axis=(1, 2))
    return mean


def _rent_draws(table: Table, solution: Solution) -> Array:
    """Dollars a day of the replicas bought, (draw,): the rent is what is uncertain of them."""
    gpus = int((solution.replicas * table.problem.fleets.gpus_per_replica).sum())
    return fleet_usd_per_day(table.supply.usd_per_gpu_hour, gpus, 1)


def _allocation_rows(
    table: Table, solution: Solution, books: Accounts
) -> tuple[AllocationRow, ...]:
    rows = []
    for c, o in zip(*np.nonzero(solution.share > 0), strict=True):
        entry, load = table.entries[o], table.classes[c]
        candidate = entry.candidate
        low, high = interval90(table.accuracy[:, c, o])
        rows.append(
            AllocationRow(
                query_class=load.query_class,
                bucket=load.bucket,
                share=float(solution.share[c, o]),
                option=entry.label,
                model=candidate.model,
                method=candidate.method,
                verifier=candidate.verifier,
                temperature=candidate.temperature,
                n_samples=entry.n,
                depth=candidate.depth,
                width=candidate.width,
                thinking_tokens=candidate.thinking_tokens,
                accuracy=float(table.accuracy[CENTRAL, c, o]),
                accuracy_low=low,
                accuracy_high=high,
                cost_usd_per_query=float(books.allocated_usd_per_query[c, o]),
                marginal_cost_usd_per_query=float(table.problem.direct_usd[c, o]),
                latency_p50_s=float(table.latency_p50_s[c, o]),
                latency_p95_s=float(table.latency_p95_s[c, o]),
            )
        )
    return tuple(rows)


def _fleet_rows(table: Table, solution: Solution, books: Accounts) -> tuple[FleetRow, ...]:
    rows = []
    for f, candidate in enumerate(table.fleet_of):
        count = int(solution.replicas[f])
        if count == 0:
            continue
        fleet = candidate.fleet
        busy = float(books.utilisation[f])
        rows.append(
            FleetRow(
                model=candidate.model,
                verifier=candidate.verifier,
                accelerator=fleet.hardware.name,
                replicas=count,
                gpus=count * fleet.gpus_per_replica,
                utilisation=busy,
                batch_at_mean_load=float(batch_at_load(fleet, busy)[CENTRAL]),
                usd_per_day=float(count * table.problem.fleets.usd_per_replica_day[f]),
            )
        )
    return tuple(rows)
