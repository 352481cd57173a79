"""From values problem by problem to means by bucket, with standard errors and replicates.

Of a problem i and a bucket, with folds f of equal weight w:

    M_i = sum of w over the folds that put i into the bucket
    A_i = sum of w x_if over those folds, x_if the value measured in the fold
    accuracy = sum A_i / sum M_i
    variance = Q / (Q - 1) sum (A_i - accuracy M_i)^2 / (sum M_i)^2,    Q problems

which is the usual variance of a mean where there is one fold, and that of a ratio otherwise
(`standard_error` adds what few questions do not show). It holds the noise of finite samples
too, for x_if carries it. A replicate r weights the problems
by independent standard exponentials (the Bayesian bootstrap: Rubin 1981, doi:10.1214/aos/
1176345338), the same for every series of a question set.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.measure.shuffle import keys, random_bits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

REPLICATES = 500
"""Resamples of the questions of a set."""
AT_ONCE = 4096
"""Problems whose weights are held at a time: 16 MB."""


@dataclass(frozen=True)
class Summary:
    """The rows of one series in one bucket."""

    questions: float
    """Problems in the bucket, those of one fold counted by its weight."""
    accuracy: Array
    """Shape (row,)."""
    se: Array
    """Standard error over questions, shape (row,)."""
    replicates: Array
    """Accuracy under each resample of the questions, shape (replicate, row)."""


class Sums:
    """Adds up values of problems, part by part, into one Summary a bucket."""

    def __init__(self, question_set: str, rows: int, replicates: int, seed: int) -> None:
        self.purpose = f"replicate|{question_set}"
        self.rows = rows
        self.replicates = replicates
        self.seed = seed
        self._of: dict[str, _BucketSums] = {}

    def add(
        self,
        problems: Sequence[str],
        values: Sequence[Array],
        buckets: Sequence[Sequence[str | None]],
    ) -> None:
        """Values of the same problems in each fold, shape (problem, row), and their buckets."""
        for start in range(0, len(problems), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            self._add(problems[some], [x[some] for x in values], [b[some] for b in buckets])

    def _add(
        self,
        problems: Sequence[str],
        values: Sequence[Array],
        buckets: Sequence[Sequence[str | None]],
    ) -> None:
        import numpy as np

        weight = 1.0 / len(values)
        resampled = question_weights(problems, self.purpose, self.replicates, self.seed)
        named = [np.array(["" if b is None else b for b in fold], dtype=object) for fold in buckets]
        for bucket in sorted({b for fold in named for b in fold.tolist() if b}):
            inside = [weight * (fold == bucket) for fold in named]
            member = np.sum(inside, axis=0)
            amount = sum(m[:, None] * x for m, x in zip(inside, values, strict=True))
            there = member > 0
            sums = self._of.setdefault(bucket, _BucketSums(self.rows, self.replicates))
            sums.add(member[there], np.asarray(amount)[there], resampled[:, there])

    def summaries(self) -> Mapping[str, Summary]:
        """One Summary a bucket, by its name."""
        return {bucket: sums.summary() for bucket, sums in self._of.items()}


class _BucketSums:
    def __init__(self, rows: int, replicates: int) -> None:
        import numpy as np

        self.count = 0
        self.m = 0.0
        self.a = np.zeros(rows)
        self.products = np.zeros((5, 5, rows))
        self.resampled_m = np.zeros(replicates)
        self.resampled_a = np.zeros((replicates, rows))

    def add(self, m: Array, a: Array, resampled: Array) -> None:
        self.count += len(m)
        self.m += m.sum()
        self.a += a.sum(0)
        for order in (2, 4):
            for j in range(order + 1):
                self.products[order, j] += m ** (order - j) @ a**j
        self.resampled_m += resampled @ m
        self.resampled_a += resampled @ a

    def deviations(self, accuracy: Array, order: int) -> Array:
        """Sum over problems of (A_i - accuracy M_i)^order, shape (row,)."""
        import numpy as np

        terms = (
            math.comb(order, j) * (-accuracy) ** (order - j) * self.products[order, j]
            for j in range(order + 1)
        )
        total: Array = np.maximum(sum(terms), 0.0)
        return total

    def summary(self) -> Summary:
        import numpy as np

        accuracy = np.clip(self.a / self.m, 0.0, 1.0)
        square, fourth = (self.deviations(accuracy, order) for order in (2, 4))
        replicates = np.clip(self.resampled_a / self.resampled_m[:, None], 0.0, 1.0)
        se = standard_error(accuracy, square, fourth, self.m, self.count)
        return Summary(self.m, accuracy, se, replicates)


def standard_error(
    accuracy: Array, square: Array, fourth: Array, questions: float, count: int
) -> Array:
    """Standard error of means over `count` questions of total weight `questions`, shape (row,).

    square and fourth are the sums of (A_i - accuracy M_i) to the power 2 and 4. Few questions
    that differ from the rest tell little of the spread, and none at all where all are alike, as
    where none was solved: a share w of the variance is then that of right or wrong answers,

        variance = (1 - w) square / (count - 1) + w p (1 - p),   p drawn half an answer to 1/2
        w = min(1, (k / freedom)^3),   freedom = 2 count / (kurtosis - 1), at most count - 1
        k = 3 (1 + 1 / (count p (1 - p)))

    with the degrees of freedom of a variance (Satterthwaite 1946, doi:10.2307/3002019). The
    power and the 3 were chosen on simulated truths, from one kind of question to many and from
    p = .002 to .998; at p between .05 and .95 w is next to nothing.
    """
    import numpy as np

    p = (accuracy * questions + 0.5) / (questions + 1.0)
    binomial = p * (1.0 - p)
    # A sum of squares keeps about 1e-16 of its terms: less than this is rounding.
    alike = square <= 1e-12 * count
    kurtosis = np.where(alike, count, count * fourth / np.where(alike, 1.0, square) ** 2)
    freedom = np.minimum(2.0 * count / np.maximum(kurtosis - 1.0, 1e-9), count - 1.0)
    few = 3.0 * (1.0 + 1.0 / (count * binomial))
    w = np.where(alike, 1.0, np.minimum(1.0, (few / np.maximum(freedom, 1e-9)) ** 3))
    spread = square * count / max(count - 1, 1) / questions**2
    se: Array = np.sqrt((1.0 - w) * spread + w * binomial / questions)
    return se


def question_weights(problems: Sequence[str], purpose: str, replicates: int, seed: int) -> Array:
    """Standard exponential weight of each problem in each replicate, shape (replicate, problem).

    A problem's weights depend on its name alone: leaving out another does not change them.
    """
    import numpy as np

    bits = random_bits(keys(problems, purpose, seed), replicates)
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    weights: Array = -np.log(uniform).T
    return weights
