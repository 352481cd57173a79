"""Everything that a scenario's plan is computed from: data, cards, curves, options, baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add

from planner.allocate.baseline import Side
from planner.allocate.cascades import assumed, with_cascades
from planner.allocate.luck import Shrinkage
from planner.allocate.problem import Problem
from planner.allocate.scenario import Offer, overall_mix, scenario_table
from planner.allocate.shrinking import shrunk
from planner.allocate.table import Table
from planner.allocate.transferred import on_traffic
from planner.allocate.wished import wished
from planner.ask import prepare
from planner.ask.answer import cautions
from planner.ask.capex import Training, training_in, training_items, training_of
from planner.ask.judge import contenders
from planner.ask.parse import parse_question
from planner.ask.piloted import shifts_of
from planner.ask.resolve import resolve
from planner.ask.stage_notes import cascade_note, price_note, router_note
from planner.ask.tags import licences_of, residencies_of
from planner.cost.settings import LENDER, Settings
from planner.cost.supply import drawn_supply
from planner.cost.terms import cost_assumptions, supply_terms
from planner.curves import CurveBook
from planner.domain.card import AcceleratorCard
from planner.domain.cardbook import CardBook
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observations
from planner.domain.plan import Assumption, Caution
from planner.domain.prices import prices_as_of
from planner.domain.router import Router
from planner.domain.scenario import Scenario
from planner.domain.supply import SupplyEntry
from planner.errors import InputError, Note
from planner.errors import Problem as Fault
from planner.ingest.fixtures import DEFAULT_FIXTURE
from planner.ingest.importers import read_observed
from planner.options import At, Candidate, Part, Workshop


@dataclass(frozen=True)
class Stage:
    """A scenario ready to be solved."""

    scenario: Scenario
    table: Table
    problem: Problem
    """The table's problem with the scenario's objective, budgets and constraints."""
    shrinkage: Shrinkage
    """How its accuracies were shrunk before anything is chosen."""
    routed_by: Callable[[Router], Problem]
    """The same problem with another router."""
    observations: Observations
    baseline: tuple[Side, ...]
    """Today's allocation; empty where none is given."""
    training: Training | None
    """None: every candidate exists."""
    prices_as_of: str
    assumptions: tuple[Assumption, ...]
    warnings: tuple[Caution, ...]


def set_stage(
    scenario: Scenario,
    cards: CardBook,
    draws: Draws,
    given: Settings | None = None,
    measured: AcceleratorCard | None = None,
) -> Stage:
    """Reads the data, fits the curves, builds the fleets and prices every option.

    given: terms that go before the scenario's. measured: accelerator whose efficiencies serve those
    without their own; without it the H200.

    Raises InputError, all problems at once where they can be found together.
    """
    observations = _observations(scenario)
    names = {candidate.model for candidate in scenario.candidates}
    parts = _parts(observations, names)
    baseline_models = _baseline_models(scenario, observations, cards)
    curves = prepare.curves_for(parts, observations, draws, names | baseline_models)
    lender = measured or cards.accelerator(LENDER)
    offers, assumptions, supply_notes = _offers(
        scenario, cards, draws, curves, parts, given or Settings(), lender
    )
    measured_table, table_notes = scenario_table(scenario, offers)
    quality = observations.verifier_quality
    benchmark, shrinkage = shrunk(with_cascades(measured_table, scenario.cascades, quality))
    shifts = shifts_of(scenario, benchmark, draws)
    table = on_traffic(benchmark, shifts)
    sides = _baseline(scenario, observations, cards, offers[0].workshop)
    baseline = tuple(replace(side, shifts=shifts, loads=table.classes) for side in sides)
    horizon_days = scenario.workload.horizon_days
    training = training_in(scenario, cards, offers[0].workshop.supply, horizon_days=horizon_days)
    bills = training_of(training, {id(e.candidate): e.candidate for e in table.entries}.values())
    made_of = {k: row for offer in offers for k, row in offer.workshop.assumptions.items()}
    workshop_notes = [note for offer in offers for note in offer.workshop.notes]

    def problem_of(table: Table, scenario: Scenario) -> Problem:
        bought = training_items(training, table) if scenario.budget.include_capex else None
        residencies = residencies_of(scenario, cards, offers)
        return wished(table, scenario, partial(licences_of, cards), residencies, bought)

    def routed_by(router: Router) -> Problem:
        other = scenario.model_copy(update={"router": router})
        priced, _ = scenario_table(other, offers)
        estimated, _ = shrunk(with_cascades(priced, scenario.cascades, quality))
        return problem_of(on_traffic(estimated, shifts), other)

    return Stage(
        scenario=scenario,
        table=table,
        shrinkage=shrinkage,
        routed_by=routed_by,
        observations=observations,
        problem=problem_of(table, scenario),
        baseline=baseline,
        training=training,
        prices_as_of=prices_as_of(cards.prices.values()).isoformat(),
        assumptions=tuple(
            dict.fromkeys(
                (
                    *assumptions,
                    *made_of.values(),
                    *assumed(scenario.cascades),
                    *scenario.transfer.assumptions,
                    *(row for bill in bills for row in bill.assumptions),
                    *cost_assumptions(),
                )
            )
        ),
        warnings=cautions(
            [
                *observations.notes,
                *curves.notes,
                *supply_notes,
                *table_notes,
                *workshop_notes,
                *(note for bill in bills for note in bill.notes),
                *cascade_note(scenario),
                *router_note(scenario, observations),
                *price_note(scenario, cards),
            ]
        ),
    )


def _observations(scenario: Scenario) -> Observations:
    files = scenario.data.observations
    if not files:
        return prepare.fixtures((DEFAULT_FIXTURE,))
    return prepare.canonical(reduce(add, (read_observed(path) for path in files)))


def _parts(observations: Observations, models: set[str]) -> dict[str, Part]:
    """Buckets that the scenario's mixes may name.

    Of one question set its buckets; of several, each set's name stands for its whole, and
    "set/bucket" for a bucket of it.
    """
    rows = [row for row in observations.rows if row.model in models]
    if not rows:
        known = ", ".join(dict.fromkeys(row.model for row in observations.rows))
        raise InputError(
            Fault(
                "scenario: candidates",
                "no candidate is in the observations",
                remedy=f"the models measured are {known}",
            )
        )
    sets = dict.fromkeys(row.question_set for row in rows)
    if len(sets) == 1:
        return {row.bucket: Part(row.question_set, row.bucket) for row in rows}
    return {
        row.question_set if row.bucket == ALL else f"{row.question_set}/{row.bucket}": Part(
            row.question_set, row.bucket
        )
        for row in rows
    }


def _offers(
    scenario: Scenario,
    cards: CardBook,
    draws: Draws,
    curves: CurveBook,
    parts: dict[str, Part],
    given: Settings,
    lender: AcceleratorCard,
) -> tuple[list[Offer], tuple[Assumption, ...], list[Note]]:
    offers: list[Offer] = []
    assumptions: dict[str, Assumption] = {}
    notes: list[Note] = []
    pools = prepare.pools_of(scenario)
    for entries in pools:
        settings = given.over(prepare.scenario_settings(scenario, entries))
        terms = supply_terms(settings, cards)
        supply = drawn_supply(terms.supply, lender, draws)
        api = entries[0] if entries[0].kind == "api" else None
        name = _offer_name(entries[0]) if len(pools) > 1 else ""
        workshop = Workshop(
            curves, parts, cards, supply, settings.weights, prepare.weights_of(scenario)
        )
        offers.append(Offer(workshop, api, name))
        rows = terms.assumptions
        if api is not None:
            rows = tuple(row for row in rows if row.unit == "tokens")
        assumptions |= {row.name: row for row in rows}
        notes += [*terms.notes, *supply.notes] if api is None else []
    return offers, tuple(assumptions.values()), notes


def _offer_name(entry: SupplyEntry) -> str:
    """As labels tell a pool of supply from the others."""
    if entry.kind == "api":
        tier = "" if entry.tier == "standard" else f", {entry.tier}"
        return f"on {entry.provider or 'an API'}{tier}"
    return f"on {'serverless ' if entry.kind == 'serverless' else ''}{entry.accelerator}"


def _today(scenario: Scenario) -> dict[str, float]:
    """Today's options, as sides of a question, and the share of all queries of each."""
    if scenario.baseline is None:
        return {}
    if scenario.baseline.option is not None:
        return {scenario.baseline.option: 1.0}
    return scenario.baseline.shares


def _baseline_models(scenario: Scenario, observations: Observations, cards: CardBook) -> set[str]:
    questions = [parse_question(option) for option in _today(scenario)]
    return {side.model for q in questions for side in resolve(q, observations, cards).sides}


def _baseline(
    scenario: Scenario, observations: Observations, cards: CardBook, workshop: Workshop
) -> tuple[Side, ...]:
    """The options that the plan is compared with, each at its n with its share."""
    return tuple(
        Side(*_side(scenario, option, observations, cards, workshop), share)
        for option, share in _today(scenario).items()
    )


def _side(
    scenario: Scenario,
    option: str,
    observations: Observations,
    cards: CardBook,
    workshop: Workshop,
) -> tuple[Candidate, int]:
    question = parse_question(option)
    side = resolve(question, observations, cards).sides[0]
    at = At(thinking_tokens=side.side.thinking_tokens)
    made = workshop.candidate(side.model, side.method, side.verifier, at=at)
    chosen, _ = contenders([(made, side.n_samples)])
    mix = overall_mix(scenario)
    if not made.covers(mix):
        raise InputError(
            Fault(
                "scenario: baseline",
                f"{made.label} was not measured on {' and '.join(mix)}",
                value=option,
                remedy="name an option that was measured on every bucket of the mix",
            )
        )
    n = chosen[0].n
    assert n is not None
    return made, n
