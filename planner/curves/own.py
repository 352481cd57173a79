"""How far the very questions measured may stray from their curve between and beyond its points.

Of the variance of an accuracy's error a share is the curve's own; the rest it has in common with
what the same questions show elsewhere. Where the planner measured the samples, resamples of the
questions tell that share; of aggregated rows it is assumed (`planner.measure.replicates`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from planner.curves.curve import DOUBLING
from planner.curves.grouping import Known
from planner.domain.measured import Replicated, row_key

LEAST, MOST = 1e-4, 1.0


def own_share(known: Known, replicates: Sequence[Replicated]) -> float | None:
    """Share of variance that is a curve's own, (0, 1].

    Of two neighbouring points whose errors correlate by r over the replicates, 1 - r^2 of the
    variance of one is not told by the other. `Curve.own_error` lets 1 - rho^(2 d) of the own
    share loose at d doublings, rho its correlation over one: the share is the mean of
    (1 - r^2) / (1 - rho^(2 d)) over neighbours. None where fewer than two points have
    replicates: it has to be assumed.
    """
    at = {}
    for table in replicates:
        for n, row in zip(known.n, known.rows, strict=True):
            column = table.column.get(row_key(row))
            if column is not None:
                at[float(n)] = table.accuracy[:, column]
    rho = DOUBLING[known.key.kind]
    found = []
    for (n, one), (m, other) in pairwise(sorted(at.items())):
        if one.std() > 0.0 and other.std() > 0.0 and len(one) == len(other):
            r = float(np.corrcoef(one, other)[0, 1])
            found.append((1.0 - r**2) / (1.0 - rho ** (2.0 * np.log2(m / n))))
    if not found:
        return None
    return float(np.clip(np.mean(found), LEAST, MOST))
