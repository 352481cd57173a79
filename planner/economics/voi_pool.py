"""The plans that might be chosen if more were known, and what each is worth in every draw.

Solving anew for everything that might be learned would take hours. Instead a pool of plans is made
once: the plan of the central case, the best plans of some draws, and the plan of the central case
with the options of one query class replaced by those of another plan. The last are what is chosen
when one class becomes better known and the others do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from planner.allocate.drawn import rebought
from planner.allocate.plan import violations
from planner.allocate.plan_draws import cost_draws
from planner.allocate.problem import Array, Problem
from planner.allocate.rented import fleets_in
from planner.allocate.robust import floors_of
from planner.allocate.solvers.milp import Solution, solve_milp
from planner.allocate.sure import plan_name
from planner.allocate.table import Table
from planner.domain.draws import CENTRAL
from planner.domain.uncertainty import Uncertainty
from planner.economics.value_of_information import Choice
from planner.economics.voi_rule import Rule

SOLVED = 24
"""Draws whose best plan joins the pool."""
MOST_PLANS = 300
"""Plans of a pool."""
MATTERS = 1e-3
"""Smallest gain for which a plan would be changed: a tenth of a point of accuracy, or a thousandth
of what is counted in dollars."""
ROUNDING = 1e-9
SHIFTS = 9
"""Quantiles of a shift that its average is taken over."""
EDGE = 1e-9
"""Accuracies are held this far from 0 and 1, where odds end."""


@dataclass(frozen=True)
class Pool:
    """Plans, the one of the central case first."""

    table: Table
    problem: Problem
    plans: tuple[Solution, ...]
    accuracy: Array
    """(draw, plan, class_)"""
    usd_per_day: Array
    """(draw, plan) every fleet sized for the load of the draw."""
    wish: Uncertainty | None = None
    """How the plan was chosen over the draws; None: by what is expected."""

    @cached_property
    def value(self) -> Array:
        """(draw, plan) the objective; more is better."""
        problem = self.problem
        if problem.objective == "accuracy":
            return np.asarray(self.accuracy @ problem.weight)
        if problem.objective == "cost":
            return -self.usd_per_day
        volume = problem.queries_per_day
        if problem.objective == "net_value":
            nothing = np.zeros(len(volume))
            value = nothing if problem.value_per_correct_usd is None else (
                problem.value_per_correct_usd)  # fmt: skip
            loss = nothing if problem.cost_per_wrong_usd is None else problem.cost_per_wrong_usd
            worth = self.accuracy @ (volume * (value + loss)) - float(volume @ loss)
            return np.asarray(worth - self.usd_per_day)
        correct = np.maximum(self.accuracy @ volume, 1e-300)
        return np.asarray(-self.usd_per_day / correct)

    @cached_property
    def margins(self) -> Array | None:
        """(draw, plan, requirement) of the floors and of the budget of dollars; None without."""
        problem, found = self.problem, []
        if problem.budget_usd_per_day is not None:
            found.append(1.0 - self.usd_per_day / problem.budget_usd_per_day)
        if problem.min_accuracy_overall is not None:
            found.append(self.accuracy @ problem.weight - problem.min_accuracy_overall)
        if problem.min_accuracy is not None:
            for g, floor in enumerate(problem.min_accuracy):
                inside = np.where(problem.groups == g, problem.weight_in_group, 0.0)
                if np.isfinite(floor):
                    found.append(self.accuracy @ inside - floor)
        return np.stack(found, axis=2) if found else None

    @property
    def in_dollars(self) -> bool:
        """True where the objective says what an answer is worth."""
        return self.problem.objective == "net_value"

    @property
    def matters(self) -> float:
        """Smallest gain in the objective for which the plan would be changed."""
        if self.problem.objective == "accuracy":
            return MATTERS
        return MATTERS * float(abs(self.value[CENTRAL, 0]))

    def choice(self) -> Choice:
        """What is chosen among, by the objective and its requirements.

        Draws are moved so that their mean is the central case, which plans are made by: without
        knowing more, the plan that `solve` gives is taken.
        """
        found = Choice(self._values, self._margins, self.matters)
        if self.wish is None:
            return found
        return replace(found, rule=self._rule(self.wish, found.quantities, self._holds))

    def _rule(self, wish: Uncertainty, quantities: Array, holds: Array) -> Rule:
        return Rule.of(wish, quantities, len(self.plans), holds)

    @property
    def _values(self) -> Array:
        """(draw, plan) without the central case. Regret is that of the draws as they are."""
        if self.wish is not None and self.wish.risk is not None:
            return self.value[1:]
        return _around_the_central_case(self.value)

    @property
    def _holds(self) -> Array:
        """(requirement,) share of the draws in which each margin has to hold; nan: in the mean."""
        if self.margins is None:
            return np.zeros(0)
        share = None if self.wish is None else self.wish.floor_holds_in
        holds = np.full(self.margins.shape[2], np.nan if share is None else share)
        # Of the requirements the budget stands first, and is one of the central case.
        holds[: int(self.problem.budget_usd_per_day is not None)] = np.nan
        return holds

    @property
    def _margins(self) -> Array | None:
        """(draw, plan, requirement) without the central case; floors that have to hold in a share
        of the draws as they are drawn.
        """
        if self.margins is None:
            return None
        about = _around_the_central_case(self.margins)
        return np.where(np.isfinite(self._holds), self.margins[1:], about)

    def by_value(self) -> Choice | None:
        """What is chosen among where what is gained can be counted: in dollars, or in accuracy.

        Plans that break a requirement in the central case are left out. None where the objective
        is the cost of a floor: what missing the floor costs is not said.
        """
        if self.problem.objective not in ("net_value", "accuracy"):
            return None
        value = self._values
        if self.margins is not None:
            kept = np.asarray((self._kept_now >= -1e-6).all(axis=1))
            kept[0] = True
            value = np.where(kept, value, value.min() - 1.0)
        found = Choice(value, None, self.matters)
        if self.wish is None:
            return found
        return replace(found, rule=self._rule(self.wish, found.quantities, np.zeros(0)))

    @property
    def _kept_now(self) -> Array:
        """(plan, requirement) margins as things are known now."""
        assert self.margins is not None
        rule = self.choice().rule
        if rule is None:
            return np.asarray(self.margins[CENTRAL])
        found = rule.margins(rule.mean[None], rule.around)
        assert found is not None
        return np.asarray(found[0])


def _around_the_central_case(draws: Array) -> Array:
    return np.asarray(draws[1:] - draws[1:].mean(axis=0) + draws[CENTRAL])


def pool_of(
    table: Table,
    problem: Problem,
    base: Solution,
    solved: int = SOLVED,
    wish: Uncertainty | None = None,
    others: Sequence[Solution] = (),
) -> Pool:
    """The pool of a problem whose plan is `base`.

    wish: how that was chosen over the draws, among `others`; else it is the central case's best.
    """
    wide = replace(problem, allowed=problem.permitted)
    plans = [base, *others]
    for draw in range(1, min(solved, table.draws - 1) + 1):
        found = solve_milp(in_draw(table, wide, draw))
        if found.status != "infeasible":
            plans.append(found)
    plans += _swapped(plans)
    free = replace(wide, min_accuracy=None, min_accuracy_overall=None, budget_usd_per_day=None)
    kept: dict[bytes, Solution] = {}
    for plan in plans:
        key = np.round(plan.share, 6).tobytes()
        if key not in kept:
            bought = plan if plan is base else rebought(problem, plan)
            if plan is base or not violations(free, bought.share, bought.replicas):
                kept[key] = bought
        if len(kept) == MOST_PLANS:
            break
    return priced(table, problem, tuple(kept.values()), wish)


def priced(
    table: Table, problem: Problem, plans: tuple[Solution, ...], wish: Uncertainty | None = None
) -> Pool:
    """Plans with what each is worth in every draw."""
    usd = np.stack([cost_draws(table, plan, problem) for plan in plans], axis=1)
    counts = wish is not None and (
        wish.risk is not None or (wish.floor_holds_in is not None and any(floors_of(problem)))
    )
    return Pool(table, problem, plans, answered(table, plans), usd, wish if counts else None)


def answered(table: Table, plans: Sequence[Solution]) -> Array:
    """(draw, plan, class_) accuracy of each plan."""
    shares = np.stack([plan.share for plan in plans])
    known = np.nan_to_num(table.accuracy)
    by_class = [known[:, c] @ shares[:, c].T for c in range(shares.shape[1])]
    return np.stack(by_class, axis=2)


def averaged(table: Table) -> Table:
    """The table with the shifts of traffic averaged out, at what each draw says of the benchmark.

    Over SHIFTS quantiles of each cell's shift, which is independent of the benchmark.
    """
    if table.benchmark is None:
        return table
    said = np.clip(np.nan_to_num(table.benchmark), EDGE, 1.0 - EDGE)
    odds = said / (1.0 - said)
    moved = np.clip(np.nan_to_num(table.accuracy), EDGE, 1.0 - EDGE)
    ratio = moved / (1.0 - moved) / odds
    at = (np.arange(SHIFTS) + 0.5) / SHIFTS
    total = np.zeros_like(said)
    for times in np.quantile(ratio[1:], at, axis=0):
        total += odds * times / (1.0 + odds * times)
    accuracy = total / SHIFTS
    accuracy[CENTRAL] = table.accuracy[CENTRAL]
    return replace(table, accuracy=accuracy)


def in_draw(table: Table, problem: Problem, draw: int) -> Problem:
    """The problem as it would be were a draw the truth."""
    reads = None if problem.reader_gpu_s is None else table.reader_gpu_s[draw]
    return replace(
        problem,
        accuracy=np.nan_to_num(table.accuracy[draw]),
        gpu_s=table.gpu_s[draw],
        direct_usd=table.direct_usd[draw],
        reader_gpu_s=reads,
        fleets=fleets_in(table.fleet_of, draw),
    )


def _swapped(plans: list[Solution]) -> Iterator[Solution]:
    """The first plan with one class answered as in another plan, each once."""
    base = plans[0]
    for c in range(len(base.share)):
        rows = {np.round(plan.share[c], 6).tobytes(): plan.share[c] for plan in plans}
        for row in rows.values():
            share = base.share.copy()
            share[c] = row
            yield replace(base, share=share)


def difference(table: Table, share: Array, other: Array) -> str:
    """What another plan does otherwise: as `plan_name`, of the classes that differ."""
    rows = np.flatnonzero(np.abs(share - other).max(axis=1) > ROUNDING)
    changed = np.zeros_like(other)
    changed[rows] = other[rows]
    return plan_name(table, changed)
