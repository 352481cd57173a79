"""Parameters N, training tokens D and samples k of a query chosen together.

    L = E + A / N^alpha + B / D^beta + G / k^gamma

Source: Roberts et al. 2026 (arXiv:2604.01411), train-to-test scaling, approach 1. Inference counts
2 N k FLOPs for each token that one sample would have: every sample pays for all of its tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.flops import FLOP_PER_PARAM_TOKEN
from planner.cost.training import TRAINING_FLOP_PER_PARAM_TOKEN
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


def best_for_budgets(law: LossLaw, train_flop: ArrayLike, flop_per_token: ArrayLike) -> Sampled:
    """The model and samples of least loss within two budgets: 6 N D <= train_flop, 2 N k <= other.

    flop_per_token: inference FLOPs for each token served. Both budgets are spent, so that with
    x = ln N the slope of the loss has one root,

        beta B (6 N / train_flop)^beta + gamma G (2 N / flop_per_token)^gamma = alpha A / N^alpha

    k is real, and at least 1: N is at most flop_per_token / 2. For a law without a term for samples
    k is what the budget leaves.
    """
    train = np.log(np.asarray(train_flop, dtype=float) / TRAINING_FLOP_PER_PARAM_TOKEN)
    serve = np.log(np.asarray(flop_per_token, dtype=float) / FLOP_PER_PARAM_TOKEN)
    alpha, beta, gamma = (np.asarray(v) for v in (law.alpha, law.beta, law.gamma))
    with np.errstate(divide="ignore"):
        fall = np.log(alpha * law.A)
        data = np.log(beta * law.B) - beta * train
        draw = np.log(gamma * law.G) - gamma * serve

    def condition(x: Array) -> tuple[Array, Array]:
        of_data, of_draws = data + beta * x, draw + gamma * x
        both = np.logaddexp(of_data, of_draws)
        part = np.exp(of_data - both)
        return both - fall + alpha * x, alpha + part * beta + (1 - part) * gamma

    high = np.minimum((fall - data) / (alpha + beta), (fall - draw) / (alpha + gamma))
    # There either term alone is at most half of what it is at its own root.
    low = high - np.log(2.0) / (alpha + np.minimum(beta, gamma))
    x = np.minimum(rising_root(condition, low, high), serve)
    return Sampled(np.exp(x), np.exp(train - x), np.exp(serve - x))


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
