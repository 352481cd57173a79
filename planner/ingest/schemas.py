"""JSON Schemas of what is written and read: generated from the types, published in docs/schemas."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from planner.domain.policy import Policy
from planner.domain.scenario import Scenario
from planner.ingest.saved import RESULTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCENARIO = "scenario"
"""Its schema is for editors: `planner init` writes it beside the scenario."""
SCHEMAS: dict[str, type[BaseModel]] = {
    SCENARIO: Scenario,
    **{name.split(".")[1].split("/")[0]: kind for name, kind in RESULTS.items()},
    "policy": Policy,
}
"""Published schemas by the name of their file."""


class _AsWritten(GenerateJsonSchema):
    """Where a parser stands before a field, what it takes is allowed: text with a unit, ranges."""

    def function_before_schema(
        self, schema: core_schema.BeforeValidatorFunctionSchema
    ) -> JsonSchemaValue:
        inner = super().function_before_schema(schema)
        if inner.get("type") in ("number", "integer"):
            return {"type": ["number", "string"]}
        return {"anyOf": [inner, {"type": ["number", "string", "array"]}]}


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of a name in SCHEMAS, with what the types say of each field."""
    kind = SCHEMAS[name]
    maker = _AsWritten if kind is Scenario else GenerateJsonSchema
    made = kind.model_json_schema(by_alias=True, schema_generator=maker)
    described = {model.__name__: model for model in _models(kind)}
    for title, table in (*made.get("$defs", {}).items(), (kind.__name__, made)):
        if title in described:
            _describe(table, described[title])
    if kind is Scenario:
        _allow_bare_schema(made)
    return {"$schema": DIALECT, **made}


def _allow_bare_schema(made: dict[str, Any]) -> None:
    # Editors take `"$schema"` in TOML too.
    made["properties"]["$schema"] = {"type": "string"}


def _models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A type, those it is made of, and their bases, each once."""
    seen: set[type[BaseModel]] = set()
    waiting: list[Any] = [kind]
    while waiting:
        one = waiting.pop()
        if not (isinstance(one, type) and issubclass(one, BaseModel)):
            waiting += get_args(one)
        elif one not in seen:
            seen.add(one)
            waiting += [field.annotation for field in one.model_fields.values()]
            yield one


def _describe(table: dict[str, Any], model: type[BaseModel]) -> None:
    """Adds the docstring beneath each attribute as its description."""
    told: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            told |= _docstrings(base)
    for field, info in model.model_fields.items():
        entry = table.get("properties", {}).get(info.alias or field)
        if entry is not None and field in told:
            entry["description"] = told[field]


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    found: dict[str, str] = {}
    if not isinstance(body, ast.ClassDef):
        return found
    for before, after in zip(body.body, body.body[1:], strict=False):
        if not isinstance(before, ast.AnnAssign) or not isinstance(before.target, ast.Name):
            continue
        match after:
            case ast.Expr(value=ast.Constant(value=str() as text)):
                found[before.target.id] = " ".join(text.split())
            case _:
                pass
    return found
