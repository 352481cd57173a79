"""What the sliders of a page work with: the draws behind an answer or a plan, and nothing else.

Everything that a slider moves is arithmetic over these arrays: `planner.economics.what_if` does it
in Python, `reports/templates/what_if.js` in the page, and a test holds the two together.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from planner.domain.base import Strict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Paid = Literal["GPUs", "GPU-seconds", "tokens", "answer"]


class Series(Strict):
    """A number over draws: one for all of them, or a row of the block."""

    row: int | None = None
    value: float | None = None


class PriceBlock(Strict):
    """GPUs that are had at one price."""

    gpus: float | None = None
    """None: as many as are wanted."""
    usd_per_gpu_hour: Series


class WhatIfSupply(Strict):
    """What fleets are rented from; lines that name the same one share its cheapest GPUs."""

    name: str
    blocks: tuple[PriceBlock, ...]
    utilisation: Series
    """Most of a replica's capacity that is used at the peak."""
    peak_to_mean: float
    min_replicas: int
    fleet_usd_per_day: float = 0.0
    """Of each fleet in service."""


class WhatIfLoad(Strict):
    """What a query takes: GPU-seconds of a fleet, or dollars. At n: alone + n x per_sample."""

    paid: Paid
    supply: int | None = None
    """None for tokens and answers."""
    gpus_per_replica: tuple[int, ...] = ()
    """By length of samples; empty where no GPU is rented by the day."""
    alone: tuple[Series, ...]
    """By length of samples, in the order of `lengths`; the whole of it where n is fixed."""
    per_sample: tuple[Series, ...] | None = None


class WhatIfLine(Strict):
    """One side of a question, a plan, or its baseline."""

    label: str
    side: int
    loads: tuple[WhatIfLoad, ...]
    fixed_usd_per_day: float = 0.0
    """Of models and training, whatever the volume."""
    n_samples: int
    """At which its figures are shown."""
    n_of: str | None = None
    """Whose samples a slider may change; None where n is held."""
    n_stops: tuple[int, ...]
    accuracy: tuple[Series, ...]
    """At each stop."""
    training_usd_per_day: Series | None = None
    """What is trained for it, spread over the horizon: counted by the break-even alone."""
    optimism: float = 0.0
    """Accuracy that choosing among noisy estimates promises too much: taken off what is shown."""
    parity_n: Series | None = None
    """Samples at which it is as accurate as the reference, by draw; inf where it never is."""
    latency_p95_s: float | None = None
    """In full batches; no slider moves it."""


class WhatIf(Strict):
    """The draws behind a page, so that it can answer without the planner."""

    judged: Literal["answer", "plan"]
    queries_per_day: float
    volumes: tuple[float, ...]
    """Queries a day of the cost lines."""
    lengths: tuple[float, ...]
    """Lengths of samples that can be chosen, as multiples of what was taken."""
    output_tokens: float | None = None
    """Mean generated tokens of a sample, central case."""
    usd_per_gpu_hour: float | None = None
    """Price of the dearest GPUs, central case; None where no GPU is rented."""
    utilisation: float | None = None
    """Central case."""
    supplies: tuple[WhatIfSupply, ...]
    lines: tuple[WhatIfLine, ...]
    reference: int = 0
    """The line that the others are compared with: the fixed side, or the baseline."""
    criterion: str = "cost_at_equal_accuracy"
    cost_matters: float = 0.05
    accuracy_matters: float = 0.01
    budget_usd_per_day: float | None = None
    rows: int = Field(ge=1)
    """Draws, the central case first."""
    block: str
    """Base64 of little-endian float32, (series, rows)."""

    def array(self) -> Array:
        """The block, (series, draw)."""
        import numpy as np

        flat = np.frombuffer(base64.b64decode(self.block), dtype="<f4")
        return flat.reshape(-1, self.rows).astype(np.float64)


class Block:
    """Collects series: numbers that are the same in every draw stay numbers."""

    def __init__(self) -> None:
        self._rows: list[Array] = []

    def series(self, values: Array | float) -> Series:
        """A series of these draws, (draw,); equal arrays are kept once."""
        import numpy as np

        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
        if np.all(array == array[0]) and np.isfinite(array[0]):
            return Series(value=float(array[0]))
        for place, known in enumerate(self._rows):
            if np.array_equal(known, array):
                return Series(row=place)
        self._rows.append(array)
        return Series(row=len(self._rows) - 1)

    def each(self, arrays: Sequence[Array]) -> tuple[Series, ...]:
        """A series of each."""
        return tuple(self.series(array) for array in arrays)

    def encoded(self) -> str:
        """Base64 of little-endian float32, (series, draw)."""
        import numpy as np

        if not self._rows:
            return ""
        stacked = np.stack(self._rows).astype("<f4")
        return base64.b64encode(stacked.tobytes()).decode("ascii")
