"""How a scenario decides over what stays uncertain, and what knowing more is worth under it.

`[uncertainty]` lets draws count in the choice: a floor has to hold in a share of them, or regret
has to be small in the worst of them. What is learned moves what is expected of each decision, and
narrows what is left around it; both are then judged as `solve` judges the draws.

    draws after learning y of input x:  E[q_d | y] + L
    L = (q_d - E q_d) - (1 - k_d) (g_d - E g_d)

with g_d = E[q_d | x] and k_d^2 = 1 - Var E[q_d | y] / Var g_d, the part of what x does to q_d that
stays open: Var L is then what y leaves of the variance of q_d.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.domain.uncertainty import Risk, Uncertainty

Array = NDArray[np.float64]

MOST_STATES = 100
"""Things that might be learned which regret is judged after."""
TOLERANCE = 1e-9
CONSIDERED = 12
"""Decisions that regret is judged of: so many of the best now, and of the best in most draws."""


@dataclass(frozen=True)
class Rule:
    """Decisions over draws; the first decision is the one that is taken now."""

    risk: Risk | None
    level: float
    mean: Array
    """(quantity,) what is expected now: a value of each decision, then its margins."""
    around: Array
    """(draw, quantity) the draws about it."""
    holds: Array
    """(requirement,) share of the draws in which a margin has to hold; nan: in the mean."""
    draws: int
    """Draws that regret is counted over, as many as the plan was chosen on."""
    considered: NDArray[np.int64]
    handicap: Array
    """(decision,) by which others look better now than the one taken: as much as a search over
    other draws may miss. It is taken off them whatever is learned."""
    lenient: Array
    """(requirement,) by which the decision taken misses a requirement on these draws."""

    @classmethod
    def of(cls, wish: Uncertainty, quantities: Array, decisions: int, holds: Array) -> Rule:
        """The rule of a scenario for quantities (draw, quantity) of so many decisions."""
        mean = quantities.mean(axis=0)
        rule = cls(
            risk=wish.risk,
            level=wish.level,
            mean=mean,
            around=quantities - mean,
            holds=holds,
            draws=wish.draws,
            considered=np.arange(decisions),
            handicap=np.zeros(decisions),
            lenient=np.zeros(len(holds)),
        )
        keeps = np.ones(decisions, dtype=np.bool_)
        margins = rule.margins(mean[None], rule.around)
        if margins is not None:
            rule = replace(rule, lenient=np.maximum(-margins[0, 0], 0.0))
            keeps = (margins[0] + rule.lenient >= -TOLERANCE).all(axis=1)
        considered = _considered(wish, quantities[:, :decisions], keeps)
        rule = replace(rule, considered=considered)
        score, _ = rule.scored(mean[None], rule.around)
        ahead = np.where(keeps & np.isfinite(score[0]), score[0] - score[0, 0], 0.0)
        return replace(rule, handicap=np.maximum(ahead, 0.0))

    def margins(self, expected: Array, left: Array) -> Array | None:
        """(row, decision, requirement) of what is expected, (row, quantity), with what is left,
        (draw, quantity); None where nothing is required.
        """
        if not len(self.holds):
            return None
        decisions = len(self.handicap)
        shape = (-1, decisions, len(self.holds))
        # On the draws that the plan's floors were kept on.
        shift = _kept(left[::2, decisions:].reshape(shape), self.holds)
        return np.asarray(expected[:, decisions:].reshape(shape) + shift + self.lenient)

    def scored(self, expected: Array, left: Array) -> tuple[Array, Array]:
        """(score (row, decision), regret (row, draw, considered)), as `margins`.

        Without a risk the score is the value expected, and regret is empty; else less the regret.
        """
        decisions = len(self.handicap)
        if self.risk is None:
            return expected[:, :decisions] - self.handicap, np.zeros((len(expected), 0, 0))
        some = self.considered
        value = expected[:, some][:, None] + left[: self.draws, some]
        regret = value.max(axis=2, keepdims=True) - value
        score = np.full((len(expected), decisions), -np.inf)
        score[:, some] = -risk_of(regret, self.risk, self.level, axis=1) - self.handicap[some]
        return score, regret

    def states(self, expected: Array, left: Array) -> Array:
        """The rows that are judged: all, or where draws are left so many that regret can be
        counted over these in each.
        """
        if self.risk is None or len(left) == 1 or len(expected) <= MOST_STATES:
            return expected
        return expected[:: -(-len(expected) // MOST_STATES)]

    def gain(self, score: Array, regret: Array, then: NDArray[np.int64]) -> float:
        """What deciding after learning gains over deciding now, before it is known what is learned.

        Of the value expected; with a risk, of the risk over all that may be learned and all that
        stays open, so that nothing is gained where nothing changes.
        """
        rows = np.arange(len(then))
        if self.risk is None:
            return float((score[rows, then] - score[rows, 0]).mean())
        place = np.zeros(len(self.handicap), dtype=np.int64)
        place[self.considered] = np.arange(len(self.considered))
        now, after = regret[:, :, place[0]], regret[rows, :, place[then]]
        before = risk_of(now.ravel(), self.risk, self.level, axis=0)
        return float(before - risk_of(after.ravel(), self.risk, self.level, axis=0))


def _considered(wish: Uncertainty, value: Array, keeps: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The decision taken, those of least regret, of all and of those that keep what is required,
    and those that are best in most draws.
    """
    if wish.risk is None:
        return np.arange(value.shape[1])
    some = value[: wish.draws]
    regret = some.max(axis=1, keepdims=True) - some
    size = risk_of(regret, wish.risk, wish.level, axis=0)
    wins = np.bincount(some.argmax(axis=1), minlength=value.shape[1])
    best = np.argsort(size, kind="stable")[:CONSIDERED]
    kept = np.argsort(np.where(keeps, size, np.inf), kind="stable")[:CONSIDERED]
    often = np.argsort(-wins, kind="stable")[:CONSIDERED]
    return np.unique(np.concatenate([[0], best, kept, often[wins[often] > 0]]))


def _kept(left: Array, holds: Array) -> Array:
    """(decision, requirement) to add to what is expected of a margin: where it has to hold in a
    share of the draws of left (draw, decision, requirement), their level that so many reach.
    """
    shift = np.zeros(left.shape[1:])
    ordered = np.sort(left, axis=0)
    for r in np.flatnonzero(np.isfinite(holds)):
        below = int(np.floor((1.0 - holds[r]) * len(left) + 1e-9))
        shift[:, r] = ordered[min(below, len(left) - 1), :, r]
    return shift


def risk_of(regret: Array, risk: Risk, level: float, axis: int) -> Array:
    """Mean of the worst 1 - level of regrets along an axis, the last one in part; or the worst."""
    if risk == "minimax_regret":
        return np.asarray(regret.max(axis=axis))
    worst = -np.sort(-np.moveaxis(regret, axis, -1), axis=-1)
    count = (1.0 - level) * worst.shape[-1]
    weights = np.clip(count - np.arange(worst.shape[-1]), 0.0, 1.0)
    return np.asarray(worst @ weights / count)
