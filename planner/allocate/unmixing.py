"""Accuracies by true bucket from those by the buckets that a router tells."""

from __future__ import annotations

from dataclasses import replace

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
    from scipy.optimize import lsq_linear, nnls

    weights, rows, groups = [], [], []
    for group in np.unique(problem.groups):
        inside = np.flatnonzero(problem.groups == group)
        volume = problem.queries_per_day[inside]
        share = volume / volume.sum()
        part = confusion[:, told[inside]]
        true, _ = nnls(part.T, share)
        kept = true > 1e-9
        true, part = true[kept] / true[kept].sum(), part[kept]
        joint = true[:, None] * part
        posterior = (joint / joint.sum(axis=0)).T
        accuracy = np.stack(
            [
                lsq_linear(posterior, problem.accuracy[inside, o], bounds=(0.0, 1.0)).x
                for o in range(problem.accuracy.shape[1])
            ],
            axis=1,
        )
        allowed = problem.allowed[inside].any(axis=0) & (problem.accuracy[inside] > 0).all(axis=0)
        count = len(true)
        means = {
            name: np.repeat((getattr(problem, name)[inside] * share[:, None]).sum(axis=0)[None], count, 0)
            for name in _COSTS
            if getattr(problem, name) is not None
        }
        rows.append({**means, "accuracy": accuracy, "allowed": np.repeat(allowed[None], count, 0)})
        weights.append(true * volume.sum())
        groups.append(np.full(count, group))
    return replace(
        problem,
        queries_per_day=np.concatenate(weights),
        group=np.concatenate(groups),
        **{name: np.concatenate([row[name] for row in rows]) for name in rows[0]},
    )


_COSTS = ("gpu_s", "direct_usd", "flop", "reader_gpu_s")
