"""Judges the sides of a question: at which n they compare, and who wins in how many draws.

A side that names no n is judged at its accuracy-parity n: the real-valued n at which it is as
accurate as the reference, in each draw its own. The reference is the side with a fixed n.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.domain.answer import Criterion
from planner.domain.draws import CENTRAL
from planner.domain.method import METHODS
from planner.economics.parity import Crossing, accuracy_parity, cost_parity, n_grid
from planner.economics.verdict import Verdict, cheapest, dominates, most_accurate
from planner.errors import InputError, Problem
from planner.options import WHOLE, Candidate

Array = NDArray[np.float64]

ACCURACY_MATTERS = 0.01
"""Smallest difference in accuracy that matters: one point."""
REFERENCE_N = 16
"""n of the reference where no side names one: the measured n nearest to it."""


ACTED_ON: tuple[Criterion, ...] = ("cost_at_equal_accuracy", "accuracy_at_equal_cost")
"""Criteria that this version judges by."""


@dataclass(frozen=True)
class Contender:
    """One side of the question: a candidate, and its n where the question fixes it."""

    candidate: Candidate
    n: int | None
    """None: to be judged at its parity with the reference."""

    @cached_property
    def n_max(self) -> int:
        """Largest n that was measured: parities are not sought beyond it."""
        return max(self.candidate.measured_n())

    @cached_property
    def grid(self) -> Array:
        """Sample counts at which it is evaluated, (n,)."""
        if self.n is not None:
            return np.array([float(self.n)])
        return n_grid(self.n_max, self.candidate.measured_n())

    @cached_property
    def by_bucket(self) -> Mapping[str, Array]:
        """Accuracy on the grid by bucket, (draw, n); buckets that are neither measured nor assumed
        are absent.
        """
        names = [*self.candidate.curves, *(self.candidate.assumed or {})]
        return {b: self.candidate.accuracy(self.grid, {b: 1.0}) for b in names}

    def on_grid(self, mix: Mapping[str, float]) -> Array:
        """Accuracy on the grid for a mix, (draw, n)."""
        return np.asarray(sum(share * self.by_bucket[b] for b, share in mix.items() if share > 0))


@dataclass(frozen=True)
class Judgement:
    """Who wins on one mix of traffic at one volume."""

    criterion: Criterion
    verdict: Verdict
    reference: int
    """Index of the side that the others are compared with."""
    parity_accuracy: Mapping[int, Crossing] = field(default_factory=dict)
    """By side that names no n."""
    parity_cost: Mapping[int, Crossing] = field(default_factory=dict)
    reached: tuple[float, ...] = ()
    """Share of the draws in which each side is as accurate as the reference; empty where the sides
    are not compared at equal accuracy."""
    usd_per_day: Array | None = None
    """(draw, side) dollars a day at equal accuracy, inf where it is not reached; None likewise."""


def criterion_of(text: str) -> Criterion:
    """A criterion by its name; raises InputError with those there are."""
    for known in ACTED_ON:
        if text == known:
            return known
    raise InputError(
        Problem(
            "--criterion",
            "no such criterion in this version",
            value=text,
            remedy=f"write {' or '.join(ACTED_ON)}",
        )
    )


def is_scalable(candidate: Candidate) -> bool:
    """True where the method has a sample count and more than one was measured."""
    return METHODS[candidate.method].samples and len(candidate.measured_n()) > 1


def contenders(sides: Sequence[tuple[Candidate, int | None]]) -> tuple[list[Contender], int]:
    """The sides with the n they are judged at, and the index of the reference.

    The reference is the fixed side that is most accurate in the central case, one that has a
    single sample before others; where every side could have any n, the last one is fixed at the
    measured n nearest to REFERENCE_N.
    """
    found = []
    for candidate, asked in sides:
        alone = asked is None and not is_scalable(candidate)
        found.append(Contender(candidate, max(candidate.measured_n()) if alone else asked))
    fixed = [i for i, side in enumerate(found) if side.n is not None]
    if not fixed:
        last = found[-1].candidate
        nearest = min(last.measured_n(), key=lambda n: abs(np.log2(n / REFERENCE_N)))
        found[-1] = Contender(last, nearest)
        fixed = [len(found) - 1]
    # A side of one sample is what people compare with; of several the most accurate.
    single = [i for i in fixed if not is_scalable(found[i].candidate)]
    reference = max(single or fixed, key=lambda i: float(_any_accuracy(found[i])))
    return found, reference


def _any_accuracy(side: Contender) -> float:
    return float(next(iter(side.by_bucket.values()))[CENTRAL, 0])


def judge(
    sides: Sequence[Contender],
    reference: int,
    queries_per_day: float | Array,
    criterion: Criterion,
    cost_matters: float,
    mix: Mapping[str, float] = WHOLE,
) -> Judgement:
    """Judges every side on a mix at a volume. All sides must cover the mix."""
    target = sides[reference].on_grid(mix)[:, 0]
    accuracy_at: dict[int, Crossing] = {}
    cost_at: dict[int, Crossing] = {}
    for i, side in enumerate(sides):
        if side.n is None:
            accuracy_at[i], cost_at[i] = crossings(side, sides[reference], mix)
    reached: tuple[float, ...] = ()
    usd: Array | None = None
    if not accuracy_at:
        verdict = _verdict_of_fixed(sides, queries_per_day, cost_matters, mix)
    elif criterion == "accuracy_at_equal_cost":
        verdict = _verdict_at_equal_cost(sides, cost_at, mix)
    else:
        usd = _usd_at_equal_accuracy(sides, accuracy_at, target, queries_per_day, mix)
        verdict = cheapest(usd, cost_matters)
        reached = tuple(float(share) for share in np.isfinite(usd[1:]).mean(axis=0))
    return Judgement(criterion, verdict, reference, accuracy_at, cost_at, reached, usd)


def crossings(
    side: Contender, reference: Contender, mix: Mapping[str, float]
) -> tuple[Crossing, Crossing]:
    """(accuracy parity, cost parity) of a side of any n with the reference.

    Cost is GPU-seconds where both run on fleets, else dollars of a query on a full fleet.
    """
    assert reference.n is not None
    target = reference.on_grid(mix)[:, 0]
    cost, spent = cost_of(side.candidate, reference.candidate, mix)
    return (
        accuracy_parity(side.on_grid(mix), target, side.grid),
        cost_parity(cost, spent([reference.n])[:, 0], side.grid),
    )


def cost_of(
    one: Candidate, other: Candidate, mix: Mapping[str, float]
) -> tuple[Callable[[ArrayLike], Array], Callable[[ArrayLike], Array]]:
    """What a query of each takes at n, (draw, n), in a currency that the two share.

    GPU-seconds on fleets of one supply, as whole GPUs and prices do not touch their ratio; else
    dollars of a query on a full fleet.
    """
    if not one.metered and not other.metered and one.supply is other.supply:
        return partial(one.gpu_s, mix=mix), partial(other.gpu_s, mix=mix)
    return partial(one.full_usd, mix=mix), partial(other.full_usd, mix=mix)


def _load(side: Contender, mix: Mapping[str, float]) -> Array:
    assert side.n is not None
    return side.candidate.load([side.n], mix)[:, 0]


def _usd_per_day(side: Contender, load: Array, queries_per_day: float | Array) -> Array:
    return side.candidate.served(load, queries_per_day).usd_per_day


def _usd_at_equal_accuracy(
    sides: Sequence[Contender],
    accuracy_at: Mapping[int, Crossing],
    target: Array,
    queries_per_day: float | Array,
    mix: Mapping[str, float],
) -> Array:
    """Dollars a day with whole replicas at the accuracy of the reference, (draw, side).

    inf where a side does not reach it.
    """
    usd = []
    for i, side in enumerate(sides):
        if i in accuracy_at:
            n = accuracy_at[i].n
            reached = np.isfinite(n)
            load = side.candidate.load(np.where(reached, n, 1.0)[:, None], mix)[:, 0]
        else:
            load = _load(side, mix)
            reached = side.on_grid(mix)[:, 0] >= target - ACCURACY_MATTERS
        usd.append(np.where(reached, _usd_per_day(side, load, queries_per_day), np.inf))
    return np.column_stack(usd)


def _verdict_at_equal_cost(
    sides: Sequence[Contender], cost_at: Mapping[int, Crossing], mix: Mapping[str, float]
) -> Verdict:
    """Accuracy of each side at the cost of the reference."""
    accuracy = []
    for i, side in enumerate(sides):
        values = side.on_grid(mix)
        if i in cost_at:
            n = np.minimum(cost_at[i].n, side.n_max)
            rows = np.arange(len(values))
            log_grid = np.log(side.grid)
            at = np.clip(np.searchsorted(side.grid, n), 1, len(side.grid) - 1)
            low, high = log_grid[at - 1], log_grid[at]
            part = np.clip((np.log(np.maximum(n, 1.0)) - low) / (high - low), 0.0, 1.0)
            value = values[rows, at - 1] * (1 - part) + values[rows, at] * part
            accuracy.append(np.where(n >= 1.0, value, -np.inf))
        else:
            accuracy.append(values[:, 0])
    stacked = np.column_stack(accuracy)
    return most_accurate(stacked, ACCURACY_MATTERS)


def _verdict_of_fixed(
    sides: Sequence[Contender],
    queries_per_day: float | Array,
    cost_matters: float,
    mix: Mapping[str, float],
) -> Verdict:
    """Every side names its n: one wins only where it is both cheaper and more accurate."""
    usd = np.column_stack([_usd_per_day(s, _load(s, mix), queries_per_day) for s in sides])
    if len(sides) == 1:
        return cheapest(usd, cost_matters)
    accuracy = np.column_stack([s.on_grid(mix)[:, 0] for s in sides])
    return dominates(usd, accuracy, (cost_matters, ACCURACY_MATTERS))
