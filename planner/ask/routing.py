"""What a router is worth: the plan with a perfect one, with this one, and without any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planner.allocate.plan import accounts
from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.milp import solve_milp
from planner.allocate.unmixing import unmixed
from planner.ask.stage import Stage
from planner.domain.measured import RouterConfusion
from planner.domain.routed import Routed, RouterValue
from planner.domain.router import Router


def router_value(
    stage: Stage, problem: Problem, limited: Callable[[Problem], Problem]
) -> RouterValue | None:
    """Three plans of the same wishes, and what a better router would be worth.

    problem: the one that was solved. None where no class has several buckets told apart.
    """
    scenario = stage.scenario
    router = scenario.router
    if router.signal == "none" or all(len(c.mix) < 2 for c in scenario.workload.classes):
        return None
    without = limited(stage.routed_by(Router(signal="none")))
    perfect: Problem | None = problem
    basis = "known"
    if router.told(("", " ")) is not None:
        basis = "confusion"
        exact = router.model_copy(update={"confusion": None, "accuracy": None})
        perfect = limited(stage.routed_by(exact))
    elif any(p.deployable for p in stage.observations.partitions):
        basis = "measured"
        perfect = _unmixed(stage, problem)
    this = _routed(problem)
    best = _routed(perfect) if basis != "known" else this
    worth = _worth(perfect, best, this) if basis != "known" else (0.0, 0.0)
    return RouterValue.model_validate(
        {
            "basis": basis,
            "perfect": best,
            "this": this,
            "none": _routed(without),
            "better_accuracy": worth[0],
            "better_usd_per_day": worth[1],
        }
    )


def _routed(problem: Problem | None) -> Routed | None:
    if problem is None:
        return None
    plan = solve_milp(problem)
    if plan.status == "infeasible":
        return None
    books = accounts(problem, plan.share, plan.replicas)
    right: Array = np.where(plan.share > 0, problem.accuracy, 0.0) * plan.share
    return Routed(
        accuracy=float((right.sum(axis=1) * problem.weight).sum()),
        cost_usd_per_day=books.cost_usd_per_day,
    )


def _worth(
    perfect: Problem | None, best: Routed | None, this: Routed | None
) -> tuple[float | None, float | None]:
    """(accuracy added, dollars a day saved at the accuracy of this router's plan)."""
    if perfect is None or best is None or this is None:
        return None, None
    if not perfect.maximised:
        return best.accuracy - this.accuracy, this.cost_usd_per_day - best.cost_usd_per_day
    as_good = _routed(replace(perfect, objective="cost", min_accuracy_overall=this.accuracy - 1e-9))
    saved = None if as_good is None else this.cost_usd_per_day - as_good.cost_usd_per_day
    return best.accuracy - this.accuracy, saved


def _unmixed(stage: Stage, problem: Problem) -> Problem | None:
    """The problem by true buckets, from accuracies by told ones and their confusion."""
    found: list[RouterConfusion] = list(stage.observations.confusions)
    if len(found) != 1:
        return None
    matrix = np.array(found[0].share)
    names = found[0].predicted_buckets
    buckets = [load.bucket for load in stage.table.classes]
    if not set(buckets) <= set(names):
        return None
    return unmixed(problem, np.array([names.index(b) for b in buckets]), matrix)
