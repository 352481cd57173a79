"""Coverage: the chance that at least one of k samples is right (pass@k)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem
from planner.measure.best_of import best_of_n
from planner.measure.samples import ProblemCounts, ProblemSamples, checked_n

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

RESCALE_EVERY = 16
"""Factors multiplied up between two divisions: 16 factors below 1e18 stay far below 1e308."""
NEGLIGIBLE = 1e-25
"""Questions missed, below which those that are seldom missed are left out of the sum."""


def pass_at_k(
    n_correct: ArrayLike, n_samples: ArrayLike, k: Sequence[int], *, adaptive: bool = False
) -> Array:
    """Unbiased coverage at each k, averaged over questions, shape (k,).

    Mean over questions of 1 - C(n_samples - n_correct, k) / C(n_samples, k), where C is the
    binomial coefficient: the share of the subsets of size k of the samples drawn that hold a
    right one. Computed as a product of ratios, exact for every k to rounding, once for all
    questions with equal counts.

    n_correct (question,) counts the right samples of a question, n_samples (question,) or one
    number those drawn. Source: Chen et al. 2021, arXiv:2107.03374, eq. 1; Brown et al. 2024,
    arXiv:2407.21787, eq. 1. Not for samples that stopped once one was right (`adaptive`):
    there the share of right samples is biased.

    Raises InputError where k exceeds the samples drawn for a question, where counts do not
    fit, or where sampling was adaptive.
    """
    import numpy as np

    correct, samples, wanted = _checked(n_correct, n_samples, k, adaptive)
    missed = np.zeros(len(wanted))
    for drawn, group in _by_size(samples):
        questions = np.bincount(drawn - correct[group])
        wrong = np.flatnonzero(questions)
        missed += _total_missed(wrong, questions[wrong].astype(np.float64), drawn, wanted)
    mean: Array = 1.0 - missed / len(correct)
    return mean


def pass_at_k_by_question(
    n_correct: ArrayLike, n_samples: ArrayLike, k: Sequence[int], *, adaptive: bool = False
) -> Array:
    """Unbiased coverage of each question at each k, shape (question, k); see `pass_at_k`."""
    import numpy as np

    correct, samples, wanted = _checked(n_correct, n_samples, k, adaptive)
    coverage = np.empty((len(correct), len(wanted)))
    for drawn, group in _by_size(samples):
        wrong, row = np.unique(drawn - correct[group], return_inverse=True)
        coverage[group] = 1.0 - _missed(wrong, drawn, wanted)[row]
    return coverage


def coverage(
    samples: ProblemSamples | ProblemCounts, k: Sequence[int], *, adaptive: bool = False
) -> Array:
    """Coverage of each problem at each k, shape (problem, k).

    The expected best of k of its samples, by the true score: where samples are right or wrong,
    the chance that one is right (`pass_at_k_by_question`); where they are partly right, the
    mean of the best score over all subsets of size k.

    Raises InputError where k exceeds the samples of a problem, correctness was not logged, or
    sampling was adaptive.
    """
    import numpy as np

    wanted = checked_n(samples, k, "pass@k")
    if isinstance(samples, ProblemSamples):
        samples.need_correct("pass@k")
        right = samples.correct[samples.there]
        if np.any((right != 0) & (right != 1)):
            if adaptive:
                raise InputError(_adaptive())
            return best_of_n(replace(samples, score=samples.correct), k)
    counts = samples.counts()
    return pass_at_k_by_question(counts.n_correct, counts.n, wanted.tolist(), adaptive=adaptive)


def _by_size(samples: Ints) -> Iterator[tuple[int, Ints | slice]]:
    """Each number of samples drawn, with the questions that have it."""
    import numpy as np

    if samples.min() == samples.max():
        yield int(samples[0]), slice(None)
        return
    for drawn in np.unique(samples).tolist():
        yield drawn, np.flatnonzero(samples == drawn)


def _total_missed(wrong: Ints, questions: Array, drawn: int, wanted: Ints) -> Array:
    """Sum over questions of C(wrong, k) / C(drawn, k) at the k wanted, shape (k,).

    One factor (wrong - j) / (drawn - j) a step; the divisor, common to all, is kept apart in
    `scale` and multiplied in now and then. Terms fall with k, fastest where wrong is small.
    """
    import numpy as np

    largest = int(wanted.max())
    total = np.empty(largest + 1)
    term, left, scale = questions.copy(), wrong.astype(np.float64), 1.0
    for j in range(largest):
        # Counts ascend: questions with too few wrong samples to fill a subset drop out in front.
        if left[0] <= 0:
            gone = int(np.searchsorted(left, 0.0, side="right"))
            term, left = term[gone:], left[gone:]
            if not len(left):
                total[j + 1 :] = 0.0
                break
        term *= left
        left -= 1.0
        scale /= drawn - j
        total[j + 1] = term.sum() * scale
        if j % RESCALE_EVERY == RESCALE_EVERY - 1:
            term *= scale
            scale = 1.0
            there = int((term > NEGLIGIBLE).argmax())
            term, left = term[there:], left[there:]
    return total[wanted]


def _missed(wrong: Ints, drawn: int, wanted: Ints) -> Array:
    """C(wrong, k) / C(drawn, k) at the k wanted, shape (question, k)."""
    import numpy as np

    missed = np.empty((len(wrong), len(wanted)))
    term, left = np.ones(len(wrong)), wrong.astype(np.float64)
    for j in range(int(wanted.max())):
        term *= np.maximum(left, 0.0)
        term /= drawn - j
        left -= 1.0
        missed[:, wanted == j + 1] = term[:, None]
    return missed


def _adaptive() -> Problem:
    return Problem(
        "pass@k",
        "sampling went on until an answer was right, so the share of right samples is too high "
        "for questions that are seldom solved, and no formula over counts mends it",
        remedy="use questions that were sampled a fixed number of times",
    )


def _checked(
    n_correct: ArrayLike, n_samples: ArrayLike, k: Sequence[int], adaptive: bool
) -> tuple[Ints, Ints, Ints]:
    import numpy as np

    correct = np.atleast_1d(np.asarray(n_correct, dtype=np.int64))
    samples = np.broadcast_to(np.asarray(n_samples, dtype=np.int64), correct.shape)
    wanted = np.asarray(k, dtype=np.int64)
    problems = [
        Problem(
            f"pass@k: question {i}",
            f"right samples must lie between 0 and the {samples[i]} drawn",
            "n_correct",
            str(correct[i]),
        )
        for i in np.flatnonzero((correct < 0) | (correct > samples))
    ]
    if adaptive:
        problems.append(_adaptive())
    if not len(correct):
        problems.append(Problem("pass@k", "there are no questions", "n_correct"))
    if not len(wanted) or wanted.min() < 1:
        problems.append(Problem("pass@k", "k must be 1 or more", "k", str(list(k))))
    elif len(correct) and wanted.max() > samples.min():
        problems.append(
            Problem(
                "pass@k",
                "k exceeds the samples drawn, and coverage beyond them is not measured",
                "k",
                str(wanted.max()),
                f"ask for k up to {samples.min()}, or fit a curve and read it there",
            )
        )
    if problems:
        raise InputError(problems)
    return correct, samples, wanted
