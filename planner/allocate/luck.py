"""Estimates are not rewarded for their luck: shrinkage before choosing, optimism after it.

The best of many noisy estimates is, more often than not, one that was lucky. Two remedies, after
Smith and Winkler 2006 (doi:10.1287/mnsc.1050.0451), who name it the optimizer's curse:

* `Shrinkage` moves estimates towards what is alike (the options of one method on one bucket),
  the further the less of their spread is more than noise: empirical Bayes, Morris 1983
  (doi:10.2307/2287098).
* What remains is measured. `optimism_of_halves` chooses on one half of the questions and judges on
  the other, where their outcomes are known one by one. `optimism_left` simulates estimates around
  the shrunk ones, shrinks and chooses again, and compares what is then promised with what is then
  true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.domain.draws import CENTRAL
from planner.domain.plan import OptimismBy

Array = NDArray[np.float64]

FEWEST = 3
"""Degrees of freedom a group needs: with fewer no shrinkage is better than none for all truths
(James and Stein 1961)."""


@dataclass(frozen=True)
class Group:
    """Estimates that are alike: of one class and method."""

    class_: int
    option: NDArray[np.int64]
    """(member,) each estimate once."""
    trend: Array
    """(member, member) projection on what is expected of them: their mean, or a line in log n."""
    luck: Array
    """(member,) variance of an estimate about the trend that is noise."""
    copies: tuple[tuple[int, int], ...] = ()
    """(option, member) of options that rest on the very same estimate."""

    @classmethod
    def of(cls, draws: Array, class_: int, option: NDArray[np.int64], design: Array) -> Group:
        """From draws (draw, class_, option) and a design (member, term) of its expectation."""
        trend = design @ np.linalg.pinv(design)
        values = draws[:, class_, option]
        own = values - values @ trend.T
        return cls(class_, option, trend, own[1:].var(axis=0))

    def kept(self, central: Array) -> Array:
        """(member,) share of each deviation from the trend that is kept.

        kept = 1 - (m - 2) / m * luck / (luck + real), with m degrees of freedom and real the spread
        of the deviations beyond their luck, by moments and never below 0.
        """
        estimates = central[self.class_, self.option]
        own = estimates - self.trend @ estimates
        free = len(own) - np.trace(self.trend)
        real = max(0.0, float((own**2).sum() - self.luck.sum()) / free)
        luck = self.luck * len(own) / free
        noise = np.divide(luck, luck + real, out=np.zeros_like(luck), where=luck + real > 0)
        return np.asarray(1.0 - (free - 2.0) / free * noise)


@dataclass(frozen=True)
class Shrinkage:
    """How the estimates of all classes are shrunk."""

    groups: tuple[Group, ...]
    unshrunk: Array | None = None
    """(draw, class_, option) the first draws before it, row 0 the central case."""

    def of(self, central: Array) -> Array:
        """Estimates (class_, option) shrunk."""
        found = central.copy()
        for group in self.groups:
            estimates = central[group.class_, group.option]
            expected = group.trend @ estimates
            shrunk = expected + group.kept(central) * (estimates - expected)
            found[group.class_, group.option] = np.clip(shrunk, 0.0, 1.0)
            for option, member in group.copies:
                found[group.class_, option] = found[group.class_, group.option[member]]
        return found

    def draws(self, draws: Array) -> Array:
        """Draws (draw, class_, option), row 0 the central case, moved to the shrunk estimates.

        What is drawn about a trend narrows with the root of what is kept: the variance that the
        truth has, once it is known that it lies near the others.
        """
        found = draws.copy()
        centre = self.of(draws[CENTRAL])
        for group in self.groups:
            c, o = group.class_, group.option
            moved = draws[:, c, o] - draws[CENTRAL, c, o]
            shared = moved @ group.trend.T
            narrowed = shared + np.sqrt(group.kept(draws[CENTRAL])) * (moved - shared)
            found[:, c, o] = np.clip(centre[c, o] + narrowed, 0.0, 1.0)
            for option, member in group.copies:
                found[:, c, option] = found[:, c, o[member]]
        return found


@dataclass(frozen=True)
class Optimism:
    """What a choice promises too much."""

    accuracy: float
    """Expected, never below 0."""
    standard_error: float
    simulations: int
    by: OptimismBy = "simulation"


def optimism_left(
    truth: Array,
    noise: Array,
    weight: Array,
    choose: Callable[[Array], Array | None],
    shrinkage: Shrinkage,
) -> Optimism:
    """Accuracy that a choice from noisy estimates promises beyond what it then has.

    truth: (class_, option) taken for true, the shrunk estimates. noise: (simulation, class_,
    option) errors of estimates. weight: (class_,) shares of all queries. choose: the shares
    (class_, option) chosen from estimates; None where none can be. In each simulation

        optimism = promised(chosen) - true(chosen) - error(chosen from the truth)

    where the last has mean 0 and takes away what luck does to a choice that does not depend on it.
    """
    first = choose(truth)
    if first is None:
        return Optimism(0.0, 0.0, 0)
    found = []
    for error in noise:
        estimates = shrinkage.of(np.clip(truth + error, 0.0, 1.0))
        share = choose(estimates)
        if share is None:
            continue
        promised = _mean(share, estimates, weight) - _mean(share, truth, weight)
        found.append(promised - _mean(first, np.clip(truth + error, 0.0, 1.0) - truth, weight))
    return _averaged(found, "simulation")


def optimism_of_halves(
    estimates: Array,
    errors: Array,
    weight: Array,
    choose: Callable[[Array], Array | None],
    shrinkage: Shrinkage,
) -> Optimism:
    """The same, by choosing on one half of the questions and judging on the other.

    estimates: (class_, option) as measured on all questions, not shrunk. errors: (half, class_,
    option) by which a half differs from the whole; the other half differs by as much the other way.
    Each half is judged by the other: with e an error,

        optimism = (promised by shrunk(estimates + e) - true by (estimates - e)) / sqrt(2)

    less the same of the choice made on all questions, which has mean 0. A half's own luck, and so
    what it promises too much, is that of all questions times sqrt(2).
    """
    first = choose(shrinkage.of(estimates))
    if first is None:
        return Optimism(0.0, 0.0, 0, "halves")
    found = []
    for error in [*errors, *-errors]:
        half, other = (np.clip(estimates + e, 0.0, 1.0) for e in (error, -error))
        promised = shrinkage.of(half)
        share = choose(promised)
        if share is None:
            continue
        over = _mean(share, promised, weight) - _mean(share, other, weight)
        luck_of_none = _mean(first, half, weight) - _mean(first, other, weight)
        found.append((over - luck_of_none) / 2**0.5)
    return _averaged(found, "halves")


def _averaged(found: Sequence[float], by: OptimismBy) -> Optimism:
    if len(found) < 2:
        return Optimism(0.0, 0.0, len(found), by)
    spread = float(np.std(found, ddof=1)) / len(found) ** 0.5
    return Optimism(max(0.0, float(np.mean(found))), spread, len(found), by)


def _mean(share: Array, accuracy: Array, weight: Array) -> float:
    return float((np.where(share > 0, accuracy, 0.0) * share * weight[:, None]).sum())


def design_of(n: Sequence[int]) -> Array:
    """Expectation of estimates at these n (member, term): their mean, with a slope in log n where
    they are measured at several.
    """
    logs = np.log(np.asarray(n, dtype=np.float64))
    ones = np.ones(len(logs))
    return np.column_stack([ones, logs]) if np.ptp(logs) > 0 else ones[:, None]
