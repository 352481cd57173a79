"""What knowing more would be worth, before a choice is made: EVPI, EVPPI and EVSI.

value (draw, decision) is what each decision is worth in each draw. Without knowing more the
decision of the best mean is taken. Knowing everything it would be the best of each draw:

    EVPI  = E[max_d v_d] - max_d E[v_d]
    EVPPI = E[max_d E[v_d | input]] - max_d E[v_d]        one input known exactly
    EVSI  = E[max_d E[v_d | data]] - max_d E[v_d]         an input measured with error

(Raiffa and Schlaifer 1961.) 0 <= EVSI <= EVPPI <= EVPI.

Where nothing says what an answer is worth, decisions keep to requirements instead: margins
(draw, decision, requirement), kept where at least 0. The best decision is then that of the best
mean among those that keep every requirement in the mean, and what is told is the probability that
knowing more changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.economics.voi_regression import Conditional, regressed
from planner.economics.voi_rule import Rule
from planner.economics.voi_sample import posterior_means

Array = NDArray[np.float64]

TOLERANCE = 1e-9
"""Relative difference under which two decisions are equally good."""


@dataclass(frozen=True)
class Choice:
    """Decisions in every draw, and the rule by which one is taken."""

    value: Array
    """(draw, decision) more is better. The central case is not among the draws."""
    margins: Array | None = None
    """(draw, decision, requirement) kept where at least 0; None: value says everything."""
    matters: float = 0.0
    """Smallest gain in value for which the decision would be changed."""
    rule: Rule | None = None
    """How it is decided over what stays uncertain; None: by what is expected."""

    @cached_property
    def means(self) -> Array:
        """(decision,) value expected of each."""
        return np.asarray(self.value.mean(axis=0))

    @cached_property
    def taken(self) -> int:
        """The decision that is taken without knowing more."""
        if self.rule is not None:
            return 0
        margins = None if self.margins is None else self.margins.mean(axis=0)[None]
        return int(taken(self.means[None], margins)[0])

    @cached_property
    def quantities(self) -> Array:
        """(draw, quantity) values over that of the decision that is taken, then margins.

        What moves all decisions alike is no noise in the difference of two.
        """
        over = self.value - self.value[:, [self.taken]]
        if self.margins is None:
            return np.asarray(over)
        return np.concatenate([over, self.margins.reshape(len(self.value), -1)], axis=1)

    @cached_property
    def middle(self) -> Array:
        """(quantity,) value expected of each quantity."""
        return np.asarray(self.quantities.mean(axis=0))

    @cached_property
    def perfect(self) -> Information:
        """What knowing everything would be worth."""
        return information(self, self) if self.rule is None else self.worth(self.quantities)

    def expecting(self, quantities: Array) -> Choice:
        """The same choice where these quantities are what is expected."""
        decisions = self.value.shape[1]
        margins = None
        if self.margins is not None:
            margins = quantities[:, decisions:].reshape(len(quantities), decisions, -1)
        return Choice(quantities[:, :decisions], margins, self.matters)

    def worth(self, expected: Array, left: Array | None = None) -> Information:
        """What learning is worth that leads to expect `expected` (row, quantity), one row for each
        thing that might be learned, and leaves the draws `left` (draw, quantity) about it.

        None: what is left plays no part, or nothing is.
        """
        if self.rule is None:
            return information(self, self.expecting(expected))
        return _by_rule(self, self.rule, expected, left)


@dataclass(frozen=True)
class Information:
    """What knowing something is worth."""

    gain: float | None
    """Expected value gained, in the unit of value; None where requirements decide as well."""
    probability_changes: float
    """Probability that another decision is taken."""
    changes_to: tuple[tuple[int, float], ...] = ()
    """(decision, probability) of the others, the likeliest first."""


def taken(value: Array, margins: Array | None = None) -> NDArray[np.int64]:
    """(draw,) the best decision of each draw.

    value (draw, decision), margins (draw, decision, requirement). Where no decision keeps every
    requirement: the one that misses by least, each margin being comparable with the others.
    """
    if margins is None:
        return np.asarray(value.argmax(axis=1))
    missed = np.maximum(-margins, 0.0).sum(axis=2)
    kept = missed <= TOLERANCE
    best = np.where(kept, value, -np.inf).argmax(axis=1)
    return np.asarray(np.where(kept.any(axis=1), best, missed.argmin(axis=1)))


def information(choice: Choice, known: Choice) -> Information:
    """What it is worth to choose by `known` instead of by the means of `choice`.

    known: what is expected of each decision, one row for each thing that might be learned.
    """
    now = choice.taken
    then = taken(known.value, known.margins)
    rows = np.arange(len(then))
    better = known.value[rows, then] - known.value[:, now]
    scale = TOLERANCE * max(float(np.abs(choice.value).max()), 1e-300)
    changed = (then != now) & (better > max(choice.matters, scale))
    if known.margins is not None:
        broken = np.maximum(-known.margins[:, now], 0.0).sum(axis=1) > TOLERANCE
        changed |= (then != now) & broken
    gain = float(better.mean()) if known.margins is None else None
    return _told(gain, then[changed], len(then), choice.value.shape[1])


def _by_rule(choice: Choice, rule: Rule, expected: Array, left: Array | None) -> Information:
    about = np.zeros((1, expected.shape[1])) if left is None else left
    # What is read off a part of the draws is judged about what all of them lead to expect.
    states = rule.states(expected - choice.middle + rule.mean, about)
    score, regret = rule.scored(states, about)
    margins = rule.margins(states, about)
    then = taken(score, margins)
    rows = np.arange(len(then))
    changed = (then != 0) & (score[rows, then] - score[:, 0] > max(choice.matters, TOLERANCE))
    if margins is not None:
        changed |= (then != 0) & (margins[:, 0].min(axis=1) < -TOLERANCE)
    gain = rule.gain(score, regret, then) if margins is None else None
    return _told(gain, then[changed], len(then), choice.value.shape[1])


def _told(gain: float | None, changed: NDArray[np.int64], rows: int, decisions: int) -> Information:
    share = np.bincount(changed, minlength=decisions) / rows
    order = [int(d) for d in np.argsort(-share, kind="stable") if share[d] > 0]
    return Information(
        None if gain is None else max(gain, 0.0),
        len(changed) / rows,
        tuple((d, float(share[d])) for d in order),
    )


def evpi(choice: Choice) -> Information:
    """What knowing everything would be worth."""
    return choice.perfect


def evppi(choice: Choice, inputs: Array) -> Information:
    """What knowing inputs (draw, input) exactly would be worth, by regression over the draws."""
    return Measurable.of(choice, inputs).exact


def evsi(choice: Choice, inputs: Array, error: Array) -> Information:
    """What measuring inputs (draw, input) with an error of covariance (input, input) is worth."""
    return Measurable.of(choice, inputs).measured(error)


@dataclass(frozen=True)
class Measurable:
    """Inputs that might be measured, with what the decisions are expected to be given them."""

    choice: Choice
    inputs: Array
    """(draw, input)"""
    conditional: Conditional
    known: Array
    """(draw, quantity) what knowing them exactly would lead to expect."""
    exact: Information
    """What knowing them exactly would be worth: EVPPI."""

    @classmethod
    def of(cls, choice: Choice, inputs: Array) -> Measurable:
        """One regression, for any number of measurements of these inputs."""
        conditional = regressed(choice.quantities, inputs)
        known = _expected(choice, conditional, inputs)
        exact = choice.worth(known, left_of(choice, lambda: known - known.mean(axis=0)))
        # A regression over few draws may take a little of their noise for knowledge.
        return cls(choice, inputs, conditional, known, at_most(exact, evpi(choice)))

    def measured(self, error: Array) -> Information:
        """EVSI with an error of covariance (input, input); never more than EVPPI."""
        expected = self.expected(error)
        left = left_of(self.choice, lambda: self.resolved(expected))
        return at_most(self.choice.worth(expected, left), self.exact)

    def expected(self, error: Array) -> Array:
        """(draw, quantity) what the measurement will lead to expect; see `Choice.quantities`."""
        means = posterior_means(self.inputs, error)
        return _expected(self.choice, self.conditional, means)

    def resolved(self, expected: Array) -> Array:
        """(draw, quantity) to take off the draws for what is learned: (1 - k) (g - E g), see
        `voi_rule`.
        """
        known = self.known
        about, spread = known - known.mean(axis=0), known.var(axis=0)
        told = np.divide(expected.var(axis=0), spread, out=np.ones_like(spread), where=spread > 0)
        return np.asarray(about * (1.0 - np.sqrt(np.clip(1.0 - told, 0.0, 1.0))))


def left_of(choice: Choice, resolved: Callable[[], Array]) -> Array | None:
    """The draws about what is expected once a part is resolved; None where they play no part."""
    return None if choice.rule is None else choice.rule.around - resolved()


def at_most(found: Information, more: Information) -> Information:
    """What is known with its gain held to that of knowing more."""
    if found.gain is None or more.gain is None:
        return found
    return replace(found, gain=min(found.gain, more.gain))


def _expected(choice: Choice, conditional: Conditional, inputs: Array) -> Array:
    """What is expected at the inputs, with the means that the draws have.

    A curved relation evaluated at a posterior mean misses the spread that is left around it: its
    mean is put back.
    """
    found = conditional.at(inputs)
    return np.asarray(found - found.mean(axis=0) + choice.middle)
