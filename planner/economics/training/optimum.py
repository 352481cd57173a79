"""The cheapest model of a given loss over its life: parameters N and training tokens D.

    minimise  N (train_rate D + life_rate)   subject to   E + A / N^alpha + B / D^beta = loss

In FLOPs train_rate = 6 (per parameter and training token) and life_rate = 2 x tokens inferred over
the life; in dollars each is multiplied by its price of a FLOP. With R = loss - E and s the share of
R that the parameters' term takes,

    N = (A / (s R))^(1 / alpha)      D = (B / ((1 - s) R))^(1 / beta)

and the minimum is where, with w = train_rate D / (train_rate D + life_rate),

    alpha s w = beta (1 - s)

whose left side rises in s and right side falls: one root, found in t = logit s. Without inference
w = 1 and s = beta / (alpha + beta): the Chinchilla optimum. Sources: Hoffmann et al. 2022
(arXiv:2203.15556); Sardana et al. 2024 (arXiv:2401.00448), who search over N; the reduction to s
is this planner's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.flops import FLOP_PER_PARAM_TOKEN
from planner.cost.training import TRAINING_FLOP_PER_PARAM_TOKEN
from planner.curves.training_loss import LossLaw
from planner.economics.training.rising import rising_root

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trained:
    """Models, one an entry of its arrays; NaN where no model reaches the loss."""

    params: Array
    tokens: Array
    """Training tokens."""

    def cost(self, train_rate: ArrayLike, life_rate: ArrayLike) -> Array:
        """N (train_rate D + life_rate)."""
        value = self.params * (np.asarray(train_rate) * self.tokens + np.asarray(life_rate))
        return np.asarray(value, dtype=np.float64)


def flop_rates(inference_tokens: ArrayLike) -> tuple[Array, Array]:
    """(train_rate, life_rate) in FLOPs: 6, and 2 x tokens inferred over the life."""
    life = FLOP_PER_PARAM_TOKEN * np.asarray(inference_tokens, dtype=np.float64)
    return np.asarray(TRAINING_FLOP_PER_PARAM_TOKEN), life


def cheapest(law: LossLaw, loss: ArrayLike, train_rate: ArrayLike, life_rate: ArrayLike) -> Trained:
    """The cheapest models of a loss. loss, rates and coefficients broadcast: (draw,) or numbers.

    NaN where the loss is not above the law's floor E. train_rate is positive, life_rate at least 0.
    """
    rest = _above_floor(law, loss)
    alpha, beta = np.asarray(law.alpha), np.asarray(law.beta)
    with np.errstate(divide="ignore"):
        log_ratio = np.log(np.asarray(life_rate, dtype=float)) - np.log(train_rate)
        log_d = np.log(law.B) - np.log(rest)
    tilt = np.log(alpha) - np.log(beta)

    def condition(t: Array) -> tuple[Array, Array]:
        # -ln(1 - s) = softplus(t), and -ln w = softplus(ln(life_rate / train_rate) - ln D).
        served = log_ratio - (log_d + np.logaddexp(0.0, t)) / beta
        slope = 1.0 + _logistic(served) * _logistic(t) / beta
        return t + tilt - np.logaddexp(0.0, served), slope

    low = np.zeros(np.broadcast(log_ratio, log_d, tilt).shape) - tilt
    with np.errstate(invalid="ignore"):
        # D only grows with t: what inference adds at the lower end bounds the root from above.
        high = low - condition(low)[0]
    return _at(law, rest, rising_root(condition, low, high))


def chinchilla(law: LossLaw, loss: ArrayLike) -> Trained:
    """The models of a loss that are cheapest to train, nothing inferred."""
    alpha, beta = np.asarray(law.alpha), np.asarray(law.beta)
    return _at(law, _above_floor(law, loss), np.log(beta) - np.log(alpha))


def chinchilla_of(law: LossLaw, params: ArrayLike) -> Trained:
    """The model of that size with the training tokens at which it is cheapest for its loss.

    alpha A / N^alpha = beta B / D^beta; with C = 6 N D this is Hoffmann et al.'s
    N = G (C / 6)^(beta / (alpha + beta)), G = (alpha A / (beta B))^(1 / (alpha + beta)).
    """
    n = np.asarray(params, dtype=np.float64)
    log_ratio = np.log(law.beta) + np.log(law.B) - np.log(law.alpha) - np.log(law.A)
    tokens = _exp((log_ratio + law.alpha * np.log(n)) / np.asarray(law.beta))
    return Trained(np.broadcast_to(n, np.shape(tokens)).copy(), tokens)


def chinchilla_for_flop(law: LossLaw, flop: ArrayLike) -> Trained:
    """The model of least loss that so many training FLOPs buy (Hoffmann et al. 2022, eq. 4)."""
    alpha, beta = np.asarray(law.alpha), np.asarray(law.beta)
    both = alpha + beta
    log_g = (np.log(alpha) + np.log(law.A) - np.log(beta) - np.log(law.B)) / both
    pairs = np.log(np.asarray(flop, dtype=np.float64) / TRAINING_FLOP_PER_PARAM_TOKEN)
    return Trained(_exp(log_g + pairs * beta / both), _exp(pairs * alpha / both - log_g))


def _above_floor(law: LossLaw, loss: ArrayLike) -> Array:
    """loss - E - G, the samples' term at one sample; NaN where nothing is left."""
    rest = np.asarray(loss, dtype=np.float64) - law.E - law.G
    return np.where(rest > 0, rest, np.nan)


def _at(law: LossLaw, rest: Array, t: Array) -> Trained:
    """The model whose parameters' term takes the share s = 1 / (1 + e^-t) of what is left."""
    log_rest = np.log(rest)
    with np.errstate(invalid="ignore"):
        log_n = (np.log(law.A) - log_rest + np.logaddexp(0.0, -t)) / np.asarray(law.alpha)
        log_d = (np.log(law.B) - log_rest + np.logaddexp(0.0, t)) / np.asarray(law.beta)
    return Trained(_exp(log_n), _exp(log_d))


def _exp(log_value: Array) -> Array:
    """e^x; NaN where that is beyond any number."""
    with np.errstate(over="ignore"):
        value = np.exp(np.asarray(log_value, dtype=np.float64))
    return np.where(np.isfinite(value), value, np.nan)


def _logistic(t: Array) -> Array:
    return np.asarray(np.exp(-np.logaddexp(0.0, -np.asarray(t))), dtype=np.float64)
