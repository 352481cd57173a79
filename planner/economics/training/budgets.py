"""The best model and samples within two budgets: 6 N D <= train_flop, 2 N k <= flop_per_token.

    approach 1: least      L = E + A / N^alpha + B / D^beta + G / k^gamma
    approach 2: most       coverage of k samples at L = E + A / N^alpha + B / D^beta

flop_per_token are the inference FLOPs for each token served. Source: Roberts et al. 2026
(arXiv:2604.01411), train-to-test scaling. Where k is given, the training budget alone is spent
best at the Chinchilla-optimal N, and the token budget caps N at flop_per_token / (2 k): the smaller
of the two is best.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.flops import FLOP_PER_PARAM_TOKEN
from planner.cost.training import TRAINING_FLOP_PER_PARAM_TOKEN
from planner.curves.loss_accuracy import beta_coverage
from planner.curves.training_loss import LossLaw
from planner.economics.training.optimum import chinchilla_for_flop
from planner.economics.training.rising import rising_root
from planner.economics.training.with_samples import Sampled

Array = NDArray[np.float64]

MOST_SAMPLES = 1e6
TRIED = 2_000
"""Sample counts tried between 1 and the most, before the whole ones around the best."""


def real_samples(law: LossLaw, train_flop: ArrayLike, flop_per_token: ArrayLike) -> Sampled:
    """Approach 1 with a real k, at least 1.

    Both budgets are spent, and N is the root of

        beta B (6 N / train_flop)^beta + gamma G (2 N / flop_per_token)^gamma = alpha A / N^alpha

    whose left side rises and right side falls. For a law without a term for samples k is what the
    token budget leaves.
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
    # A factor lower, each term alone is at most half of what it is at its own root.
    low = high - np.log(2.0) / (alpha + np.minimum(beta, gamma))
    x = np.minimum(rising_root(condition, low, high), serve)
    return Sampled(np.exp(x), np.exp(train - x), np.exp(serve - x))


def with_samples(
    law: LossLaw, train_flop: ArrayLike, flop_per_token: ArrayLike, samples: ArrayLike
) -> Sampled:
    """The model of least loss within both budgets where k is given."""
    k = np.asarray(samples, dtype=np.float64)
    cap = np.asarray(flop_per_token, dtype=np.float64) / (FLOP_PER_PARAM_TOKEN * k)
    params = np.minimum(chinchilla_for_flop(law, train_flop).params, cap)
    tokens = np.asarray(train_flop, dtype=float) / (TRAINING_FLOP_PER_PARAM_TOKEN * params)
    return Sampled(params, tokens, np.broadcast_to(k, params.shape))


def least_loss(law: LossLaw, train_flop: ArrayLike, flop_per_token: ArrayLike) -> Sampled:
    """Approach 1 with a whole k: one of the two beside the real one, for the loss is convex."""
    real = real_samples(law, train_flop, flop_per_token).samples
    pair = [
        with_samples(law, train_flop, flop_per_token, k) for k in (np.floor(real), np.ceil(real))
    ]
    losses = [law.loss(m.params, m.tokens, m.samples) for m in pair]
    first = losses[0] <= losses[1]
    return Sampled(
        *(
            np.where(first, getattr(pair[0], name), getattr(pair[1], name))
            for name in ("params", "tokens", "samples")
        )
    )


def most_coverage(
    law: LossLaw, theta: Sequence[float], train_flop: float, flop_per_token: float
) -> Sampled:
    """Approach 2 with a whole k, by trying them: no proof that coverage has one peak is known."""
    tried = np.unique(np.rint(np.geomspace(1.0, MOST_SAMPLES, TRIED)))
    for _ in range(2):
        models = with_samples(law, train_flop, flop_per_token, tried[:, None])
        found = beta_coverage(law.loss(models.params, models.tokens), models.samples, theta)
        at = int(np.argmax(found[:, 0]))
        around = tried[max(at - 1, 0)], tried[min(at + 1, len(tried) - 1)]
        best = float(tried[at])
        tried = np.arange(around[0], around[1] + 1)
    return with_samples(law, train_flop, flop_per_token, best)


def chinchilla_within(law: LossLaw, train_flop: float, flop_per_token: float) -> Sampled:
    """The Chinchilla-optimal model of the training budget, with the whole samples it leaves."""
    params = chinchilla_for_flop(law, train_flop).params
    k = np.maximum(np.floor(flop_per_token / (FLOP_PER_PARAM_TOKEN * params)), 1.0)
    return with_samples(law, train_flop, flop_per_token, k)
