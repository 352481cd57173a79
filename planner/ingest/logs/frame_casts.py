"""One cell of a data frame to a value, in narwhals: the same rules as `casts` has for files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.ingest.logs.casts import (
    BLANK_WORDS,
    GRADES,
    LARGEST_SIZE,
    LARGEST_WHOLE,
    is_required,
    kind_of,
)

if TYPE_CHECKING:
    import narwhals as nw

_WHITE = " \t\n\r\f"
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_WHOLE = ("whole", "count")
_LOWEST = {"size": 0, "grade": 0, "whole": 0, "count": 1}
_HIGHEST = {"size": LARGEST_SIZE, "grade": 1, "whole": LARGEST_WHOLE, "count": LARGEST_WHOLE}


@dataclass(frozen=True)
class Cell:
    """Expressions of one column, named as RECORD or COUNTS names it."""

    value: nw.Expr
    """The value of a sound cell; null where it is blank."""
    bad: nw.Expr | None
    """True of a cell that is not what the column takes, never null; None where every cell is."""


def cell(column: str, dtype: nw.dtypes.DType, *, words: bool = False) -> Cell:
    """How a column of a frame is read. words: whether NA and the like are blank."""
    kind, blank = kind_of(column), BLANK_WORDS if words else ()
    if kind == "scores":
        return _scores(column, dtype)
    if kind != "text":
        return _number(column, kind, dtype, blank or ("nan",))
    return _text(column, dtype, () if column == "answer" else blank)


def _text(column: str, dtype: nw.dtypes.DType, words: tuple[str, ...]) -> Cell:
    import narwhals as nw

    if dtype.is_nested() or dtype == nw.Binary:
        return _none(column, nw.String())
    raw = nw.col(column)
    if dtype.is_float():
        raw = _without_nan(raw)
    trimmed = raw.cast(nw.String).str.strip_chars(_WHITE)
    blank = trimmed.str.to_lowercase().is_in(["", *words])
    value: nw.Expr = nw.when(~blank).then(trimmed)
    if column == "problem_id":
        # pandas writes whole numbers beside a missing one as 43.0.
        whole = value.str.contains(r"^-?[0-9]+\.0$")
        value = nw.when(whole).then(value.str.replace_all(r"\.0$", "")).otherwise(value)
    return Cell(value, value.is_null() if is_required(column) else None)


def _number(column: str, kind: str, dtype: nw.dtypes.DType, words: tuple[str, ...]) -> Cell:
    import narwhals as nw

    raw = nw.col(column)
    unread = None
    if dtype == nw.Boolean and kind == "grade":
        return Cell(raw.cast(nw.Float64), None)
    if dtype == nw.String:
        text = raw.str.strip_chars(_WHITE).str.to_lowercase()
        value = _parsed(text, kind)
        unread = value.is_null() & ~text.is_in(["", *words]).fill_null(value=True)
    elif dtype.is_numeric():
        value = raw.cast(nw.Float64)
        if dtype.is_float():
            value = _without_nan(value)
    else:
        return _none(column, nw.Int64() if kind in _WHOLE else nw.Float64())
    bad = _outside(value, kind)
    if unread is not None:
        bad = unread | bad
    if is_required(column):
        bad = bad | value.is_null()
    if kind in _WHOLE:
        value = nw.when(~_outside(value, kind)).then(value).cast(nw.Int64)
    return Cell(value, bad)


def _parsed(text: nw.Expr, kind: str) -> nw.Expr:
    """Text as numbers; engines cast only what looks like one, for elsewhere a cast would fail."""
    import narwhals as nw

    value: nw.Expr = nw.when(text.str.contains(_NUMBER)).then(text).cast(nw.Float64)
    if kind == "grade":
        for word, grade in GRADES.items():
            value = nw.when(text == word).then(nw.lit(grade)).otherwise(value)
    return value


def _outside(value: nw.Expr, kind: str) -> nw.Expr:
    """Whether a number is none of its kind; false where there is none."""
    outside = ~value.is_finite()
    if kind in _LOWEST:
        outside = outside | (value < _LOWEST[kind])
    if kind in _HIGHEST:
        outside = outside | (value > _HIGHEST[kind])
    if kind in _WHOLE:
        outside = outside | (value != value.round(0))
    return outside.fill_null(value=False)


def _scores(column: str, dtype: nw.dtypes.DType) -> Cell:
    import narwhals as nw

    inner = dtype.inner if isinstance(dtype, nw.List | nw.Array) else None
    if not (isinstance(inner, nw.dtypes.DType) and inner.is_numeric()):
        return _none(column, nw.List(nw.Float64))
    scores = nw.col(column).cast(nw.List(nw.Float64))
    odd = scores.list.contains(None) | ~scores.list.sum().is_finite()
    value = nw.when(scores.list.len() > 0).then(scores)
    return Cell(value, odd.fill_null(value=False))


def _none(column: str, dtype: nw.dtypes.DType) -> Cell:
    """A column of a type that cannot be read: sound where it is empty."""
    import narwhals as nw

    there = ~nw.col(column).is_null()
    bad = nw.lit(value=True) if is_required(column) else there
    return Cell(nw.lit(None).cast(dtype), bad)


def _without_nan(value: nw.Expr) -> nw.Expr:
    import narwhals as nw

    return nw.when(~value.is_nan()).then(value)
