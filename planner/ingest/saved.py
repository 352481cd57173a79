"""Opens a result that was saved as JSON."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from planner.domain.answer import Answer
from planner.domain.curves import FittedCurves
from planner.domain.nearest import did_you_mean
from planner.domain.plan import PlanAnswer
from planner.errors import InputError, Problem
from planner.ingest._text import read_text
from planner.ingest.json_file import parse_json

OPENED: dict[str, type[Answer] | type[PlanAnswer] | type[FittedCurves]] = {
    "planner.answer/1": Answer,
    "planner.plan/1": PlanAnswer,
    "planner.curves/1": FittedCurves,
}
"""Schemas that a page can be made of."""


def read_saved(path: Path) -> Answer | PlanAnswer | FittedCurves:
    """A saved answer, plan or curves. Raises InputError, with every field that does not fit."""
    text = read_text(path)
    value = parse_json(text, "make it again with this version of the planner")
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
