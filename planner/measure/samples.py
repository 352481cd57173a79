"""Samples of many problems as arrays, one row a problem: what every estimator reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

BLANK = -1
"""Code of a blank answer: a failure that casts no vote."""
COLUMNS = ("correct", "answer", "score", "step_scores")


@dataclass(frozen=True)
class ProblemCounts:
    """How many samples of each problem were drawn, and how many were right."""

    problem: tuple[str, ...]
    """Name of each problem."""
    n: Ints
    """Samples drawn, shape (problem,)."""
    n_correct: Ints
    """Right ones, shape (problem,)."""

    @property
    def largest_n(self) -> int:
        """The largest n that every problem's samples allow; 0 where there are no problems."""
        return int(self.n.min()) if len(self.n) else 0

    def solve_rate(self) -> Array:
        """Share of right samples of each problem (pass@1), shape (problem,)."""
        rate: Array = self.n_correct / self.n
        return rate

    def counts(self) -> ProblemCounts:
        """Itself, so that samples and counts are asked alike."""
        return self

    def where(self, keep: ArrayLike) -> ProblemCounts:
        """The problems named by a mask or by indices, in their order."""
        import numpy as np

        rows = np.arange(len(self.n))[np.asarray(keep)]
        names = tuple(self.problem[i] for i in rows)
        return ProblemCounts(names, self.n[rows], self.n_correct[rows])


@dataclass(frozen=True)
class ProblemSamples:
    """The samples of one model and method on the problems of one question set.

    Columns at and beyond n[i] of row i are padding.
    """

    problem: tuple[str, ...]
    """Name of each problem."""
    n: Ints
    """Samples of each problem, shape (problem,)."""
    correct: Array
    """Score of each sample in [0, 1], shape (problem, sample); nan where it was not logged."""
    answer: Ints | None = None
    """Code of each answer within its problem, shape (problem, sample), 0, 1, ... in the order
    of first appearance, BLANK where blank; None where answers were not logged."""
    score: Array | None = None
    """A verifier's score of each sample, shape (problem, sample); nan where there is none."""
    step_scores: Array | None = None
    """A verifier's score of each step, shape (problem, sample, step); nan beyond the last."""

    @classmethod
    def from_columns(
        cls,
        problem: ArrayLike,
        correct: ArrayLike,
        *,
        sample: ArrayLike | None = None,
        answer: ArrayLike | None = None,
        score: ArrayLike | None = None,
        step_scores: Sequence[Sequence[float] | None] | None = None,
    ) -> Self:
        """Samples from a table of one row a problem and sample, as columns of equal length.

        problem holds names, correct numbers (nan: not logged), answer texts (None or "" is a
        blank) or codes (below 0: blank), score numbers (nan: none), step_scores a list a row.
        Problems come in the order of their names, the samples of each by `sample`, or as they
        stand without it.
        """
        import numpy as np

        names, row = np.unique(np.asarray(problem, dtype=np.str_), return_inverse=True)
        order = (
            np.argsort(row, kind="stable")
            if sample is None
            else np.lexsort((np.asarray(sample), row))
        )
        row = row[order]
        n = np.bincount(row, minlength=len(names))
        column = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
        place = (row, column)
        shape = (len(names), int(n.max(initial=0)))

        def filled(values: ArrayLike) -> Array:
            array = np.full(shape, np.nan)
            array[place] = np.asarray(values, dtype=np.float64)[order]
            return array

        codes = None
        if answer is not None:
            codes = np.full(shape, BLANK, dtype=np.int64)
            codes[place] = _answer_codes(row, np.asarray(answer)[order])
        steps = None
        if step_scores is not None:
            lists = [step_scores[i] or () for i in order]
            steps = np.full((*shape, max(map(len, lists), default=0)), np.nan)
            for i, j, values in zip(row, column, lists, strict=True):
                steps[i, j, : len(values)] = values
        return cls(
            tuple(names.tolist()),
            n,
            filled(correct),
            codes,
            None if score is None else filled(score),
            steps,
        )

    @property
    def largest_n(self) -> int:
        """The largest n that every problem's samples allow; 0 where there are no problems."""
        return int(self.n.min()) if len(self.n) else 0

    @property
    def there(self) -> NDArray[np.bool_]:
        """True where there is a sample, shape (problem, sample)."""
        import numpy as np

        mask: NDArray[np.bool_] = np.arange(self.correct.shape[1]) < self.n[:, None]
        return mask

    def solve_rate(self) -> Array:
        """Mean score of each problem's samples (pass@1), shape (problem,)."""
        import numpy as np

        self.need_correct("pass@1")
        rate: Array = np.where(self.there, self.correct, 0.0).sum(1) / self.n
        return rate

    def counts(self) -> ProblemCounts:
        """Counts of right samples; scores between 0 and 1 are refused."""
        import numpy as np

        self.need_correct("counts of right samples")
        inside = self.there & (self.correct != 0) & (self.correct != 1)
        if inside.any():
            i, j = np.argwhere(inside)[0]
            raise InputError(
                Problem(
                    f"problem {self.problem[i]}",
                    "counts need samples that are right or wrong, not partly right",
                    "correct",
                    f"{self.correct[i, j]:g}",
                    "say from which score on a sample counts as right",
                )
            )
        right = np.where(self.there, self.correct, 0.0).sum(1)
        return ProblemCounts(self.problem, self.n, right.astype(np.int64))

    def where(self, keep: ArrayLike) -> Self:
        """The problems named by a mask or by indices, in their order."""
        import numpy as np

        rows = np.arange(len(self.n))[np.asarray(keep)]
        names = tuple(self.problem[i] for i in rows)
        return replace(self, problem=names, n=self.n[rows], **self._picked(rows))

    def columns(self, order: Ints, n: Ints) -> Self:
        """The first n[i] samples of each problem in the order given, shape (problem, sample)."""
        import numpy as np

        rows = np.arange(len(self.n))[:, None]
        return replace(self, n=n, **self._picked((rows, order[:, : int(n.max(initial=0))])))

    def _picked(self, index: Ints | tuple[Ints, Ints]) -> dict[str, Any]:
        """The columns that are there, at an index of problems and samples."""
        values = {name: getattr(self, name) for name in COLUMNS}
        return {name: array[index] for name, array in values.items() if array is not None}

    def need_correct(self, what: str) -> None:
        """Raises InputError where the correctness of a sample was not logged."""
        import numpy as np

        missing = np.flatnonzero((self.there & np.isnan(self.correct)).any(1))
        if len(missing):
            raise InputError(
                Problem(
                    f"problem {self.problem[missing[0]]}",
                    f"{what} cannot be had: it was not logged which of the samples are right "
                    f"({len(missing)} of {len(self.n)} problems)",
                    "correct",
                    remedy="log the score of every sample, not only that of the chosen answer",
                )
            )


def checked_n(samples: ProblemSamples | ProblemCounts, n: Sequence[int], what: str) -> Ints:
    """The n asked for as an array; refuses n below 1 and n above the samples of a problem."""
    import numpy as np

    wanted = np.asarray(n, dtype=np.int64)
    if not len(samples.n):
        raise InputError(Problem(what, "there are no problems to measure"))
    if not len(wanted) or wanted.min() < 1:
        raise InputError(Problem(what, "n must be 1 or more", "n", str(list(n))))
    fewest = int(samples.n.argmin())
    if wanted.max() > samples.n[fewest]:
        raise InputError(
            Problem(
                f"{what}: problem {samples.problem[fewest]}",
                f"n exceeds the {samples.n[fewest]} samples drawn, and beyond them nothing was "
                "measured",
                "n",
                str(wanted.max()),
                f"ask for n up to {samples.largest_n}, or fit a curve and read it there",
            )
        )
    return wanted


def _answer_codes(row: Ints, answer: NDArray[Any]) -> Ints:
    """Codes 0, 1, ... of answers within each problem; rows must be grouped by problem."""
    import numpy as np

    codes = np.full(len(row), BLANK, dtype=np.int64)
    seen: dict[object, int] = {}
    last = -1
    for i, (r, value) in enumerate(zip(row.tolist(), answer.tolist(), strict=True)):
        if r != last:
            seen, last = {}, r
        name = value.strip() if isinstance(value, str) else value
        blank = name is None or name == "" or (isinstance(name, int | float) and not name >= 0)
        if not blank:
            codes[i] = seen.setdefault(name, len(seen))
    return codes
