"""What one way of serving costs over time: a candidate at an n, with whole replicas each month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.supply import Daily
from planner.economics.cash import Cash, gpu_cash, only_rent, running, up_front
from planner.economics.months import Array, Months
from planner.options import Candidate


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

    def served(self, queries_per_day: ArrayLike | None = None) -> Daily:
        """Whole replicas of each month, (draw, month); volume of today a number or (draw,)."""
        volume = self.queries_per_day if queries_per_day is None else queries_per_day
        today = np.asarray(volume, dtype=np.float64)[..., None]
        return self.candidate.served(self.load[:, None], today * self.months.volume)

    def cash(self, queries_per_day: ArrayLike | None = None) -> Cash:
        """Dollars month by month; at the workload's volume, or another of today."""
        served = self.served(queries_per_day)
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
        inf where it is not able.
        """
        if queries_per_day is None:
            return self._worth(self.cash())
        grid = np.asarray(queries_per_day, dtype=np.float64)
        if self._alike:
            daily = self.candidate.served(self.load[:, None], grid).usd_per_day
            paid = self.capex_usd + daily.T * self.months.weight_days.sum(axis=1)
            return np.asarray(np.where(self.able, paid, np.inf).T)
        columns = [grid[..., i] for i in range(grid.shape[-1])]
        return np.column_stack([self._worth(self.cash(column)) for column in columns])

    @property
    def _alike(self) -> bool:
        """True where every month costs the same a day."""
        bought_by_day = not self.candidate.metered
        if bought_by_day and only_rent(self.candidate.supply) is None:
            return False
        return self.months.flat

    def _worth(self, cash: Cash) -> Array:
        return np.where(self.able, self.months.present_value(cash.total), np.inf)
