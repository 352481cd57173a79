"""The arithmetic of the sliders, over the draws that a page carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.domain.draws import CENTRAL
from planner.domain.what_if import Series, WhatIf, WhatIfLine, WhatIfLoad, WhatIfSupply
from planner.economics.verdict import TIE, Verdict, cheapest, dominates

Array = NDArray[np.float64]

HALVINGS = 6
"""Of the step between two volumes of the lines in which a break-even lies: to 0.4%."""
EXACTLY_FULL = 1e-9
"""A load that fills replicas exactly does not buy one more for a rounding error."""


@dataclass(frozen=True)
class Moved:
    """Where the sliders stand; what is not named stands where the page was made."""

    queries_per_day: float | None = None
    price_times: float = 1.0
    length: int | None = None
    """Index of the length of samples."""
    utilisation: float | None = None
    n_samples: Mapping[int, int] = field(default_factory=dict)
    """By line: the n chosen for it."""


@dataclass(frozen=True)
class Span:
    """A figure in the central case, with its 90% interval."""

    central: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Array) -> Span:
        """Of draws (draw,), the central case first."""
        low, high = np.quantile(values[1:], [0.05, 0.95])
        return cls(float(values[CENTRAL]), float(low), float(high))


@dataclass(frozen=True)
class LineFigures:
    """What a line comes to."""

    usd_per_day: Span
    usd_per_correct: float | None
    accuracy: Span
    gpus: int
    usd_by_volume: tuple[Span, ...]


@dataclass(frozen=True)
class BreakEvenVolume:
    """Queries a day from which the leader is the cheapest; None where that is in too few draws."""

    central: float | None
    """Every input in its middle."""
    median: float | None
    low: float | None
    high: float | None
    share_of_draws: float


@dataclass(frozen=True)
class Figures:
    """Everything that the sliders move."""

    lines: tuple[LineFigures, ...]
    leader: int
    probability: float
    """That the leader wins, or that the plan beats its baseline."""
    decided: bool
    within_budget: float | None
    """Share of the draws in which the first line keeps the budget."""
    break_even: BreakEvenVolume | None


def figures(page: WhatIf, moved: Moved | None = None) -> Figures:
    """The figures of a page with its sliders moved.

    usd a day = sum over fleets of price x GPUs a replica x replicas, the cheapest GPUs first, with
    replicas = max(min_replicas, ceil(load x peak_to_mean / (utilisation x GPUs a replica))) in each
    draw, plus what is paid by the query and what is fixed.
    """
    desk = _Desk(page, moved or Moved())
    volume = desk.volume
    lines = tuple(desk.line_figures(i) for i in range(len(page.lines)))
    if page.judged == "plan":
        leader, probability, decided = 0, desk.beats(), False
        judged = [desk.usd(i, volume) for i in range(len(page.lines))]
    else:
        judged = [desk.judged_usd(i, volume) for i in range(len(page.lines))]
        verdict = desk.verdict(np.column_stack(judged))
        leader, probability, decided = verdict.leader, verdict.probability, verdict.decided
    within = None
    if page.budget_usd_per_day is not None:
        within = float(np.mean(judged[0][1:] <= page.budget_usd_per_day * (1 + TIE)))
    return Figures(lines, leader, probability, decided, within, desk.break_even(leader))


class _Desk:
    """A page with its sliders where they stand."""

    def __init__(self, page: WhatIf, moved: Moved) -> None:
        self.page = page
        self.moved = moved
        self.block = page.array()
        self.volume = moved.queries_per_day or page.queries_per_day
        self.length = page.lengths.index(1.0) if moved.length is None else moved.length
        self.at_parity = any(
            line.parity_n is not None and i not in moved.n_samples
            for i, line in enumerate(page.lines)
        )

    def draws(self, series: Series) -> Array:
        """Its values, (draw,)."""
        if series.row is None:
            return np.full(self.page.rows, series.value)
        row: Array = self.block[series.row]
        return row

    def n_of(self, i: int) -> int:
        return self.moved.n_samples.get(i, self.page.lines[i].n_samples)

    def accuracy(self, i: int) -> Array:
        """(draw,) at the n of the line."""
        line = self.page.lines[i]
        return self.draws(line.accuracy[line.n_stops.index(self.n_of(i))])

    def load(self, load: WhatIfLoad, n: Array | float) -> Array:
        """GPU-seconds or dollars of a query at n, (draw,)."""
        alone = self.draws(load.alone[self.length])
        if load.per_sample is None:
            return alone
        return np.asarray(alone + n * self.draws(load.per_sample[self.length]))

    def utilisation(self, supply: WhatIfSupply) -> Array:
        """(draw,): the target's logit is moved, the draws around it stay."""
        drawn = self.draws(supply.utilisation)
        if self.moved.utilisation is None:
            return drawn
        logit = np.log(drawn / (1 - drawn))
        to = np.log(self.moved.utilisation / (1 - self.moved.utilisation))
        return np.asarray(1 / (1 + np.exp(-(logit - logit[CENTRAL] + to))))

    def usd(self, i: int, volume: Array | float, n: Array | float | None = None) -> Array:
        """Dollars a day of a line at a volume, one for all draws or (draw,); (draw,)."""
        return self._served(i, volume, n)[0]

    def _served(self, i: int, volume: Array | float, n: Array | float | None) -> tuple[Array, int]:
        """(dollars a day (draw,), GPUs in the central case)."""
        line = self.page.lines[i]
        n = float(self.n_of(i)) if n is None else n
        usd = np.full(self.page.rows, line.fixed_usd_per_day)
        gpus: dict[int, Array] = {}
        for load in line.loads:
            taken = self.load(load, n) * volume
            if load.paid == "answer":
                usd = usd + taken
            elif load.paid == "tokens" or load.supply is None:
                usd = usd + taken * self.moved.price_times
            elif load.paid == "GPU-seconds":
                supply = self.page.supplies[load.supply]
                fuller = self.draws(supply.utilisation) / self.utilisation(supply)
                usd = usd + taken * self.moved.price_times * fuller
            else:
                supply = self.page.supplies[load.supply]
                more = self._gpus(load, supply, taken)
                gpus[load.supply] = gpus.get(load.supply, np.zeros(self.page.rows)) + more
                usd = usd + supply.fleet_usd_per_day
        for place, wanted in gpus.items():
            usd = usd + self._rent(self.page.supplies[place], wanted)
        return usd, round(float(sum(wanted[CENTRAL] for wanted in gpus.values())))

    def _gpus(self, load: WhatIfLoad, supply: WhatIfSupply, gpu_s_per_day: Array) -> Array:
        size = load.gpus_per_replica[self.length]
        busy = gpu_s_per_day / units.SECONDS_PER_DAY * supply.peak_to_mean
        wanted = busy / self.utilisation(supply) / size
        return np.maximum(np.ceil(wanted - EXACTLY_FULL), supply.min_replicas) * size

    def _rent(self, supply: WhatIfSupply, gpus: Array) -> Array:
        """Dollars a day, the cheapest block first; what is over the stock at the dearest."""
        left, hourly = gpus, np.zeros(self.page.rows)
        for block in supply.blocks:
            last = block is supply.blocks[-1] or block.gpus is None
            taken = left if last else np.minimum(left, block.gpus or 0.0)
            hourly = hourly + taken * self.draws(block.usd_per_gpu_hour)
            left = left - taken
        return hourly * (units.HOURS_PER_DAY * self.moved.price_times)

    def line_figures(self, i: int) -> LineFigures:
        usd, gpus = self._served(i, self.volume, None)
        accuracy = np.maximum(self.accuracy(i) - self.page.lines[i].optimism, 0.0)
        right = float(accuracy[CENTRAL])
        return LineFigures(
            usd_per_day=Span.of(usd),
            usd_per_correct=float(usd[CENTRAL]) / self.volume / right if right > 0 else None,
            accuracy=Span.of(accuracy),
            gpus=gpus,
            usd_by_volume=tuple(Span.of(self.usd(i, v)) for v in self.page.volumes),
        )

    def _judged_n(self, line: WhatIfLine, i: int) -> Array | None:
        """Its parity n where it is judged there, (draw,)."""
        if line.parity_n is None or i in self.moved.n_samples:
            return None
        return self.draws(line.parity_n)

    def judged_usd(self, i: int, volume: Array | float) -> Array:
        """Dollars a day at which a line is judged, (draw,); inf where it is not accurate enough."""
        n = self._judged_n(self.page.lines[i], i)
        if n is not None:
            reached = np.isfinite(n)
            return np.where(reached, self.usd(i, volume, np.where(reached, n, 1.0)), np.inf)
        usd = self.usd(i, volume)
        if not self.at_parity:
            return usd
        floor = self.accuracy(self.page.reference) - self.page.accuracy_matters
        return np.where(self.accuracy(i) >= floor, usd, np.inf)

    def verdict(self, usd: Array) -> Verdict:
        """Who wins: the cheapest at equal accuracy, or the one that is better in both."""
        if self.at_parity or len(self.page.lines) == 1:
            return cheapest(usd, self.page.cost_matters)
        accuracy = np.column_stack([self.accuracy(i) for i in range(len(self.page.lines))])
        return dominates(usd, accuracy, (self.page.cost_matters, self.page.accuracy_matters))

    def beats(self) -> float:
        """Share of the draws in which the plan is more accurate for no more, or no less for less.

        Without a baseline: in which it keeps the budget.
        """
        usd = self.usd(0, self.volume)
        if len(self.page.lines) == 1:
            budget = self.page.budget_usd_per_day
            return 1.0 if budget is None else float(np.mean(usd[1:] <= budget * (1 + TIE)))
        gain = self.accuracy(0) - self.accuracy(1)
        other = self.usd(1, self.volume)
        slack = 1 + TIE
        beats = (gain > 0) & (usd <= other * slack) | (gain >= 0) & (usd * slack < other)
        return float(np.mean(beats[1:]))

    def break_even(self, leader: int) -> BreakEvenVolume | None:
        """Smallest volume from which on the leader is the cheapest, training spread, over draws.

        The volumes of the lines are looked through from the largest down to where the leader is
        dearer; the step in which it became the cheapest is halved. Above, it may cost the same.
        """
        if len(self.page.lines) == 1:
            return None
        volumes = self.page.volumes
        at, under = np.full(self.page.rows, np.inf), np.full(self.page.rows, volumes[0])
        still = np.ones(self.page.rows, dtype=bool)
        for k, volume in reversed(list(enumerate(volumes))):
            cheapest, dearer = self._against(leader, volume)
            still &= ~dearer
            at = np.where(still & cheapest, volume, at)
            under = np.where(still & cheapest, volumes[max(k - 1, 0)], under)
        for _ in range(HALVINGS):
            middle = np.sqrt(np.where(np.isfinite(at), at, under) * under)
            cheapest, _ = self._against(leader, middle)
            at = np.where(cheapest & (at > middle) & np.isfinite(at), middle, at)
            under = np.where(cheapest, under, middle)
        found = np.sort(at[1:])
        quantiles = [found[max(int(np.ceil(q * len(found))) - 1, 0)] for q in (0.5, 0.05, 0.95)]
        central, median, low, high = (
            float(q) if np.isfinite(q) else None for q in (at[CENTRAL], *quantiles)
        )
        return BreakEvenVolume(central, median, low, high, float(np.isfinite(found).mean()))

    def _against(
        self, leader: int, volume: Array | float
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether the leader costs less than every other line, and more than one: each (draw,)."""
        own = self.judged_usd(leader, volume) + self._training(leader)
        rival = np.min(
            [
                self.judged_usd(i, volume) + self._training(i)
                for i in range(len(self.page.lines))
                if i != leader
            ],
            axis=0,
        )
        able = np.isfinite(own)
        return able & (own * (1 + TIE) < rival), ~able | (own > rival * (1 + TIE))

    def _training(self, i: int) -> Array | float:
        spread = self.page.lines[i].training_usd_per_day
        return 0.0 if spread is None else self.draws(spread)
