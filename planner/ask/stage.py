"""Everything that a scenario's plan is computed from: data, cards, curves, options, baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add

from planner.allocate.cascades import assumed, with_cascades
from planner.allocate.luck import Shrinkage
from planner.allocate.problem import Problem
from planner.allocate.scenario import Offer, overall_mix, scenario_table, wished
from planner.allocate.shrinking import shrunk
from planner.allocate.table import Table
from planner.ask import prepare
from planner.ask.answer import cautions
from planner.ask.capex import Training, training_in, training_of
from planner.ask.judge import contenders
from planner.ask.parse import parse_question
from planner.ask.resolve import resolve
from planner.cost.supply import drawn_supply
from planner.cost.terms import LENDER, Settings, cost_assumptions, supply_terms
from planner.curves import CurveBook
from planner.domain.card import AcceleratorCard
from planner.domain.cardbook import CardBook
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observations
from planner.domain.plan import Assumption, Caution
from planner.domain.prices import STALE_DAYS, prices_as_of, stale
from planner.domain.scenario import Router, Scenario
from planner.domain.supply import SupplyEntry
from planner.errors import InputError, Note
from planner.errors import Problem as Fault
from planner.ingest.fixtures import DEFAULT_FIXTURE
from planner.ingest.observations_csv import read_observations
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
    baseline: tuple[Candidate, int] | None
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
    table, shrinkage = shrunk(with_cascades(measured_table, scenario.cascades, quality))
    baseline = _baseline(scenario, observations, cards, offers[0].workshop)
    training = training_in(scenario, cards, offers[0].workshop.supply)
    bills = training_of(training, {id(e.candidate): e.candidate for e in table.entries}.values())
    made_of = {k: row for offer in offers for k, row in offer.workshop.assumptions.items()}
    workshop_notes = [note for offer in offers for note in offer.workshop.notes]
    return Stage(
        scenario=scenario,
        table=table,
        problem=wished(table.problem, scenario),
        shrinkage=shrinkage,
        routed_by=partial(_routed_by, scenario, offers, observations),
        observations=observations,
        baseline=baseline,
        training=training,
        prices_as_of=prices_as_of(cards.prices.values()).isoformat(),
        assumptions=tuple(
            dict.fromkeys(
                (
                    *assumptions,
                    *made_of.values(),
                    *assumed(scenario.cascades),
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
                *_cascade_note(scenario),
                *_router_note(scenario, observations),
                *_price_note(scenario, cards),
            ]
        ),
    )


def _routed_by(
    scenario: Scenario, offers: Sequence[Offer], observations: Observations, router: Router
) -> Problem:
    other = scenario.model_copy(update={"router": router})
    table, _ = scenario_table(other, offers)
    table = with_cascades(table, scenario.cascades, observations.verifier_quality)
    return wished(shrunk(table)[0].problem, other)


def _observations(scenario: Scenario) -> Observations:
    files = scenario.data.observations
    if not files:
        return prepare.fixtures((DEFAULT_FIXTURE,))
    return prepare.canonical(reduce(add, (read_observations(path) for path in files)))


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


def _baseline_models(scenario: Scenario, observations: Observations, cards: CardBook) -> set[str]:
    if scenario.baseline is None:
        return set()
    question = parse_question(scenario.baseline.option)
    return {side.model for side in resolve(question, observations, cards).sides}


def _baseline(
    scenario: Scenario, observations: Observations, cards: CardBook, workshop: Workshop
) -> tuple[Candidate, int] | None:
    """The option that the plan is compared with, at its n."""
    if scenario.baseline is None:
        return None
    question = parse_question(scenario.baseline.option)
    side = resolve(question, observations, cards).sides[0]
    at = At(thinking_tokens=side.side.thinking_tokens)
    made = workshop.candidate(side.model, side.method, side.verifier, at=at)
    chosen, _ = contenders([(made, side.n_samples)])
    mix = overall_mix(scenario)
    if not made.covers(mix):
        raise InputError(
            Fault(
                "scenario: baseline.option",
                f"{made.label} was not measured on {' and '.join(mix)}",
                value=scenario.baseline.option,
                remedy="name an option that was measured on every bucket of the mix",
            )
        )
    n = chosen[0].n
    assert n is not None
    return made, n


def _price_note(scenario: Scenario, cards: CardBook) -> Sequence[Note]:
    read, day = prices_as_of(cards.prices.values()), scenario.workload.day
    if day is None or not stale(read, day):
        return ()
    return (
        Note(
            "stale_prices",
            f"The newest prices known were read on {read}, more than {STALE_DAYS} days before the"
            f" day that is planned, {day}: look them up again.",
        ),
    )


def _cascade_note(scenario: Scenario) -> Sequence[Note]:
    if not scenario.cascades:
        return ()
    return (
        Note(
            "cascade_independent",
            "Cascades assume that within a bucket the second option is as accurate on the queries"
            " handed on as on all of them; those that the first one fails are harder, so that this"
            " flatters cascades where buckets are wide.",
        ),
    )


def _router_note(scenario: Scenario, observations: Observations) -> Sequence[Note]:
    router = scenario.router
    cut = any(len(c.mix) > 1 for c in scenario.workload.classes)
    if router.signal != "level" or not cut or router.told(("", " ")) is not None:
        return ()
    told = next((p for p in observations.partitions if p.deployable), None)
    if told is not None:
        paid = router.model is not None or router.cost is not None
        if paid or not told.router_samples:
            return ()
        return (
            Note(
                "router_unpaid",
                f"Buckets are told by {told.router_samples} samples of a query, which this plan"
                " does not pay for: name the model, tokens, output_tokens and samples in [router].",
            ),
        )
    return (
        Note(
            "router_perfect",
            "The plan takes the difficulty bucket of every query as known before it is answered."
            ' A real router errs: signal = "none" in [router] shows the plan without one.',
        ),
    )
