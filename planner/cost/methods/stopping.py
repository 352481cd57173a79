"""Samples that need not be drawn, and those that are drawn again: early stopping and retries.

Early stopping changes no answer, only how many samples it takes; retries repair generations that
cannot be used (cut short, or without an answer). Both are wishes beside a method.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.work import TokenWork

Array = NDArray[np.float64]

TAIL = 0.95
"""Share of the queries that the number of waves in the tail covers."""
GRID = np.linspace(0.0, 1.0, 201)
"""Accuracies of one sample between which expected counts are straight lines."""


@dataclass(frozen=True)
class EarlyStopping:
    """Samples are drawn in waves until the answer can no longer change."""

    wave: int = 1
    """Samples drawn at a time: more are faster and waste some."""


@dataclass(frozen=True)
class Retries:
    """A generation that cannot be used is made again."""

    most: int
    """Times that one sample is made again at most."""
    failure_rate: float
    """Share of generations that cannot be used, under 1."""

    @property
    def mean(self) -> float:
        """Expected generations of a sample: (1 - f^(most + 1)) / (1 - f), f = failure_rate."""
        return sum(self.failure_rate**k for k in range(self.most + 1))


@dataclass(frozen=True)
class Drawn:
    """How many samples are drawn, and in how many waves; arrays of the shape asked for."""

    samples: Array
    """Expected."""
    waves: Array
    """Expected."""
    tail_waves: Array
    """Enough for TAIL of the queries."""


def undecided(method: str, n: int, drawn: int, accuracy: ArrayLike) -> Array:
    """Probability that after `drawn` of n samples the answer may still change.

    accuracy: of one sample.
    majority_vote: no answer has more than half of n votes. Exact where all wrong samples agree
        (two answers): X ~ binomial(drawn, accuracy) right ones, X and drawn - X at most n // 2.
        Where wrong answers scatter, a hard query takes longer, up to n.
    checked_best_of_n: no sample has passed, (1 - accuracy)^drawn, for a checker without errors.
    """
    from scipy.special import bdtr

    p = np.asarray(accuracy, dtype=np.float64)
    if method == "checked_best_of_n":
        return np.asarray((1 - p) ** drawn)
    half = n // 2
    most, least = min(half, drawn), drawn - half - 1
    below = bdtr(least, drawn, p) if least >= 0 else 0.0
    return np.asarray(bdtr(most, drawn, p) - below)


def drawn_at(method: str, n: int, accuracy: ArrayLike, wave: int) -> Drawn:
    """Samples and waves of n at most, drawn `wave` at a time. Needs a method of
    `planner.domain.method.STOPPABLE`.

    samples = sum over waves of their size x P(undecided before the wave).
    """
    p = np.asarray(accuracy, dtype=np.float64)
    samples, waves = np.zeros_like(p), np.zeros_like(p)
    tail = np.zeros_like(p)
    for start in range(0, n, wave):
        needed = undecided(method, n, start, p)
        samples += needed * min(wave, n - start)
        waves += needed
        tail += needed > 1 - TAIL
    return Drawn(samples, waves, tail)


def drawn(method: str, n: ArrayLike, accuracy: ArrayLike, stopping: EarlyStopping) -> Drawn:
    """The same for real n >= 1 and accuracies that broadcast: straight lines between whole n."""
    n, p = np.broadcast_arrays(
        np.asarray(n, dtype=np.float64), np.asarray(accuracy, dtype=np.float64)
    )
    found = [np.zeros(n.shape) for _ in range(3)]
    for value in np.unique(n):
        at, low = n == value, int(np.floor(value))
        part = value - low
        for whole, weight in ((low, 1 - part), (low + 1, part)):
            if weight > 0:
                grid = drawn_at(method, whole, GRID, stopping.wave)
                for total, line in zip(
                    found, (grid.samples, grid.waves, grid.tail_waves), strict=True
                ):
                    total[at] += weight * np.interp(p[at], GRID, line)
    return Drawn(*found)


def stopped_early(work: TokenWork, n: ArrayLike, counts: Drawn, wave: int) -> TokenWork:
    """The work of n samples side by side when only the expected ones are drawn, wave by wave."""
    n = np.asarray(n, dtype=np.float64)
    parallel = np.minimum(n, float(wave))
    return replace(
        work,
        decoded_tokens=work.decoded_tokens * counts.samples / n,
        parallel=parallel,
        serial_steps=counts.samples / parallel,
        tail_steps=np.maximum(counts.tail_waves, counts.samples / parallel),
    )


def retried(work: TokenWork, retries: Retries) -> TokenWork:
    """The work when each sample is made again until it can be used, `most` times at most.

    With f = failure_rate a sample takes (1 - f^(most + 1)) / (1 - f) generations on average. The
    prompt is cached, and a verifier reads what can be used. The slowest tenth of the queries wait
    for as many as TAIL of them need: the least k with (1 - f^k)^parallel >= TAIL.
    """
    f, most = retries.failure_rate, retries.most
    mean = retries.mean
    enough = np.full(work.parallel.shape, float(most + 1))
    for k in range(most, 0, -1):
        enough = np.where((1 - f**k) ** work.parallel >= TAIL, float(k), enough)
    return replace(
        work,
        decoded_tokens=work.decoded_tokens * mean,
        carried_tokens=work.carried_tokens * mean,
        serial_steps=work.serial_steps * mean,
        tail_steps=work.tail_steps * np.maximum(enough, mean),
    )
