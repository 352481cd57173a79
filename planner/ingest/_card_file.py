"""One card's TOML file: read, and every fault of it in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any, get_args

from pydantic import ValidationError

from planner.domain.card import CARD_TYPES, Card
from planner.domain.nearest import nearest
from planner.errors import InputError, Problem
from planner.ingest._text import read_text
from planner.ingest.toml_file import parse_toml

_BOUNDS = {"le": "up to", "lt": "below", "ge": "from", "gt": "above"}
_KINDS = {
    "float": "write a number, such as 0.86 or 4.8e12",
    "int": "write a whole number, such as 32",
    "string": 'write text in quotes: "..."',
    "bool": "write true or false",
    "date": "write the day without quotes: 2026-11-24",
    "tuple": "write a list: [...]",
    "model": "write a table: [name] with its keys below",
    "finite": "write a finite number",
}
"""Beginning of a fault's type -> what to write."""


def read_card(
    file: Traversable, where: str, card_type: type[Card], problems: list[Problem]
) -> Card | None:
    """The card of a file; None where it is not sound, with what is wrong in `problems`.

    where: how messages name the file.
    """
    try:
        content = parse_toml(read_text(file, where))
    except InputError as error:
        problems.extend(error.problems)
        return None
    if content.get("schema") != _schema(card_type):
        problems.append(_wrong_schema(where, content.get("schema"), card_type))
        return None
    try:
        return card_type.model_validate(content)
    except ValidationError as error:
        problems.extend(_explain(where, card_type, error))
        return None


def card_type_of(content: Mapping[str, Any]) -> type[Card] | None:
    """Which kind of card a file holds: by its schema, or without one by its keys.

    None where more of its keys are those of a scenario.
    """
    from planner.domain.scenario import Scenario  # which verbs without one need not load

    named = {_schema(kind): kind for kind in CARD_TYPES.values()}
    schema = content.get("schema")
    if schema is not None:
        return named.get(schema) if isinstance(schema, str) else None
    shared = {kind: len(content.keys() & kind.model_fields) for kind in CARD_TYPES.values()}
    likeliest = max(shared, key=lambda kind: shared[kind])
    return likeliest if shared[likeliest] > len(content.keys() & Scenario.model_fields) else None


def _schema(card_type: type[Card]) -> str:
    return str(get_args(card_type.model_fields["schema_"].annotation)[0])


def _wrong_schema(where: str, seen: object, card_type: type[Card]) -> Problem:
    wanted = _schema(card_type)
    what = "the schema is missing" if seen is None else "the schema is not that of this folder"
    return Problem(
        where,
        what,
        column="schema",
        value=None if seen is None else str(seen),
        remedy=f'write schema = "{wanted}"',
    )


def _explain(where: str, card_type: type[Card], error: ValidationError) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        place = ".".join(str(part) for part in fault["loc"])
        key = str(fault["loc"][-1]) if fault["loc"] else None
        seen = fault["input"]
        value = None if isinstance(seen, (dict, list)) else str(seen)
        if fault["type"] == "extra_forbidden":
            yield Problem(
                where,
                "there is no such key",
                column=place,
                value=value,
                remedy=_which_key(key or "", card_type, nested=len(fault["loc"]) > 1),
            )
        elif fault["type"] == "missing":
            yield Problem(where, "it is missing", column=place, remedy=f"add {key} = ...")
        elif fault["type"] == "value_error":
            yield _said_by_card(where, place, str(fault["ctx"]["error"]), card_type)
        else:
            yield Problem(where, fault["msg"], column=place, value=value, remedy=_kind_of(fault))


def _said_by_card(where: str, place: str, sentence: str, card_type: type[Card]) -> Problem:
    """What a validator of the cards found: `what: remedy`, or a name under covers.

    A sentence about one key of the card begins with it.
    """
    what, _, remedy = sentence.partition(": ")
    first = sentence.partition(" ")[0]
    return Problem(
        where,
        what,
        column=place or (first if first in card_type.model_fields else "sources"),
        remedy=remedy or "list under covers only fields of the card",
    )


def _which_key(key: str, card_type: type[Card], *, nested: bool) -> str:
    known = _keys(card_type)
    if not nested:
        known = set(card_type.model_fields) - {"schema_"} | {"schema"}
    found = nearest(key, known)
    return f"did you mean {found}?" if found else "remove it, or see the cards that ship"


@cache
def _keys(card_type: type[Card]) -> set[str]:
    """Keys of a card type and of the tables inside it."""
    from pydantic import TypeAdapter

    schema: Mapping[str, Any] = TypeAdapter(card_type).json_schema()
    tables = [schema, *schema.get("$defs", {}).values()]
    return {key for table in tables for key in table.get("properties", {})}


def _kind_of(fault: Mapping[str, Any]) -> str | None:
    """What to write instead, as far as the kind of fault tells."""
    context = fault.get("ctx", {})
    if "expected" in context:
        return f"write one of {context['expected']}"
    for bound, words in _BOUNDS.items():
        if bound in context:
            return f"write a number {words} {context[bound]:g}"
    return next((r for start, r in _KINDS.items() if fault["type"].startswith(start)), None)
