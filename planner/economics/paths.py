"""What one way of serving costs over time: a candidate at an n, with whole replicas each month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.cost.supply import Daily
from planner.economics.cash import Cash, GpuMarket, running, up_front
from planner.economics.months import Array, Months
from planner.options import Candidate

MOST_AT_ONCE = 1_000_000
"""Draws x points x months that are costed in one piece, for memory's sake."""


@dataclass(frozen=True)
class Path:
    """Serving every query of a workload by one candidate, over its months."""

    candidate: Candidate
    n: Array
    """(draw,) samples a query."""
    able: NDArray[np.bool_]
    """(draw,) whether they do what is asked: where a side is not as accurate at any n, its cost is
    shown, and it loses."""
    mix: Mapping[str, float]
    queries_per_day: float
    """Mean volume of today."""
    months: Months
    capex_usd: Array
    """(draw,) of training, paid before the first month."""

    @cached_property
    def load(self) -> Array:
        """(draw,) what one query takes of its supply, see `Candidate.load`."""
        return np.asarray(self.candidate.load(self.n[:, None], self.mix)[:, 0])

    @cached_property
    def market(self) -> GpuMarket:
        """The GPUs that it runs on, over its months."""
        return GpuMarket(self.candidate.supply, self.months)

    def served(self) -> Daily:
        """Whole replicas of each month at the workload's volume, (draw, month)."""
        volume = self.queries_per_day * self.months.volume
        return self.candidate.served(self.load[:, None], volume)

    def cash(self) -> Cash:
        """Dollars month by month at the workload's volume, training with them."""
        return up_front(self.capex_usd, self.months) + self._running(self.served())

    def present_usd(self, queries_per_day: Array | None = None) -> Array:
        """Worth today of all that it costs, less what is got back.

        (draw,) at the workload's volume; (draw, v) at other volumes of today, (v,) or (draw, v).
        inf where it is not able.
        """
        if queries_per_day is None:
            return self.worth_usd(self.load[:, None], np.array([self.queries_per_day]))[:, 0]
        grid = np.asarray(queries_per_day, dtype=np.float64)
        return self.worth_usd(np.broadcast_to(self.load[:, None], (len(self.n), 1)), grid)

    def worth_usd(self, load: Array, queries_per_day: Array) -> Array:
        """The same for queries of another load, (draw, v) or (draw, 1), at volumes (v,) or (draw,
        v); (draw, v).
        """
        points = max(load.shape[-1], queries_per_day.shape[-1])
        size = max(1, MOST_AT_ONCE // (len(load) * self.months.count))
        parts = [
            self._worth(_some(load, at, size), _some(queries_per_day, at, size))
            for at in range(0, points, size)
        ]
        return np.concatenate(parts, axis=1)

    def _worth(self, load: Array, queries_per_day: Array) -> Array:
        months = self.months
        if self._alike:
            daily = self.candidate.served(load, queries_per_day).usd_per_day
            worth = daily * months.weight_days.sum(axis=1)[:, None]
        else:
            volume = queries_per_day[..., None] * months.volume[:, None]
            cash = self._running(self.candidate.served(load[..., None], volume))
            worth = (cash.total * months.discount[:, None]).sum(axis=-1)
        return np.where(self.able[:, None], worth + self.capex_usd[:, None], np.inf)

    def _running(self, served: Daily) -> Cash:
        """Dollars of the replicas of each month, (draw, ..., month)."""
        candidate, months = self.candidate, self.months
        if candidate.metered:
            if candidate.usd_per_answer is not None:
                # A person is paid the same in every month.
                return running(served.usd_per_day, months)
            axes = (slice(None), *(None,) * (served.usd_per_day.ndim - 2), slice(None))
            return running(served.usd_per_day * months.price[axes], months)
        people = np.full(served.gpus.shape, candidate.supply.terms.fleet_usd_per_day)
        return self.market.cash(served.gpus) + running(people, months)

    @property
    def _alike(self) -> bool:
        """True where every month costs the same a day."""
        if not self.candidate.metered and self.market.only_rent is None:
            return False
        return self.months.flat


def _some(values: Array, first: int, count: int) -> Array:
    """Some columns; all where there is one for every point."""
    return values if values.shape[-1] == 1 else values[..., first : first + count]
