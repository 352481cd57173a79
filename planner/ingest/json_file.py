"""JSON texts: read, with the line and column of what is not JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from planner.errors import InputError, Problem
from planner.ingest._text import Text

_EXACT_DIGITS = 18
"""Whole numbers of so many digits fit into 64 bits; longer ones are read as floats."""


class _NotANumberError(ValueError):
    """A number that cannot be real, as it is written."""

    def __init__(self, written: str) -> None:
        super().__init__(written)
        self.written = written


def parse_json(text: Text, remedy: str | None = None) -> Any:
    """The value of a JSON text. Its numbers are finite.

    remedy: what to do where it is none. Raises InputError with line and column.
    """
    try:
        return json.loads(
            text.text, parse_int=_whole, parse_float=_finite, parse_constant=_no_number
        )
    except RecursionError:
        raise InputError(
            Problem(f"{text.name}:1:1", "this is not JSON: nested too deeply", remedy=remedy)
        ) from None
    except json.JSONDecodeError as error:
        what = f"this is not JSON: {error.msg[:1].lower() + error.msg[1:]}"
        where = f"{text.name}:{error.lineno}:{error.colno}"
        raise InputError(Problem(where, what, remedy=remedy)) from None
    except _NotANumberError as error:
        at = text.text.find(error.written)
        line = text.text.count("\n", 0, at) + 1
        column = at - text.text.rfind("\n", 0, at)
        seen = error.written if len(error.written) <= 40 else f"{error.written[:40]}..."
        what = "this number is not finite, or too large"
        raise InputError(
            Problem(f"{text.name}:{line}:{column}", what, None, seen, remedy)
        ) from None


def _whole(written: str) -> int | float:
    return int(written) if len(written) <= _EXACT_DIGITS else _finite(written)


def _finite(written: str) -> float:
    value = float(written)
    if not math.isfinite(value):
        raise _NotANumberError(written)
    return value


def _no_number(written: str) -> float:
    raise _NotANumberError(written)
