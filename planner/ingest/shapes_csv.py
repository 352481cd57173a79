"""Shapes of models that have no card, from columns of a table."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from pydantic import ValidationError

from planner import units
from planner.domain.card import ModelCard
from planner.errors import InputError, Problem
from planner.ingest._table import Columns, Problems, Record, read_table
from planner.ingest._text import read_text

SHAPE_COLUMNS = ("layers", "d", "heads", "kv_heads", "head_dim", "ffn", "vocab", "tied", "params")
"""What a shape needs; `moe_ffn`, `experts` and `experts_active` too for a mixture of experts."""
MOE_COLUMNS = ("experts", "experts_active", "moe_ffn")
COUNTED = frozenset(
    {"params_streamed", "params_layers", "kv_bytes_per_token", "params_active_layers"}
    | {"params_attn"}
)
"""Columns that follow from the others."""
SHAPES = Columns(required=("model", *SHAPE_COLUMNS), optional=MOE_COLUMNS, ignored=COUNTED)
_WHOLE = re.compile("[0-9]{1,15}")
_FIELDS = {"d": "width", "moe_ffn": "expert_ffn"}


def read_shapes(path: Path) -> tuple[dict[str, ModelCard], str]:
    """Shapes by model name, and the file's digest; InputError with every problem of the file."""
    text = read_text(path)
    problems = Problems(text.name)
    table = read_table(text, SHAPES, problems)
    problems.raise_any()
    found: dict[str, ModelCard] = {}
    for record in table.records:
        shape = shape_of(record, problems)
        if shape is not None:
            found[record.cells["model"]] = shape
    problems.raise_any()
    return found, text.sha256


def has_shape(record: Record) -> bool:
    """True where a row holds every column that a shape needs."""
    return all(record.cells.get(name) for name in SHAPE_COLUMNS)


def shape_of(record: Record, problems: Problems) -> ModelCard | None:
    """The shape in a row's columns; what is wrong with it goes to `problems`."""
    numbers: dict[str, int] = {}
    for name in (*SHAPE_COLUMNS, *MOE_COLUMNS):
        cell = record.cells.get(name, "")
        if not cell and name in MOE_COLUMNS:
            continue
        optional = name == "tied" or name in MOE_COLUMNS
        if not _WHOLE.fullmatch(cell) or (int(cell) == 0 and not optional):
            whole = "this is not a whole number" + ("" if optional else " above 0")
            what = whole if cell else "the shape lacks this column"
            problems.add(record.line, what, name, cell or None, "write a whole number, such as 32")
            return None
        numbers[name] = int(cell)
    fields = {_FIELDS.get(name, name): value for name, value in numbers.items() if value}
    for name in ("tied", "params"):
        fields.pop(name, None)
    if "experts" not in fields:
        fields.pop("experts_active", None)
        fields.pop("expert_ffn", None)
    try:
        return ModelCard.model_validate(
            {
                "schema": "planner.llm/1",
                "name": "measured",
                "title": record.cells["model"],
                "family": "measured",
                "tuning": "base",
                "params_b": numbers["params"] / units.PARAMS_PER_B,
                "tied_embeddings": numbers["tied"] == 1,
                **fields,
                "sources": [
                    {
                        "covers": ["params_b", *fields],
                        "title": f"{problems.name}:{record.line}",
                        "read": dt.date.min,
                    }
                ],
            }
        )
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        column = str(fault["loc"][-1]) if fault["loc"] else None
        problems.add(record.line, f"this is no shape: {fault['msg']}", column)
        return None


def unknown_model(where: str, model: str, near: str | None) -> Problem:
    """The problem of a model that has neither a card nor a shape."""
    columns = ", ".join(SHAPE_COLUMNS)
    return Problem(
        where,
        "no card has this name, and its shape is not given",
        column="model",
        value=model,
        remedy=f"{near + ' Or give' if near else 'give'} its shape: columns {columns} (and"
        f" {', '.join(MOE_COLUMNS)}), here or in a CSV named by --shapes",
    )


def refuse(problems: list[Problem]) -> None:
    """Raises InputError where there is a problem."""
    if problems:
        raise InputError(problems, "the measurements cannot be used")
