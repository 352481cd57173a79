"""Options that no plan needs: another does at least as well for no more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import Array


def undominated(
    allowed: NDArray[np.bool_],
    accuracy: Array,
    costs: Sequence[Array],
    alike: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Takes away what another option of the same `alike` (option,) does at least as well for no
    more of any of the `costs` (class_, option).

    Of equal options the first stays. Options are alike where they share model, verifier and
    replicas, so that this can cost no plan anything.
    """
    kept = allowed.copy()
    for c in range(len(allowed)):
        for f in np.unique(alike):
            at = np.flatnonzero(allowed[c] & (alike == f))
            a = accuracy[c, at]
            no_worse, better = a[:, None] >= a, a[:, None] > a
            for values in costs:
                cost = values[c, at]
                no_worse &= cost[:, None] <= cost
                better |= cost[:, None] < cost
            earlier = np.arange(len(at))[:, None] < np.arange(len(at))
            beaten = (no_worse & (better | earlier)).any(axis=0)
            kept[c, at[beaten]] = False
    return kept


def alike(*labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """(option,) one number for options that agree in every label (option,)."""
    _, found = np.unique(np.stack(labels), axis=1, return_inverse=True)
    return np.asarray(found.reshape(-1), dtype=np.int64)
