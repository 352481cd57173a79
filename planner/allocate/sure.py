"""What the draws say of a plan: chance of its floors, regret, stability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planner.allocate.drawn import Hindsight, objective_of
from planner.allocate.problem import Array, Problem
from planner.allocate.robust import Decision, cvar, floors_of
from planner.allocate.solvers.milp import Solution, solve_milp
from planner.allocate.table import Table
from planner.domain.uncertainty import BestIn, FloorRow, HowSure, Regret, Uncertainty

THIS = "this plan"
MOST_RIVALS = 4
"""Other plans that are named."""
UNIT: Mapping[str, str] = {
    "accuracy": "accuracy",
    "cost": "usd_per_day",
    "net_value": "usd_per_day",
    "cost_per_correct": "usd_per_correct",
}


@dataclass(frozen=True)
class Beside:
    """What the plan is compared with, in every draw."""

    label: str
    accuracy: Array
    """(draw, class_)"""
    usd_per_day: Array
    """(draw,)"""


def how_sure(
    table: Table,
    problem: Problem,
    decision: Decision,
    wish: Uncertainty | None,
    beside: Beside | None,
) -> HowSure | None:
    """Chances of the floors; with `[uncertainty]` regret and stability. None where there is
    nothing to tell.
    """
    floors = tuple(_floors(table, problem, decision))
    hindsight = decision.hindsight
    if wish is None or hindsight is None:
        return HowSure(floors=floors) if floors else None
    plan = decision.solution
    rows = [_regret(THIS, hindsight.regret(table, problem, plan), wish)]
    if wish.risk is not None or wish.floor_holds_in is not None:
        central = solve_milp(problem)
        if central.status != "infeasible" and not np.allclose(central.share, plan.share):
            regret = hindsight.regret(table, problem, central)
            rows.append(_regret("plan of the central case", regret, wish))
    if beside is not None:
        value = objective_of(problem, beside.accuracy, beside.usd_per_day)
        regret = hindsight.regret_of(problem, value[1 : hindsight.draws + 1])
        rows.append(_regret(beside.label, regret, wish))
    return HowSure.model_validate(
        {
            "floors": floors,
            "wanted": wish.floor_holds_in,
            "draws": hindsight.draws,
            "unit": UNIT[problem.objective],
            "level": wish.level,
            "risk": wish.risk,
            "regret": tuple(rows),
            "best_in": tuple(_best_in(table, problem, plan, hindsight)),
        }
    )


def _floors(table: Table, problem: Problem, decision: Decision) -> list[FloorRow]:
    names = list(dict.fromkeys(load.query_class for load in table.classes))
    drawn = table.accuracy[decision.verified_on]
    return [
        FloorRow(
            query_class=None if floor.group is None else names[floor.group],
            floor=floor.floor,
            probability=float(
                np.mean(floor.reached(drawn, decision.solution.share) >= floor.floor - 1e-12)
            ),
        )
        for floor in floors_of(problem)
    ]


def _regret(label: str, regret: Array, wish: Uncertainty) -> Regret:
    return Regret(
        label=label,
        mean=float(regret.mean()),
        cvar=cvar(regret, wish.level),
        worst=float(regret.max()),
    )


def _best_in(table: Table, problem: Problem, plan: Solution, hindsight: Hindsight) -> list[BestIn]:
    """This plan, then those that are best where it is not, by their options."""
    lost = hindsight.regret(table, problem, plan) > 0
    rivals: Counter[str] = Counter()
    for position in hindsight.of_draw[lost].tolist():
        rivals[plan_name(table, hindsight.plans[position].share)] += 1
    draws = hindsight.draws
    found = [BestIn(plan=THIS, share=1.0 - float(lost.sum()) / draws)]
    named = sorted(rivals.items(), key=lambda pair: (-pair[1], pair[0]))
    return found + [BestIn(plan=name, share=n / draws) for name, n in named[:MOST_RIVALS]]


def plan_name(table: Table, share: Array) -> str:
    """The options of a plan, each with the classes that it answers where there are several."""
    said: dict[str, list[str]] = {}
    for c, o in zip(*np.nonzero(share > 0), strict=True):
        load = table.classes[c]
        where = load.query_class if load.bucket == "all" else f"{load.query_class}/{load.bucket}"
        said.setdefault(table.entries[o].label, []).append(where)
    if len(table.classes) == 1:
        return " and ".join(said)
    return "; ".join(f"{option} for {', '.join(places)}" for option, places in said.items())
