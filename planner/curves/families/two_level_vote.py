"""Votes over easy and hard questions, which rise and fall or fall and rise."""

from __future__ import annotations

import math

import numpy as np

from planner.curves.families.base import Array, Curved
from planner.curves.families.vote_table import vote, vote_from_table

P_EDGE = 1e-6
BANDS = (12, 12)
"""Without these starts 9 of 330 curves of five noisy points ended in a wrong minimum. With 7 by 7
of them 4 of 840 did, one by 13% of its objective, with 10 by 10 one, with 12 by 12 none."""
MANY = 16
"""Chances at once from which a table is quicker than the incomplete beta function."""


class TwoLevelVote(Curved):
    """A share `easy` of questions is answered rightly with chance p1 > 1/2, the rest with p2 < 1/2.

    A vote over n samples is right with chance I_p((n + 1)/2, (n + 1)/2), the regularised
    incomplete beta function: exact for odd n and two answers, smooth between. Easy questions
    approach 1 and hard ones 0, so that accuracy ends at `easy`, and may peak or dip before.
    """

    name = "two_level_vote"
    formula = "accuracy = easy I_p1((n+1)/2, (n+1)/2) + (1 - easy) I_p2((n+1)/2, (n+1)/2)"
    reference = "Chen et al. 2024, arXiv:2403.02419"
    parameters = {
        "easy": "share of questions whose likelier answer is right",
        "p1": "chance that one sample is right on an easy question",
        "p2": "chance that one sample is right on a hard question",
    }
    bounds = {"easy": (0.0, 1.0), "p1": (0.5, 1.0 - P_EDGE), "p2": (P_EDGE, 0.5)}
    describes = frozenset({"vote"})
    monotone = False
    bands = BANDS
    starts = {
        "p1": 0.5 + np.geomspace(0.004, 0.5 - P_EDGE, 20),
        "p2": 0.5 - np.geomspace(0.004, 0.5 - P_EDGE, 20),
    }

    def value(self, n: Array, theta: Array) -> Array:
        easy, p1, p2 = (theta[..., i : i + 1] for i in range(3))
        accuracy: Array = easy * _vote(n, p1) + (1.0 - easy) * _vote(n, p2)
        return accuracy

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        return self.value_and_gradient(n, theta)[1]

    def value_and_gradient(self, n: Array, theta: Array) -> tuple[Array, tuple[Array, ...]]:
        easy, p1, p2 = (theta[..., i : i + 1] for i in range(3))
        right1, right2 = _vote(n, p1), _vote(n, p2)
        value = easy * right1 + (1.0 - easy) * right2
        slopes = easy * _vote_slope(n, p1), (1.0 - easy) * _vote_slope(n, p2)
        return value, (right1 - right2, *slopes)

    def ceiling(self, theta: Array) -> Array:
        return theta[..., 0]

    @staticmethod
    def peak(easy: float, p1: float, p2: float) -> int | None:
        """The odd n of the highest accuracy; None where no finite n is best, or only the limit.

        Steps of accuracy vanish at (n + 1)/2 = ln[A (2 p1 - 1) / ((1 - A)(1 - 2 p2))] /
        ln[p2 (1 - p2) / (p1 (1 - p1))], A the easy share; the better odd neighbour is taken.
        """
        if not (0.0 < easy < 1.0 and 0.5 < p1 < 1.0 and 0.0 < p2 < 0.5) or p1 + p2 <= 1.0:
            return 1 if easy == 0.0 else None
        gain = math.log(easy * (2.0 * p1 - 1.0) / ((1.0 - easy) * (1.0 - 2.0 * p2)))
        middle = gain / math.log(p2 * (1.0 - p2) / (p1 * (1.0 - p1)))
        odd = np.maximum(2 * math.floor(middle) - 1 + np.array([0, 2]), 1)
        value = TwoLevelVote().value(odd.astype(float), np.array([easy, p1, p2]))
        return int(odd[int(value.argmax())])


def _vote(n: Array, p: Array) -> Array:
    """Chance that a vote over n samples is right where one sample is with chance p."""
    if n.ndim == 1 and p.size >= MANY:
        return vote_from_table(n, p)
    return vote(n, p)


def _vote_slope(n: Array, p: Array) -> Array:
    """Its derivative by p: the density of Beta((n + 1)/2, (n + 1)/2)."""
    from scipy.special import betaln

    half = (n + 1.0) / 2.0
    slope: Array = np.exp((half - 1.0) * (np.log(p) + np.log1p(-p)) - betaln(half, half))
    return slope
