"""Parameters N, training tokens D and samples k of a query chosen together.

    L = E + A / N^alpha + B / D^beta + G / k^gamma

Source: Roberts et al. 2026 (arXiv:2604.01411), train-to-test scaling, approach 1. Inference counts
2 N k FLOPs for each token that one sample would have: every sample pays for all of its tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.curves.training_loss import LossLaw
from planner.economics.training.optimum import Trained, cheapest
from planner.economics.training.rising import rising_root

Array = NDArray[np.float64]

WIDENED = 60
"""Doublings of a bracket around the root."""
LARGEST = 34.0
"""ln k at most: whole numbers above are not told apart."""


@dataclass(frozen=True)
class Sampled(Trained):
    """Models and the samples drawn of each query."""

    samples: Array

    def cost(self, train_rate: ArrayLike, life_rate: ArrayLike) -> Array:
        """N (train_rate D + life_rate k)."""
        return super().cost(train_rate, np.asarray(life_rate) * self.samples)


def cheapest_with_samples(
    law: LossLaw, loss: ArrayLike, train_rate: ArrayLike, life_rate: ArrayLike
) -> Sampled:
    """The cheapest N, D and whole k >= 1 of a loss: minimise N (train_rate D + life_rate k).

    The problem is convex in the logs, so that the best whole k stands beside the best real one;
    both neighbours are solved. Arguments as of `optimum.cheapest`; NaN where no k reaches the
    loss. One sample where the law has no term for samples.
    """
    real = np.nan_to_num(_real(law, loss, train_rate, life_rate), nan=1.0)
    real = np.maximum(real, 1.0)
    beside = (np.floor(real), np.ceil(real))
    options = [_at_samples(law, loss, train_rate, life_rate, k) for k in beside]
    costs = [np.nan_to_num(o.cost(train_rate, life_rate), nan=np.inf) for o in options]
    first = costs[0] <= costs[1]
    pick = [
        np.where(first, getattr(options[0], name), getattr(options[1], name))
        for name in ("params", "tokens", "samples")
    ]
    return Sampled(*pick)


def _at_samples(
    law: LossLaw, loss: ArrayLike, train_rate: ArrayLike, life_rate: ArrayLike, samples: Array
) -> Sampled:
    """The cheapest N and D where k is given, (draw,)."""
    left = np.asarray(loss) - law.G * samples**-law.gamma
    fixed = replace(law, G=0.0)
    found = cheapest(fixed, left, train_rate, np.asarray(life_rate) * samples)
    return Sampled(found.params, found.tokens, np.broadcast_to(samples, found.params.shape))


def _real(law: LossLaw, loss: ArrayLike, train_rate: ArrayLike, life_rate: ArrayLike) -> Array:
    """The best k as a real number of any size, by the share w of spending that trains.

    The terms of N, D and k stand as 1 / alpha, w / beta and (1 - w) / gamma; with
    v = logit w the condition v = ln(train_rate D / (life_rate k)) has one root.
    """
    alpha, beta, gamma = (np.asarray(v) for v in (law.alpha, law.beta, law.gamma))
    life, level = np.asarray(life_rate, dtype=float), np.asarray(law.G, dtype=float)
    chosen = (life > 0) & (level > 0)
    rest = np.asarray(loss, dtype=float) - law.E
    rest = np.where(rest > 0, rest, np.nan)
    rates = np.log(np.asarray(train_rate)) - np.log(np.where(life > 0, life, 1.0))
    log_b, log_g = np.log(law.B / rest), np.log(np.where(level > 0, level, 1.0) / rest)
    lean = 1 / beta - 1 / gamma

    def at(v: Array) -> tuple[Array, Array, Array]:
        """ln D, ln k, and the slope of the condition."""
        log_w, log_other = -np.logaddexp(0.0, -v), -np.logaddexp(0.0, v)
        w, other = np.exp(log_w), np.exp(log_other)
        total = 1 / alpha + w / beta + other / gamma
        log_d = (log_b - log_w + np.log(beta * total)) / beta
        log_k = (log_g - log_other + np.log(gamma * total)) / gamma
        turn = lean * w * other / total
        return log_d, log_k, 1 + (other - turn) / beta + (w + turn) / gamma

    def condition(v: Array) -> tuple[Array, Array]:
        log_d, log_k, slope = at(v)
        return v - (rates + log_d - log_k), slope

    shape = np.broadcast(rates, log_b, log_g).shape
    low, high = np.full(shape, -1.0), np.full(shape, 1.0)
    with np.errstate(invalid="ignore"):
        for _ in range(WIDENED):
            under, over = condition(low)[0] > 0, condition(high)[0] < 0
            if not (under | over).any():
                break
            low, high = np.where(under, 2 * low, low), np.where(over, 2 * high, high)
        log_k = at(rising_root(condition, low, high))[1]
    # Nothing inferred, or nothing gained by samples: one.
    return np.where(chosen, np.exp(np.minimum(log_k, LARGEST)), 1.0)
