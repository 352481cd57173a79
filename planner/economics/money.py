"""Money over time: present values, annuities, payback and what is left of an asset.

Periods are alike (months, or years), a rate is per period and effective, and everything
broadcasts: draws stand before the axis of periods. Cash that is received is positive. The
conventions are those of spreadsheets and numpy-financial, but for signs: an annuity here is the
positive amount that repays a positive sum.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units

Array = NDArray[np.float64]


def monthly_rate(yearly_rate: ArrayLike) -> Array:
    """Effective rate of a month: (1 + yearly_rate)^(1/12) - 1. A year at it is the yearly rate.

    Loans quote a nominal rate instead, whose month is a twelfth of it: divide that by 12.
    """
    rate = np.asarray(yearly_rate, dtype=np.float64)
    return np.asarray(np.expm1(np.log1p(rate) / units.MONTHS_PER_YEAR))


def discount_factors(rate: ArrayLike, periods: int) -> Array:
    """(..., periods + 1) factors (1 + rate)^-t, t = 0 ... periods: period 0 is today.

    rate (...): above -1.
    """
    growth = np.log1p(np.asarray(rate, dtype=np.float64))
    return np.asarray(np.exp(-growth[..., None] * np.arange(periods + 1)))


def net_present_value(rate: ArrayLike, cash: ArrayLike) -> Array:
    """Sum over t of cash_t / (1 + rate)^t; cash (..., period), its first entry today's.

    rate (...) broadcasts against the axes of cash before the last. Source: Gitman 2003,
    Principles of Managerial Finance, as numpy-financial's `npv`.
    """
    flow = np.asarray(cash, dtype=np.float64)
    factors = discount_factors(rate, flow.shape[-1] - 1)
    return np.asarray((flow * factors).sum(axis=-1))


def present_value_factor(rate: ArrayLike, periods: ArrayLike) -> Array:
    """Worth today of 1 at the end of each of n periods: (1 - (1 + rate)^-n) / rate; n at rate 0."""
    r, n = np.asarray(rate, dtype=np.float64), np.asarray(periods, dtype=np.float64)
    flat = r == 0
    safe = np.where(flat, 1.0, r)
    return np.where(flat, n, -np.expm1(-n * np.log1p(safe)) / safe)


def annuity(
    present: ArrayLike, rate: ArrayLike, periods: ArrayLike, residual: ArrayLike = 0.0
) -> Array:
    """The amount at the end of each of n periods that repays `present` but for `residual`.

        annuity = (present - residual (1 + rate)^-n) / present_value_factor(rate, n)

    residual is what the asset still fetches at the end. At rate 0: (present - residual) / n. As
    -pmt(rate, n, present, -residual) of spreadsheets.
    """
    r, n = np.asarray(rate, dtype=np.float64), np.asarray(periods, dtype=np.float64)
    left = np.asarray(residual, dtype=np.float64) * np.exp(-n * np.log1p(r))
    owed = np.asarray(present, dtype=np.float64) - left
    return np.asarray(owed / present_value_factor(r, n))


def residual_value(cost: ArrayLike, decline: ArrayLike, periods: ArrayLike) -> Array:
    """What an asset still fetches when its price falls by a constant share each period.

    cost (1 - decline)^n, decline in [0, 1] (declining balance).
    """
    left = 1.0 - np.asarray(decline, dtype=np.float64)
    return np.asarray(np.asarray(cost, dtype=np.float64) * left ** np.asarray(periods))


def straight_line_value(
    cost: ArrayLike, salvage: ArrayLike, life: ArrayLike, periods: ArrayLike
) -> Array:
    """Book value after n periods: falls evenly from cost to salvage over its life, then stays."""
    used = np.clip(np.asarray(periods, dtype=np.float64) / np.asarray(life), 0.0, 1.0)
    first = np.asarray(cost, dtype=np.float64)
    return np.asarray(first - (first - np.asarray(salvage)) * used)


def payback_period(cash: ArrayLike, rate: ArrayLike = 0.0) -> Array:
    """The first period from which what was paid is earned back for good, (...); inf where never.

    The first whole t such that the discounted sum of cash_0 ... cash_u is at least 0 for every
    u >= t. 0 where nothing was ever owed. With rate 0 the plain payback, else the discounted one.
    cash (..., period). Later payments (a replacement) that put the sum under water again move it.
    """
    flow = np.asarray(cash, dtype=np.float64)
    factors = discount_factors(rate, flow.shape[-1] - 1)
    total = np.cumsum(flow * factors, axis=-1)
    # Rounding must not keep a debt that is paid to the cent.
    scale = np.cumsum(np.abs(flow * factors), axis=-1)
    owing = total < -1e-12 * scale
    periods = np.arange(flow.shape[-1])
    last = np.where(owing, periods, -1).max(axis=-1)
    return np.where(last + 1 < flow.shape[-1], last + 1.0, np.inf)


def payback_date(start: dt.date, cash: ArrayLike, rate: ArrayLike = 0.0) -> list[dt.date | None]:
    """Days on which `payback_period` of monthly cash ends, one a draw; None where never.

    cash (draw, month) or (month,). Months are counted on the calendar from `start`; a day that a
    month lacks is its last.
    """
    months = np.ravel(payback_period(cash, rate))
    return [add_months(start, int(m)) if np.isfinite(m) else None for m in months]


def add_months(start: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the month's last where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    after_year, after_month = divmod(year * 12 + month + 1, 12)
    last = (dt.date(after_year, after_month + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(start.day, last))
