"""What it costs to tell how hard a query is before it is answered."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.cost.fleets import gpu_seconds, operating_fleet
from planner.cost.flops import full_flop
from planner.cost.methods import tokens_of
from planner.cost.shape import Shape
from planner.cost.supply import Supply
from planner.cost.work import Spending, without_sharing
from planner.domain.draws import CENTRAL
from planner.options.candidate import Candidate

Array = NDArray[np.float64]


@dataclass
class RouterWork:
    """The difficulty estimator's work on one query, for every supply that may run it.

    A model reads `tokens` and generates `output_tokens`; it runs on the GPUs of the fleet that
    answers, in full batches of its own. Beside an API or a person, which have no fleet, its GPU
    time is paid at the supply's rent. Its weights are not counted among what a replica must hold.
    """

    shape: Shape | None
    """The model's shape; None where no model tells, as with a level that users state."""
    tokens: float
    output_tokens: float
    usd_per_query: float
    """Dollars of a query beside the model's."""
    samples: int = 1
    """Times that the model generates."""
    _known: dict[int, tuple[Array, float]] = field(default_factory=dict)

    def gpu_s(self, supply: Supply) -> Array:
        """GPU-seconds of one query, (draw,)."""
        return self._work(supply)[0]

    def flop(self, supply: Supply) -> float:
        """FLOPs of one query."""
        return self._work(supply)[1]

    def usd(self, supply: Supply) -> Array:
        """Dollars of one query where no fleet carries the GPU time, (draw,): its share of a full
        replica, and what is paid beside.
        """
        headroom = supply.terms.peak_to_mean / supply.utilisation
        per_gpu_s = supply.serverless_usd_per_gpu_s
        if per_gpu_s is None:
            per_gpu_s = supply.usd_per_gpu_hour / units.SECONDS_PER_HOUR * headroom
        return np.asarray(self.gpu_s(supply) * per_gpu_s + self.usd_per_query)

    def added(self, candidate: Candidate) -> tuple[Array, Array, float]:
        """(GPU-seconds, dollars, FLOPs) that a query of a candidate takes more; (draw,) each."""
        supply = candidate.supply
        paid = np.full(supply.draws.rows, self.usd_per_query)
        if candidate.metered:
            return np.zeros(supply.draws.rows), self.usd(supply), self.flop(supply)
        return self.gpu_s(supply), paid, self.flop(supply)

    def _work(self, supply: Supply) -> tuple[Array, float]:
        if id(supply) not in self._known:
            self._known[id(supply)] = self._on(supply)
        return self._known[id(supply)]

    def _on(self, supply: Supply) -> tuple[Array, float]:
        shape = self.shape
        if shape is None:
            return np.zeros(supply.draws.rows), 0.0
        fleet = operating_fleet(
            shape,
            supply.hardware,
            self.tokens,
            self.output_tokens,
            engine_efficiency=supply.efficiency_of(f"router|{shape.name}"),
        )
        work = tokens_of(
            "majority_vote",
            Spending(
                n=[float(self.samples)], prompt_tokens=self.tokens, output_tokens=self.output_tokens
            ),
        )
        if not supply.terms.prefix_sharing:
            work = without_sharing(work)
        seconds = gpu_seconds(fleet, work).total + np.zeros((supply.draws.rows, 1))
        return seconds[:, 0], float(np.ravel(full_flop(work, shape).total)[CENTRAL])
