"""Indented JSON text, quickly: the standard library indents in plain Python, a token at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from json.encoder import encode_basestring as quoted
from typing import Any

from planner.units.writing import jsonable

_LEAVES: dict[type, Callable[[Any], str]] = {
    str: quoted,
    float: float.__repr__,
    int: int.__repr__,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
}
"""Text of what holds no other value, by its exact type."""


def json_text(obj: Any) -> str:
    """`jsonable` of an object as JSON indented by 2, as json.dumps writes it, non-ASCII kept.

    Raises what `jsonable` raises.
    """
    return _text(jsonable(obj), "\n")


def _text(obj: Any, line: str) -> str:
    """JSON of what `jsonable` made; `line` is a line break and the indent of what encloses it."""
    leaf = _LEAVES.get(type(obj))
    if leaf is not None:
        return leaf(obj)
    if not obj or not isinstance(obj, dict | list):
        return json.dumps(obj, ensure_ascii=False)
    inner = line + "  "
    between = "," + inner
    if isinstance(obj, dict):
        pairs = [f"{quoted(key)}: {_text(value, inner)}" for key, value in obj.items()]
        return f"{{{inner}{between.join(pairs)}{line}}}"
    return f"[{inner}{between.join([_text(value, inner) for value in obj])}{line}]"
