"""Curves of a book by what their keys say."""

from __future__ import annotations

from typing import Any

from planner.curves import Curve, CurveBook


def curves_where(book: CurveBook, **wanted: Any) -> list[Curve]:
    """All curves whose keys have the values wanted."""
    return [
        curve
        for key, curve in book.items()
        if all(getattr(key, name) == value for name, value in wanted.items())
    ]


def curve_where(book: CurveBook, **wanted: Any) -> Curve:
    """The one curve whose key has the values wanted."""
    (curve,) = curves_where(book, **wanted)
    return curve
