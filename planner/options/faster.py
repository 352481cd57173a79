"""Smaller batches for a latency cap: the same option on a fleet that is faster and dearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from planner.cost.fleets import Fleet, operating_fleet
from planner.domain.draws import CENTRAL
from planner.domain.observation import ALL
from planner.errors import InfeasibleError
from planner.options.candidate import Candidate
from planner.options.spending import samples_per_prompt

Array = NDArray[np.float64]

RUNG = 0.93
"""Limits on the time per token stand on a ladder: caps that are nearly alike share a fleet."""
LOWEST = 200
"""Rungs of the ladder; the last is a two-millionth of the first."""


@dataclass
class FasterFleets:
    """Fleets by the one that they replace and the rung of their limit on the time per token."""

    _made: dict[tuple[int, int, bool], Fleet | None] = field(default_factory=dict)

    def meeting(
        self, made: Candidate, n: float, mix: Mapping[str, float], cap_s: float
    ) -> Candidate:
        """The candidate in the largest batch whose p95 at n is within the cap, seconds.

        Where no batch reaches it, the fastest that was found; where the candidate reaches it as it
        is, itself. Only for a candidate on a fleet. The batch is set in the central case: p95 is
        that of full batches, without a wait. Found by bisection over the ladder of limits: a lower
        limit is a faster fleet.
        """
        if _p95_s(made, n, mix) <= cap_s:
            return made
        high, low = 0, 1
        while low < LOWEST and self._quick(made, low) and self._misses(made, low, n, mix, cap_s):
            high, low = low, 2 * low
        while low - high > 1:
            middle = (low + high) // 2
            if self._misses(made, middle, n, mix, cap_s):
                high = middle
            else:
                low = middle
        rung = low if self._quick(made, low) else high
        fleet = self._at(made, rung) if rung else None
        if fleet is None:
            return made
        return replace(made, fleet=fleet, label=f"{made.label}, batch {int(fleet.batch[CENTRAL])}")

    def _misses(
        self, made: Candidate, rung: int, n: float, mix: Mapping[str, float], cap_s: float
    ) -> bool:
        """True where the fleet of a rung is there and too slow."""
        fleet = self._quick(made, rung)
        return fleet is not None and _p95_s(replace(made, fleet=fleet), n, mix) > cap_s

    def _quick(self, made: Candidate, rung: int) -> Fleet | None:
        """The fleet of a rung in the central case alone."""
        return self._at(made, rung, central=True)

    def _at(self, made: Candidate, rung: int, *, central: bool = False) -> Fleet | None:
        """A fleet of the candidate's models within the limit of a rung; None where none is."""
        key = (id(made.fleet), rung, central)
        if key not in self._made:
            try:
                self._made[key] = _fleet(made, rung, central=central)
            except InfeasibleError:
                self._made[key] = None
        return self._made[key]


def _fleet(made: Candidate, rung: int, *, central: bool) -> Fleet:
    supply, hardware = made.supply, made.supply.hardware
    shares = made.reader_fleet is None
    per_draw = [
        supply.prompt(ALL),
        made.output_tokens[ALL],
        supply.efficiency_of(f"{made.model}|{made.verifier if shares else None}"),
    ]
    if central:
        per_draw = [values[: CENTRAL + 1] for values in per_draw]
        hardware = replace(hardware, time_factor=1.0)
    prompt, output, efficiency = per_draw
    beside = made.reader if shares else None
    return operating_fleet(
        made.on_fleet.generator,
        hardware,
        prompt,
        output,
        samples_per_prompt=samples_per_prompt(supply, beside),
        verifier=beside,
        engine_efficiency=efficiency,
        token_time_limit_s=float(made.on_fleet.step_s[CENTRAL]) * RUNG**rung,
    )


def _p95_s(made: Candidate, n: float, mix: Mapping[str, float]) -> float:
    return float(made.latency_s([n], mix)[1][0])
