"""Loss of a model by its parameters, training tokens and samples, fitted to measured runs.

L(N, D) = E + A / N^alpha + B / D^beta, by the sum of Huber losses of the errors of log L, from
a grid of starts. Source: Hoffmann et al. 2022, arXiv:2203.15556, approach 3; as replicated by
Besiroglu et al. 2024, arXiv:2404.10102. Where runs were also scored at several numbers of samples
k a term G / k^gamma is added: Roberts et al. 2026, arXiv:2604.01411, approach 1.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from planner.curves.families.base import Array
from planner.curves.huber_fit import huber_descent, huber_error

HUBER = 1e-3
"""Error of log loss from which a run counts by its distance, not its square."""
LEVELS = (0.0, 10.0, 20.0)
"""Starts of ln A, ln B and ln G."""
EXPONENTS = (0.25, 0.75)
"""Starts of alpha, beta and gamma."""
FLOORS = (-0.5, 0.5)
"""Starts of ln E."""
TRIED = 24
"""Starts, the best of the grid, from which a minimum is sought."""


@dataclass(frozen=True)
class LossLaw:
    """Coefficients of L = E + A / N^alpha + B / D^beta + G / k^gamma: numbers, or arrays (draw,).

    G is 0 where samples play no part in the loss.
    """

    E: float | Array
    A: float | Array
    B: float | Array
    alpha: float | Array
    beta: float | Array
    G: float | Array = 0.0
    gamma: float | Array = 1.0

    def loss(self, params: Array, tokens: Array, samples: Array | float = 1.0) -> Array:
        """Loss of a model of that many parameters after that many training tokens."""
        value = self.E + self.A * params**-self.alpha + self.B * tokens**-self.beta
        return np.asarray(value + self.G * np.asarray(samples) ** -self.gamma, dtype=np.float64)

    @property
    def takes_samples(self) -> bool:
        """Whether more samples lower the loss."""
        return bool(np.any(np.asarray(self.G) > 0))


@dataclass(frozen=True)
class Runs:
    """Measured runs; every array is (run,)."""

    params: Array
    tokens: Array
    loss: Array
    samples: Array | None = None
    """Samples at which each was scored, where that differs between runs."""

    def without_highest(self, count: int) -> Runs:
        """The runs without those of the highest losses, in the same order."""
        kept = np.sort(np.argsort(self.loss, kind="stable")[: len(self.loss) - count])
        samples = None if self.samples is None else self.samples[kept]
        return Runs(self.params[kept], self.tokens[kept], self.loss[kept], samples)


def fit_loss_law(
    params: Array, tokens: Array, loss: Array, samples: Array | None = None
) -> LossLaw:
    """The law nearest to measured runs, each array of shape (run,).

    Raises ValueError where there are no more runs than coefficients.
    """
    fit = _Fit(Runs(params, tokens, loss, samples))
    return LossLaw(*(float(value) for value in fit.natural(fit.best())))


def resampled_laws(runs: Runs, counts: Array) -> LossLaw:
    """Laws of resampled runs, coefficients (draw,): row 0 of the runs as they are, then one a row.

    counts (draw, run): how often each run counts in a draw (a bootstrap's multinomial counts).
    Every draw is sought from the minimum of the runs as they are. Raises ValueError as
    `fit_loss_law`.
    """
    fit = _Fit(runs)
    central = fit.best()
    drawn, _ = fit.descend(np.repeat(central[None, :], len(counts), axis=0), counts)
    rows = np.concatenate([fit.natural(central)[None, :], fit.natural(drawn)])
    return LossLaw(*rows.T)


class _Fit:
    """One table of runs. Coefficients are fitted with the logs centred, which decouples them.

    theta = (level of each power term at the mean run, ln E, exponent of each power term).
    """

    def __init__(self, runs: Runs) -> None:
        columns = [runs.params, runs.tokens, *([] if runs.samples is None else [runs.samples])]
        self.logs = np.log(np.stack(columns))
        self.middle = self.logs.mean(axis=1)
        self.terms = len(columns)
        size = 2 * self.terms + 1
        if len(runs.loss) <= size:
            named = {5: "five", 7: "seven"}[size]
            raise ValueError(f"{named} coefficients need more than {len(runs.loss)} runs")
        self.centred = self.logs - self.middle[:, None]
        self.log_loss = np.log(runs.loss)

    def best(self) -> Array:
        """The lowest minimum found from the grid of starts, (coefficient,)."""
        axes = [LEVELS] * self.terms + [FLOORS] + [EXPONENTS] * self.terms
        starts = np.array(list(itertools.product(*axes)))
        starts[:, : self.terms] -= starts[:, self.terms + 1 :] * self.middle
        even = np.ones((len(starts), len(self.log_loss)))
        error = huber_error(starts, self.centred, self.log_loss, even, HUBER)
        order = np.argsort(error, kind="stable")[:TRIED]
        found, reached = self.descend(starts[order], even[order])
        best: Array = found[int(np.argmin(reached))]
        return best

    def descend(self, start: Array, weight: Array) -> tuple[Array, Array]:
        """(minima, their objectives) from starts (fit, coefficient), weights (fit, run)."""
        return huber_descent(start, self.centred, self.log_loss, weight, HUBER)

    def natural(self, theta: Array) -> Array:
        """(..., E, A, B, alpha, beta[, G, gamma]) of centred coefficients."""
        t = self.terms
        exponent = theta[..., t + 1 :]
        with np.errstate(over="ignore"):
            level = np.exp(theta[..., :t] + exponent * self.middle)
        parts = [np.exp(theta[..., t]), level[..., 0], level[..., 1]]
        parts += [exponent[..., 0], exponent[..., 1]]
        if t > 2:
            parts += [level[..., 2], exponent[..., 2]]
        return np.stack(parts, axis=-1)
