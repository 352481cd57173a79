"""Errors of measured accuracies, paired by the questions they share.

A replicate is one resample of the questions of a question set, the same for every model,
method and n. Each draw takes one replicate of each question set, and every row of the set
takes its error from it, so that differences between rows keep the pairing that was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.domain.measured import Replicated, row_key
from planner.domain.observation import Observation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from planner.domain.draws import Draws

    Array = NDArray[np.float64]


class PairedErrors:
    """Standard normal errors of rows that have replicates, shape (draw,) without the central one.

    Of each row only the order of its replicates is used: the r-th smallest of R becomes the
    normal quantile of (r - 1/2) / R. How wide an accuracy is drawn is left to its own standard
    error, which holds also where no question of a few was answered rightly and resampling them
    would show no error at all.
    """

    def __init__(self, replicates: Sequence[Replicated], draws: Draws) -> None:
        self.draws = draws
        self.tables = {key: table for table in replicates for key in table.column}
        self.chosen: dict[str, NDArray[np.int64]] = {}

    def of(self, row: Observation) -> Array | None:
        """Errors of a row; None where it has no replicates, or they are all equal."""
        table = self.tables.get(row_key(row)) if self.tables else None
        if table is None:
            return None
        scores = normal_scores(table.accuracy[:, table.column[row_key(row)]])
        return None if scores is None else scores[self._replicate_of_draw(table)]

    def _replicate_of_draw(self, table: Replicated) -> NDArray[np.int64]:
        """Which replicate each draw takes: as evenly as the number of draws allows."""
        import numpy as np

        count = table.accuracy.shape[0]
        name = f"replicate|{table.question_set}|{count}"
        if name not in self.chosen:
            u = self.draws.uniform(name)[1:]
            self.chosen[name] = np.minimum((u * count).astype(np.int64), count - 1)
        return self.chosen[name]


def normal_scores(values: Array) -> Array | None:
    """Normal quantiles of the ranks of values, shape (replicate,), mean 0 and variance 1.

    Equal values share the mean of their ranks. None where all values are equal.
    """
    import numpy as np
    from scipy.special import ndtri

    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    if len(count) == 1:
        return None
    middle = np.cumsum(count) - count / 2.0
    scores: Array = ndtri(middle[place] / len(values))
    scores -= scores.mean()
    scores /= scores.std()
    return scores
