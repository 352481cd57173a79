"""A chain of revisions: each puts some wrong answers right, and some right ones wrong."""

from __future__ import annotations

import numpy as np

from planner.curves.families.base import Array
from planner.curves.families.vote_limit import VoteLimit


class RevisionChain(VoteLimit):
    """limit - (limit - first) (1 - fixed - broken)^depth: a Markov chain of two states.

    A revision puts a wrong answer right with chance `fixed` and a right one wrong with chance
    `broken`, whatever came before: accuracy goes geometrically to fixed / (fixed + broken), up
    or down. Along depth the same shape as votes that approach their limit along n, with
    rate = -ln(1 - fixed - broken).
    """

    name = "revision_chain"
    formula = "accuracy = limit - (limit - first) (1 - fixed - broken)^depth"
    reference = "two-state Markov chain; Snell et al. 2024, arXiv:2408.03314 (38% of right \
answers were turned wrong by a naive chain of revisions)"
    parameters = {
        "level": "accuracy of the first answer",
        "slope": "gain of the first revision where it is small: rate (limit - first)",
        "rate": "-ln of the share of the way to the limit that a revision leaves",
    }
    describes = frozenset({"depth"})

    def published(self, theta: Array) -> dict[str, float | None]:
        level, slope, rate = map(float, theta)
        limit = level + slope / rate
        moved = -float(np.expm1(-rate))
        return {
            "first": level,
            "limit": limit,
            "fixed": limit * moved,
            "broken": moved - limit * moved,
        }
