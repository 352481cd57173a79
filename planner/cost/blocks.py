"""Blocks of supply: GPUs that can be had at one price, from owned ones to rented ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.cost.money_assumptions import LIFE_DAYS, POWER_FACTOR, PUE, RESALE
from planner.cost.ownership import OwnedHour, kwh_per_gpu_day, owned_hour
from planner.domain.card import AcceleratorCard
from planner.domain.draws import CENTRAL, Draws
from planner.domain.ranges import Range
from planner.domain.supply import SupplyKind

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """GPUs that can be had at one price, before it is drawn."""

    kind: SupplyKind
    gpus: int | None = None
    """None: as many as needed."""
    rent: Range | None = None
    """Dollars a GPU-hour as they are asked, or as the owner gave them."""
    usd_per_kwh: Range | None = None
    hosting: Range | None = None
    """Dollars a GPU-hour."""
    purchase_usd: Range | None = None
    life_days: float = LIFE_DAYS
    resale: Range = RESALE
    interruption: Range | None = None
    """Part of the paid hours that is lost."""
    sunk: bool = False
    """The purchase or the whole rent is spent whatever the plan."""
    until: dt.date | None = None
    """Last day: afterwards it is gone, and owned GPUs are no longer sunk."""
    stream: str = "rent"
    """Name of its draws."""

    def drawn(self, card: AcceleratorCard, draws: Draws) -> PricedBlock:
        """The block with its prices drawn."""
        rent = np.zeros(draws.rows)
        if self.rent is not None:
            rent = draws.positive(self.stream, self.rent)
        if self.interruption is not None:
            rent = rent / (1 - draws.fraction(f"{self.stream}|interruption", self.interruption))
        owned = self._owned(card, draws)
        paid_anyway = owned.depreciation + (rent if self._signed else 0.0)
        running = owned.running + (0.0 if self._signed else rent)
        whole, bought = running + paid_anyway, None
        if not self.sunk:
            if self.purchase_usd is not None and self.until is None:
                usd, resale = self._positive("purchase", self.purchase_usd, draws), self.resale
                back = draws.fraction(f"{self.stream}|resale", resale)
                bought = Purchase(usd, back, self.life_days, running)
            running, paid_anyway = whole, np.zeros(draws.rows)
        return PricedBlock(
            self.kind,
            float("inf") if self.gpus is None else float(self.gpus),
            running,
            paid_anyway,
            self.until,
            whole,
            bought,
        )

    @property
    def _signed(self) -> bool:
        return self.kind == "reserved" and self.sunk

    def _positive(self, what: str, quantity: Range | None, draws: Draws) -> Array:
        if quantity is None or quantity.high == 0:
            return np.zeros(draws.rows)
        return draws.positive(f"{self.stream}|{what}", quantity)

    def _owned(self, card: AcceleratorCard, draws: Draws) -> OwnedHour:
        return owned_hour(
            kwh_per_gpu_day=0.0 if self.usd_per_kwh is None else drawn_kwh(card, draws),
            usd_per_kwh=self._positive("power", self.usd_per_kwh, draws),
            hosting_usd_per_gpu_hour=self._positive("hosting", self.hosting, draws),
            purchase_usd=self._positive("purchase", self.purchase_usd, draws),
            life_days=self.life_days,
            resale=draws.fraction(f"{self.stream}|resale", self.resale),
        )


@dataclass(frozen=True)
class Purchase:
    """GPUs that would have to be bought, each (draw,)."""

    usd: Array
    """Of one GPU with its part of the server."""
    resale: Array
    """Part of it that is got back at the end of its life."""
    life_days: float
    running_usd_per_gpu_hour: Array
    """What an hour costs once it is paid for."""


@dataclass(frozen=True)
class PricedBlock:
    """A block with its prices, each (draw,), row 0 the central case."""

    kind: SupplyKind
    gpus: float
    """inf where there is no limit."""
    usd_per_gpu_hour: Array
    """What one more GPU-hour costs."""
    sunk_usd_per_gpu_hour: Array
    """What is paid for it whatever the plan."""
    until: dt.date | None
    """Last day; None: to the end."""
    whole_usd_per_gpu_hour: Array
    """With what is sunk: what it costs where nothing is paid yet, or no longer."""
    bought: Purchase | None
    """Of GPUs that the plan would buy."""

    @property
    def sunk_usd_per_day(self) -> Array:
        """Dollars a day of the whole block that no plan changes, (draw,); 0 without a limit."""
        gpus = self.gpus if np.isfinite(self.gpus) else 0.0
        return gpus * self.sunk_usd_per_gpu_hour * units.HOURS_PER_DAY


def drawn_kwh(card: AcceleratorCard, draws: Draws) -> Array:
    """kWh of one GPU in service for a day, (draw,); nan where the card has no watts."""
    factor = draws.positive("power factor", POWER_FACTOR)
    watts = np.nan if card.watts is None else card.watts
    return kwh_per_gpu_day(watts, factor, draws.positive("PUE", PUE))


def priced(blocks: Sequence[Block], card: AcceleratorCard, draws: Draws) -> tuple[PricedBlock, ...]:
    """The blocks with their prices drawn, cheapest first in the central case."""
    found = [block.drawn(card, draws) for block in blocks]
    return tuple(sorted(found, key=lambda block: float(block.usd_per_gpu_hour[CENTRAL])))
