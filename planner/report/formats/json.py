"""The answer or plan as JSON: what `--json` prints, in a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from planner.units import jsonable

if TYPE_CHECKING:
    from planner.domain.answer import Answer
    from planner.domain.plan import PlanAnswer


def render(answer: Answer | PlanAnswer) -> str:
    """JSON with the contract's names, numbers to 9 significant digits."""
    value = jsonable(answer.model_dump(mode="json", by_alias=True))
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
