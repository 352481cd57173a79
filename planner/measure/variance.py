"""Where the error of a mean accuracy comes from: which questions, or which samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class VarianceParts:
    """Variance of the score of one sample of a random question, in two parts."""

    between: float
    """Of the questions' own solve rates."""
    within: float
    """Of the samples of one question, on average."""

    def of_question_mean(self, k: float) -> float:
        """Variance of the mean of k samples of a question: between + within / k."""
        return self.between + self.within / k

    def standard_error(self, questions: float, k: float) -> float:
        """Standard error of an accuracy over so many questions with k samples of each.

        sqrt((between + within / k) / questions): more samples of the same questions never
        bring it below sqrt(between / questions).
        """
        return float((self.of_question_mean(k) / questions) ** 0.5)


def variance_parts(n: Ints, n_correct: Array) -> VarianceParts | None:
    """Both parts from counts of right samples, shape (question,), without bias.

    within = mean of p (1 - p) n / (n - 1), between = variance of p - mean of within / n, with
    p = n_correct / n; a between below 0, which is chance, counts 0. Questions with one sample
    tell nothing of the part within and are left out. None where fewer than two are left. Source:
    one-way analysis of variance (Searle, Casella and McCulloch 1992, chapter 3). Not for grades
    between 0 and 1.
    """
    import numpy as np

    several = n > 1
    if several.sum() < 2:
        return None
    drawn = n[several].astype(np.float64)
    p = n_correct[several] / drawn
    within = p * (1.0 - p) * drawn / (drawn - 1.0)
    between = p.var(ddof=1) - (within / drawn).mean()
    return VarianceParts(max(float(between), 0.0), float(within.mean()))
