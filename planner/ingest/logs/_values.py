"""Values of a log's JSON as cells of a record."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

from planner.ingest.logs.casts import LARGEST_SIZE

MAX_TEXT = 1 << 16
"""Of a longer text the beginning is kept, and a digest that tells it from others."""

BUCKET_NAMES = ("bucket", "level", "difficulty")
"""What a log may call the difficulty bucket of a problem."""

_KEPT = 1000
_SHOWN = 80
_GRADES = {
    "c": 1.0,
    "i": 0.0,
    "p": 0.5,
    "n": 0.0,
    "true": 1.0,
    "false": 0.0,
    "yes": 1.0,
    "no": 0.0,
}


def text(value: object) -> str | None:
    """A text or a number as text; None where it is blank or something else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    # JSON may hold halves of characters, and zero bytes, which no CSV takes.
    found = str(value).encode(errors="replace").decode().replace("\0", "").strip()
    if len(found) > MAX_TEXT:
        found = f"{found[:_KEPT]}... {hashlib.sha256(found.encode()).hexdigest()}"
    return found or None


def number(value: object) -> int | float | None:
    """A finite number, written as one or in quotes; None where it is something else."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value) if isinstance(value, str) else value
        finite = isinstance(found, int | float) and math.isfinite(found)
    except (ValueError, OverflowError):
        return None
    return found if isinstance(found, int | float) and finite else None


def size(value: object) -> int | float | None:
    """A number from 0 to LARGEST_SIZE; None where it is something else."""
    found = number(value)
    return found if found is not None and 0 <= found <= LARGEST_SIZE else None


def whole(value: object) -> int | None:
    """A whole number from 0 that a float holds; None where it is something else."""
    found = number(value)
    if found is None or not 0 <= found < 1 << 53 or found != int(found):
        return None
    return int(found)


def grade(value: object) -> float | None:
    """A grade as a share of 1: C, I, P, N, true, false or 0 to 1; None where it is none."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and (known := _GRADES.get(value.strip().casefold())) is not None:
        return known
    found = number(value)
    return float(found) if found is not None and 0 <= found <= 1 else None


def flag(value: object) -> bool | None:
    """True or false, written so or in quotes; None where it is something else."""
    named = {"true": True, "false": False}
    found = named.get(value.strip().casefold()) if isinstance(value, str) else value
    return found if isinstance(found, bool) else None


def members(value: object) -> Mapping[str, object]:
    """An object's members; none where it is something else."""
    return value if isinstance(value, dict) else {}


def bucket(value: object) -> str | None:
    """The difficulty bucket that an object names."""
    found = members(value)
    return next((b for name in BUCKET_NAMES if (b := text(found.get(name))) is not None), None)


def shown(value: object) -> str:
    """A value as a message shows it: one short printable line."""
    found = "".join(c if c.isprintable() else "?" for c in str(value)[: _SHOWN + 1])
    return found if len(found) <= _SHOWN else f"{found[:_SHOWN]}..."
