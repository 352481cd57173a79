"""Accuracies by true bucket from those by the buckets that a router tells."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import Array, Problem


def unmixed(problem: Problem, told: NDArray[np.int64], confusion: Array) -> Problem:
    """The problem as a perfect router would cut it, an estimate.

    told: (class_,) the told bucket of each class, a column of confusion (true, told), which holds
    P(told | true). Within each group of the problem, with m the shares of its told buckets,

        m = pi @ confusion                  pi >= 0: shares of the true buckets
        accuracy(told) = sum_true P(true | told) accuracy(true),   accuracy(true) in [0, 1]

    by least squares. Assumes that within a true bucket what the router says tells nothing of
    whether an option is right. What a query takes is the mean over its group, so that only
    accuracy tells the buckets apart. An option not measured on all buckets of a group is left out.
    """
    parts = [
        _by_true_bucket(problem, np.flatnonzero(problem.groups == group), told, confusion)
        for group in np.unique(problem.groups)
    ]
    reads = problem.reader_gpu_s
    return replace(
        problem,
        queries_per_day=np.concatenate([part.queries_per_day for part in parts]),
        group=np.repeat(np.unique(problem.groups), [len(part.accuracy) for part in parts]),
        accuracy=np.concatenate([part.accuracy for part in parts]),
        allowed=np.concatenate([part.allowed for part in parts]),
        gpu_s=np.concatenate([part.mean(problem.gpu_s) for part in parts]),
        direct_usd=np.concatenate([part.mean(problem.direct_usd) for part in parts]),
        flop=np.concatenate([part.mean(problem.flop) for part in parts]),
        reader_gpu_s=None if reads is None else np.concatenate([p.mean(reads) for p in parts]),
    )


@dataclass(frozen=True)
class _Part:
    """One group of a problem, by true bucket."""

    queries_per_day: Array
    """(true,)"""
    accuracy: Array
    """(true, option)"""
    allowed: NDArray[np.bool_]
    """(true, option)"""
    inside: NDArray[np.int64]
    """Its classes in the problem by told bucket."""
    share: Array
    """Of each of them in the group's queries."""

    def mean(self, cost: Array) -> Array:
        """(true, option) mean of a cost (class_, option) over the group."""
        mean = (cost[self.inside] * self.share[:, None]).sum(axis=0)
        return np.repeat(mean[None], len(self.queries_per_day), axis=0)


def _by_true_bucket(
    problem: Problem, inside: NDArray[np.int64], told: NDArray[np.int64], confusion: Array
) -> _Part:
    from scipy.optimize import lsq_linear, nnls

    volume = problem.queries_per_day[inside]
    share = volume / volume.sum()
    part = confusion[:, told[inside]]
    true, _ = nnls(part.T, share)
    kept = true > 1e-9
    true, part = true[kept] / true[kept].sum(), part[kept]
    joint = true[:, None] * part
    posterior = (joint / joint.sum(axis=0)).T
    by_option = [
        lsq_linear(posterior, problem.accuracy[inside, o], bounds=(0.0, 1.0)).x
        for o in range(problem.accuracy.shape[1])
    ]
    everywhere = np.all(problem.accuracy[inside] > 0, axis=0)
    allowed = np.any(problem.allowed[inside], axis=0) & everywhere
    return _Part(
        true * volume.sum(),
        np.stack(by_option, axis=1),
        np.repeat(np.asarray(allowed)[None], len(true), axis=0),
        inside,
        share,
    )
