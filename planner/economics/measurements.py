"""Measurements that could be made before a plan is carried out, and what each is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.cost.assumptions import LENGTH_CV, MEASURED_TIME
from planner.domain.next import InputWorth, ProposedMeasurement, Size, Worth
from planner.domain.ranges import Z80
from planner.domain.tornado import InputKind
from planner.economics.measurements_judge import Judge, Look, Part
from planner.economics.value_of_information import Information
from planner.economics.voi_inputs import Known, Measured
from planner.economics.voi_pool import Pool, difference
from planner.economics.voi_sample import binomial_error
from planner.units import format_count, format_percent

Array = NDArray[np.float64]

QUESTIONS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""Numbers of questions that are tried."""
ENOUGH = 0.9
"""Part of what the most questions would tell that counts as enough."""
NEARLY = 0.02
"""Part of the most that can be left after the cost which is given up for fewer questions."""
TRIED_N = 4
"""Numbers of samples of a curve that are tried, the largest among them."""
IDLE = 0.01
"""Probability of changing the decision under which an input is not looked at further."""
TIMING_SD = float(np.log(MEASURED_TIME.high)) / Z80
"""Relative standard error of an hour's throughput, as of modelled kernel times where measured."""
TIMING_HOURS = 1.0


@dataclass(frozen=True)
class Proposal:
    """A measurement with the inputs that it tells."""

    row: ProposedMeasurement
    part: Part
    inputs: Array
    """(draw, input)"""
    questions: Array | None
    """(input,) behind each accuracy; None: `error` says how it errs."""
    error: Array | None = None
    """(input, input)"""


def inputs_worth(
    judge: Judge, measured: Sequence[Measured], known: Sequence[Known]
) -> list[tuple[InputWorth, Measured | Known]]:
    """What knowing each input exactly is worth (EVPPI), the most useful first."""
    found: list[tuple[InputWorth, Measured | Known]] = []
    every: list[Measured | Known] = [*measured, *known]
    for one in every:
        kind: InputKind = "accuracy" if isinstance(one, Measured) else one.kind
        part: Part = "benchmark" if isinstance(one, Measured) else "costs"
        worth = judge.look(one.draws, part).exact
        found.append((InputWorth(input=one.name, kind=kind, **worth.model_dump()), one))
    return sorted(found, key=lambda pair: rank(pair[0]))


def rank(worth: Worth) -> tuple[float, float]:
    """Sorts the most useful first: by gain in dollars where it is told, then by probability."""
    return (-(worth.expected_gain_usd or 0.0), -worth.probability_changes_decision)


def proposals(
    judge: Judge, inputs: Sequence[tuple[InputWorth, Measured | Known]]
) -> list[Proposal]:
    """Measurements of the inputs that might change the decision, the most useful first."""
    found: list[Proposal] = []
    for worth, one in inputs:
        if worth.probability_changes_decision < IDLE:
            continue
        made = benchmark(judge, one) if isinstance(one, Measured) else _of_known(judge, one)
        if made is not None:
            found.append(made)
    return sorted(found, key=lambda made: order(made.row))


def order(row: ProposedMeasurement) -> tuple[float, float, float]:
    """Sorts by what is left after the cost in dollars; else by probability."""
    if row.net_gain_usd is not None:
        return (-row.net_gain_usd, 0.0, row.cost_usd)
    return (*rank(row), row.cost_usd)


def benchmark(judge: Judge, one: Measured) -> Proposal | None:
    """A run of one model and method on new questions of a bucket; None where none is affordable.

    With dollars: the samples and the fewest questions that leave nearly the most after their cost.
    Else the fewest that tell nine tenths of what the most would.
    """
    tried = [_run(judge, one, n) for n in _tried(one.n_samples)]
    tried = [sizes for sizes in tried if sizes[1]]
    if not tried:
        return None
    if judge.pool.in_dollars:
        look, sizes, n = max(tried, key=lambda run: max(net(size) for size in run[1]))
        size = nearly_best(sizes)
    else:
        most = max(_told(run[1][-1]) for run in tried)
        look, sizes, n = next(run for run in tried if _told(run[1][-1]) >= ENOUGH * most)
        size = enough(sizes)
    inputs = one.up_to(n)
    _, changed = look.measured(binomial_error(inputs, size.questions))
    label = one.candidate.label
    counts = one.n_samples[: one.n_samples.index(n) + 1]
    at = f" at n = {_listed(counts)}" if len(one.n_samples) > 1 or n > 1 else ""
    row = ProposedMeasurement(
        what=f"{label}{at} on {format_count(size.questions)} new questions of {_where(one)}",
        kind="benchmark",
        question_set=one.question_set,
        bucket=one.part,
        query_class=_classes(judge.pool, one.bucket),
        model=one.candidate.model,
        method=one.candidate.method,
        verifier=one.candidate.verifier,
        n_samples=counts,
        questions=size.questions,
        questions_suffice=enough(sizes).questions,
        unit=judge.unit,
        net_gain_usd=net(size) if judge.pool.in_dollars else None,
        changes_to=changes_to(judge.pool, changed),
        why=_why(judge, size, changed),
        by_questions=tuple(sizes),
        **size.model_dump(exclude={"questions"}),
    )
    return Proposal(row, "benchmark", inputs, np.full(inputs.shape[1], float(size.questions)))


def _run(judge: Judge, one: Measured, n: int) -> tuple[Look, list[Size], int]:
    """What a run at n tells at every affordable number of questions."""
    inputs = one.up_to(n)
    look = judge.look(inputs, "benchmark")
    each = one.usd_per_question(n) + judge.terms.cost_per_question_usd
    most = judge.terms.budget_usd
    sizes = []
    for questions in QUESTIONS:
        if most is None or questions * each <= most:
            worth, _ = look.measured(binomial_error(inputs, questions))
            usd = questions * each
            sizes.append(Size(questions=questions, cost_usd=usd, **worth.model_dump()))
    return look, sizes, n


def _tried(counts: Sequence[int]) -> list[int]:
    """The smallest, the largest and some between, ascending."""
    at = np.unique(np.linspace(0, len(counts) - 1, TRIED_N).round().astype(int))
    return [counts[i] for i in at]


def _told(size: Size) -> float:
    """What a run tells: its gain where it is told, for a close decision changes with any noise."""
    gain = size.expected_gain
    return size.probability_changes_decision if gain is None else gain


def nearly_best(sizes: Sequence[Size]) -> Size:
    """The fewest questions that leave nearly the most after their cost."""
    most = max(net(size) for size in sizes)
    return next(size for size in sizes if net(size) >= most - NEARLY * abs(most))


def enough(sizes: Sequence[Size]) -> Size:
    """The fewest questions that tell nine tenths of what the most would."""
    most = _told(sizes[-1])
    return next(size for size in sizes if _told(size) >= ENOUGH * most)


def net(size: Size) -> float:
    """Expected gain less cost, dollars."""
    return (size.expected_gain_usd or 0.0) - size.cost_usd


def _of_known(judge: Judge, one: Known) -> Proposal | None:
    """What can be found out of a price, a length or an efficiency; None where nothing can."""
    mean = float(one.draws.mean())
    if one.kind == "price":
        what, why = f"settle the {one.name}", "negotiate it, or get an offer, before you decide"
        return _fixed(judge, one, what, "price", 0.0, 0.0, why)
    if one.kind == "engine" and one.rented is not None:
        rent = float(one.rented.supply.usd_per_gpu_hour[0])
        usd = TIMING_HOURS * one.rented.fleet.gpus_per_replica * rent
        what = f"time the serving engine: {one.name}"
        why = "an hour on one replica under your prompts; `planner calibrate` reads the result"
        return _fixed(judge, one, what, "timing", usd, mean * TIMING_SD, why)
    if one.kind == "tokens" and one.supply is not None:
        count = QUESTIONS[2]
        what = f"count the {one.name}, on {count} of your queries"
        sd = mean * LENGTH_CV / np.sqrt(count)
        usd = count * _cheapest_query_usd(judge.pool)
        why = "lengths of your own prompts and answers; they price every option"
        return _fixed(judge, one, what, "tokens", usd, float(sd), why, count)
    return None


def _fixed(
    judge: Judge, one: Known, what: str, kind: str, usd: float, sd: float, why: str,
    questions: int | None = None,
) -> Proposal | None:  # fmt: skip
    if judge.terms.budget_usd is not None and usd > judge.terms.budget_usd:
        return None
    error = np.array([[max(sd, 1e-9 * abs(one.central)) ** 2]])
    worth, changed = judge.look(one.draws, "costs").measured(error)
    net = None if worth.expected_gain_usd is None else worth.expected_gain_usd - usd
    row = ProposedMeasurement.model_validate(
        {
            "what": what,
            "kind": kind,
            "bucket": one.bucket,
            "model": None if one.rented is None else one.rented.model,
            "questions": questions,
            "questions_suffice": questions,
            "unit": judge.unit,
            "cost_usd": usd,
            "net_gain_usd": net,
            "changes_to": changes_to(judge.pool, changed),
            "why": why,
            **worth.model_dump(),
        }
    )
    return Proposal(row, "costs", one.draws, None, error)


def _cheapest_query_usd(pool: Pool) -> float:
    """Of an option in the plan, central case: what reading lengths off it costs."""
    answered = pool.plans[0].share * pool.problem.queries_per_day[:, None]
    return float(pool.usd_per_day[0, 0] / max(answered.sum(), 1e-300))


def joint(judge: Judge, made: Sequence[Proposal]) -> tuple[Worth, float]:
    """(worth, dollars) of several measurements made together.

    Accuracies that are measured on the same questions err together, as their draws do.
    """
    groups: list[tuple[Part, list[Proposal]]] = []
    of_accuracy = [one for one in made if one.part != "costs"]
    if of_accuracy:
        # What traffic shows varies with the benchmark too: together they are read on traffic.
        piloted = any(one.part == "traffic" for one in of_accuracy)
        groups.append(("traffic" if piloted else "benchmark", of_accuracy))
    costs = [one for one in made if one.part == "costs"]
    if costs:
        groups.append(("costs", costs))
    parts = [
        (part, np.concatenate([one.inputs for one in group], axis=1), _joint_error(group))
        for part, group in groups
    ]
    return judge.together(parts), float(sum(one.row.cost_usd for one in made))


def _joint_error(made: Sequence[Proposal]) -> Array:
    """(input, input) error covariance of measurements side by side."""
    if all(one.questions is not None for one in made):
        accuracy = np.concatenate([one.inputs for one in made], axis=1)
        counts = [one.questions for one in made if one.questions is not None]
        return binomial_error(accuracy, np.concatenate(counts))
    each = [
        binomial_error(one.inputs, one.questions) if one.questions is not None else one.error
        for one in made
    ]
    known = [error for error in each if error is not None]
    total = np.zeros((sum(map(len, known)),) * 2)
    at = 0
    for error in known:
        total[at : at + len(error), at : at + len(error)] = error
        at += len(error)
    return total


def _where(one: Measured) -> str:
    return one.question_set if one.part == "all" else f"{one.question_set}, {one.part}"


def _listed(counts: Sequence[int]) -> str:
    shown = counts if len(counts) <= 5 else (*counts[:2], *counts[-2:])
    text = ", ".join(str(n) for n in shown)
    return text if len(counts) <= 5 else f"{counts[0]}, {counts[1]} ... {counts[-1]}"


def _classes(pool: Pool, bucket: str) -> str | None:
    """The query classes that have a bucket, where there are several."""
    names = dict.fromkeys(load.query_class for load in pool.table.classes if bucket in load.mix)
    several = len({load.query_class for load in pool.table.classes}) > 1
    return ", ".join(names) if several else None


def changes_to(pool: Pool, changed: Information) -> str | None:
    """The likeliest other plan, as far as it differs."""
    if not changed.changes_to:
        return None
    likeliest, _ = changed.changes_to[0]
    return difference(pool.table, pool.plans[0].share, pool.plans[likeliest].share)


def _why(judge: Judge, size: Size, changed: Information) -> str:
    said = f"with {format_percent(size.probability_changes_decision)} the decision would be another"
    options = changes_to(judge.pool, changed)
    return said if options is None else f"{said}, most likely {options}"
