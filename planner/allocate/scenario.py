"""A scenario's candidates, classes and wishes as one problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from planner.allocate.table import ClassLoad, Entry, Table, option_table
from planner.cost.api import ApiBilling
from planner.cost.billing import billing_of
from planner.cost.methods.stopping import EarlyStopping, Retries
from planner.domain.method import METHODS, STOPPABLE
from planner.domain.observation import ALL
from planner.domain.router import Router
from planner.domain.scenario import Candidate as Wanted
from planner.domain.scenario import Scenario
from planner.domain.supply import SupplyEntry
from planner.domain.workload import QueryClass
from planner.errors import InputError, Note
from planner.errors import Problem as Fault
from planner.options import Candidate, RouterWork, Workshop
from planner.options.checked import Checker, checked_candidate
from planner.options.sold import sold_as

_NO_CHECKER = Fault(
    "scenario: candidates",
    "checked_best_of_n is named, and no class has a checker",
    remedy="add checker = { cost = 0.001, false_positive_rate = 0.01, false_negative_rate = 0.05 }"
    " to a class, or remove the method",
)


@dataclass(frozen=True)
class Offer:
    """One entry of the scenario's supply, ready to make candidates."""

    workshop: Workshop
    api: SupplyEntry | None
    """The entry where tokens are bought; None where candidates run on GPUs."""
    name: str
    """How labels tell it from the others; empty where there is one supply only."""


def scenario_table(scenario: Scenario, offers: Sequence[Offer]) -> tuple[Table, tuple[Note, ...]]:
    """Every option that the scenario's candidates and supplies allow, priced for every class.

    Raises InputError, all problems at once, for candidates and mixes that were not measured.
    """
    notes: list[Note] = []
    named = any("checked_best_of_n" in c.methods for c in scenario.candidates)
    if named and all(c.checker is None for c in scenario.workload.classes):
        raise InputError(_NO_CHECKER)
    entries = _entries(scenario, offers, notes)
    classes = class_loads(scenario, router_of(scenario, offers[0].workshop))
    _all_measured(entries, classes, offers[0].workshop)
    return option_table(entries, classes), tuple(notes)


def router_of(scenario: Scenario, workshop: Workshop) -> RouterWork | None:
    """What tells the buckets of the scenario's queries; None where that costs nothing."""
    router = scenario.router
    if router.cost is None and router.model is None:
        return None
    shape = None if router.model is None else workshop.shape(router.model)
    return RouterWork(
        shape, router.tokens or 0.0, router.output_tokens, router.cost or 0.0, router.samples
    )


def class_loads(scenario: Scenario, router: RouterWork | None = None) -> list[ClassLoad]:
    """Query classes, each cut into its difficulty buckets where the router tells them apart.

    A class of one bucket needs no router.
    """
    found = []
    told = scenario.router.signal == "level"
    for query_class in scenario.workload.classes:
        volume = scenario.workload.queries_per_day * query_class.share
        parts: list[tuple[str, Mapping[str, float], float]] = [(ALL, query_class.mix, 1.0)]
        if told:
            parts = _told_parts(query_class.mix, scenario.router)
        for bucket, mix, share in parts:
            found.append(
                ClassLoad(
                    query_class.name,
                    bucket,
                    mix,
                    volume * share,
                    max_latency_p95_s=query_class.max_latency_p95_s,
                    router=router if len(parts) > 1 else None,
                    checker=_checker(query_class),
                )
            )
    return found


def _told_parts(
    mix: Mapping[str, float], router: Router
) -> list[tuple[str, Mapping[str, float], float]]:
    """(bucket as it is told, true buckets of its queries, share of the class).

    share(told) = sum_true mix(true) P(told | true); of those the true buckets by Bayes' rule.
    """
    true = {bucket: share for bucket, share in mix.items() if share > 0}
    confusion = router.told(true)
    if confusion is None:
        return [(bucket, {bucket: 1.0}, share) for bucket, share in true.items()]
    found: list[tuple[str, Mapping[str, float], float]] = []
    for told in dict.fromkeys(p for bucket in true for p in confusion[bucket]):
        joint = {b: share * confusion[b].get(told, 0.0) for b, share in true.items()}
        total = sum(joint.values())
        if total > 0:
            found.append((told, {b: x / total for b, x in joint.items() if x > 0}, total))
    return found


def _checker(query_class: QueryClass) -> Checker | None:
    terms = query_class.checker
    if terms is None:
        return None
    return Checker(terms.cost, terms.false_positive_rate, terms.false_negative_rate)


def overall_mix(scenario: Scenario) -> dict[str, float]:
    """Difficulty of all queries together."""
    total: dict[str, float] = {}
    for query_class in scenario.workload.classes:
        for bucket, share in query_class.mix.items():
            total[bucket] = total.get(bucket, 0.0) + query_class.share * share
    return total


def _entries(scenario: Scenario, offers: Sequence[Offer], notes: list[Note]) -> list[Entry]:
    found: list[Entry] = []
    faults: list[Fault] = []
    served: set[str] = set()
    refused: list[tuple[Offer, str, InputError]] = []
    used: set[int] = set()
    for offer in offers:
        for wanted in scenario.candidates:
            for method in wanted.methods:
                if method == "human" and offer is not offers[0]:
                    continue  # a person is paid the same whatever machines there are
                try:
                    made = _candidate(offer, wanted, method)
                except InputError as error:
                    refused.append((offer, wanted.model, error))
                    continue
                if made is not None:
                    served.add(wanted.model)
                    used.add(id(offer))
                    found += [Entry(made, n) for n in _sample_counts(made, wanted, notes)]
    # With several supplies a model need not be had from each; but each must serve one.
    for offer, model, refusal in refused:
        if model not in served or id(offer) not in used:
            faults += refusal.problems
    if faults:
        raise InputError(dict.fromkeys(faults))
    return found


def _candidate(offer: Offer, wanted: Wanted, method: str) -> Candidate | None:
    workshop = offer.workshop
    if method == "human":
        paid = wanted.usd_per_query
        return workshop.candidate(wanted.model, method, None, usd_per_answer=paid)
    if method == "checked_best_of_n" and not workshop.measures(wanted.model, method):
        # What the checker of a class picks is worked out from coverage.
        made = _candidate(offer, wanted, "oracle_best_of_n")
        if made is None:
            return None
        how = METHODS[method].label
        label = made.label.replace(METHODS["oracle_best_of_n"].label, how)
        return _stopping(checked_candidate(made, label), wanted)
    verifier = wanted.verifier if METHODS[method].verifier else None
    billing: ApiBilling | None = None
    if offer.api is not None:
        if verifier is not None:
            return None  # no API serves a reward model beside its generator
        billing, rows, told = billing_of(
            sold_as(wanted.model, workshop.cards),
            workshop.title(wanted.model),
            workshop.cards,
            offer.api,
            workshop.supply.draws,
        )
        workshop.assumptions |= {row.name: row for row in rows}
        workshop.notes += told
    own_reader = wanted.verifier_fleet == "own" and verifier is not None
    made = workshop.candidate(wanted.model, method, verifier, billing, own_reader=own_reader)
    if offer.api is None and made.api is not None:
        raise InputError(
            Fault(
                f"model {wanted.model}",
                "its size is not published, so that it cannot be put on GPUs",
                remedy='add a [[supply]] of kind = "api"',
            )
        )
    made = _drawn_as_wished(made, wanted)
    return replace(made, label=f"{made.label} {offer.name}") if offer.name else made


def _drawn_as_wished(made: Candidate, wanted: Wanted) -> Candidate:
    """The candidate with early stopping and retries, where they are wished for."""
    made = _stopping(made, wanted)
    if wanted.retries is not None and wanted.failure_rate is not None:
        made = replace(made, retries=Retries(wanted.retries, wanted.failure_rate))
    return made


def _stopping(made: Candidate, wanted: Wanted) -> Candidate:
    if not wanted.early_stopping or made.method not in STOPPABLE:
        return made
    wave = 1 if wanted.early_stopping is True else wanted.early_stopping
    return replace(made, stopping=EarlyStopping(wave), label=f"{made.label}, stopping early")


def _sample_counts(made: Candidate, wanted: Wanted, notes: list[Note]) -> list[int]:
    """The n that may be bought: those asked for, within what was measured."""
    known = made.measured_n()
    if wanted.samples is None or not METHODS[made.method].samples:
        return list(known)
    if len(known) == 1:
        return list(known)
    most = max(known)
    beyond = [n for n in wanted.samples if n > most]
    if beyond:
        notes.append(
            Note(
                "beyond_data",
                f"{made.label} was measured up to n = {most}: n = {', '.join(map(str, beyond))}"
                " is not offered",
            )
        )
    return [n for n in dict.fromkeys(wanted.samples) if n <= most]


def _all_measured(
    entries: Sequence[Entry], classes: Sequence[ClassLoad], workshop: Workshop
) -> None:
    """Every bucket of every class needs an option that was measured on it."""
    faults = []
    for load in classes:
        fits = [e.candidate.covers(load.mix) for e in entries]
        if not any(fits):
            names = list(workshop.parts)
            faults.append(
                Fault(
                    f"workload.classes {load.query_class!r}",
                    f"no candidate was measured on {' and '.join(load.mix)}",
                    column="mix",
                    remedy=f"the buckets measured are {', '.join(names)}",
                )
            )
    if faults:
        raise InputError(faults)
