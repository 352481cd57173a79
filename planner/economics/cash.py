"""Dollars of whole fleets month by month: rents as they fall, GPUs as they are bought and sold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.cost.blocks import PricedBlock
from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL
from planner.domain.supply import SupplyKind
from planner.economics import money
from planner.economics.months import Array, Months

ON_THE_MARKET: tuple[SupplyKind, ...] = ("on-demand", "spot", "serverless", "api")
"""Kinds whose price is asked anew every month; a contract and an own GPU keep theirs."""


@dataclass(frozen=True)
class Cash:
    """What serving costs, (draw, month + 1); entry 0 is today, entry m the end of month m."""

    capex: Array
    """Training, and GPUs that are bought."""
    opex: Array
    """Rents, tokens, power, hosting, people."""
    residual: Array
    """What bought GPUs fetch when they are sold, at the latest at the end."""

    @property
    def total(self) -> Array:
        """What is paid less what is got back."""
        return self.capex + self.opex - self.residual

    def __add__(self, other: Cash) -> Cash:
        return Cash(
            self.capex + other.capex, self.opex + other.opex, self.residual + other.residual
        )


def nothing_paid(months: Months) -> Cash:
    """Zeros, to add to."""
    shape = (len(months.rate), months.count + 1)
    return Cash(np.zeros(shape), np.zeros(shape), np.zeros(shape))


def up_front(usd: Array, months: Months) -> Cash:
    """What is paid today, once; usd (draw,)."""
    found = nothing_paid(months)
    found.capex[:, 0] = usd
    return found


def running(usd_per_day: Array, months: Months) -> Cash:
    """What is paid for the days of each month, usd_per_day (draw, month)."""
    found = nothing_paid(months)
    found.opex[:, 1:] = usd_per_day * months.days
    return found


def gpu_cash(supply: Supply, gpus: NDArray[np.int64] | Array, months: Months) -> Cash:
    """Dollars of `gpus` (draw, month) in service, from the cheapest GPUs of each month up.

    As `Supply.usd_per_day` of one day, but that rents follow `months.price`, that blocks end on
    their last day, and that GPUs to be bought are paid as a month begins that needs more than there
    are, wear out at the end of their life, and are sold at the end for what straight line leaves:
    from the purchase down to its resale over its life. Where every block has ended, the dearest
    stays at its price.
    """
    if (rented := only_rent(supply)) is not None:
        hourly = _price(rented, months.price.T, months.start).T
        return running(gpus * hourly * units.HOURS_PER_DAY, months)
    found = nothing_paid(months)
    stocks = [_Stock(b, months) if b.bought is not None else None for b in supply.blocks]
    for month in range(months.count):
        left = np.asarray(gpus[:, month], dtype=np.float64)
        offered = _offered(supply, months, month)
        for position, (number, hourly) in enumerate(offered):
            block, stock = supply.blocks[number], stocks[number]
            last = position == len(offered) - 1
            taken = left if last else np.minimum(left, block.gpus)
            left = left - taken
            price = hourly if stock is None else stock.running_usd_per_gpu_hour
            found.opex[:, month + 1] += taken * price * units.HOURS_PER_DAY * months.days[month]
            if stock is not None:
                stock.hold(taken, month, found)
    return found


def only_rent(supply: Supply) -> PricedBlock | None:
    """The one block of a supply that is rented without an end; None where it is not so simple."""
    first = supply.blocks[0]
    simple = len(supply.blocks) == 1 and first.until is None and first.bought is None
    return first if simple else None


def _offered(supply: Supply, months: Months, month: int) -> list[tuple[int, Array]]:
    """(block, dollars a GPU-hour) of what can be had in a month, cheapest first."""
    on = months.first_day(month)
    there = [
        (number, _price(block, months.price[:, month], on))
        for number, block in enumerate(supply.blocks)
        if block.kind == "owned" or block.until is None or block.until >= on
    ]
    if not there:
        dearest = len(supply.blocks) - 1
        there = [(dearest, supply.blocks[dearest].whole_usd_per_gpu_hour)]
    return sorted(there, key=lambda pair: float(pair[1][CENTRAL]))


def _price(block: PricedBlock, factor: Array, on: dt.date) -> Array:
    """Dollars a GPU-hour on a day, the shape of factor (..., draw)."""
    if block.kind in ON_THE_MARKET:
        return block.usd_per_gpu_hour * factor
    over = block.until is not None and block.until < on
    usd = block.whole_usd_per_gpu_hour if over else block.usd_per_gpu_hour
    return np.asarray(np.broadcast_to(usd, factor.shape))


class _Stock:
    """GPUs of a block that are bought when they are first needed."""

    def __init__(self, block: PricedBlock, months: Months) -> None:
        assert block.bought is not None
        self.purchase = block.bought
        self.running_usd_per_gpu_hour = block.bought.running_usd_per_gpu_hour
        self.months = months
        self.life = max(1, round(block.bought.life_days / units.DAYS_PER_MONTH))
        self.bought = np.zeros((len(months.rate), months.count))

    def hold(self, wanted: Array, month: int, cash: Cash) -> None:
        """Buys what is missing in a month, and enters what it costs and will fetch."""
        alive = self.bought[:, max(0, month - self.life + 1) : month].sum(axis=1)
        missing = np.maximum(wanted - alive, 0.0)
        self.bought[:, month] = missing
        paid = missing * self.purchase.usd * self.months.price[:, month]
        cash.capex[:, month] += paid
        age = min(self.life, self.months.count - month)
        back = money.straight_line_value(paid, paid * self.purchase.resale, self.life, age)
        cash.residual[:, month + age] += back
