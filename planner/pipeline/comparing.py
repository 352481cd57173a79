"""Saved plans beside each other, and beside what production shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.domain.plan import PlanAnswer
    from planner.domain.plan_changes import PlanChanges, PlanObserved


def compare_plans(before: Path, after: Path) -> PlanChanges:
    """What differs between two saved plans; raises InputError for a file that is no plan."""
    from planner.economics.plan_changes import plan_changes

    return plan_changes(_plan(before), _plan(after))


def observed_plan(plan: Path, observed: Path, spent_usd_per_day: float | None) -> PlanObserved:
    """A saved plan held against observations of production, and against what a day costs.

    Raises InputError for a file that is no plan, or no observations.
    """
    from planner.economics.plan_observed import plan_observed
    from planner.ingest.importers import read_observed

    return plan_observed(_plan(plan), read_observed(observed).rows, spent_usd_per_day)


def _plan(path: Path) -> PlanAnswer:
    from planner.domain.plan import PlanAnswer
    from planner.ingest.saved import read_saved

    plan = read_saved(path)
    if not isinstance(plan, PlanAnswer):
        remedy = "`planner solve SCENARIO -o plan.json` writes one"
        raise InputError(Problem(str(path), "not a saved plan", "schema", plan.schema_, remedy))
    return plan
