"""The winner's curse: what choosing the best of noisy estimates flatters, and how to take it off.

The option with the highest estimate owes part of its lead to luck. Two remedies, used together:

* `shrink` draws each estimate towards the mean of its group (a bucket and method) by as much as
  its known standard error, against the spread of the group, calls for. What is chosen on shrunk
  estimates is not flattered if the group is alike.
* what optimism is left is measured: `split_optimism` chooses on one half of the questions and
  judges on the other; `simulated_optimism`, for aggregates, takes the shrunk estimates for the
  truth, draws new estimates around it, shrinks and chooses again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Choose = Callable[[Array], Array]
"""From estimates, (option,) or any shape, to the share of each in the plan, of the same shape."""

ROUNDS = 40
"""Halvings of the interval that holds the spread between options."""


@dataclass(frozen=True)
class Shrunk:
    """Estimates drawn towards their group."""

    value: Array
    """(option,) posterior mean."""
    sd: Array
    """(option,) posterior standard deviation."""
    mean: Array
    """(option,) mean of the option's group."""
    spread: Array
    """(option,) standard deviation between the options of the group, noise taken out."""


@dataclass(frozen=True)
class Optimism:
    """By how much a chosen plan's stated value exceeds what it is worth."""

    mean: float
    standard_error: float
    """Of the mean over the repeats."""
    stated: float
    """Mean value that the chosen plans state."""
    true: float
    """Mean value that they have."""


def shrink(
    estimate: Array,
    standard_error: Array,
    group: NDArray[np.int64] | None = None,
    correlation: float = 0.0,
) -> Shrunk:
    """Empirical Bayes with known standard errors, group by group.

    estimate_i ~ N(truth_i, standard_error_i^2), truth_i ~ N(mean, spread^2):

        value_i = mean + spread^2 / (spread^2 + s_i^2) * (estimate_i - mean)

    with s_i^2 = standard_error_i^2 * (1 - correlation): errors that all options of a group share,
    for they answered the same questions, move its mean and tell nothing of their order. The spread
    is the one at which the weighted squares about the mean equal their expectation (Paule and
    Mandel 1982), 0 where they are less at no spread. estimate, standard_error and group, whose
    values name the groups, are (option,); without group all are one.

    Raises ValueError where a standard error is negative or the correlation is not in [0, 1).
    """
    if (standard_error < 0).any():
        raise ValueError("a standard error is negative")
    if not 0 <= correlation < 1:
        raise ValueError(f"correlation is {correlation}, not in [0, 1)")
    labels = np.zeros(len(estimate), dtype=np.int64) if group is None else group
    variance = standard_error**2 * (1 - correlation)
    value, sd, mean, spread = (np.empty(len(estimate)) for _ in range(4))
    for label in np.unique(labels):
        at = labels == label
        y, v = estimate[at], variance[at]
        between = _between_variance(y, v)
        centre = _weighted_mean(y, v, between)
        # Exact estimates stay as they are, even in a group without spread.
        kept = np.where(v > 0, between / np.where(v > 0, between + v, 1.0), 1.0)
        value[at] = centre + kept * (y - centre)
        sd[at], mean[at], spread[at] = np.sqrt(kept * v), centre, np.sqrt(between)
    return Shrunk(value, sd, mean, spread)


def _between_variance(y: Array, v: Array) -> float:
    """spread^2 at which sum (y - mean)^2 / (v + spread^2) = options - 1; 0 where it is below."""
    if len(y) < 2:
        return 0.0
    low, high = 0.0, float(np.ptp(y) ** 2)
    if _squares(y, v, low) <= len(y) - 1:
        return 0.0
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        if _squares(y, v, middle) > len(y) - 1:
            low = middle
        else:
            high = middle
    return high


def _squares(y: Array, v: Array, between: float) -> float:
    total = v + between
    if (total <= 0).any():
        return float("inf") if np.ptp(y) > 0 else 0.0
    return float(((y - _weighted_mean(y, v, between)) ** 2 / total).sum())


def _weighted_mean(y: Array, v: Array, between: float) -> float:
    total = v + between
    exact = total <= 0
    return float(y[exact].mean() if exact.any() else np.average(y, weights=1 / total))


def best_only(estimate: Array) -> Array:
    """All of the plan to the highest estimate of each row: the plainest choice."""
    share = np.zeros(estimate.shape)
    np.put_along_axis(share, estimate.argmax(axis=-1)[..., None], 1.0, axis=-1)
    return share


def split_optimism(
    correct: Array,
    choose: Choose = best_only,
    *,
    shrunk: bool = True,
    repeats: int = 50,
    seed: int = 0,
) -> Optimism:
    """Optimism of choosing, from questions one by one: choose on one half, judge on the other.

    correct (question, option) are scores in [0, 1]. `choose` gets the estimates of a half, shrunk
    towards their mean unless told not to, and its plan is judged on the questions of the other
    half; both halves choose in each of the repeats. A half has half the questions, so the
    optimism of a choice on all of them is less, by near the square root of two.

    Raises ValueError where there are fewer than four questions.
    """
    questions = len(correct)
    if questions < 4:
        raise ValueError(f"{questions} questions are too few to be halved; at least 4")
    rng = np.random.default_rng(seed)
    stated, true = [], []
    for _ in range(repeats):
        order = rng.permutation(questions)
        halves = order[: questions // 2], order[questions // 2 :]
        for chosen_on, judged_on in (halves, halves[::-1]):
            estimate = _estimate(correct[chosen_on], shrunk)
            share = choose(estimate)
            stated.append(float((share * estimate).sum()))
            true.append(float((share * correct[judged_on].mean(axis=0)).sum()))
    return _summary(stated, true)


def _estimate(correct: Array, shrunk: bool) -> Array:
    mean: Array = correct.mean(axis=0)
    if not shrunk:
        return mean
    error = correct.std(axis=0, ddof=1) / np.sqrt(len(correct))
    return shrink(mean, error, correlation=shared_error(correct)).value


def shared_error(correct: Array) -> float:
    """Mean correlation between options over questions, in [0, 1): the errors they share."""
    steady = correct.std(axis=0) > 0
    n = int(steady.sum())
    if n < 2:
        return 0.0
    between = np.corrcoef(correct[:, steady], rowvar=False)
    return float(np.clip((between.sum() - n) / (n * (n - 1)), 0.0, 0.99))


def simulated_optimism(
    estimate: Array,
    standard_error: Array,
    choose: Choose = best_only,
    group: NDArray[np.int64] | None = None,
    *,
    correlation: float = 0.0,
    shrunk: bool = True,
    repeats: int = 400,
    seed: int = 0,
) -> Optimism:
    """Optimism of choosing, from aggregates: simulate from the shrunk truth, refit, reselect.

    Each repeat draws truths from the shrunk estimates and their posterior, new estimates around
    them with the known standard errors (the correlated part common to a repeat), shrinks these
    unless told not to, chooses on them and compares what the plan states with what it is worth.
    """
    rng = np.random.default_rng(seed)
    prior = shrink(estimate, standard_error, group, correlation)
    stated, true = [], []
    for _ in range(repeats):
        truth = prior.value + prior.sd * rng.standard_normal(len(estimate))
        common, own = rng.standard_normal(), rng.standard_normal(len(estimate))
        noise = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own
        again = truth + standard_error * noise
        if shrunk:
            again = shrink(again, standard_error, group, correlation).value
        share = choose(again)
        stated.append(float((share * again).sum()))
        true.append(float((share * truth).sum()))
    return _summary(stated, true)


def _summary(stated: list[float], true: list[float]) -> Optimism:
    flattered = np.array(stated) - np.array(true)
    error = float(flattered.std(ddof=1) / np.sqrt(len(flattered)))
    return Optimism(float(flattered.mean()), error, float(np.mean(stated)), float(np.mean(true)))
