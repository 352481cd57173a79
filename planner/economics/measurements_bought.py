"""Which measurements are worth buying together, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.domain.next import ProposedMeasurement, Together, Worth
from planner.domain.uncertainty import Uncertainty
from planner.economics.measurements import Proposal, joint
from planner.economics.measurements_judge import Judge
from planner.economics.voi_pool import Pool
from planner.units import format_percent, format_usd

LOOKED_AT = 6
"""Of the most useful measurements, which may be bought together."""
ADDS = 0.01
"""Part of what is left after the cost that one more measurement has to add: less may be noise."""
CHANGES = 0.05
"""Probability of changing the decision under which nothing is measured, where no gain is counted.
It is also the least that one more measurement has to add."""
TOLD_GAIN = 1e-4
"""Least gain in accuracy that is worth a word: a hundredth of a point."""


@dataclass(frozen=True)
class Bought:
    """Positions among the proposals, and what they are worth together."""

    positions: tuple[int, ...]
    together: Together | None


def bought(judge: Judge, made: Sequence[Proposal]) -> Bought:
    """Added one by one, the best first, while each adds more than it costs and is paid for.

    In dollars: while the expected gain less the cost rises by ADDS of it. Without a value per
    correct answer: while the probability of changing the decision rises by CHANGES.
    """
    positions: list[int] = []
    best, told = 0.0, None
    budget = judge.terms.budget_usd
    while True:
        found: tuple[float, int, Together] | None = None
        for i, _ in enumerate(made[:LOOKED_AT]):
            if i in positions:
                continue
            together = _together(judge, [made[j] for j in (*positions, i)])
            if budget is not None and together.cost_usd > budget:
                continue
            if found is None or _score(together) > found[0]:
                found = (_score(together), i, together)
        if found is None or found[0] <= best + _least(judge, best):
            break
        best, told = found[0], found[2]
        positions.append(found[1])
    return Bought(tuple(positions), told)


def _together(judge: Judge, made: Sequence[Proposal]) -> Together:
    worth, usd = joint(judge, made)
    gain = worth.expected_gain_usd
    net = None if gain is None else gain - usd
    return Together(cost_usd=usd, net_gain_usd=net, **worth.model_dump())


def _score(together: Together) -> float:
    if together.net_gain_usd is not None:
        return together.net_gain_usd
    return together.probability_changes_decision


def _least(judge: Judge, best: float) -> float:
    return ADDS * best if judge.pool.in_dollars else CHANGES


def advice(
    rows: Sequence[ProposedMeasurement],
    found: Bought,
    everything: Worth,
    horizon_days: float,
    pool: Pool,
) -> str:
    """One sentence: what to measure, or that nothing should be."""
    if found.together is None:
        return _nothing(rows, everything)
    what = "; ".join(rows[i].what for i in found.positions)
    cost = format_usd(found.together.cost_usd)
    changes = format_percent(found.together.probability_changes_decision)
    off = None if pool.wish is None or pool.wish.risk is None else _risk_of(pool.wish, pool)
    if found.together.expected_gain_usd is not None:
        gain = format_usd(found.together.expected_gain_usd)
        does = f"to gain {gain}" if off is None else f"to take {gain} off {off}"
        return (
            f"Measure first: {what}. It costs {cost} and is expected {does} over"
            f" {horizon_days:.0f} days; it changes the decision with a probability of"
            f" {changes}."
        )
    gained = ""
    if (found.together.expected_gain or 0.0) >= TOLD_GAIN:
        assert found.together.expected_gain is not None
        points = f"{100 * found.together.expected_gain:.2g} points of accuracy"
        does = f"gains {points} on average" if off is None else f"takes {points} off {off}"
        of_costs = any(rows[i].expected_gain is None for i in found.positions)
        gained = f" and, by what it tells of accuracies, {does}" if of_costs else f" and {does}"
    return (
        f"Measure first: {what}. It costs {cost}, changes the decision with a probability of"
        f" {changes}{gained}."
    )


def decided_by(pool: Pool) -> str:
    """What the plan is chosen by, as the scenario says."""
    wish = pool.wish
    found = "what is expected of each plan"
    if wish is not None and wish.risk is not None:
        found = _risk_of(wish, pool)
    if wish is not None and wish.floor_holds_in is not None and pool.margins is not None:
        found += f", floors holding in {format_percent(wish.floor_holds_in)} of the draws"
    return found


def _risk_of(wish: Uncertainty, pool: Pool) -> str:
    if wish.risk == "cvar":
        return f"the mean regret of the worst {format_percent(1 - wish.level)} of the draws"
    return f"the regret of the worst of {min(wish.draws, len(pool.value) - 1)} draws"


def _nothing(rows: Sequence[ProposedMeasurement], everything: Worth) -> str:
    if everything.expected_gain_usd is not None:
        most = format_usd(everything.expected_gain_usd)
        if not rows:
            return f"Measure nothing: knowing everything would gain {most}, and no input decides."
        row = rows[0]
        gain, cost = format_usd(row.expected_gain_usd or 0.0), format_usd(row.cost_usd)
        return (
            f"Measure nothing: knowing everything would gain {most}, and the best measurement"
            f" ({row.what}) is expected to gain {gain} and costs {cost}."
        )
    changes = format_percent(everything.probability_changes_decision)
    return (
        f"Measure nothing: knowing everything would change the decision with {changes}, and no"
        " measurement that can be paid for with 5% or more."
    )
