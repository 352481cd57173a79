"""Pilots on real traffic: what grading some of its queries would tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.allocate.problem import Array
from planner.domain.draws import CENTRAL
from planner.domain.next import InputWorth, ProposedMeasurement, Size
from planner.economics.measurements import QUESTIONS, Proposal, changes_to, enough, nearly_best, net
from planner.economics.measurements_judge import Judge
from planner.economics.voi_sample import binomial_error
from planner.units import format_count, format_percent


@dataclass(frozen=True)
class Piloting:
    """A query class, with the plan's options and the likeliest others tried on the same queries."""

    query_class: str
    inputs: Array
    """(draw, plan) accuracy of each on the class's traffic."""
    usd_per_query: float
    """Of answering a query by every plan tried but the one in service, central case."""
    rival: int | None
    """Position of the other plan in the pool."""


def transfers_worth(judge: Judge) -> list[InputWorth]:
    """What knowing how traffic differs from the benchmark is worth, class by class."""
    table = judge.pool.table
    if table.benchmark is None:
        return []
    found = []
    names = list(dict.fromkeys(load.query_class for load in table.classes))
    for name in names:
        made = piloting(judge, name)
        worth = judge.look(made.inputs[:, :1], "traffic").exact
        of = f" of {name}" if len(names) > 1 else ""
        told = f"accuracy of the plan on real traffic{of}"
        found.append(InputWorth(input=told, kind="transfer", **worth.model_dump()))
    return found


def piloting(judge: Judge, name: str) -> Piloting:
    """The plan on a class's traffic, and beside it the plan that it would most likely change to."""
    pool = judge.pool
    rows = np.array([load.query_class == name for load in pool.table.classes])
    weight = np.where(rows, pool.problem.queries_per_day, 0.0)
    weight = weight / max(float(weight.sum()), 1e-300)
    accuracy = pool.accuracy[1:] @ weight
    differ = np.array([np.abs(p.share - pool.plans[0].share)[rows].max() for p in pool.plans])
    other = np.flatnonzero(differ > 0.5)
    if not len(other):
        return Piloting(name, accuracy[:, :1], 0.0, None)
    means = judge.choice.means
    rival = int(other[means[other].argmax()])
    usd = _usd_per_query(judge, pool.plans[rival].share, weight)
    return Piloting(name, accuracy[:, [0, rival]], usd, rival)


def _usd_per_query(judge: Judge, share: Array, weight: Array) -> float:
    """Of the queries of a class on full fleets, central case."""
    table, total = judge.pool.table, 0.0
    for c, o in zip(*np.nonzero(share * weight[:, None] > 0), strict=True):
        entry, load = table.entries[o], table.classes[c]
        usd = entry.candidate.full_usd([float(entry.n)], load.mix)[CENTRAL, 0]
        total += float(share[c, o] * weight[c] * usd)
    return total


def pilots(judge: Judge) -> list[Proposal]:
    """A pilot for each query class whose traffic may differ from the benchmark."""
    if judge.pool.table.benchmark is None:
        return []
    names = dict.fromkeys(load.query_class for load in judge.pool.table.classes)
    made = (_pilot(judge, piloting(judge, name)) for name in names)
    return [one for one in made if one is not None]


def _pilot(judge: Judge, made: Piloting) -> Proposal | None:
    look = judge.look(made.inputs, "traffic")
    each = made.usd_per_query + judge.terms.cost_per_question_usd
    most = judge.terms.budget_usd
    sizes = []
    for questions in QUESTIONS:
        usd = questions * each
        if most is None or usd <= most:
            worth, _ = look.measured(binomial_error(made.inputs, questions))
            sizes.append(Size(questions=questions, cost_usd=usd, **worth.model_dump()))
    if not sizes:
        return None
    size = nearly_best(sizes) if judge.pool.in_dollars else enough(sizes)
    error = binomial_error(made.inputs, size.questions)
    _, changed = look.measured(error)
    other = ""
    if made.rival is not None:
        other = ", answered by the plan and by the likeliest other"
    told = format_percent(size.probability_changes_decision)
    row = ProposedMeasurement(
        what=f"grade {format_count(size.questions)} queries of {made.query_class}{other}",
        kind="pilot",
        query_class=made.query_class,
        questions=size.questions,
        questions_suffice=enough(sizes).questions,
        unit=judge.unit,
        net_gain_usd=net(size) if judge.pool.in_dollars else None,
        changes_to=changes_to(judge.pool, changed),
        why=(
            f"traffic is not the benchmark: with {told} the decision would be another;"
            " [transfer] pilot takes the result"
        ),
        by_questions=tuple(sizes),
        **size.model_dump(exclude={"questions"}),
    )
    return Proposal(row, "traffic", made.inputs, None, error)
