"""What a correct answer costs, what the last point of accuracy costs, and what a person would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.domain.answer import AnswerOption
from planner.domain.draws import CENTRAL, interval90
from planner.domain.money_answer import HumanCompared
from planner.domain.plan import PlanAnswer
from planner.domain.scenario import Scenario
from planner.economics.months import Array
from planner.errors import InputError
from planner.options import Candidate, Workshop
from planner.units import format_percent, format_usd

LEAST_GAIN = 1e-4
"""Accuracy gained from the n below, under which more samples buy nothing."""


def per_correct(usd_per_query: Array, accuracy: Array) -> dict[str, Any]:
    """Interval of dollars a query over its accuracy, both (draw,), as fields of an option."""
    if float(accuracy.min()) <= 0:
        return {}
    low, high = interval90(usd_per_query / accuracy)
    return {"cost_usd_per_correct_low": low, "cost_usd_per_correct_high": high}


def last_point(
    candidate: Candidate, n: int, mix: Mapping[str, float], queries_per_day: float
) -> dict[str, Any]:
    """What the last point of accuracy costs a day, as fields of an option, central case.

    (usd(n) - usd(m)) / (accuracy(n) - accuracy(m)) / 100 x queries a day, m the next smaller n that
    was measured, at the price of full fleets: what the step up to n costs for each point it brings.
    """
    smaller = [m for m in candidate.measured_n() if m < n]
    if not smaller:
        return {}
    pair = np.array([float(smaller[-1]), float(n)])
    accuracy = candidate.accuracy(pair, mix)[CENTRAL]
    usd = candidate.full_usd(pair, mix)[CENTRAL]
    gain = float(accuracy[1] - accuracy[0])
    if gain < LEAST_GAIN:
        return {"last_point_from_n": smaller[-1]}
    return {
        "last_point_usd_per_day": float(usd[1] - usd[0]) / gain / 100 * queries_per_day,
        "last_point_from_n": smaller[-1],
    }


def correct_sentences(rows: Sequence[AnswerOption]) -> tuple[str, ...]:
    """What a correct answer costs with each option, and the last point of those that can have
    fewer samples.
    """
    known = [row for row in rows if row.cost_usd_per_correct is not None]
    costs = ", ".join(
        f"{format_usd(row.cost_usd_per_correct or 0.0)} with {row.label}" for row in known
    )
    found = [f"A correct answer costs {costs}."] if known else []
    for row in rows:
        m = row.last_point_from_n
        if m is None:
            continue
        if row.last_point_usd_per_day is None:
            found.append(f"The samples of {row.label} beyond n = {m} buy no accuracy.")
        else:
            found.append(
                f"The last points of {row.label}, above n = {m}, cost"
                f" {format_usd(row.last_point_usd_per_day)} a day each on full GPUs."
            )
    return tuple(found)


def beside_a_person(
    person: Candidate, mix: Mapping[str, float], label: str, accuracy: float, usd_per_query: float
) -> HumanCompared:
    """An option or a plan beside people who would answer instead, central case."""
    theirs = person.accuracy([1.0], mix)[:, 0]
    low, high = interval90(theirs)
    paid = float(person.usd_per_answer or 0.0)
    right = float(theirs[CENTRAL])
    ours = usd_per_query / accuracy if accuracy > 0 else None
    human = paid / right if right > 0 else None
    points = (accuracy - right) * 100
    said = (
        f"{person.title} answers {format_percent(right)} correctly for {format_usd(paid)} a query:"
        f" {label} is {abs(points):.1f} points {'better' if points >= 0 else 'worse'}"
    )
    if human is not None and ours is not None:
        said += f", and a correct answer costs {format_usd(ours)} against {format_usd(human)}"
    return HumanCompared(
        title=person.title,
        compared_with=label,
        accuracy=right,
        accuracy_low=low,
        accuracy_high=high,
        usd_per_query=paid,
        usd_per_correct=human,
        usd_per_correct_compared=ours,
        points_ahead=points,
        sentence=f"{said}.",
    )


def paid_people(scenario: Scenario | None) -> dict[str, float]:
    """Dollars an answer of the people among a scenario's candidates, by model."""
    wanted = () if scenario is None else scenario.candidates
    return {c.model: c.usd_per_query for c in wanted if c.usd_per_query is not None}


def people_of(paid: Mapping[str, float], workshop: Workshop) -> tuple[Candidate, ...]:
    """Those of them that were measured on the questions asked about."""
    found = []
    for model, usd in paid.items():
        try:
            found.append(workshop.candidate(model, "human", None, usd_per_answer=usd))
        except InputError:
            # Measured on other questions: nothing can be compared.
            continue
    return tuple(found)


def plan_beside_people(
    plan: PlanAnswer, candidates: Sequence[Candidate], mix: Mapping[str, float]
) -> tuple[HumanCompared, ...]:
    """A plan beside every person among the candidates who was measured on the whole mix."""
    if plan.accuracy is None or plan.cost_usd_per_day is None or not plan.queries_per_day:
        return ()
    usd = plan.cost_usd_per_day / plan.queries_per_day
    people = {c.model: c for c in candidates if c.usd_per_answer is not None and c.covers(mix)}
    return tuple(
        beside_a_person(person, mix, "the plan", plan.accuracy, usd) for person in people.values()
    )


def plan_last_point(plan: PlanAnswer) -> float | None:
    """Dollars a day of one more point of accuracy at the plan: 0.01 / its shadow price."""
    price = plan.shadow_price_accuracy_per_usd_per_day
    return 0.01 / price if price else None
