"""Options that no plan has a use for, taken away before anything is solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import API_FLEET, Array
from planner.domain.draws import CENTRAL

if TYPE_CHECKING:
    from planner.allocate.table import Table


def with_accuracy(table: Table, accuracy: Array) -> Table:
    """The table with other accuracies (draw, class_, option), pruned by them."""
    problem = table.problem
    central = np.nan_to_num(accuracy[CENTRAL])
    reader = problem.reader_fleet
    own = np.full_like(problem.fleet, API_FLEET) if reader is None else reader
    reads = np.zeros_like(central) if problem.reader_gpu_s is None else problem.reader_gpu_s
    kept = undominated(
        table.permitted,
        central,
        (problem.gpu_s, problem.direct_usd, problem.flop, reads),
        (problem.fleet + 1) * (len(table.fleet_of) + 1) + own,
    )
    return replace(
        table, accuracy=accuracy, problem=replace(problem, accuracy=central, allowed=kept)
    )


def undominated(
    allowed: NDArray[np.bool_],
    accuracy: Array,
    costs: Sequence[Array],
    fleet: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Takes away what another option of the same fleet does at least as well for no more.

    Of equal options the first stays. Within a fleet (option,) this can cost no plan anything:
    model, verifier and replicas are the same. costs: each (class_, option).
    """
    kept = allowed.copy()
    for c in range(len(allowed)):
        for f in np.unique(fleet):
            at = np.flatnonzero(allowed[c] & (fleet == f))
            a = accuracy[c, at]
            no_worse, better = a[:, None] >= a, a[:, None] > a
            for cost in (values[c, at] for values in costs):
                no_worse &= cost[:, None] <= cost
                better |= cost[:, None] < cost
            earlier = np.arange(len(at))[:, None] < np.arange(len(at))
            beaten = (no_worse & (better | earlier)).any(axis=0)
            kept[c, at[beaten]] = False
    return kept
