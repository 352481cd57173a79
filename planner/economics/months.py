"""The months that costs run over: their days, volume, prices and discounting, drawn together."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.domain.draws import Draws
from planner.domain.over_time import LARGEST_SWING, MONTHS_IN_A_YEAR, OverTime
from planner.domain.ranges import Range
from planner.economics import money
from planner.errors import InputError, Problem

Array = NDArray[np.float64]

NOTHING = Range(value=0.0, low=0.0, high=0.0)


@dataclass(frozen=True)
class Months:
    """Months one after the other; arrays (draw, month), row 0 the central case.

    What is bought is paid as a month begins, what a month costs is paid at its end, and today is
    the beginning of the first.
    """

    start: dt.date
    days: Array
    """(month,) a twelfth of a year; the last may be shorter."""
    volume: Array
    """Over the volume of today."""
    price: Array
    """Over the prices of today: of rents, tokens and GPUs that are bought."""
    rate: Array
    """(draw,) effective discount of a month."""
    growth_per_year: Range = NOTHING
    price_decline_per_year: Range = NOTHING
    discount_per_year: Range = NOTHING

    @property
    def count(self) -> int:
        """Number of months."""
        return len(self.days)

    @property
    def horizon_days(self) -> float:
        """Days of all months."""
        return float(self.days.sum())

    @cached_property
    def discount(self) -> Array:
        """(draw, month + 1) worth today of a dollar as the month begins; the last as all end.

        (1 + rate)^-(days so far / days of a month)
        """
        passed = np.concatenate([[0.0], np.cumsum(self.days)]) / units.DAYS_PER_MONTH
        return np.asarray(np.exp(-np.log1p(self.rate)[:, None] * passed))

    @cached_property
    def weight_days(self) -> Array:
        """(draw, month) days of a month times the worth today of a dollar at its end."""
        return self.days * self.discount[:, 1:]

    @cached_property
    def flat(self) -> bool:
        """True where volume and prices stay as they are."""
        return bool((self.volume == 1).all() and (self.price == 1).all())

    def first_day(self, month: int) -> dt.date:
        """The day on which a month begins; month = count is the end."""
        return money.add_months(self.start, month)

    def present_value(self, cash: Array) -> Array:
        """Worth today of cash (draw, month + 1), its last entry at the end; (draw,)."""
        return np.asarray((cash * self.discount).sum(axis=-1))

    def equivalent_per_day(self, present: Array) -> Array:
        """The even amount a day, paid at the end of each month, that is worth `present` today.

        present (draw,). present / sum over months of days x discount: the annuity, by the day.
        """
        return np.asarray(present / self.weight_days.sum(axis=1))


def months_of(
    keys: OverTime,
    start: dt.date,
    default_days: float,
    draws: Draws,
    volume_per_day: float | None = None,
) -> Months:
    """The months of a workload from `start`, with growth, prices and discounting drawn.

    default_days: horizon where none is given. volume_per_day: the workload's own, of which by_month
    tells multiples.

        volume in month t = (1 + growth)^(t/12) x season / mean season, or by_month / volume_per_day
        price in month t  = (1 - decline)^(t/12)

    Raises InputError where the volume runs away within the horizon, and where the models are
    replaced before it begins.
    """
    days = _days(keys, start, default_days)
    years = np.arange(len(days)) / units.MONTHS_PER_YEAR
    growth = keys.growth_per_year or NOTHING
    decline = keys.price_decline_per_year or NOTHING
    discount = keys.discount_per_year or NOTHING
    if keys.by_month is not None:
        table = np.array(_table(keys.by_month, len(days)))
        volume = np.tile(table / (volume_per_day or table[0]), (draws.rows, 1))
    else:
        volume = _factor(draws, "growth of volume", growth)[:, None] ** years
        volume = volume * _seasons(keys, start, len(days))
    _stays_sane(volume)
    lasting = Range(value=1 - decline.value, low=1 - decline.high, high=1 - decline.low)
    return Months(
        start=start,
        days=days,
        volume=volume,
        price=draws.positive("lasting part of prices", lasting)[:, None] ** years,
        rate=money.monthly_rate(_factor(draws, "discount rate", discount) - 1),
        growth_per_year=growth,
        price_decline_per_year=decline,
        discount_per_year=discount,
    )


def _factor(draws: Draws, name: str, change: Range) -> Array:
    """1 + change, (draw,)."""
    return draws.positive(
        name, Range(value=1 + change.value, low=1 + change.low, high=1 + change.high)
    )


def _days(keys: OverTime, start: dt.date, default_days: float) -> Array:
    """(month,) days of each month up to the horizon, or to the day of replacement."""
    horizon = keys.horizon_or_table_days or default_days
    if keys.replaced is not None:
        left = (keys.replaced - start).days
        if left < 1:
            raise InputError(
                Problem(
                    "scenario: workload.replaced",
                    f"the models are replaced before the plan begins, on {start}",
                    value=keys.replaced.isoformat(),
                    remedy="name a later day, or set workload.day",
                )
            )
        horizon = min(horizon, float(left))
    whole = math.ceil(horizon / units.DAYS_PER_MONTH - 1e-9)
    days = np.full(whole, units.DAYS_PER_MONTH)
    days[-1] = horizon - (whole - 1) * units.DAYS_PER_MONTH
    return days


def _table(by_month: Sequence[float], count: int) -> Sequence[float]:
    if count > len(by_month):
        raise InputError(
            Problem(
                "scenario: workload.by_month",
                f"it tells {len(by_month)} months, and {count} are asked about",
                remedy="add the months that are missing, or ask about fewer",
            )
        )
    return by_month[:count]


def _seasons(keys: OverTime, start: dt.date, count: int) -> Array:
    """(month,) season of each month over the mean of a year."""
    if keys.seasonality is None:
        return np.ones(count)
    year = np.array(keys.seasonality) / np.mean(keys.seasonality)
    return np.asarray(year[(start.month - 1 + np.arange(count)) % MONTHS_IN_A_YEAR])


def _stays_sane(volume: Array) -> None:
    most, least = float(volume.max()), float(volume.min())
    if most > LARGEST_SWING or least < 1 / LARGEST_SWING:
        seen = most if most > LARGEST_SWING else least
        raise InputError(
            Problem(
                "scenario: workload.growth",
                f"within the horizon the volume becomes {seen:.2g} times that of today",
                remedy='write a smaller rate, such as growth = "3%/month", or a shorter horizon',
            )
        )
