"""Votes over every subset of the samples at once, exactly.

Of the subsets of size n in which the winning answer, with count c, has j votes, those in which
no other answer has more are counted by the coefficient of x^n in

    C(c, j) x^j  product over others a of (sum over i < j of C(c_a, i) x^i + y C(c_a, j) x^j)
                 (1 + x)^blanks

where y marks an answer that ties. The winner's share among t that tie with it is 1 / (t + 1) =
integral of y^t from 0 to 1, which Gauss-Legendre nodes give exactly. Answers with c_a < j can
neither tie nor win: each counts (1 + x)^c_a, like as many blanks. All terms are positive, so
nothing cancels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.measure.samples import BLANK

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

BLOCK_ENTRIES = 4_000_000
"""Entries of the table of polynomials held at a time: 32 MB."""


@dataclass(frozen=True)
class _Winners:
    """Pairs of a problem and an answer of it that scores."""

    row: Ints
    """Problem of each."""
    count: Ints
    """Samples that gave the answer."""
    value: Array
    """Its score."""
    others: Ints
    """Counts of the problem's other answers, falling, shape (winner, answer)."""


def majority_work(counts: Ints, values: Array) -> Array:
    """Multiplications that `exact_majority` takes on each problem, shape (problem,)."""
    import numpy as np

    winners = _winners(counts, values)
    work = np.zeros(len(counts))
    for level in range(1, int(winners.count.max(initial=0)) + 1):
        rivals = (winners.others >= level).sum(1)
        nodes = (rivals + 2) // 2 if level > 1 else 1
        cost = nodes * (rivals * level) ** 2 / 2.0 + rivals * level + 1.0
        work += np.bincount(winners.row, cost * (winners.count >= level), minlength=len(work))
    return work


def exact_majority(counts: Ints, values: Array, drawn: int, wanted: Ints) -> Array:
    """Expected score of the most frequent answer of n among `drawn` samples, (problem, n).

    counts and values (problem, answer) are the samples that gave each answer, and its score.
    The rest of the samples are blanks. drawn is at most 1,000.
    """
    import numpy as np

    choose = binomials(drawn)
    accuracy = np.zeros((len(counts), len(wanted)))
    every = _winners(counts, values)
    entries = np.cumsum(every.count * (drawn + 1))
    block = entries // BLOCK_ENTRIES
    for part in np.unique(block).tolist():
        keep = block == part
        winners = _Winners(
            every.row[keep], every.count[keep], every.value[keep], every.others[keep]
        )
        levels = list(_levels(winners, drawn, choose))
        row = np.concatenate([level[0] for level in levels])
        free = np.concatenate([level[1] for level in levels])
        term = np.concatenate([level[2] for level in levels])
        for blanks in np.unique(free).tolist():
            same = free == blanks
            gain = term[same] @ _fill(blanks, drawn, wanted, choose)
            np.add.at(accuracy, row[same], gain)
    return accuracy


def binomials(largest: int) -> Array:
    """C(n, k) for n, k = 0..largest, shape (n, k); 0 where k > n. Finite up to 1,029."""
    import numpy as np

    table = np.zeros((largest + 1, largest + 1))
    table[:, 0] = 1.0
    for n in range(1, largest + 1):
        table[n, 1 : n + 1] = table[n - 1, 1 : n + 1] + table[n - 1, :n]
    return table


def _winners(counts: Ints, values: Array) -> _Winners:
    import numpy as np

    row, answer = np.nonzero((counts > 0) & (values > 0))
    others = counts[row]
    others[np.arange(len(row)), answer] = 0
    others = -np.sort(-others, axis=1)
    longest = int((others > 0).sum(1).max(initial=0))
    return _Winners(row, counts[row, answer], values[row, answer], others[:, :longest])


def _levels(winners: _Winners, drawn: int, choose: Array) -> Iterator[tuple[Ints, Ints, Array]]:
    """For each number j of winning votes: problem, blanks and polynomial of each winner."""
    import numpy as np

    for level in range(1, int(winners.count.max(initial=0)) + 1):
        able = np.flatnonzero(winners.count >= level)
        rivals = (winners.others[able] >= level).sum(1)
        for count in np.unique(rivals).tolist():
            of = able[rivals == count]
            others = winners.others[of, :count]
            product = _single_votes(others) if level == 1 else _products(others, level, choose)
            size = product.shape[1]
            term = np.zeros((len(of), drawn + 1))
            scale = winners.value[of] * choose[winners.count[of], level]
            term[:, level : level + size] = scale[:, None] * product
            yield winners.row[of], drawn - winners.count[of] - others.sum(1), term


def _single_votes(others: Ints) -> Array:
    """The product where one vote wins, shape (winner, votes of others): every vote ties."""
    import numpy as np

    product = np.zeros((len(others), others.shape[1] + 1))
    product[:, 0] = 1.0
    for a in range(others.shape[1]):
        product[:, 1 : a + 2] += others[:, a : a + 1] * product[:, : a + 1]
    return product / np.arange(1.0, others.shape[1] + 2)


def _products(others: Ints, level: int, choose: Array) -> Array:
    """The product over answers that may tie at `level` votes, shape (winner, votes of others)."""
    import numpy as np

    rivals = others.shape[1]
    node, node_weight = np.polynomial.legendre.leggauss((rivals + 2) // 2)
    y = (node + 1.0) / 2.0
    product = np.ones((len(others), len(y), 1))
    for a in range(rivals):
        size = product.shape[2]
        longer = np.zeros((len(others), len(y), size + level))
        ways = choose[others[:, a], : level + 1]
        for votes in range(level):
            longer[:, :, votes : votes + size] += ways[:, votes, None, None] * product
        longer[:, :, level:] += ways[:, level, None, None] * y[:, None] * product
        product = longer
    integral: Array = np.einsum("q,wqv->wv", node_weight / 2.0, product)
    return integral


def _fill(blanks: int, drawn: int, wanted: Ints, choose: Array) -> Array:
    """C(blanks, n - votes) / C(drawn, n), shape (votes, n)."""
    import numpy as np

    rest = wanted - np.arange(drawn + 1)[:, None]
    ways = choose[blanks][np.clip(rest, 0, drawn)]
    share: Array = np.where(rest >= 0, ways, 0.0) / choose[drawn, wanted]
    return share


def subset_votes(code: Ints, values: Array, weight: Ints, wanted: Ints) -> Array:
    """Expected score of the answer of greatest weight over every subset, shape (problem, n).

    code and weight (problem, sample) are the answers and the weight of each vote in whole
    steps, values (problem, answer) scores each answer. For few samples: there are 2^samples
    subsets.
    """
    import numpy as np

    drawn = code.shape[1]
    inside = (np.arange(2**drawn)[:, None] >> np.arange(drawn)) & 1
    size = inside.sum(1)
    mean = (size[:, None] == wanted) / np.bincount(size)[wanted]
    accuracy = np.empty((len(code), len(wanted)))
    for i in range(len(code)):
        answers = np.unique(code[i][code[i] != BLANK])
        if not len(answers):
            accuracy[i] = 0.0
            continue
        gave = code[i][:, None] == answers
        total = inside @ (gave * weight[i][:, None])
        total[inside @ gave == 0] = -1
        best = total.max(1, keepdims=True)
        wins = (total == best) & (best >= 0)
        score = (wins @ values[i, answers]) / np.maximum(wins.sum(1), 1)
        accuracy[i] = score @ mean
    return accuracy
