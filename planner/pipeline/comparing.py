"""Saved plans and scenarios beside each other, and beside what production shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.domain.observation import Observation
    from planner.domain.plan import PlanAnswer
    from planner.domain.plan_changes import LineChange, PlanChanges, PlanObserved
    from planner.economics.scenario_lines import Line

MOST_LINES = 20
"""Keys that are changed one at a time; of more the sentence says that they were not."""
INFEASIBLE = "no plan, for none keeps every requirement"


def compare_plans(
    before: Path,
    after: Path,
    *,
    models: Path | None = None,
    profile: str | None = None,
    draws: int = 400,
    seed: int = 0,
) -> PlanChanges:
    """What differs between two plans, saved ones or those of scenarios, which are solved.

    Of two scenarios also what each key that differs does by itself. models, profile, draws and
    seed are for scenarios. Raises InputError for a file that is neither.
    """
    from planner.economics.plan_changes import plan_changes
    from planner.pipeline.solving import solve

    def plan_of(path: Path) -> PlanAnswer:
        if not _is_scenario(path):
            return _plan(path)
        return solve(path, models=models, profile=profile, draws=draws, seed=seed, for_page=False)

    found = plan_changes(plan_of(before), plan_of(after))
    if not (_is_scenario(before) and _is_scenario(after)):
        return found

    def decided(values: Mapping[str, Any]) -> PlanAnswer:
        return _decided(values, before, models, profile, draws, seed)

    lines, left_out = _lines_of(before, after, decided)
    said = _alone(lines, left_out, found.decision_changed)
    return found.model_copy(update={"lines": lines, "sentence": f"{found.sentence}{said}"})


def _is_scenario(path: Path) -> bool:
    return path.suffix.casefold() == ".toml"


def _lines_of(
    before: Path, after: Path, decided: Callable[[Mapping[str, Any]], PlanAnswer]
) -> tuple[tuple[LineChange, ...], int]:
    """What each key that differs does by itself, and how many were not tried."""
    from planner.economics.scenario_lines import scenario_lines, with_line
    from planner.ingest.toml_file import read_toml

    first = read_toml(before).values
    second = _from_folder(read_toml(after).values, after.parent, before.parent)
    lines = scenario_lines(first, second)
    if not lines:
        return (), 0
    plan = decided(first)
    told = []
    for line in lines[:MOST_LINES]:
        try:
            told.append(_told(line, plan, decided(with_line(first, line))))
        except InputError as error:
            told.append(_not_planned(line, str(error.problems[0].what)))
    return tuple(told), len(lines[MOST_LINES:])


def _from_folder(values: dict[str, Any], own: Path, other: Path) -> dict[str, Any]:
    """Values of a scenario in one folder as they are read from another.

    Files of the same name and content in both are the same.
    """

    def moved(given: Any) -> Any:
        if not isinstance(given, str):
            return given
        mine, there = own / given, other / given
        same = mine.is_file() and there.is_file() and mine.read_bytes() == there.read_bytes()
        return given if same else str(mine.resolve())

    if own.resolve() == other.resolve():
        return values
    found = dict(values)
    for table, key in (("data", "observations"), ("transfer", "pilot"), ("router", "confusion")):
        inside = found.get(table)
        if isinstance(inside, dict) and key in inside:
            given = inside[key]
            there = [moved(one) for one in given] if isinstance(given, list) else moved(given)
            found[table] = inside | {key: there}
    return found


def _decided(
    values: Mapping[str, Any],
    scenario: Path,
    models: Path | None,
    profile: str | None,
    draws: int,
    seed: int,
) -> PlanAnswer:
    """The plan of a scenario's values, without what is told beside it."""
    from planner.allocate.answer import plan_answer
    from planner.allocate.limits import needs_a_limit
    from planner.allocate.robust import decide
    from planner.ask.stage import set_stage
    from planner.domain.draws import Draws
    from planner.ingest.scenario import scenario_of
    from planner.ingest.toml_file import TomlFile
    from planner.pipeline.verbs import cards_with

    scene = scenario_of(TomlFile(str(scenario), dict(values), {}), scenario.parent)
    cards, measured = cards_with(models, profile)
    stage = set_stage(scene, cards, Draws(draws, seed), None, measured)
    needs_a_limit(stage.problem, scenario)
    names = [query_class.name for query_class in scene.workload.classes]
    decision = decide(stage.table, stage.problem, scene.uncertainty, names)
    return plan_answer(stage.table, stage.problem, decision.solution, None, decision.conflict)


def _told(line: Line, before: PlanAnswer, after: PlanAnswer) -> LineChange:
    from planner.economics.scenario_lines import answered_otherwise

    to = answered_otherwise(before, after)
    if after.status == "infeasible":
        to = None if before.status == "infeasible" else INFEASIBLE
    gained = _less(after.accuracy, before.accuracy)
    return _line(line).model_copy(
        update={
            "decision_changed": to is not None,
            "changes_to": to,
            "accuracy_points": None if gained is None else 100 * gained,
            "usd_per_day": _less(after.cost_usd_per_day, before.cost_usd_per_day),
        }
    )


def _less(one: float | None, other: float | None) -> float | None:
    from planner.economics.plan_changes import differ

    if one is None or other is None:
        return None
    return one - other if differ(one, other) else 0.0


def _not_planned(line: Line, reason: str) -> LineChange:
    return _line(line).model_copy(update={"reason": reason})


def _line(line: Line) -> LineChange:
    from planner.domain.plan_changes import LineChange

    before, after = (
        None if value is None else json.dumps(value, default=str, ensure_ascii=False)
        for value in (line.before, line.after)
    )
    return LineChange(key=line.key, before=before, after=after)


def _alone(lines: Sequence[LineChange], left_out: int, changed: bool) -> str:
    """What the lines do one by one, as a further sentence; changed: together."""
    if len(lines) < 2:
        return ""
    changing = [line.key for line in lines if line.decision_changed]
    if changing:
        said = f" By itself {' or '.join(changing)} changes who answers what."
    else:
        said = " No line changes by itself who answers what." if changed else ""
    return said + (f" {left_out} more lines were not tried one by one." if left_out else "")


def observed_plan(
    plan: Path,
    observed: Path | Sequence[Path],
    spent_usd_per_day: float | None,
    question_set: str | None = None,
) -> PlanObserved:
    """A saved plan held against what production shows, and against what a day costs.

    observed: observations CSVs, or evaluation logs of any format that `measure` reads, one or
    several, files or folders. question_set: query class of logs that name none.

    Raises InputError for a file that is no plan, and for what is neither.
    """
    from planner.economics.plan_observed import plan_observed

    found = _plan(plan)
    paths = [observed] if isinstance(observed, Path) else list(observed)
    tables = [path for path in paths if _is_observations(path)]
    rows = _read(tables)
    if logs := [path for path in paths if path not in tables]:
        rows += _of_the_plan(found, _measured(logs, question_set))
    return plan_observed(found, rows, spent_usd_per_day)


def _is_observations(path: Path) -> bool:
    """Whether a file is an observations CSV: it has numbers of questions, which no log has."""
    from planner.ingest.observations_csv import sniff

    if path.is_dir() or not path.exists() or path.suffix.casefold() != ".csv":
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        head = file.readline()
    return sniff(head) and "questions" in head.casefold()


def _read(tables: Sequence[Path]) -> list[Observation]:
    from planner.ingest.importers import read_observed

    return [row for path in tables for row in read_observed(path).rows]


def _measured(logs: Sequence[Path], question_set: str | None) -> Sequence[Observation]:
    from planner.ingest.logs.reading import LogOptions
    from planner.pipeline.measuring import measure

    return measure(list(logs), options=LogOptions(question_set=question_set)).rows


def _of_the_plan(plan: PlanAnswer, rows: Sequence[Observation]) -> list[Observation]:
    """What logs tell of the plan's options, and of models that it does not have.

    The samples of a vote also tell of a single one and of fewer votes: what else a model of the
    plan could have done is nothing that was seen of the plan.
    """
    used = {(c.model, c.method, c.verifier, c.n_samples) for c in plan.allocation}
    models = {cell.model for cell in plan.allocation}
    return [
        row
        for row in rows
        if row.model not in models or (row.model, row.method, row.verifier, row.n_samples) in used
    ]


def _plan(path: Path) -> PlanAnswer:
    from planner.domain.plan import PlanAnswer
    from planner.ingest.saved import read_saved

    plan = read_saved(path)
    if not isinstance(plan, PlanAnswer):
        remedy = "`planner solve SCENARIO -o plan.json` writes one"
        raise InputError(Problem(str(path), "not a saved plan", "schema", plan.schema_, remedy))
    return plan
