"""Coverage: the chance that at least one of k samples is right (pass@k), from counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

TABLE_ENTRIES = 4_000_000
"""Entries of a table of products held at a time: 32 MB."""


def pass_at_k(n_correct: ArrayLike, n_samples: ArrayLike, k: Sequence[int]) -> Array:
    """Unbiased coverage at each k, averaged over questions, shape (k,).

    Mean over questions of 1 - C(n_samples - n_correct, k) / C(n_samples, k), where C is the
    binomial coefficient: the share of the subsets of size k of the samples drawn that hold a
    right one. Computed as a cumulative product, exact for every k to rounding.

    n_correct (question,) counts the right samples of a question, n_samples (question,) or one
    number those drawn. Source: Chen et al. 2021, arXiv:2107.03374, eq. 1; Brown et al. 2024,
    arXiv:2407.21787, eq. 1. Not for samples that stopped once one was right: there the
    share of right samples is biased.

    Raises InputError where k exceeds the samples drawn for a question, or counts do not fit.
    """
    import numpy as np

    correct, samples, wanted = _checked(n_correct, n_samples, k)
    total = np.zeros(len(wanted))
    # Questions with equal counts share one row of the table of products.
    pairs, questions = np.unique(np.stack([samples, correct]), axis=1, return_counts=True)
    step = max(1, TABLE_ENTRIES // int(wanted.max()))
    for start in range(0, pairs.shape[1], step):
        drawn, right = pairs[:, start : start + step]
        missed = _missed(right, drawn, int(wanted.max()))[:, wanted - 1]
        total += questions[start : start + step] @ (1.0 - missed)
    mean: Array = total / len(correct)
    return mean


def pass_at_k_by_question(n_correct: ArrayLike, n_samples: ArrayLike, k: Sequence[int]) -> Array:
    """Unbiased coverage of each question at each k, shape (question, k); see `pass_at_k`."""
    correct, samples, wanted = _checked(n_correct, n_samples, k)
    by_question: Array = 1.0 - _missed(correct, samples, int(wanted.max()))[:, wanted - 1]
    return by_question


def _missed(correct: NDArray[np.int64], samples: NDArray[np.int64], largest: int) -> Array:
    """C(samples - correct, k) / C(samples, k) for k = 1..largest, shape (question, k)."""
    import numpy as np

    j = np.arange(largest)
    wrong_left = np.maximum((samples - correct)[:, None] - j, 0)
    product: Array = np.cumprod(wrong_left / (samples[:, None] - j), axis=1)
    return product


def _checked(
    n_correct: ArrayLike, n_samples: ArrayLike, k: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
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
