"""Accuracy of a traffic mix from accuracies by difficulty bucket."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def shifted_to_total(by_bucket: Array, weights: Array, total: Array) -> Array:
    """Accuracies by bucket, moved together in logits until their mean is a known total.

    by_bucket (draw, bucket) are another option's accuracies (the sampled model's, say), weights
    (bucket,) the shares of the question set, total (draw,) what was measured on the whole:

        find s with sum_b weights_b * expit(logit(by_bucket_b) + s) = total

    It stands in for accuracies by bucket that were not published. It assumes that what raises
    the whole raises every bucket by the same odds; never use it where the buckets were measured.
    """
    from scipy.special import expit, logit

    edge = 1e-6
    x = logit(np.clip(by_bucket, edge, 1 - edge))
    goal = np.clip(total, edge, 1 - edge)[:, None]
    # The sum is increasing in s: bisection cannot fail, whatever the accuracies.
    low, high = np.full((len(x), 1), -30.0), np.full((len(x), 1), 30.0)
    for _ in range(60):
        middle = (low + high) / 2
        under = (expit(x + middle) * weights).sum(axis=1, keepdims=True) < goal
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    shifted: Array = expit(x + (low + high) / 2)
    return shifted


def mix_grid(buckets: tuple[str, ...], steps: int = 11) -> list[dict[str, float]]:
    """Mixes to show: of two buckets a line from one to the other; of more, each alone and even."""
    if len(buckets) == 2:
        first, second = buckets
        shares = np.linspace(0.0, 1.0, steps)
        return [{first: round(float(s), 6), second: round(float(1 - s), 6)} for s in shares]
    pure = [{b: float(b == only) for b in buckets} for only in buckets]
    even = {b: 1 / len(buckets) for b in buckets}
    return [*pure, even] if len(buckets) > 1 else pure
