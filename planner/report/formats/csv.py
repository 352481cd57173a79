"""The rows of a result as CSV, for a spreadsheet: options, the allocation, or predictions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from planner.units import jsonable

if TYPE_CHECKING:
    from planner.domain.answer import Answer
    from planner.domain.curves import ReportedCurves
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(found: Answer | PlanAnswer | Plans | ReportedCurves) -> str:
    """A header of the JSON's field names, and a row an option, a share or a prediction."""
    from planner.domain.answer import Answer
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans

    if isinstance(found, Plans):
        return _written(
            {"scenario": name, **row.model_dump(mode="json")}
            for name, plan in zip(found.names, found.plans, strict=True)
            for row in plan.allocation
        )
    if isinstance(found, Answer):
        return _written(row.model_dump(mode="json") for row in found.options)
    if isinstance(found, PlanAnswer):
        return _written(row.model_dump(mode="json") for row in found.allocation)
    return _written(
        {"model": curve.model, "method": curve.method, "verifier": curve.verifier,
         "question_set": curve.question_set, "bucket": curve.bucket,
         **point.model_dump(mode="json")}
        for curve in found.curves
        for point in curve.predictions
    )  # fmt: skip


def _written(rows: Iterable[Mapping[str, Any]]) -> str:
    """Flat fields alone; what holds several values has no cell."""
    kept = [
        {key: _cell(value) for key, value in row.items() if not isinstance(value, list | dict)}
        for row in rows
    ]
    out = io.StringIO()
    heads = list(dict.fromkeys(key for row in kept for key in row))
    writer = csv.DictWriter(out, heads, lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    return out.getvalue()


def _cell(value: object) -> object:
    """A text that a spreadsheet would compute is marked as text."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return jsonable(value)
