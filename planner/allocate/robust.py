"""Plans chosen over the draws: floors that hold in most of them, and regret that is kept small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.allocate.drawn import Hindsight, feasible, in_hindsight
from planner.allocate.problem import Array, Problem
from planner.allocate.relax import Conflict, conflict_of
from planner.allocate.solvers.milp import Solution, nothing, solve_milp
from planner.allocate.solvers.risk import Held, Regretted, solve_held
from planner.allocate.table import Table
from planner.domain.uncertainty import Uncertainty
from planner.units import format_percent

MARGINS = 8
"""Times that the margins over the floors are moved."""
EXCHANGES = 4
"""Times that the draws in which a floor has to hold are chosen again."""
NO_HELD = Held(np.zeros((0, 1, 1)), np.zeros(0))


@dataclass(frozen=True)
class Floor:
    """An accuracy floor as a weighted mean of classes."""

    group: int | None
    """None: of all queries."""
    weight: Array
    """(class_,)"""
    floor: float

    def reached(self, accuracy: Array, share: Array) -> Array:
        """Accuracy of a plan in each draw of accuracy (draw, class_, option), (draw,)."""
        weighted = share * self.weight[:, None]
        total: Array = np.where(weighted > 0, accuracy * weighted, 0.0).sum(axis=(1, 2))
        return total


@dataclass(frozen=True)
class Decision:
    """The plan that was chosen, and what it was chosen on."""

    solution: Solution
    verified_on: slice
    """Draws that had no part in the choice."""
    hindsight: Hindsight | None = None
    """Best plans of single draws, where they were asked for."""
    conflict: Conflict | None = None
    """Why there is no plan: where floors do not hold in enough draws, in how many the most accurate
    plan keeps them.
    """


def decide(
    table: Table, problem: Problem, wish: Uncertainty | None, class_names: Sequence[str] = ()
) -> Decision:
    """The plan of a problem under what is asked of its draws; without a wish that of the central
    case.

    floor_holds_in is a chance constraint for each floor by itself, kept on every other draw and
    verified on those between; see `_keeping`. risk "cvar" and "minimax_regret" are exact for the
    draws that are solved where accuracy is the objective, else among the best plans of those draws.
    """
    everything = slice(1, None)
    held, floors = NO_HELD, list(floors_of(problem))
    in_draws = wish is not None and wish.floor_holds_in is not None and floors
    central = None if in_draws else solve_milp(problem)
    if central is not None and central.status == "infeasible":
        return Decision(central, everything, None, conflict_of(problem, class_names))
    if wish is None:
        assert central is not None
        return Decision(central, everything)
    verified, free = everything, problem
    solution = None
    if wish.floor_holds_in is not None and floors:
        verified, free = (
            slice(2, None, 2),
            replace(problem, min_accuracy=None, min_accuracy_overall=None),
        )
        keeping = _keeping(table, problem, free, floors, wish.floor_holds_in)
        if keeping is None:
            return Decision(nothing(problem), verified, None, conflict_of(free, class_names))
        if isinstance(keeping, str):
            conflict = Conflict((), (), keeping)
            return Decision(nothing(problem), verified, None, conflict)
        solution, held = keeping
    hindsight = in_hindsight(table, problem, min(wish.draws, table.draws - 1))
    if wish.risk is not None:
        least = _least_regret(table, free, hindsight, held, wish)
        if least is not None:
            # Best in regret; in the objective of the central case others may do better.
            bound = solve_milp(free).bound
            solution = replace(least, status="feasible", bound=bound)
    if solution is None:
        solution = central if central is not None else solve_milp(problem)
    return Decision(solution, verified, hindsight)


def floors_of(problem: Problem) -> Iterator[Floor]:
    """Every accuracy floor of a problem."""
    if problem.min_accuracy is not None:
        for g, floor in enumerate(problem.min_accuracy):
            if np.isfinite(floor):
                inside = problem.groups == g
                yield Floor(g, np.where(inside, problem.weight_in_group, 0.0), float(floor))
    if problem.min_accuracy_overall is not None:
        yield Floor(None, problem.weight, problem.min_accuracy_overall)


def _keeping(
    table: Table, problem: Problem, free: Problem, floors: list[Floor], share: float
) -> tuple[Solution, Held] | str | None:
    """A plan whose floors hold in `share` of the odd draws, and those in which each is held; a
    sentence where no plan keeps them so often, None where none keeps the other requirements.

    First the floors of the central case are raised until the floors hold in enough draws. Then,
    floor by floor, the draws in which that plan does best are made rows of the program, and it is
    solved again: what was feasible stays so, and the objective can only gain. A local search: the
    plan is feasible, and the bound is that of the problem without its floors.
    """
    accuracy = table.accuracy[1::2]
    plan = _raised(problem, floors, accuracy, share)
    if plan is None:
        best = solve_milp(replace(free, objective="accuracy"))
        if best.status == "infeasible":
            return None
        holds = [float(np.mean(f.reached(accuracy, best.share) >= f.floor)) for f in floors]
        if min(holds) < share:
            return (
                f"The most accurate plan keeps its floors in {format_percent(min(holds))} of the"
                f" draws, not in {format_percent(share)}: lower floor_holds_in or the floor, or"
                " measure on more questions."
            )
        plan = best
    held = _held(floors, accuracy, plan.share, share)
    plan = plan if plan.status != "infeasible" else None
    for _ in range(EXCHANGES):
        found = solve_held(free, held)
        if found.status == "infeasible":
            break
        gained = plan is None or _better(problem, found.value, plan.value)
        plan, held = found, _held(floors, accuracy, found.share, share)
        if not gained:
            break
    assert plan is not None
    bound = solve_milp(free).value
    return replace(plan, status="feasible", bound=bound), held


def _better(problem: Problem, value: float, other: float) -> bool:
    gain = value - other if problem.maximised else other - value
    return bool(gain > 1e-6 * max(abs(other), 1e-9))


def _raised(
    problem: Problem, floors: list[Floor], accuracy: Array, share: float
) -> Solution | None:
    """The plan of the central case under floors raised until they hold in enough draws."""
    margin = np.zeros(len(floors))
    for _ in range(MARGINS):
        plan = solve_milp(_with_floors(problem, floors, margin))
        if plan.status == "infeasible":
            return None
        short = np.array(
            [f.floor - kept_level(f.reached(accuracy, plan.share), share) for f in floors]
        )
        if (short <= 1e-9).all():
            return plan
        margin += np.maximum(short, 0.0)
    return None


def kept_level(reached: Array, share: float) -> float:
    """The highest accuracy that `share` of the draws reach."""
    allowed_below = int(np.floor((1.0 - share) * len(reached) + 1e-9))
    return float(np.sort(reached)[allowed_below])


def _with_floors(problem: Problem, floors: list[Floor], margin: Array) -> Problem:
    by_group = None if problem.min_accuracy is None else problem.min_accuracy.copy()
    overall = problem.min_accuracy_overall
    for floor, more in zip(floors, margin, strict=True):
        if floor.group is None:
            overall = floor.floor + more
        elif by_group is not None:
            by_group[floor.group] = floor.floor + more
    return replace(problem, min_accuracy=by_group, min_accuracy_overall=overall)


def _held(floors: list[Floor], accuracy: Array, share: Array, holds_in: float) -> Held:
    """The draws in which a plan does best, as many as each floor has to hold in."""
    rows, least = [], []
    count = int(np.ceil(holds_in * len(accuracy) - 1e-9))
    for floor in floors:
        best: NDArray[np.int64] = np.argsort(-floor.reached(accuracy, share), kind="stable")[:count]
        rows.append(np.nan_to_num(accuracy[np.sort(best)]) * floor.weight[:, None])
        least.append(np.full(count, floor.floor))
    return Held(np.concatenate(rows), np.concatenate(least))


def _least_regret(
    table: Table, free: Problem, hindsight: Hindsight, held: Held, wish: Uncertainty
) -> Solution | None:
    """The plan whose regret is least by the wished risk; None where no plan keeps the floors."""
    assert wish.risk is not None
    if free.objective == "accuracy":
        solved = replace(free, allowed=free.permitted)
        drawn = np.nan_to_num(table.accuracy[1 : hindsight.draws + 1])
        best = hindsight.best
        regretted = Regretted(drawn, free.weight, best, wish.risk, wish.level)
        found = solve_held(solved, held, regretted)
        return None if found.status == "infeasible" else found
    candidates = [
        plan for plan in hindsight.plans if feasible(free, plan, held.weights, held.floor)
    ]
    if not candidates:
        return None
    regrets = [hindsight.regret(table, free, plan) for plan in candidates]
    size = [risk_of(regret, wish) for regret in regrets]
    return candidates[int(np.argmin(size))]


def risk_of(regret: Array, wish: Uncertainty) -> float:
    """What a risk makes least: the mean of the worst 1 - level of regrets (draw,), or the worst."""
    return float(regret.max()) if wish.risk == "minimax_regret" else cvar(regret, wish.level)


def cvar(regret: Array, level: float) -> float:
    """Mean of the worst 1 - level of equally likely regrets (draw,), the last one in part.

    CVaR = min over t of t + mean(max(regret - t, 0)) / (1 - level)  (Rockafellar and Uryasev 2000)
    """
    worst = np.sort(regret)[::-1]
    count = (1.0 - level) * len(worst)
    weights = np.clip(count - np.arange(len(worst)), 0.0, 1.0)
    return float((worst * weights).sum() / count)
