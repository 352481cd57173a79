"""Plans of a scenario: the best one, with what is told of it, and one for every budget."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.allocate.problem import Problem
    from planner.allocate.robust import Decision
    from planner.ask.stage import Stage
    from planner.cost.settings import Settings
    from planner.domain.plan import Frontier, PlanAnswer


def solve(
    scenario: str | Path,
    *,
    budget: str | None = None,
    whole: bool = False,
    max_models: int | None = None,
    settings: Settings | None = None,
    profile: str | None = None,
    models: Path | None = None,
    draws: int = 400,
    seed: int = 0,
    tornado: bool = False,
    measure_next: bool = False,
    for_page: bool = True,
    command: str | None = None,
) -> PlanAnswer:
    """The best plan of a scenario; `budget`, `whole` and `max_models` go before the scenario's.

    settings: terms that go before the scenario's. profile: as in `ask`. tornado: also which inputs
    it hangs on, and which plans win at other volumes, prices and mixes. measure_next: also which
    measurements would change it, which takes longer than the rest. for_page: with curves, frontier
    and draws, which only a page needs. command: what makes the plan again.

    Raises InputError for what cannot be used; an impossible budget gives a plan of status
    infeasible that names the cheapest relaxation.
    """
    from planner.allocate.answer import plan_answer
    from planner.allocate.baseline import totals_of
    from planner.allocate.explain import explained
    from planner.allocate.limits import limited, needs_a_limit
    from planner.allocate.robust import decide
    from planner.allocate.scenario import overall_mix
    from planner.ask.judged import judged
    from planner.ask.plan_over_time import plan_money
    from planner.ask.plan_page import made, plan_page
    from planner.pipeline.made_of import made_of_scenario
    from planner.pipeline.next import measurements_of, told_of_plan

    scenario = Path(scenario)
    stage = staged(scenario, models, draws, seed, settings, profile)
    problem = limited(stage.problem, budget, whole, max_models)
    needs_a_limit(problem, scenario)
    scene, sides = stage.scenario, stage.baseline
    names = [query_class.name for query_class in scene.workload.classes]
    decision = decide(stage.table, problem, scene.uncertainty, names)
    totals = None
    if sides:
        totals = totals_of(sides, scene.workload.queries_per_day, overall_mix(scene))
    plan = plan_answer(stage.table, problem, decision.solution, totals, decision.conflict)
    update = _beside(stage, problem, decision)
    if decision.solution.status != "infeasible":
        update |= judged(stage, problem, decision, lambda p: limited(p, budget, whole, max_models))
        if for_page:
            update |= plan_page(stage, problem, decision.solution, plan, update["optimism"])
        if tornado:
            update |= _hangs_on(stage, problem, decision)
        if measure_next:
            update["next"] = told_of_plan(measurements_of(stage, problem, decision))
    update["made"] = made(stage, command or shlex.join(["planner", "solve", str(scenario)]))
    plan = plan.model_copy(update=update)
    if decision.solution.status != "infeasible":
        money = plan_money(plan, stage, problem, decision.solution)
        plan = plan.model_copy(update=money)
    plan = explained(plan, stage.table, problem, decision.solution, scene)
    made_of = made_of_scenario(scenario, stage, models, profile, draws, seed)
    return plan.model_copy(update=made_of)


def _hangs_on(stage: Stage, problem: Problem, decision: Decision) -> dict[str, Any]:
    """Which inputs a plan hangs on."""
    from planner.economics.tornado import mix_map, tornado, winner_map

    of, bars = tornado(stage.table, problem, decision.solution)
    return {
        "tornado_of": of,
        "tornado": bars,
        "winner_map": winner_map(stage.table, problem),
        "mix_map": mix_map(stage.table, problem),
    }


def _beside(stage: Stage, problem: Problem, decision: Decision) -> dict[str, Any]:
    """Fields of a plan that do not come from its solution alone."""
    from planner.allocate.answer import router_row
    from planner.allocate.baseline import probability_beats
    from planner.allocate.scenario import overall_mix
    from planner.ask.capex import plan_capex

    scene, router, solution = stage.scenario, stage.scenario.router, decision.solution
    update: dict[str, Any] = {
        "warnings": stage.warnings,
        "assumptions": stage.assumptions,
        "prices_as_of": stage.prices_as_of,
        "router": router_row(stage.table, router.signal, router.model),
    }
    if solution.status == "infeasible":
        return update
    if stage.training is not None:
        update |= plan_capex(stage.training, stage.table.used(solution.share))
    if stage.baseline:
        volume, mix = scene.workload.queries_per_day, overall_mix(scene)
        update["probability_beats_baseline"] = probability_beats(
            stage.table, solution, stage.baseline, volume, mix, problem
        )
    return update


def frontier(
    scenario: str | Path,
    *,
    points: int = 12,
    whole: bool = False,
    max_models: int | None = None,
    models: Path | None = None,
    draws: int = 400,
    seed: int = 0,
) -> Frontier:
    """The most accuracy that each of several budgets buys, from the cheapest plan up."""
    from planner.allocate.frontier import budget_frontier
    from planner.allocate.limits import limited

    stage = staged(scenario, models, draws, seed)
    problem = limited(stage.problem, None, whole, max_models)
    return budget_frontier(stage.table, problem, points, stage.warnings)


def staged(
    scenario: str | Path,
    models: Path | None,
    draws: int,
    seed: int,
    settings: Settings | None = None,
    profile: str | None = None,
) -> Stage:
    """A scenario file read, and its options priced."""
    from planner.ask.stage import set_stage
    from planner.domain.draws import Draws
    from planner.ingest.scenario import read_scenario
    from planner.pipeline.verbs import cards_with

    scene = read_scenario(Path(scenario))
    cards, measured = cards_with(models, profile)
    return set_stage(scene, cards, Draws(draws, seed), settings, measured)
