"""What one way of serving costs over time: a candidate at an n, with whole replicas each month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from planner.cost.supply import Daily
from planner.economics.cash import Cash, gpu_cash, running, up_front
from planner.economics.months import Array, Months
from planner.options import Candidate


@dataclass(frozen=True)
class Path:
    """Serving every query of a workload by one candidate, over its months."""

    candidate: Candidate
    load: Array
    """(draw,) what one query takes of its supply, see `Candidate.load`; inf where it cannot do what
    is asked of it."""
    queries_per_day: float
    """Mean volume of today."""
    months: Months
    capex_usd: Array
    """(draw,) of training, paid before the first month."""

    @property
    def possible(self) -> Array:
        """(draw,) true where it can do what is asked of it."""
        return np.asarray(np.isfinite(self.load))

    def served(self, queries_per_day: ArrayLike) -> Daily:
        """Whole replicas of each month, (draw, month); volume of today a number or (draw,)."""
        today = np.asarray(queries_per_day, dtype=np.float64)[..., None]
        load = np.where(self.possible, self.load, 0.0)[:, None]
        return self.candidate.served(load, today * self.months.volume)

    def cash(self, queries_per_day: ArrayLike | None = None) -> Cash:
        """Dollars month by month; at the workload's volume, or another of today."""
        volume = self.queries_per_day if queries_per_day is None else queries_per_day
        served = self.served(volume)
        candidate, months = self.candidate, self.months
        trained = up_front(self.capex_usd, months)
        if candidate.metered:
            # A person is paid the same in every month.
            factor = 1.0 if candidate.usd_per_answer is not None else months.price
            return trained + running(served.usd_per_day * factor, months)
        supply = candidate.supply
        people = np.full(served.gpus.shape, supply.terms.fleet_usd_per_day)
        return trained + gpu_cash(supply, served.gpus, months) + running(people, months)

    def present_usd(self, queries_per_day: Array | None = None) -> Array:
        """Worth today of all that it costs, less what is got back.

        (draw,) at the workload's volume; (draw, v) at other volumes of today, (v,) or (draw, v).
        inf where it cannot do what is asked of it.
        """
        if queries_per_day is None:
            return self._worth(self.cash())
        grid = np.asarray(queries_per_day, dtype=np.float64)
        columns = [grid[..., i] for i in range(grid.shape[-1])]
        return np.column_stack([self._worth(self.cash(column)) for column in columns])

    def _worth(self, cash: Cash) -> Array:
        return np.where(self.possible, self.months.present_value(cash.total), np.inf)
