"""Best-of-n and weighted votes: a verifier's scores choose among n samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from planner.errors import InputError, Problem
from planner.measure.samples import BLANK, ProblemSamples, checked_n
from planner.measure.votes import DRAWS, answer_values, vote_by_weight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

Aggregation = Literal["min", "product", "last"]

RESOLUTION = 2**40
"""Steps from 0 to a problem's highest score: sums of whole steps are exact, and so are ties."""


def aggregate(step_scores: Array, how: Aggregation) -> Array:
    """One score of each sample from those of its steps, shape (problem, sample).

    `min` (Wang et al. 2023, arXiv:2312.08935), `product` (Lightman et al. 2023,
    arXiv:2305.20050) or `last` (Snell et al. 2024, arXiv:2408.03314). step_scores
    (problem, sample, step) ends in nan beyond a sample's last step; a sample without steps
    gets nan.
    """
    import numpy as np

    there = ~np.isnan(step_scores)
    if how == "min":
        score = np.where(there, step_scores, np.inf).min(2, initial=np.inf)
    elif how == "product":
        score = np.where(there, step_scores, 1.0).prod(2)
    else:
        last = step_scores.shape[2] - 1 - there[:, :, ::-1].argmax(2)
        score = np.take_along_axis(step_scores, last[:, :, None], 2)[:, :, 0]
    aggregated: Array = np.where(there.any(2), score, np.nan)
    return aggregated


def best_of_n(samples: ProblemSamples, n: Sequence[int]) -> Array:
    """Expected score of the sample a verifier ranks highest among n, shape (problem, n).

    Exact over all subsets of size n of the N samples drawn: the sample of rank r (from 0, by
    falling score) is the best of C(N - 1 - r, n - 1) of the C(N, n) subsets. Samples of equal
    score share what falls to them. A blank answer without a score is never preferred.

    Raises InputError where n exceeds the samples of a problem, or where correctness or the
    score of a sample was not logged.
    """
    import numpy as np

    wanted = checked_n(samples, n, "best-of-n")
    score = needed_scores(samples, "best-of-n")
    samples.need_correct("best-of-n")
    accuracy = np.empty((len(samples.n), len(wanted)))
    for drawn in np.unique(samples.n).tolist():
        rows = np.flatnonzero(samples.n == drawn)
        by_rank = _shared_in_ties(score[rows, :drawn], samples.correct[rows, :drawn])
        accuracy[rows] = by_rank @ _chance_of_rank(drawn, wanted)
    return accuracy


def weighted_vote(
    samples: ProblemSamples, n: Sequence[int], *, draws: int = DRAWS, seed: int = 0
) -> Array:
    """Expected score of the answer with the highest sum of scores among n, shape (problem, n).

    Over random subsets of size n of the samples drawn; exact up to 10 samples and at n = 1 and
    n = all, else the mean over `draws` random orders of each problem's samples (standard error
    at most .5 / sqrt(draws) a problem, independent between problems). Ties split evenly; a
    blank casts no vote and is wrong. Source: Li et al. 2023, arXiv:2206.02336.

    Raises InputError as `majority_vote` does, and where a score is missing or below 0: a sum of
    logits has no meaning as a weight.
    """
    import numpy as np

    wanted = checked_n(samples, n, "weighted vote")
    values = answer_values(samples, "weighted vote")
    score = needed_scores(samples, "weighted vote")
    voting = samples.there & (answers_of(samples) != BLANK)
    score = np.where(voting, score, 0.0)
    if score.min(initial=0.0) < 0:
        i, j = np.argwhere(score < 0)[0]
        raise InputError(
            Problem(
                f"weighted vote: problem {samples.problem[i]}",
                "weights must be 0 or more",
                "score",
                f"{score[i, j]:g}",
                "log the verifier's probability rather than its logit",
            )
        )
    top = score.max(1, initial=0.0, keepdims=True)
    weight = np.rint(score / np.where(top > 0, top, 1.0) * RESOLUTION).astype(np.int64)
    return vote_by_weight(samples, values, weight, wanted, draws, seed)


def answers_of(samples: ProblemSamples) -> Ints:
    """The codes of the answers; they must have been logged."""
    assert samples.answer is not None
    return samples.answer


def needed_scores(samples: ProblemSamples, what: str) -> Array:
    """A score for every sample, shape (problem, sample); blanks without one get -inf.

    Raises InputError where another sample has none.
    """
    import numpy as np

    if samples.score is None:
        raise InputError(
            Problem(what, "no verifier scores were logged", "score", remedy="log one a sample")
        )
    missing = samples.there & np.isnan(samples.score)
    if samples.answer is not None:
        missing &= samples.answer != BLANK
    if missing.any():
        i = int(missing.any(1).argmax())
        raise InputError(
            Problem(
                f"{what}: problem {samples.problem[i]}",
                f"{int(missing.sum())} samples have an answer and no score, and leaving them out "
                "would measure something else",
                "score",
                remedy="score every sample, or leave out the problem",
            )
        )
    return np.where(np.isnan(samples.score), -np.inf, samples.score)


def _shared_in_ties(score: Array, correct: Array) -> Array:
    """correct by falling score, each the mean of those of equal score, shape (problem, rank)."""
    import numpy as np

    order = np.argsort(-score, axis=1, kind="stable")
    ranked = np.take_along_axis(score, order, 1)
    value = np.take_along_axis(correct, order, 1)
    starts = np.ones(ranked.shape, dtype=bool)
    starts[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    group = np.cumsum(starts.ravel()) - 1
    mean = np.bincount(group, value.ravel()) / np.bincount(group)
    shared: Array = mean[group].reshape(value.shape)
    return shared


def _chance_of_rank(drawn: int, wanted: Ints) -> Array:
    """C(drawn - 1 - r, n - 1) / C(drawn, n), shape (rank, n).

    As n / drawn times a product of ratios (drawn - 1 - r - j) / (drawn - 1 - j).
    """
    import numpy as np

    chance = np.empty((drawn, len(wanted)))
    term, left = np.ones(drawn), np.arange(drawn - 1, -1, -1, dtype=np.float64)
    for j in range(int(wanted.max())):
        chance[:, wanted == j + 1] = term[:, None] * ((j + 1) / drawn)
        term *= np.maximum(left, 0.0)
        if j < drawn - 1:
            term /= drawn - 1 - j
        left -= 1.0
    return chance
