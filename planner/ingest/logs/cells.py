"""What is wrong with a cell or a line that was refused, and what to write instead."""

from __future__ import annotations

import math

from planner.domain.method import METHODS
from planner.domain.nearest import did_you_mean
from planner.ingest.logs.casts import BLANK_WORDS, LARGEST_SIZE, MAX_TEXT_BYTES, kind_of
from planner.ingest.logs.record import COUNTS, METHOD_NAMES, RECORD, plain_name

_NOT_KNOWN = "leave the cell blank where it is not known"
_BY_KIND = {
    "text": (
        f"this text is longer than {MAX_TEXT_BYTES:,} bytes, or no text",
        "log the answer that was extracted, not the whole output",
    ),
    "scores": ("this is not a list of numbers", "write one such as [0.9, 0.7]"),
    "count": ("it must be a whole number, 1 or more", _NOT_KNOWN),
    "whole": ("it must be a whole number, 0 or more", _NOT_KNOWN),
    "size": (f"it must be a number from 0 to {LARGEST_SIZE:g}", _NOT_KNOWN),
    "number": ("it must be a finite number", _NOT_KNOWN),
}


class UnsoundError(Exception):
    """Carries what is wrong, and what to write instead."""

    def __init__(self, what: str, remedy: str, seen: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.seen = seen


def method_name(name: str) -> str | None:
    """The registered name of a method, or None where it is none."""
    plain = plain_name(name)
    plain = METHOD_NAMES.get(plain, plain)
    return plain if plain in METHODS else None


def refusal(column: str, cell: str | None) -> UnsoundError:
    """Why `planner.ingest.logs.casts` refuses a cell of a column of RECORD or COUNTS."""
    kind = kind_of(column)
    seen = (cell or "").strip()
    value = _number(seen)
    if kind == "grade":
        return _ungraded(value)
    if not seen or (seen.lower() in BLANK_WORDS and kind == "text"):
        about = (RECORD.get(column) or COUNTS[column]).about
        return UnsoundError("it may not be blank", f"fill it in ({about})")
    if column == "method":
        known = f"write one of {', '.join(METHODS)}"
        near = did_you_mean(seen, [*METHODS, *METHOD_NAMES])
        return UnsoundError("there is no such method", near or known)
    if column == "n_total" and value == 0:
        return UnsoundError("a problem with zero samples", "leave it out: nothing was drawn")
    if column == "n_correct" and value is not None and value >= 0 and value == int(value):
        return UnsoundError("more right samples than were drawn", "check which column is which")
    return UnsoundError(*_BY_KIND[kind])


def _ungraded(value: float | None) -> UnsoundError:
    remedy = "write 1 or 0, true or false, or C, I, P, N; leave it blank where it was not graded"
    if value is not None and 1 < value <= 100:
        remedy = f"write {value / 100:.6g} if it is a percentage; a grade is a share of 1"
    return UnsoundError("this is neither right, wrong nor a share of 1", remedy)


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
