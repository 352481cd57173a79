"""Saved plans beside each other, and beside what production shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.domain.observation import Observation
    from planner.domain.plan import PlanAnswer
    from planner.domain.plan_changes import PlanChanges, PlanObserved


def compare_plans(before: Path, after: Path) -> PlanChanges:
    """What differs between two saved plans; raises InputError for a file that is no plan."""
    from planner.economics.plan_changes import plan_changes

    return plan_changes(_plan(before), _plan(after))


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
