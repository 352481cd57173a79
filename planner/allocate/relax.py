"""Why nothing is feasible: what conflicts, and the cheapest change that would make a plan possible.

The conflict is an irreducible infeasible subset, found by a deletion filter (J. W. Chinneck,
Feasibility and Infeasibility in Optimization, 2008, section 6.2): requirements are dropped one
after the other, and one stays dropped where the rest is infeasible still.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.allocate.caps import looser_caps_s, with_cap
from planner.allocate.problem import Problem
from planner.allocate.requirements import Requirement, requirements
from planner.allocate.solvers.milp import extreme, feasible
from planner.domain.why import Relaxation
from planner.units import format_seconds, format_usd


@dataclass(frozen=True)
class Conflict:
    """Requirements that cannot be kept together, and how each would have to move."""

    together: tuple[str, ...]
    """In words; were any one of them gone, the others could be kept together. Empty: not even a
    problem without requirements has a plan, for nothing was measured on some class."""
    relaxations: tuple[Relaxation, ...]
    """Of each requirement whose change alone is enough."""
    said: str | None = None
    """In words, where more is asked than a problem can hold."""

    @property
    def sentence(self) -> str:
        """Both in words."""
        if self.said is not None:
            return self.said
        if not self.relaxations:
            if not self.together:
                return "Some class has no option at all: none was measured on it."
            return (
                "No single requirement can be relaxed to make a plan possible:"
                f" at least two are in conflict. Not possible together: {', '.join(self.together)}."
            )
        ways = "; or ".join(row.sentence for row in self.relaxations)
        said = f"Any one of these makes a plan possible: {ways}."
        if len(self.together) > 1:
            said += f" Not possible together: {', '.join(self.together)}."
        return said


def cheapest_relaxation(problem: Problem) -> str:
    """The conflict of an infeasible problem in words."""
    return conflict_of(problem).sentence


def conflict_of(problem: Problem, class_names: Sequence[str] = ()) -> Conflict:
    """The smallest conflict of an infeasible problem, and the least change of each requirement.

    Each requirement is dropped by itself, and the least of it that the others need is found by
    solving for it. class_names: of the groups of the problem.
    """
    asked = requirements(problem, class_names)
    left = problem
    core: list[Requirement] = []
    for one in asked:
        fewer = one.drop(left)
        if feasible(fewer):
            core.append(one)
        else:
            left = fewer
    relaxations = [found for one in core if (found := _relaxed(problem, one)) is not None]
    return Conflict(tuple(one.told for one in core), tuple(relaxations))


def _relaxed(problem: Problem, one: Requirement) -> Relaxation | None:
    """The least change of one requirement that is enough; None where none is."""
    if one.rule is not None and one.rule.seconds is not None:
        return _latency(problem, one)
    if one.row is None or one.limit is None:
        if not feasible(one.drop(problem)):
            return None
        return Relaxation(requirement=one.name, sentence=f"without {one.told}")
    if one.row.startswith("pool "):
        needed = extreme(one.drop(problem), one.row)
    else:
        needed = extreme(problem, one.row, most=one.floor)
    if needed is None:
        return None
    sentence = f"{one.write(needed)} instead of {_bare(one)}"
    if one.name == "usd_per_day":
        sentence += f" ({format_usd(needed - one.limit)} more)"
    return Relaxation(requirement=one.name, limit=one.limit, needed=needed, sentence=sentence)


def _bare(one: Requirement) -> str:
    """What is asked, without the words that were said already."""
    assert one.limit is not None
    return (
        one.told.removeprefix("a budget of ")
        .removeprefix("an accuracy of ")
        .removesuffix(" a day" if one.name == "usd_per_day" else "")
    )


def _latency(problem: Problem, one: Requirement) -> Relaxation | None:
    """The shortest cap on the latency with which a plan exists: feasibility grows with the cap.

    On a fleet, the latency of an option that misses its cap is that of its smallest batch.
    """
    rule = one.rule
    assert rule is not None
    steps = looser_caps_s(problem, rule)
    position = first_true(len(steps), lambda i: feasible(with_cap(problem, rule, float(steps[i]))))
    if position is None:
        return None
    needed = float(steps[position])
    of = one.told.partition(" for ")[2]
    sentence = f"p95 {format_seconds(needed)} instead of {format_seconds(rule.cap_s)} for {of}"
    if len(problem.fleets):
        sentence += ", in the smallest batches"
    return Relaxation(requirement=one.name, limit=rule.cap_s, needed=needed, sentence=sentence)


def first_true(count: int, holds: Callable[[int], bool]) -> int | None:
    """The first of `count` positions at which a monotone condition holds; None where at none."""
    if count == 0 or not holds(count - 1):
        return None
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
