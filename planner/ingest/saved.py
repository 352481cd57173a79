"""Opens results that were saved as JSON, of this version or another."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from planner.domain.answer import Answer
from planner.domain.calibration import Calibration
from planner.domain.curves import FittedCurves
from planner.domain.measured import Measured
from planner.domain.nearest import did_you_mean
from planner.domain.next import NextAnswer
from planner.domain.plan import Frontier, PlanAnswer
from planner.domain.training import TrainingAnswer
from planner.errors import InputError, Problem
from planner.ingest._text import read_text
from planner.ingest.json_file import parse_json
from planner.ingest.plausible import implausible

OPENED: dict[str, type[Answer] | type[PlanAnswer] | type[FittedCurves]] = {
    "planner.answer/1": Answer,
    "planner.plan/1": PlanAnswer,
    "planner.curves/1": FittedCurves,
}
"""Schemas that a page can be made of."""
RESULTS: dict[str, type[BaseModel]] = {
    **OPENED,
    "planner.frontier/1": Frontier,
    "planner.training/1": TrainingAnswer,
    "planner.next/1": NextAnswer,
    "planner.calibration/1": Calibration,
    "planner.measured/1": Measured,
}
"""Schemas of all that the verbs write as JSON."""
_AGAIN = "make it again with this version of the planner"
_VERSIONED = re.compile(r"(planner\.[a-z]+)/([0-9]{1,9})")


def read_saved(path: Path) -> Answer | PlanAnswer | FittedCurves:
    """A saved answer, plan or curves. Raises InputError, with every field that does not fit."""
    found = read_result(path)
    if isinstance(found, Answer | PlanAnswer | FittedCurves):
        return found
    schema = next(name for name, kind in RESULTS.items() if isinstance(found, kind))
    remedy = f"a page is made of {' or '.join(OPENED)}"
    raise InputError(
        Problem(str(path), "not a saved answer, plan or curves", "schema", schema, remedy)
    )


def read_result(path: Path) -> BaseModel:
    """A saved result of any verb. Raises InputError, with every field that does not fit."""
    text = read_text(path)
    value = parse_json(text, _AGAIN)
    schema = value.get("schema") if isinstance(value, dict) else None
    kind = RESULTS.get(schema) if isinstance(schema, str) else None
    if kind is None:
        raise InputError(_unknown(text.name, str(schema)))
    try:
        found = kind.model_validate(value)
    except ValidationError as error:
        raise InputError(
            Problem(text.name, fault["msg"], ".".join(map(str, fault["loc"])), None, _remedy(fault))
            for fault in error.errors()
        ) from None
    wrong = [
        Problem(text.name, what, field, f"{seen:g}", _AGAIN)
        for field, what, seen in implausible(value)
    ]
    if wrong:
        raise InputError(wrong)
    return found


def _unknown(name: str, schema: str) -> Problem:
    """A schema of another version, or of something else."""
    found = _VERSIONED.fullmatch(schema)
    known = next((k for k in RESULTS if found and k.startswith(f"{found[1]}/")), None)
    if found is not None and known is not None:
        newer = int(found[2]) > int(known.rpartition("/")[2])
        what = f"this version of the planner reads {known}"
        remedy = "install a newer planner: pip install -U inference-planner" if newer else _AGAIN
        return Problem(name, what, "schema", schema, remedy)
    remedy = did_you_mean(schema, RESULTS) or f"a result is one of {', '.join(RESULTS)}"
    return Problem(name, "this is no saved result of the planner", "schema", schema, remedy)


def _remedy(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return "a newer planner may have written it: install that one, or make it again with this"
    return _AGAIN
