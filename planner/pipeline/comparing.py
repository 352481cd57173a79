"""The verb `compare` of two plans that were saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.domain.plan_changes import PlanChanges


def compare_plans(before: Path, after: Path) -> PlanChanges:
    """What differs between two saved plans; raises InputError for a file that is no plan."""
    from planner.domain.plan import PlanAnswer
    from planner.economics.plan_changes import plan_changes
    from planner.ingest.saved import read_saved

    found, faults = [], []
    for path in (before, after):
        plan = read_saved(path)
        if isinstance(plan, PlanAnswer):
            found.append(plan)
        else:
            remedy = "`planner solve SCENARIO -o plan.json` writes one"
            faults.append(Problem(str(path), "not a saved plan", "schema", plan.schema_, remedy))
    if faults:
        raise InputError(faults)
    return plan_changes(found[0], found[1])
