"""Puts an answer together: curves, costs, parities, verdict, plan, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.allocate.baseline import Side, totals_of
from planner.allocate.table import option_label
from planner.ask.best import best_plan, entries_of
from planner.ask.capex import Training, break_even, capex_of, capex_usd, other_break_evens
from planner.ask.caps import within_cap
from planner.ask.flop_insight import arms_of, flop_sentence, flop_steps
from planner.ask.hangs_on import Case, hangs_on, winner_map
from planner.ask.judge import Contender, Judgement, contenders, judge
from planner.ask.next_steps import next_measurements
from planner.ask.over_time import cost_over_time, pairs_of, side_paths
from planner.ask.parities import parities
from planner.ask.per_correct import beside_a_person, correct_sentences
from planner.ask.pictures import (
    answer_curves,
    cost_by_volume,
    other_winner_by_volume,
    winners_by_mix,
)
from planner.ask.rows import answer_option, wanted_rows
from planner.ask.second_fleet import second_fleet_volume
from planner.ask.sentences import (
    alone_sentence,
    answer_sentence,
    explanations,
    plan_sentence,
    winner_of,
)
from planner.ask.smaller import smaller_replicas
from planner.ask.traffic import chance_on_traffic, traffic_sentence, with_traffic
from planner.ask.what_if import answer_what_if
from planner.ask.wishes import Wishes, broken_sentence, sides_that_keep
from planner.domain.answer import (
    Answer,
    AnswerOption,
    Criterion,
    FlopStep,
)
from planner.domain.observation import ALL
from planner.domain.page_facts import DataRead
from planner.domain.plan import Assumption, Caution, PlanAnswer
from planner.domain.transfer import Transfer
from planner.economics.flop_frontier import Arm
from planner.economics.months import Months
from planner.errors import Note
from planner.options import Candidate


@dataclass(frozen=True)
class Asked:
    """A question with everything resolved: what is compared, on what, and with which wishes."""

    text: str
    sides: tuple[tuple[Candidate, int | None], ...]
    pool: tuple[Candidate, ...]
    """Candidates that the best plan may use: all of the models named, or all that were measured."""
    question_set: str
    buckets: tuple[str, ...]
    mix: Mapping[str, float]
    queries_per_day: float
    criterion: Criterion
    matters: float
    wishes: Wishes
    training: Training | None
    """None: the weights exist."""
    tokens_measured: bool
    months: Months
    """Over which costs are added up."""
    transfer: Transfer
    """From the question set to the traffic."""
    people: tuple[Candidate, ...] = ()
    """Who would answer instead, by a scenario."""


@dataclass(frozen=True)
class Grounds:
    """What an answer rests on beside its numbers."""

    assumptions: tuple[Assumption, ...]
    notes: tuple[Note, ...]
    sources: tuple[str, ...]
    inputs: Mapping[str, str]
    data: tuple[DataRead, ...]
    repaired: tuple[str, ...]
    seed: int
    draws: int
    version: str
    command: str
    prices_as_of: str


def answer(asked: Asked, grounds: Grounds) -> Answer:
    """The whole answer to a question."""
    asked, cap_notes = within_cap(asked)
    sides, reference = contenders(asked.sides)
    labels = side_labels(sides)
    verdict = judge(
        sides, reference, asked.queries_per_day, asked.criterion, asked.matters, asked.mix
    )
    rows = _rows(asked, sides, verdict)
    case = Case(
        tuple(sides), labels, reference, asked.queries_per_day, asked.criterion, asked.matters,
        asked.mix,
    )  # fmt: skip
    smaller = smaller_replicas(case, verdict, rows, asked.wishes.max_latency_p95_s)
    if smaller.but is not None:
        verdict = replace(verdict, verdict=replace(verdict.verdict, decided=False))
    tornado_of, tornado = hangs_on(case, verdict.usd_per_day, asked.transfer, asked.buckets)
    leader, chance = verdict.verdict.leader, verdict.verdict.probability
    on_traffic = chance_on_traffic(case, leader, asked.transfer)
    found = parities(sides, verdict, asked.buckets, labels, asked.mix)
    keeping = sides_that_keep(rows, asked.wishes)
    unmet = None if keeping else broken_sentence(rows, asked.wishes)
    said = answer_sentence(
        sides, verdict, labels, rows, asked.queries_per_day, asked.mix, smaller.but
    )
    arms = arms_of(asked.pool)
    sentence, steps = _flops(asked, sides[reference], labels[reference], arms)
    mixes, mix_reason = winners_by_mix(
        sides,
        reference,
        asked.queries_per_day,
        asked.criterion,
        asked.matters,
        asked.buckets,
        labels,
    )
    plan, plan_said = _plan(asked, sides[reference])
    pays_from, pays_sentence = _second_fleet(asked, sides[reference])
    volumes = cost_by_volume(rows, asked.sides, asked.mix)
    candidates = [side.candidate for side in sides]
    paid_once = [capex_usd(asked.training, candidate) for candidate in candidates]
    paths = side_paths(sides, verdict, asked.mix, asked.queries_per_day, asked.months, paid_once)
    pairs = pairs_of(paths, sides, reference, labels)
    over_time = cost_over_time(paths, labels, pairs, asked.training)
    best = min(rows, key=lambda row: row.cost_usd_per_correct or np.inf)
    even, even_reason = break_even(asked.training, next(iter(pairs), None))
    return Answer(
        question=asked.text,
        answer=f"{unmet} {said}" if unmet else said,
        explanation=explanations(
            rows,
            None if found is None else found[:2],
            [side.candidate.label for side in sides],
            traffic_sentence(
                on_traffic, chance, labels[leader], asked.question_set, asked.transfer
            ),
            alone_sentence(mixes),
            other_winner_by_volume(
                rows,
                volumes,
                asked.queries_per_day,
                asked.matters,
                over_time.break_evens.get("volume") if asked.months.flat else None,
            ),
            smaller.below,
            sentence,
            *correct_sentences(rows),
        ),
        criterion=asked.criterion,
        winner=winner_of(verdict, labels, keeping),
        meets_wishes=bool(keeping) if asked.wishes.any else None,
        probability_winner=chance,
        probability_winner_on_traffic=on_traffic,
        leader=labels[leader],
        sides=labels,
        queries_per_day=asked.queries_per_day,
        question_set=asked.question_set,
        mix=bucket_shares(asked.pool, asked.buckets) if ALL in asked.mix else dict(asked.mix),
        options=rows,
        parity_n_accuracy=None if found is None else found[0],
        parity_n_cost=None if found is None else found[1],
        parity_windows=() if found is None else found[2],
        human=tuple(
            beside_a_person(person, asked.mix, best.label, best.accuracy, best.cost_usd_per_query)
            for person in asked.people
            if person.covers(asked.mix)
        ),
        parities_reason=None if found is not None else "no side has more than one measured n",
        break_even_queries_per_day=even,
        break_even_reason=even_reason,
        other_break_evens=other_break_evens(asked.training, pairs),
        over_time=over_time,
        second_fleet_queries_per_day=pays_from,
        second_fleet_reason=pays_sentence,
        tornado=tornado,
        tornado_of=tornado_of,
        winner_map=winner_map(case),
        winner_by_mix=mixes,
        winner_by_mix_reason=mix_reason,
        cost_by_volume=volumes,
        flop_frontier=steps,
        flop_frontier_sentence=sentence,
        curves=answer_curves(sides, asked.buckets, labels),
        best_plan=plan,
        best_plan_sentence=plan_said,
        next=next_measurements(
            sides,
            verdict,
            asked.question_set,
            asked.buckets,
            tokens_measured=asked.tokens_measured,
        ),
        assumptions=grounds.assumptions,
        warnings=cautions([*grounds.notes, *cap_notes, *smaller.notes]),
        sources=grounds.sources,
        inputs=dict(grounds.inputs),
        data=grounds.data,
        repaired=grounds.repaired,
        seed=grounds.seed,
        draws=grounds.draws,
        version=grounds.version,
        command=grounds.command,
        prices_as_of=grounds.prices_as_of,
        what_if=answer_what_if(
            sides,
            verdict,
            rows,
            labels,
            asked.queries_per_day,
            asked.matters,
            asked.mix,
            [asked.months.equivalent_per_day(usd) for usd in paid_once],
        ),
    )


def side_labels(sides: Sequence[Contender]) -> tuple[str, ...]:
    """A name for each side: with its n where it has a fixed one."""
    return tuple(
        side.candidate.label if side.n is None else option_label(side.candidate, side.n)
        for side in sides
    )


def _rows(asked: Asked, sides: Sequence[Contender], verdict: Judgement) -> tuple[AnswerOption, ...]:
    return tuple(
        with_traffic(
            answer_option(
                side,
                sides[side].candidate,
                n,
                role,
                asked.mix,
                asked.buckets,
                asked.queries_per_day,
                capex_of(asked.training, sides[side].candidate),
            ),
            sides[side].candidate,
            asked.mix,
            asked.transfer,
        )
        for side, n, role in wanted_rows(sides, verdict)
    )


def _flops(
    asked: Asked, reference: Contender, label: str, arms: Sequence[Arm]
) -> tuple[str | None, tuple[FlopStep, ...]]:
    sized = reference.candidate.generator is not None
    if len({arm.model for arm in arms}) < 2 or reference.n is None or not sized:
        return None, ()
    units = reference.candidate.flop_units(reference.n)
    titles = {candidate.model: candidate.title for candidate in asked.pool}
    return flop_sentence(arms, units, label, titles), flop_steps(arms, units)


def _plan(asked: Asked, reference: Contender) -> tuple[PlanAnswer | None, str | None]:
    """The best plan for the budget or the accuracy asked for, else on what the reference costs."""
    assert reference.n is not None
    baseline = (reference.candidate, reference.n)
    today = totals_of([Side(*baseline)], asked.queries_per_day, asked.mix)
    wishes = asked.wishes
    if wishes.budget_usd_per_day is None and wishes.min_accuracy is None:
        wishes = replace(wishes, budget_usd_per_day=today.cost_usd_per_day)
    plan = best_plan(asked.pool, asked.queries_per_day, asked.mix, wishes, baseline)
    if plan.status == "infeasible":
        return plan, f"No plan meets every wish. {plan.relaxation or ''}".strip()
    return plan, plan_sentence(plan, asked.wishes.budget_usd_per_day, today.label)


def _second_fleet(asked: Asked, reference: Contender) -> tuple[float | None, str | None]:
    """From which volume two models beat one, with the difficulty of each query known."""
    if len({candidate.model for candidate in asked.pool}) < 2:
        return None, "only one model was asked about"
    assert reference.n is not None
    shares = bucket_shares(asked.pool, asked.buckets) or dict(asked.mix)
    entries = [e for e in entries_of(asked.pool) if shares.keys() <= e.candidate.curves.keys()]
    if len({entry.candidate.model for entry in entries}) < 2:
        return None, "only one of the models was measured by difficulty"
    return second_fleet_volume(entries, shares, (reference.candidate, reference.n))


def bucket_shares(pool: Sequence[Candidate], buckets: Sequence[str]) -> dict[str, float]:
    """The question set's own mix of difficulty, by its numbers of questions."""
    for candidate in pool:
        curves = [candidate.curves.get(bucket) for bucket in buckets]
        counts = [max(curve.n_questions) for curve in curves if curve is not None]
        if buckets and len(counts) == len(buckets):
            return {b: k / sum(counts) for b, k in zip(buckets, counts, strict=True)}
    return {}


def cautions(notes: Sequence[Note]) -> tuple[Caution, ...]:
    """Notes as they stand on the page, each once."""
    once = dict.fromkeys((note.code, note.message) for note in notes)
    return tuple(Caution(code=code, message=message) for code, message in once)
