"""A quantity that is not known exactly: a middle and its central 80% range."""

from __future__ import annotations

import math
from typing import Any, Self

from pydantic import model_validator

from planner.domain.base import Strict

Z80 = 1.2815515655446004
"""Standard normal quantile at 0.9: a central 80% range is +- this many standard deviations."""


class Range(Strict):
    """`value` in the middle, `low` and `high` its central 80% range. A bare number is exact.

    Written as a number, as `[low, high]` (the middle is then the geometric mean of positive
    bounds, else the arithmetic mean), or as `[low, value, high]`.
    """

    value: float
    low: float
    high: float

    @model_validator(mode="before")
    @classmethod
    def _from_number_or_list(cls, raw: Any) -> Any:
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return {"value": raw, "low": raw, "high": raw}
        if isinstance(raw, (list, tuple)) and all(isinstance(x, (int, float)) for x in raw):
            if len(raw) == 2:
                low, high = raw
                middle = math.sqrt(low * high) if low > 0 else (low + high) / 2
                return {"value": middle, "low": low, "high": high}
            if len(raw) == 3:
                return {"value": raw[1], "low": raw[0], "high": raw[2]}
        return raw

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not all(map(math.isfinite, (self.low, self.value, self.high))):
            raise ValueError("a range needs finite numbers")
        if not self.low <= self.value <= self.high:
            raise ValueError(f"a range runs from low to high, not {self.low:g} to {self.high:g}")
        return self

    @property
    def exact(self) -> bool:
        """True where there is nothing to draw."""
        return self.low == self.high
