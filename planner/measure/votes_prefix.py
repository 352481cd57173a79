"""Votes by prefix Monte Carlo: one random order of the samples serves every n at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.measure.samples import BLANK, ProblemSamples
from planner.measure.shuffle import generator, random_order

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

LANES = 1 << 16
"""Pairs of a problem and a draw that are worked on at once: they stay in the cache."""


def prefix_votes(
    samples: ProblemSamples, values: Array, weight: Ints, wanted: Ints, draws: int, seed: int
) -> Array:
    """Mean score of the answer of greatest weight among the first n of random orders.

    Shape (problem, n). values (problem, answer) scores each answer; weight (problem, sample)
    counts each vote in whole steps, so that sums and ties are exact. Votes are split evenly
    among the answers that tie; a blank casts none.

    The samples of each problem are put into a random order of their own, then the same
    `draws` orders are laid over all problems of one size: the subsets of two problems are
    independent, at the price of one order a problem.
    """
    import numpy as np

    assert samples.answer is not None
    accuracy = np.empty((len(samples.n), len(wanted)))
    width = samples.correct.shape[1]
    order = random_order(samples.problem, samples.n, width, "vote order", seed)
    code = np.take_along_axis(samples.answer, order, 1)
    weight = np.take_along_axis(weight, order, 1)
    for drawn in np.unique(samples.n).tolist():
        rows = np.flatnonzero(samples.n == drawn)
        rng = generator(f"vote orders of {drawn}", seed)
        orders = rng.permuted(np.tile(np.arange(drawn), (draws, 1)), axis=1)
        block = max(1, LANES // draws)
        for start in range(0, len(rows), block):
            part = rows[start : start + block]
            accuracy[part] = _block(code[part], weight[part], values[part], orders, wanted)
        single = wanted == 1
        if single.any():
            accuracy[np.ix_(rows, single)] = _one_vote(code[rows, :drawn], values[rows])[:, None]
    return accuracy


def _one_vote(code: Ints, values: Array) -> Array:
    """Exact score of one sample's answer, shape (problem,)."""
    import numpy as np

    scored = np.take_along_axis(values, np.maximum(code, 0), 1)
    mean: Array = np.where(code == BLANK, 0.0, scored).mean(1)
    return mean


def _block(code: Ints, weight: Ints, values: Array, orders: Ints, wanted: Ints) -> Array:
    """Mean over orders of the score at each n, shape (problem, n)."""
    import numpy as np

    problems, answers = values.shape
    shape = (problems, len(orders))
    # One cell beyond the answers takes the blanks; they never lead.
    home = np.arange(problems * len(orders)).reshape(shape) * (answers + 1)
    code = np.where(code == BLANK, answers, code)
    padded = np.concatenate([values, np.zeros((problems, 1))], 1)
    score = np.take_along_axis(padded, code, 1)
    total = np.full(problems * len(orders) * (answers + 1), -1, dtype=np.int64)
    best = np.full(shape, -1, dtype=np.int64)
    tied = np.ones(shape)
    won = np.zeros(shape)
    accuracy = np.empty((problems, len(wanted)))
    for step in range(int(wanted.max())):
        sample = orders[:, step]
        cell = code[:, sample]
        voting = cell < answers
        cell += home
        before = total[cell]
        after = np.maximum(before, 0) + weight[:, sample]
        total[cell] = after
        counts = voting & (after != before)
        leads = counts & (after > best)
        ties = counts & (after == best)
        value = score[:, sample]
        won = np.where(leads, value, won + ties * value)
        tied = np.where(leads, 1.0, tied + ties)
        best = np.where(leads, after, best)
        reached = wanted == step + 1
        if reached.any():
            accuracy[:, reached] = (won / tied).mean(1)[:, None]
    return accuracy
