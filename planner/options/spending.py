"""The axes of a method and the lengths of a query as what it spends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.assumptions import P95_TO_MEAN
from planner.cost.lengths import length_cv
from planner.cost.shape import Shape
from planner.cost.supply import Supply
from planner.cost.work import Reads, Spending

Array = NDArray[np.float64]

VERIFIED_SAMPLES = 2.0
"""Fewest samples of a prompt on a fleet with a verifier: it has nothing to choose from one."""


@dataclass(frozen=True)
class Axes:
    """The axes of a method beside n; None where it has none."""

    depth: int | None = None
    width: int | None = None


def samples_per_prompt(supply: Supply, reader: Shape | None) -> float:
    """Fewest samples that share a prompt's cache on a fleet with this verifier beside it."""
    shares = reader is not None and supply.terms.prefix_sharing
    return VERIFIED_SAMPLES if shares else 1.0


def spending(
    n: ArrayLike,
    prompt_tokens: Array,
    output_tokens: Array,
    axes: Axes,
    reads: Reads = "none",
    p95_to_mean: float = P95_TO_MEAN.value,
) -> Spending:
    """What a query spends at n; prompt_tokens and output_tokens (of one sample) are (draw,)."""
    return Spending(
        n=np.asarray(n, dtype=np.float64),
        prompt_tokens=prompt_tokens[:, None],
        output_tokens=output_tokens[:, None],
        depth=1.0 if axes.depth is None else float(axes.depth),
        width=1.0 if axes.width is None else float(axes.width),
        reads=reads,
        length_cv=float(length_cv(p95_to_mean)),
    )
