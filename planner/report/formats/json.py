"""The answer, plan or curves as JSON: what `--json` prints, in a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from planner.units import jsonable

if TYPE_CHECKING:
    from planner.domain.answer import Answer
    from planner.domain.curves import ReportedCurves
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans


def render(found: Answer | PlanAnswer | Plans | ReportedCurves) -> str:
    """JSON with the contract's names, numbers to 9 significant digits."""
    value = jsonable(found.model_dump(mode="json", by_alias=True))
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
