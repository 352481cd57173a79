"""Points at the piece of a question that was not understood."""

from __future__ import annotations

import unicodedata

from planner.errors import Problem

SHOWN_AROUND = 45
"""Characters of a long question shown on either side of the piece."""


def pointed(text: str, span: tuple[int, int], what: str, remedy: str | None = None) -> Problem:
    """A problem that shows the question on one line and carets under `span` on the next.

    Columns are counted from 0, the second one past the end; an empty span points at one place.
    """
    start, end = span
    first = max(0, start - SHOWN_AROUND) if len(text) > 2 * SHOWN_AROUND else 0
    last = min(len(text), end + SHOWN_AROUND) if len(text) > 2 * SHOWN_AROUND else len(text)
    before = ("... " if first else "") + _one_line(text[first:start])
    piece = _one_line(text[start:end])
    after = _one_line(text[end:last]) + (" ..." if last < len(text) else "")
    carets = " " * _width(before) + "^" * max(1, _width(piece))
    return Problem(
        where=f"the question, column {start + 1}",
        what=f"{what}\n        {before}{piece}{after}\n        {carets}",
        remedy=remedy,
    )


def _one_line(text: str) -> str:
    """Control characters, such as tabs and line ends, as spaces: one column each."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in text)


def _width(text: str) -> int:
    """Columns of a terminal: East Asian wide characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
