"""One cell of text to a value, or a sentence on why not."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

LARGEST_WHOLE = 10**15
"""Whole numbers up to here are exact in a float."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")
_COMMA_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_POINT_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:[,. _'’][0-9]{3})+(?:[.,][0-9]+)?")
_NOT_A_NUMBER = frozenset(
    {"nan", "inf", "+inf", "-inf", "infinity", "-infinity", "na", "n/a", "n.a.", "null", "none"}
    | {"nil", "-", "--", "–", "?", "tbd"}
)


class CellError(Exception):
    """Carries what is wrong with a cell, and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True)
class Number:
    """How the cells of a numeric column are read."""

    low: float = 0.0
    high: float = math.inf
    above_low: bool = False
    """`low` itself is refused."""
    whole: bool = False
    fraction: bool = False
    """A share: "66.2%" is understood, a bare 66.2 refused."""
    required: bool = False

    def read(self, cell: str, understood: Counter[str]) -> float | int:
        """The value of a cell that is not empty.

        What was understood beyond a plain number is counted in `understood`. Raises CellError.
        """
        text = cell
        percent = self.fraction and text.endswith("%")
        if percent:
            text = text[:-1].rstrip()
        if _DECIMAL_COMMA.fullmatch(text):
            text = self._point_for_comma(text)
            understood["decimal_comma"] += 1
        if self.whole and _POINT_THOUSANDS.fullmatch(text):
            # Half of Europe writes 1.000 for a thousand.
            raise CellError(
                "this is a whole number, and the point could mean thousands or decimals",
                f"write {text.replace('.', '')} or {text.partition('.')[0]}",
            )
        if not _NUMBER.fullmatch(text):
            raise self._not_a_number(cell)
        value = float(text)
        if percent:
            # Moving the decimal point keeps 66.2% at 0.662, which dividing by 100 may not.
            value = float(f"{text}e-2") if "e" not in text.lower() else value / 100
            understood["percent"] += 1
        self._check(value, percent)
        if not self.whole:
            return value
        if "." in text or "e" in text.lower():
            understood["whole"] += 1
        return int(value)

    def _point_for_comma(self, text: str) -> str:
        plain = text.replace(",", ".")
        if self.whole:
            raise CellError(
                "this is a whole number, and the comma could mean thousands or decimals",
                f"write {text.replace(',', '')}" if _COMMA_THOUSANDS.fullmatch(text) else _WHOLE,
            )
        if not self.fraction and _COMMA_THOUSANDS.fullmatch(text):
            raise CellError(
                "the comma could mean thousands or decimals",
                f"write {text.replace(',', '')} or {plain}",
            )
        return plain

    def _not_a_number(self, cell: str) -> CellError:
        if cell.casefold() in _NOT_A_NUMBER:
            unknown = "leave out the row" if self.required else "leave the cell empty"
            return CellError("this is not a number", f"{unknown} where the number is not known")
        if _THOUSANDS.fullmatch(cell):
            return CellError(
                "numbers are written without separators of thousands",
                f"write it plainly, such as {re.sub('[^0-9]', '', cell)}"
                if self.whole
                else "write it plainly, such as 1234.5",
            )
        if cell.endswith("%"):
            return CellError("this column takes no percentages", "write a plain number")
        example = "16" if self.whole else "0.662 or 66.2%" if self.fraction else "7 or 0.5"
        return CellError("this is not a number", f"write a plain number, such as {example}")

    def _check(self, value: float, percent: bool) -> None:
        if not math.isfinite(value):
            raise CellError("this number is too large", "write a number that can be real")
        if value < self.low or (self.above_low and value == self.low):
            least = f"above {self.low:g}" if self.above_low else f"at least {self.low:g}"
            raise CellError(f"it must be {least}", f"write a number {least}")
        if value > self.high:
            raise self._too_large(value, percent)
        if self.whole and value != int(value):
            raise CellError("it must be a whole number", _WHOLE)
        if self.whole and value > LARGEST_WHOLE:
            raise CellError("this number is too large", f"write at most {LARGEST_WHOLE:g}")

    def _too_large(self, value: float, percent: bool) -> CellError:
        what = f"it must be at most {self.high:g}"
        if self.fraction and not percent and value <= 100:
            return CellError(
                f"{what}; percentages are not rescaled",
                f"write {value / 100:.6g} or {value:g}% if it is a percentage",
            )
        return CellError(what, f"write a number between {self.low:g} and {self.high:g}")


_WHOLE = "write a whole number, such as 16"
