"""Writes a card as the TOML that `planner.ingest.cards` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from planner.domain.card import Card
from planner.units import significant

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


def card_toml(card: Card, comment: str = "") -> str:
    """The card's fields in their order, tables after plain values; numbers to 9 digits."""
    fields = card.model_dump(mode="python", by_alias=True, exclude_none=True, exclude_defaults=True)
    fields = {"schema": card.schema_, **fields}
    lines = [f"# {line}" for line in comment.splitlines()]
    return "\n".join([*lines, *_table(fields, ())]) + "\n"


def _table(fields: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {key: value for key, value in fields.items() if _is_table(value)}
    for key, value in fields.items():
        if key not in tables:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in tables.items():
        inner = (*path, key)
        name = ".".join(map(_key, inner))
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]")
            yield from _table(value, inner)
        else:
            for row in value:
                yield from ("", f"[[{name}]]")
                yield from _table(row, inner)


def _is_table(value: object) -> bool:
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], Mapping)


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    """A value as TOML; strings of JSON are strings of TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return repr(significant(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)
