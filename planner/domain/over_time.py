"""A workload over time: growth, seasons, prices, discounting; and what a plan over time gives back.

The keys stand in `[workload]`. A plan of one mean day needs none of them.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from planner import units
from planner.domain.base import Strict
from planner.domain.quantity import Days, VolumePerDay
from planner.domain.ranges import Range

MOST_MONTHS = 360
"""Longest horizon: thirty years."""
LARGEST_SWING = 1e6
"""Most by which a volume may grow or shrink within the horizon: beyond, a rate is mistyped."""
MONTHS_IN_A_YEAR = int(units.MONTHS_PER_YEAR)


def _rates(parse: Any, what: str, most: float = math.inf) -> BeforeValidator:
    def before(raw: Any) -> Any:
        if isinstance(raw, (Range, dict)):
            return raw
        parts = raw if isinstance(raw, (list, tuple)) else [raw]
        if isinstance(raw, (list, tuple)) and len(raw) not in (2, 3):
            raise ValueError("write one rate, [low, high], or [low, middle, high]")
        rates = [parse(part) for part in parts]
        if sorted(rates) != rates:
            raise ValueError("a range runs from its low end to its high end")
        if rates[-1] >= most:
            raise ValueError(f"{what} must stay below {most:.0%} a year")
        return rates[0] if len(rates) == 1 else rates

    return BeforeValidator(before)


GrowthPerYear = Annotated[Range, _rates(units.parse_growth_per_year, "a growth")]
DiscountPerYear = Annotated[Range, _rates(units.parse_rate_per_year, "a discount rate")]
DeclinePerYear = Annotated[Range, _rates(units.parse_rate_per_year, "a fall of prices", 1.0)]


class OverTime(Strict):
    """How volume and prices move, and what later money is worth. None: a stated default."""

    horizon_days: Days | None = Field(default=None, alias="horizon", gt=0)
    """Over which costs are added up, and what is paid once is spread: horizon = "24 months"."""
    growth_per_year: GrowthPerYear | None = Field(default=None, alias="growth")
    """Effective, of the volume: growth = "3%/month", or ["20%/year", "80%/year"]."""
    seasonality: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] | None = None
    """Twelve factors of the volume, January first; their mean is taken as 1."""
    by_month: tuple[VolumePerDay, ...] | None = Field(default=None, min_length=1)
    """Mean volume of each month in place of growth and seasonality."""
    price_decline_per_year: DeclinePerYear | None = Field(default=None, alias="price_decline")
    """Of rents, tokens and GPUs that are bought later: price_decline = "20%/year"."""
    discount_per_year: DiscountPerYear | None = Field(default=None, alias="discount")
    """Effective rate at which later money is worth less: discount = "10%/year"."""
    replaced: dt.date | None = None
    """Day on which newer models take over: nothing counts from then on."""

    @field_validator("horizon_days")
    @classmethod
    def _horizon_is_sane(cls, days: float | None) -> float | None:
        if days is not None and days > MOST_MONTHS * units.DAYS_PER_MONTH * (1 + 1e-9):
            raise ValueError(
                f"a horizon of {days / units.DAYS_PER_YEAR:.3g} years is longer than anybody can"
                ' plan; write up to 30 years, like horizon = "24 months"'
            )
        return days

    @field_validator("seasonality")
    @classmethod
    def _a_year_has_twelve_months(
        cls, factors: tuple[float, ...] | None
    ) -> tuple[float, ...] | None:
        if factors is not None and len(factors) != MONTHS_IN_A_YEAR:
            raise ValueError(
                f"it has {len(factors)} factors; write one for each month of a year, January first"
            )
        return factors

    @model_validator(mode="after")
    def _volume_is_told_once(self) -> Self:
        table = self.by_month
        if table is None:
            return self
        if self.growth_per_year is not None or self.seasonality is not None:
            raise ValueError(
                "by_month says the volume of every month, and growth or seasonality say it again; "
                "remove one of them"
            )
        if not all(volume > 0 for volume in table):
            raise ValueError("every month of by_month needs a volume above 0")
        months = _months(self.horizon_days)
        if months is not None and months > len(table):
            raise ValueError(
                f"by_month has {len(table)} months and the horizon {months}; add the months that "
                "are missing, or shorten the horizon"
            )
        return self

    @property
    def horizon_or_table_days(self) -> float | None:
        """The horizon; without one the length of by_month; None without either."""
        if self.horizon_days is None and self.by_month is not None:
            return len(self.by_month) * units.DAYS_PER_MONTH
        return self.horizon_days


def _months(days: float | None) -> int | None:
    return None if days is None else math.ceil(days / units.DAYS_PER_MONTH - 1e-9)
