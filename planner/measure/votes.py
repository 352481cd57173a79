"""Majority votes: the accuracy of the most frequent of n sampled answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem
from planner.measure.samples import BLANK, ProblemSamples, checked_n
from planner.measure.votes_exact import exact_majority, majority_work, subset_votes
from planner.measure.votes_prefix import prefix_votes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

DRAWS = 1000
"""Random orders of a problem's samples, where a vote is not computed exactly."""
EXACT_WORK = 1_000_000
"""Multiplications that an exact vote on one problem may take (about 1 ms)."""
EXACT_SAMPLES = 1000
"""Samples of a problem up to which C(samples, n) is a floating-point number."""
SUBSET_SAMPLES = 10
"""Samples of a problem up to which weighted votes are taken over every subset."""


def majority_vote(
    samples: ProblemSamples, n: Sequence[int], *, draws: int = DRAWS, seed: int = 0
) -> Array:
    """Expected score of the most frequent answer among n, shape (problem, n).

    Over all subsets of size n of the samples drawn. Ties split evenly; a blank casts no vote
    and is wrong, and so is a subset of blanks. An answer's score is the mean over the
    problem's samples that gave it. Source: Wang et al. 2023, arXiv:2203.11171.

    Exact (generating functions, `planner.measure.votes_exact`) where that is cheap: up to
    about 100 samples, and with two or three different answers more. Else the mean over `draws`
    random orders of each problem's samples, whose standard error is at most .5 / sqrt(draws) a
    problem, independent between problems; n = 1 and n = all are exact there too.

    Raises InputError where n exceeds the samples of a problem, where answers were not logged
    (none at all, or a blank one marked right), or where the correctness of an answer was not.
    """
    import numpy as np

    wanted = checked_n(samples, n, "majority vote")
    values = answer_values(samples, "majority vote")
    counts = answer_counts(samples)
    exact = samples.n <= EXACT_SAMPLES
    if exact.any():
        exact[exact] = majority_work(counts[exact], values[exact]) <= EXACT_WORK
    accuracy = np.empty((len(samples.n), len(wanted)))
    for drawn in np.unique(samples.n[exact]).tolist():
        rows = np.flatnonzero(exact & (samples.n == drawn))
        accuracy[rows] = exact_majority(counts[rows], values[rows], drawn, wanted)
    drawn_rows = np.flatnonzero(~exact)
    if len(drawn_rows):
        part = samples.where(drawn_rows)
        weight = (answers(part) != BLANK).astype(np.int64)
        accuracy[drawn_rows] = prefix_votes(part, values[drawn_rows], weight, wanted, draws, seed)
    return accuracy


def vote_by_weight(
    samples: ProblemSamples, values: Array, weight: Ints, wanted: Ints, draws: int, seed: int
) -> Array:
    """Expected score of the answer of greatest weight among n, shape (problem, n).

    values (problem, answer) scores each answer, weight (problem, sample) counts each vote in
    whole steps.
    """
    import numpy as np

    accuracy = np.empty((len(samples.n), len(wanted)))
    for drawn in np.unique(samples.n[samples.n <= SUBSET_SAMPLES]).tolist():
        rows = np.flatnonzero(samples.n == drawn)
        accuracy[rows] = subset_votes(
            answers(samples)[rows, :drawn], values[rows], weight[rows, :drawn], wanted
        )
    rows = np.flatnonzero(samples.n > SUBSET_SAMPLES)
    if len(rows):
        part = samples.where(rows)
        accuracy[rows] = prefix_votes(part, values[rows], weight[rows], wanted, draws, seed)
    return accuracy


def why_no_votes(samples: ProblemSamples) -> Problem | None:
    """Why votes cannot be measured on these samples, or None where they can."""
    import numpy as np

    if samples.answer is None or not np.any(samples.there & (samples.answer != BLANK)):
        return Problem(
            "votes",
            "no answers were logged, so it is unknown which samples agree: coverage only",
            "answer",
            remedy="log the answer that was extracted from each sample",
        )
    right_blank = samples.there & (samples.answer == BLANK) & (samples.correct > 0)
    if right_blank.any():
        return Problem(
            f"votes: problem {samples.problem[int(right_blank.any(1).argmax())]}",
            f"{int(right_blank.sum())} samples are marked right and have a blank answer: answers "
            "were not logged, so it is unknown which samples agree: coverage only",
            "answer",
            remedy="log the answer that was extracted from each sample",
        )
    return None


def answers(samples: ProblemSamples) -> Ints:
    """The codes of the answers, shape (problem, sample), which must have been logged."""
    if samples.answer is None:
        raise InputError(Problem("votes", "no answers were logged", "answer"))
    return samples.answer


def answer_counts(samples: ProblemSamples) -> Ints:
    """How many samples gave each answer, shape (problem, answer)."""
    import numpy as np

    cell, shape = _cells(samples)
    counts: Ints = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    return counts


def answer_values(samples: ProblemSamples, what: str) -> Array:
    """Mean score of the samples that gave each answer, shape (problem, answer).

    One value an answer, also where a grader judged equal answers differently. Samples whose
    correctness was not logged take that of their equals. Raises InputError where there are
    none, or where votes cannot be measured.
    """
    import numpy as np

    refused = why_no_votes(samples)
    if refused is not None:
        raise InputError(Problem(what, refused.what, refused.column, None, refused.remedy))
    cell, shape = _cells(samples)
    voting = samples.there & (answers(samples) != BLANK)
    score = samples.correct[voting]
    known = ~np.isnan(score)
    cells = shape[0] * shape[1]
    judged = np.bincount(cell[known], minlength=cells)
    unknown = np.setdiff1d(cell[~known], np.flatnonzero(judged))
    if len(unknown):
        raise InputError(
            Problem(
                f"{what}: problem {samples.problem[unknown[0] // shape[1]]}",
                f"it was not logged whether {len(unknown)} of the answers are right",
                "correct",
                remedy="log the score of every sample, not only that of the chosen answer",
            )
        )
    total = np.bincount(cell[known], score[known], minlength=cells)
    values: Array = (total / np.maximum(judged, 1)).reshape(shape)
    return values


def _cells(samples: ProblemSamples) -> tuple[Ints, tuple[int, int]]:
    """Index of each vote in the flat table (problem, answer), and the table's shape."""
    import numpy as np

    code = answers(samples)
    voting = samples.there & (code != BLANK)
    width = int(code[voting].max(initial=-1)) + 1
    row = np.broadcast_to(np.arange(len(code))[:, None], code.shape)
    return row[voting] * width + code[voting], (len(code), width)
