"""Opens a result that was saved as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from planner.domain.answer import Answer
from planner.domain.curves import FittedCurves
from planner.domain.nearest import did_you_mean
from planner.domain.plan import PlanAnswer
from planner.errors import InputError, Problem
from planner.ingest._text import read_text

OPENED: dict[str, type[Answer] | type[PlanAnswer] | type[FittedCurves]] = {
    "planner.answer/1": Answer,
    "planner.plan/1": PlanAnswer,
    "planner.curves/1": FittedCurves,
}
"""Schemas that a page can be made of."""


def read_saved(path: Path) -> Answer | PlanAnswer | FittedCurves:
    """A saved answer, plan or curves. Raises InputError, with every field that does not fit."""
    text = read_text(path)
    try:
        value = json.loads(text.text)
    except (ValueError, RecursionError) as error:
        said = getattr(error, "msg", "nested too deeply")
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        where = f"{text.name}:{line}:{column}"
        raise InputError(Problem(where, f"not JSON: {said}")) from None
    schema = value.get("schema") if isinstance(value, dict) else None
    kind = OPENED.get(schema) if isinstance(schema, str) else None
    if kind is None:
        remedy = did_you_mean(str(schema), OPENED) or f"a page is made of {' or '.join(OPENED)}"
        raise InputError(
            Problem(text.name, "not a saved answer, plan or curves", "schema", str(schema), remedy)
        )
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise InputError(
            Problem(
                text.name,
                fault["msg"],
                ".".join(str(part) for part in fault["loc"]),
                None,
                "make it again with this version of the planner",
            )
            for fault in error.errors()
        ) from None
