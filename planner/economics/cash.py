"""Dollars of whole fleets month by month: rents as they fall, GPUs as they are bought and sold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.cost.blocks import PricedBlock, Purchase
from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL
from planner.domain.supply import SupplyKind
from planner.economics import money
from planner.economics.months import Array, Months

ON_THE_MARKET: tuple[SupplyKind, ...] = ("on-demand", "spot", "serverless", "api")
"""Kinds whose price is asked anew every month; a contract and an own GPU keep theirs."""


@dataclass(frozen=True)
class Cash:
    """What serving costs, (draw, ..., month + 1); entry 0 is today, entry m the end of month m."""

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


def nothing_paid(*shape: int) -> Cash:
    """Zeros (draw, ..., month + 1), to add to; shape (draw, ..., month)."""
    longer = (*shape[:-1], shape[-1] + 1)
    return Cash(np.zeros(longer), np.zeros(longer), np.zeros(longer))


def up_front(usd: Array, months: Months) -> Cash:
    """What is paid today, once; usd (draw,)."""
    found = nothing_paid(len(usd), months.count)
    found.capex[:, 0] = usd
    return found


def running(usd_per_day: Array, months: Months) -> Cash:
    """What is paid for the days of each month, usd_per_day (draw, ..., month)."""
    found = nothing_paid(*usd_per_day.shape)
    found.opex[..., 1:] = usd_per_day * months.days
    return found


@dataclass(frozen=True)
class GpuMarket:
    """The GPUs of a supply over some months: what can be had in each, at which price."""

    supply: Supply
    months: Months

    def cash(self, gpus: NDArray[np.int64] | Array) -> Cash:
        """Dollars of `gpus` (draw, ..., month) in service, from the cheapest of each month up.

        As `Supply.usd_per_day` of one day, but that rents follow `months.price`, that blocks end on
        their last day, and that GPUs to be bought are paid as a month begins that needs more than
        there are, wear out at the end of their life, and are sold at the end for what straight line
        leaves: from the purchase down to its resale over its life. Where every block has ended, the
        dearest stays at its price.
        """
        months = self.months
        if self.only_rent is not None:
            price = _price(self.only_rent, months.price.T, months.start).T
            return running(gpus * _over(price, gpus.ndim) * units.HOURS_PER_DAY, months)
        found = nothing_paid(*gpus.shape)
        blocks = self.supply.blocks
        stocks = {
            number: _Stock(block.bought, months, gpus.shape)
            for number, block in enumerate(blocks)
            if block.bought is not None
        }
        for month, offered in enumerate(self._offered):
            left = np.asarray(gpus[..., month], dtype=np.float64)
            hours = units.HOURS_PER_DAY * months.days[month]
            for position, (number, hourly) in enumerate(offered):
                last = position == len(offered) - 1
                taken = left if last else np.minimum(left, blocks[number].gpus)
                left = left - taken
                stock = stocks.get(number)
                price = hourly if stock is None else stock.purchase.running_usd_per_gpu_hour
                found.opex[..., month + 1] += taken * _over(price * hours, left.ndim)
                if stock is not None:
                    stock.hold(taken, month, found)
        return found

    @cached_property
    def only_rent(self) -> PricedBlock | None:
        """The one block of a supply that is rented without an end; None where it is not so."""
        first = self.supply.blocks[0]
        simple = len(self.supply.blocks) == 1 and first.until is None and first.bought is None
        return first if simple else None

    @cached_property
    def _offered(self) -> list[list[tuple[int, Array]]]:
        """(block, dollars a GPU-hour) of what can be had in each month, cheapest first."""
        return [self._offered_in(month) for month in range(self.months.count)]

    def _offered_in(self, month: int) -> list[tuple[int, Array]]:
        on, blocks = self.months.first_day(month), self.supply.blocks
        there = [
            (number, _price(block, self.months.price[:, month], on))
            for number, block in enumerate(blocks)
            if block.kind == "owned" or block.until is None or block.until >= on
        ]
        if not there:
            there = [(len(blocks) - 1, blocks[-1].whole_usd_per_gpu_hour)]
        return sorted(there, key=lambda pair: float(pair[1][CENTRAL]))


def _over(per_draw: Array, ndim: int) -> Array:
    """(draw,) or (draw, month) with axes put in behind the draws, up to ndim of them."""
    axes = (slice(None), *(None,) * (ndim - per_draw.ndim), *(slice(None),) * (per_draw.ndim - 1))
    return np.asarray(per_draw[axes])


def _price(block: PricedBlock, factor: Array, on: dt.date) -> Array:
    """Dollars a GPU-hour on a day, the shape of factor (..., draw)."""
    if block.kind in ON_THE_MARKET:
        return block.usd_per_gpu_hour * factor
    over = block.until is not None and block.until < on
    usd = block.whole_usd_per_gpu_hour if over else block.usd_per_gpu_hour
    return np.asarray(np.broadcast_to(usd, factor.shape))


class _Stock:
    """GPUs of a block that are bought when they are first needed."""

    def __init__(self, purchase: Purchase, months: Months, shape: tuple[int, ...]) -> None:
        self.purchase = purchase
        self.months = months
        self.life = max(1, round(purchase.life_days / units.DAYS_PER_MONTH))
        self.bought = np.zeros(shape)

    def hold(self, wanted: Array, month: int, cash: Cash) -> None:
        """Buys what is missing in a month, and enters what it costs and will fetch."""
        alive = self.bought[..., max(0, month - self.life + 1) : month].sum(axis=-1)
        missing = np.maximum(wanted - alive, 0.0)
        if not missing.any():
            return
        self.bought[..., month] = missing
        price = self.purchase.usd * self.months.price[:, month]
        cash.capex[..., month] += missing * _over(price, missing.ndim)
        age = min(self.life, self.months.count - month)
        back = money.straight_line_value(price, price * self.purchase.resale, self.life, age)
        cash.residual[..., month + age] += missing * _over(back, missing.ndim)
