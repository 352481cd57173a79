"""What the page of a plan shows beside the plan: curves, frontier, changes, what was read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count, islice
from typing import Any

from planner.allocate.changes import changes
from planner.allocate.frontier import budget_frontier
from planner.allocate.problem import Problem
from planner.allocate.scenario import overall_mix
from planner.allocate.solvers.milp import Solution
from planner.ask.data_read import data_read, repaired
from planner.ask.pictures import curve_of
from planner.ask.prepare import sources_of
from planner.ask.stage import Stage
from planner.domain.observation import ALL
from planner.domain.page_facts import Made
from planner.domain.pictured import AnswerCurve
from planner.domain.plan import PlanAnswer
from planner.economics.what_if.plan import Held, plan_what_if
from planner.errors import InfeasibleError
from planner.options import Candidate

PLAN, BASELINE, OTHERS = 0, 1, 2
"""Sides, which are colours and letters, of the plan, its baseline, and the first other option."""
MOST_CURVES = 4
POINTS = 12
Key = tuple[object, ...]
"""Budgets of the frontier."""


def plan_page(
    stage: Stage, problem: Problem, solution: Solution, plan: PlanAnswer, optimism: float
) -> dict[str, Any]:
    """Fields of a feasible plan that only its page needs."""
    table, mix = stage.table, overall_mix(stage.scenario)
    slowest = [row.latency_p95_s for row in plan.allocation]
    latency = (
        None if None in slowest else max(filter(None, slowest), default=None),
        None if plan.baseline is None else plan.baseline.latency_p95_s,
    )
    terms = Held(optimism, latency)
    return {
        "what_if": plan_what_if(table, problem, solution, stage.baseline, mix, terms),
        "changes": changes(table, problem, solution, stage.baseline),
        "curves": plan_curves(stage, solution),
        **_frontier(stage, problem),
    }


def made(stage: Stage, command: str) -> Made:
    """How the plan was made."""
    models = {entry.candidate.model for entry in stage.table.entries}
    models |= {side.candidate.model for side in stage.baseline}
    rows = stage.observations.rows
    return Made(
        title=stage.scenario.report.title or stage.scenario.title,
        sections=stage.scenario.report.sections,
        command=command,
        data=data_read(stage.observations, models),
        repaired=repaired(stage.observations),
        sources=sources_of(row.source for row in rows if row.model in models),
    )


def plan_curves(stage: Stage, solution: Solution) -> tuple[AnswerCurve, ...]:
    """Curves of the options in use, the baseline's, then the others.

    The side of an option is that of the baseline where it is the whole baseline, that of the plan
    where it is the whole plan, else one of its own: it has one letter throughout the page.
    """
    used = list(stage.table.used(solution.share))
    today = [side.candidate for side in stage.baseline]
    shown = _once([*used, *today, *(entry.candidate for entry in stage.table.entries)])
    sides = dict.fromkeys(_alone(today), BASELINE)
    for key in _alone(used):
        sides.setdefault(key, PLAN)
    free = count(OTHERS)
    buckets = list(dict.fromkeys(b for load in stage.table.classes for b in load.mix))
    found = []
    for key, made in islice(shown.items(), MOST_CURVES):
        side = sides[key] if key in sides else next(free)
        found += [
            curve_of(made.curves[bucket], side, bucket, made.label)
            for bucket in (ALL, *(b for b in buckets if b != ALL))
            if bucket in made.curves
        ]
    return tuple(found)


def _once(candidates: Iterable[Candidate]) -> dict[Key, Candidate]:
    """The first candidate of each kind: what differs in n alone is one."""
    once: dict[Key, Candidate] = {}
    for made in candidates:
        once.setdefault((made.model, made.method, made.verifier, made.depth), made)
    return once


def _alone(candidates: Iterable[Candidate]) -> Iterable[Key]:
    """The one kind that all of them are; nothing where they are several."""
    kinds = _once(candidates)
    return kinds if len(kinds) == 1 else ()


def _frontier(stage: Stage, problem: Problem) -> dict[str, Any]:
    try:
        found = budget_frontier(stage.table, problem, POINTS)
    except InfeasibleError:
        return {}
    return {"frontier": found.points, "knees": found.knees}
