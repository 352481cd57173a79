"""From a parsed question to what its answer is computed from: data, curves, terms and mix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.ask.answer import Grounds
from planner.ask.data_read import data_read, repaired
from planner.ask.question import Question
from planner.ask.resolve import ResolvedQuestion, resolve
from planner.ask.telling import SET_CHOICE
from planner.cost.settings import Settings
from planner.cost.terms import cost_assumptions
from planner.curves import Bridge, CurveBook, CurveKey, anchor_with_greedy, fit_curves
from planner.domain.cardbook import CardBook
from planner.domain.draws import Draws
from planner.domain.nearest import did_you_mean
from planner.domain.observation import ALL, Observations
from planner.domain.plan import Assumption
from planner.domain.prices import prices_as_of
from planner.domain.ranges import Range
from planner.domain.supply import POOLED
from planner.domain.weights import WeightFormat
from planner.errors import InputError, Note, Problem
from planner.ingest.fixtures import (
    DEFAULT_FIXTURE,
    canonical_question_set,
    fixture_names,
    fixture_path,
    question_sets,
)
from planner.ingest.importers import read_observed
from planner.ingest.observations_csv import read_observations
from planner.measure.replicates import Correlation
from planner.options import At, Candidate, Part, Workshop

if TYPE_CHECKING:
    from planner.domain.scenario import Scenario
    from planner.domain.supply import SupplyEntry

DEFAULT_VOLUME = 1_000_000.0
"""Queries a day where neither the question nor a scenario names any."""


def resolve_on(
    question: Question, data: Sequence[Path], cards: CardBook
) -> tuple[Observations, ResolvedQuestion]:
    """The observations and the question resolved on them.

    Without data: the default measurements that ship, and where a side is not among them, all
    that ship.
    """
    if data:
        observations = canonical(reduce(add, (read_observed(path) for path in data)))
        return observations, resolve(question, observations, cards)
    default = fixtures((DEFAULT_FIXTURE,))
    try:
        return default, resolve(question, default, cards)
    except InputError:
        everything = fixtures(fixture_names())
        return everything, resolve(question, everything, cards)


def fixtures(names: Sequence[str]) -> Observations:
    """Published measurements that ship with the planner."""
    return reduce(add, (read_observations(fixture_path(name), f"{name}.csv") for name in names))


def parts_of(resolved: ResolvedQuestion, *, several_sets: bool) -> dict[str, Part]:
    """The difficulty buckets of the answer and where each was measured.

    Buckets of the question set chosen; or, with several_sets and where all sides were measured on
    more than one, each question set as a bucket of its own.
    """
    sets = (resolved.question_set, *resolved.other_question_sets)
    if several_sets and len(sets) > 1:
        return {name: Part(name) for name in sets}
    return {bucket: Part(resolved.question_set, bucket) for bucket in resolved.buckets}


def choices_of(resolved: ResolvedQuestion, parts: Mapping[str, Part]) -> tuple[Note, ...]:
    """Notes on what was chosen; where every question set is a part, none of them was."""
    if len({part.question_set for part in parts.values()}) > 1:
        return tuple(note for note in resolved.notes if note.code != SET_CHOICE)
    return resolved.notes


def with_bridges(observations: Observations, resolved: ResolvedQuestion) -> Observations:
    """Rows of a larger question set that stand for the one chosen, added under its name.

    Only for a side that was measured on the larger set alone; the resolver has noted it.
    """
    added = [side.bridge for side in resolved.sides if side.bridge is not None]
    rows = tuple(
        bridge.row.model_copy(update={"question_set": bridge.question_set, "bucket": bridge.bucket})
        for bridge in added
    )
    places = tuple(f"bridge from {bridge.row.question_set}" for bridge in added)
    return replace(observations, rows=observations.rows + rows, places=observations.places + places)


def canonical(observations: Observations) -> Observations:
    """Question sets under their canonical names: MATH500 and MATH-500 are the same questions."""
    rows = tuple(
        row.model_copy(update={"question_set": canonical_question_set(row.question_set)})
        for row in observations.rows
    )
    return replace(observations, rows=rows)


def curves_for(
    parts: Mapping[str, Part], observations: Observations, draws: Draws, models: set[str] | None
) -> CurveBook:
    """Curves on the parts, of these models or of all; single points borrowed where n = 1 lacks."""
    wanted = {(part.question_set, part.bucket) for part in parts.values()}

    def only(key: CurveKey) -> bool:
        return (key.question_set, key.bucket) in wanted and (models is None or key.model in models)

    anchors = anchor_with_greedy(observations.rows, _bridges(parts, observations))
    kept = {key: anchor for key, anchor in anchors.items() if only(key)}
    return fit_curves(observations, draws, only=only, anchors=kept, few=True)


def _bridges(parts: Mapping[str, Part], observations: Observations) -> list[Bridge]:
    """Single-sample rows on a larger question set that may stand for its subset, with a warning."""
    sets = question_sets()
    found = []
    for part in parts.values():
        known = sets.get(part.question_set)
        if known is None or known.subset_of is None or part.bucket != ALL:
            continue
        found += [
            Bridge(row, part.question_set)
            for row in observations.rows
            if row.method in ("greedy", "sampled")
            and row.bucket == ALL
            and row.question_set == known.subset_of
        ]
    return found


def buckets_of(parts: Mapping[str, Part]) -> tuple[str, ...]:
    """Difficulty buckets of an answer: every part but the whole."""
    return tuple(name for name in parts if name != ALL)


def asked_mix(
    question: Question, parts: Mapping[str, Part]
) -> tuple[dict[str, float], tuple[Note, ...]]:
    """The traffic mix: what was asked, else the question set's own, else every part alike.

    Raises InputError where it names a bucket that was not measured.
    """
    if question.mix is not None:
        unknown = [b for b in question.mix if b not in parts]
        if unknown:
            names = [name for name in parts if name != ALL]
            remedy = did_you_mean(unknown[0], names) or f"the buckets are {', '.join(names)}"
            raise InputError(
                Problem(
                    "question",
                    "the mix names a bucket that was not measured",
                    value=unknown[0],
                    remedy=remedy,
                )
            )
        return question.mix, ()
    if ALL in parts:
        return {ALL: 1.0}, ()
    share = 1 / len(parts)
    note = Note(
        "mix_assumed",
        f"The traffic is taken to be {share:.0%} of each of {', '.join(parts)}: say `mix ...` in"
        " the question to change it.",
    )
    return dict.fromkeys(parts, share), (note,)


def volume_of(question: Question, scenario: Scenario | None) -> float:
    """Queries a day: the question's before the scenario's before DEFAULT_VOLUME."""
    if question.queries_per_day is not None:
        return question.queries_per_day
    return DEFAULT_VOLUME if scenario is None else scenario.workload.queries_per_day


def sides_of(
    resolved: ResolvedQuestion, workshop: Workshop
) -> tuple[tuple[Candidate, int | None], ...]:
    """The sides of a question as candidates, each with the n that it names."""
    found = []
    for s in resolved.sides:
        at = At(thinking_tokens=s.side.thinking_tokens)
        found.append((workshop.candidate(s.model, s.method, s.verifier, at=at), s.n_samples))
    return tuple(found)


def question_settings(question: Question) -> Settings:
    """Terms that the question itself names."""
    rent = question.usd_per_gpu_hour
    return Settings(
        accelerator=question.accelerator,
        usd_per_gpu_hour=None if rent is None else Range(low=rent, value=rent, high=rent),
        queries_per_day=question.queries_per_day,
    )


def pools_of(scenario: Scenario) -> list[tuple[SupplyEntry, ...]]:
    """The scenario's supply in pools: GPUs of one accelerator that are bought by the day, and each
    other entry by itself.
    """
    pools: dict[object, list[SupplyEntry]] = {}
    for position, entry in enumerate(scenario.supply):
        pooled = entry.kind in POOLED
        pools.setdefault(entry.accelerator if pooled else position, []).append(entry)
    return [tuple(entries) for entries in pools.values()]


def scenario_settings(scenario: Scenario, entries: Sequence[SupplyEntry]) -> Settings:
    """Terms of a scenario's workload and of one pool of its supply."""

    def first(name: str) -> Any:
        given = (getattr(entry, name) for entry in entries)
        return next((value for value in given if value is not None), None)

    on_api = entries[0].kind == "api"
    given = Settings(
        accelerator=entries[0].accelerator,
        entries=() if on_api else tuple(entries),
        day=scenario.workload.day,
        queries_per_day=scenario.workload.queries_per_day,
        fleet_usd_per_day=scenario.operations.usd_per_fleet_day,
        engine_efficiency=first("engine_efficiency"),
        utilisation=first("utilisation"),
        peak_to_mean=scenario.workload.peak_to_mean,
        min_replicas=first("min_replicas"),
        prefix_sharing=first("prefix_sharing"),
        prompt_tokens=scenario.workload.prompt_tokens,
        output_tokens=scenario.workload.output_tokens,
    )
    return given.of_scenario()


def weights_of(scenario: Scenario | None) -> dict[str, WeightFormat]:
    """Weight formats that a scenario's candidates name, by model."""
    if scenario is None:
        return {}
    return {c.model: c.weights for c in scenario.candidates if c.weights is not None}


def grounds_of(
    assumptions: Sequence[Assumption],
    notes: Sequence[Note],
    observations: Observations,
    models: set[str],
    cards: CardBook,
    draws: Draws,
    command: str,
) -> Grounds:
    """What the answer rests on: assumptions, warnings, sources, digests."""
    from importlib.metadata import version

    return Grounds(
        assumptions=(*assumptions, *_correlations(Correlation()), *cost_assumptions()),
        notes=tuple(dict.fromkeys(notes)),
        sources=sources_of(row.source for row in observations.rows if row.model in models),
        inputs=observations.digests,
        data=data_read(observations, models),
        repaired=repaired(observations),
        seed=draws.seed,
        draws=draws.n,
        version=version("inference-planner"),
        command=command,
        prices_as_of=prices_as_of(cards.prices.values()).isoformat(),
    )


def sources_of(named: Iterable[str | None]) -> tuple[str, ...]:
    """One line a work: its first word ("arXiv:2403.09472"), and the places in it."""
    places: dict[str, dict[str, None]] = {}
    for source in named:
        if source:
            work, _, place = source.partition(" ")
            places.setdefault(work, {})[place] = None
    return tuple(
        f"{work}: {'; '.join(known)}" if (known := [p for p in found if p]) else work
        for work, found in places.items()
    )


def _correlations(correlation: Correlation) -> tuple[Assumption, ...]:
    said = (
        (
            "error correlation between models on the same questions",
            correlation.models,
            (
                "assumed; medians of .33 (GPQA) and .48 (OTIS) between models were seen in Epoch"
                " AI's evaluation logs"
            ),
        ),
        (
            "error correlation between methods of one model",
            correlation.methods,
            "assumed: they choose among the same samples",
        ),
    )
    return tuple(
        Assumption(name=name, value=value, unit="correlation", source=source)
        for name, value, source in said
    )
