"""Packs the draws of sides and plans into what a page carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL
from planner.domain.observation import ALL
from planner.domain.what_if import (
    Block,
    Paid,
    PriceBlock,
    Series,
    WhatIf,
    WhatIfLine,
    WhatIfLoad,
    WhatIfSupply,
)
from planner.errors import InfeasibleError
from planner.options import Candidate
from planner.options.longer import SampleLengths

Array = NDArray[np.float64]
Mix = Mapping[str, float]

LENGTHS = tuple(2.0 ** (k / 2) for k in range(-2, 5))
"""Lengths of samples that a slider offers, as multiples of what was taken."""
VOLUMES = tuple(float(v) for v in np.geomspace(1e3, 1e8, 51))
"""Queries a day of the cost lines: those of the page's chart."""
MOST_STOPS = 12
"""Sample counts that a slider offers."""
STRAIGHT = 1e-6
"""Relative error under which a load is linear in n."""


class Packer:
    """Collects lines over one block of draws, all at the same lengths of samples."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.block = Block()
        self.rows = candidates[0].supply.draws.rows
        self._supplies: dict[object, tuple[int, WhatIfSupply, Supply]] = {}
        self._lengths: dict[int, SampleLengths] = {}
        self._longer: dict[tuple[int, float], Candidate] = {}
        self.lengths = LENGTHS
        for made in candidates:
            self.lengths = tuple(t for t in self.lengths if t == 1.0 or self._fits(made, t))
        self._tokens = candidates[0].output_tokens[ALL]

    def _fits(self, made: Candidate, times: float) -> bool:
        try:
            self._at(made, times)
        except InfeasibleError:
            return False
        return True

    def _at(self, made: Candidate, times: float) -> Candidate:
        """A candidate at one length."""
        key = (id(made), times)
        if key not in self._longer:
            lengths = self._lengths.setdefault(id(made), SampleLengths(made))
            self._longer[key] = lengths.times(times)
        return self._longer[key]

    def longer(self, made: Candidate) -> tuple[Candidate, ...]:
        """A candidate at each length."""
        return tuple(self._at(made, times) for times in self.lengths)

    def supply(self, supply: Supply, apart: object = None) -> int:
        """Place of a supply; lines `apart` do not share its cheapest GPUs with others."""
        key = (id(supply), apart)
        if key not in self._supplies:
            terms = supply.terms
            packed = WhatIfSupply(
                name=terms.accelerator.name,
                blocks=tuple(
                    PriceBlock(
                        gpus=float(block.gpus) if np.isfinite(block.gpus) else None,
                        usd_per_gpu_hour=self.block.series(block.usd_per_gpu_hour),
                    )
                    for block in supply.blocks
                ),
                utilisation=self.block.series(supply.utilisation),
                peak_to_mean=terms.peak_to_mean,
                min_replicas=terms.min_replicas,
                fleet_usd_per_day=terms.fleet_usd_per_day,
            )
            self._supplies[key] = (len(self._supplies), packed, supply)
        return self._supplies[key][0]

    def load(
        self,
        made: Candidate,
        n: int,
        of: Callable[[Candidate, float], Array],
        *,
        sliding: bool,
        apart: object = None,
    ) -> WhatIfLoad:
        """What a query takes by length; `of` gives the load of a candidate at n, (draw,).

        sliding: n may change, where the load is linear in it.
        """
        at = self.longer(made)
        alone, per_sample = [of(one, n) for one in at], None
        if sliding:
            straight = [straight_line(one, of, max(made.measured_n())) for one in at]
            if all(line is not None for line in straight):
                alone = [line[0] for line in straight if line is not None]
                per_sample = self.block.each([line[1] for line in straight if line is not None])
        paid = paid_by(made)
        return WhatIfLoad(
            paid=paid,
            supply=None if paid in ("tokens", "answer") else self.supply(made.supply, apart),
            gpus_per_replica=(
                tuple(one.on_fleet.gpus_per_replica for one in at) if paid == "GPUs" else ()
            ),
            alone=self.block.each(alone),
            per_sample=per_sample,
        )

    def packed(self, lines: Sequence[WhatIfLine], **more: Any) -> WhatIf:
        """The whole, once every line was made."""
        supplies = [packed for _, packed, _ in self._supplies.values()]
        first = next((supply for _, _, supply in self._supplies.values()), None)
        return WhatIf(
            volumes=VOLUMES,
            lengths=self.lengths,
            output_tokens=float(self._tokens[CENTRAL]),
            usd_per_gpu_hour=None if first is None else float(first.usd_per_gpu_hour[CENTRAL]),
            utilisation=None if first is None else float(first.utilisation[CENTRAL]),
            supplies=tuple(supplies),
            lines=tuple(lines),
            rows=self.rows,
            block=self.block.encoded(),
            **more,
        )


def paid_by(made: Candidate) -> Paid:
    """What is paid for."""
    if made.usd_per_answer is not None:
        return "answer"
    if made.fleet is None:
        return "tokens"
    return "GPU-seconds" if made.metered else "GPUs"


def side_line(
    packer: Packer,
    made: Candidate,
    label: str,
    side: int,
    n: int,
    mix: Mix,
    parity_n: Array | None = None,
    *,
    sliding: bool = True,
    training_usd_per_day: Array | None = None,
) -> WhatIfLine:
    """A side of a question that serves every query; training_usd_per_day: (draw,), None: none."""
    load = packer.load(made, n, lambda one, m: one.load([m], mix)[:, 0], sliding=sliding)
    slides = load.per_sample is not None
    stops = n_stops(made, n) if slides else (n,)
    parity: Series | None = None if parity_n is None else packer.block.series(parity_n)
    training: Series | None = None
    if training_usd_per_day is not None and training_usd_per_day.any():
        training = packer.block.series(training_usd_per_day)
    accuracy = made.accuracy([float(m) for m in stops], mix)
    _, p95 = made.latency_s([n], mix)
    return WhatIfLine(
        label=label,
        side=side,
        loads=(load,),
        n_samples=n,
        n_of=label if slides else None,
        n_stops=stops,
        accuracy=packer.block.each(list(accuracy.T)),
        parity_n=parity,
        training_usd_per_day=training,
        latency_p95_s=float(p95[0]) if np.isfinite(p95[0]) else None,
    )


def n_stops(made: Candidate, n: int) -> tuple[int, ...]:
    """Sample counts of a slider: those measured, thinned out, and the one that is shown."""
    known = [int(m) for m in made.measured_n()]
    every = -(-len(known) // MOST_STOPS)
    return tuple(sorted({*known[::every], known[-1], n}))


def straight_line(
    made: Candidate, of: Callable[[Candidate, float], Array], most: int
) -> tuple[Array, Array] | None:
    """(at n = 0, per sample), each (draw,), of a load that is linear in n; None where it is not."""
    first, second, last = of(made, 1.0), of(made, 2.0), of(made, float(max(most, 3)))
    slope = second - first
    expected = first + slope * (max(most, 3) - 1)
    if np.any(np.abs(expected - last) > STRAIGHT * np.abs(last)):
        return None
    return first - slope, slope
