"""From what was asked to what was measured: each side a model, a method and a verifier.

All sides stand on one question set. Of the ways to serve them, the first in this order is taken:
the best fit of names; plain models (base, sft, instruct) before reasoning ones; rows of the very
question set before those of a larger one; the method that the words imply first; a measured range
that holds the n asked; models tuned by the same recipe, of the same family, measured in the same
file; the nearest verifier; then the most measured answers (points times questions). RL-tuned
models are taken only when they are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from planner.ask import telling
from planner.ask.matching import verifier_card, verifier_kind
from planner.ask.question import Question, Side
from planner.ask.variants import Measured, Variant
from planner.domain.card import ModelCard, VerifierCard
from planner.domain.cardbook import CardBook
from planner.domain.method import METHODS
from planner.domain.observation import ALL, Observation, Observations
from planner.errors import InputError, Note

if TYPE_CHECKING:
    from planner.curves.anchor import Bridge

Order = tuple[Any, ...]


@dataclass(frozen=True)
class Alternative:
    """Another model that fitted a side, and why it was not taken."""

    model: str
    why_not: str


@dataclass(frozen=True)
class ResolvedSide:
    """One side of a question, as measured."""

    side: Side
    label: str
    """For people, without n: "Llemma 7B + PRM, weighted vote"; no two sides share one."""
    model: str
    """As in the observations."""
    card: ModelCard | None
    """None where the rows alone describe the model."""
    method: str
    verifier: str | None
    """As in the observations."""
    verifier_card: VerifierCard | None
    n_samples: int | None
    """None where the question leaves it open."""
    params_b: float | None
    """Nominal, billions: of the rows, else of the card."""
    rows: tuple[Observation, ...]
    """What was measured of it, every bucket."""
    bridge: Bridge | None
    """Where its row is of a larger question set that stands for the one chosen."""
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class ResolvedQuestion:
    """A question whose sides are all measured on one question set."""

    question: Question
    sides: tuple[ResolvedSide, ...]
    question_set: str
    """Canonical name."""
    other_question_sets: tuple[str, ...]
    """Others on which the same models, methods and verifiers are measured too."""
    buckets: tuple[str, ...]
    """Buckets that any side was measured on; `all` first."""
    notes: tuple[Note, ...]
    """Every choice made, why, and what else there was."""


def resolve(question: Question, observations: Observations, cards: CardBook) -> ResolvedQuestion:
    """Finds what was measured for every side of a question, on one question set.

    Raises InputError, pointing at the side, where nothing fits: it lists what is measured.
    """
    measured = Measured(observations, cards)
    fits = [measured.fitting(side) for side in question.sides]
    unasked = [measured.unasked(s, f) for s, f in zip(question.sides, fits, strict=True)]
    pools: list[list[Variant]] = []
    problems = []
    for side, fit, skipped in zip(question.sides, fits, unasked, strict=True):
        names = [name for name in fit if name not in skipped]
        found = [v for name in names for v in measured.variants(side, name, fit[name])]
        pools.append([v for v in found if v.rank[0] == 0] or found)
        if not found:
            problems.append(telling.nothing_measured(question, side, measured, names, skipped))
    if problems:
        raise InputError(problems, heading="the question cannot be answered from these data")
    chosen = _choose(pools)
    if chosen is None:
        problem = telling.nothing_in_common(question, pools)
        raise InputError(problem, heading="the question cannot be answered from these data")
    others = _other_sets(chosen, pools)
    notes: list[Note] = []
    resolved = []
    for i, side in enumerate(question.sides):
        why_not = {
            name: telling.why_not(chosen, i, pools[i], name, skipped=name in unasked[i])
            for name in fits[i]
            if name != chosen[i].model.name and (chosen[i].rank[0] or fits[i][name] == 0)
        }
        resolved.append(_resolved(side, chosen[i], why_not, cards))
        told = {(s.side.model, s.side.size_b, s.model) for s in resolved[:-1]}
        again = (side.model, side.size_b, chosen[i].model.name) in told
        notes += telling.side_notes(side, chosen[i], why_not, again=again)
    if others:
        notes.append(telling.other_sets_note(chosen, others))
    present = dict.fromkeys(place.row.bucket for v in chosen for place in v.places)
    return ResolvedQuestion(
        question=question,
        sides=_distinct(resolved),
        question_set=chosen[0].question_set,
        other_question_sets=others,
        buckets=tuple(sorted(present, key=lambda b: (b != ALL, b))),
        notes=tuple(dict.fromkeys(notes)),
    )


def _choose(pools: Sequence[Sequence[Variant]]) -> list[Variant] | None:
    """The best choice of one variant a side, all on one question set; None where there is none.

    Choosing side by side for each recipe and family that occurs, rather than over every
    combination, keeps six sides with many models each as quick as two.
    """
    best: tuple[Order, list[Variant]] | None = None
    sets = sorted({v.question_set for v in chain.from_iterable(pools)})
    for question_set in sets:
        on_set = [[v for v in pool if v.question_set == question_set] for pool in pools]
        if not all(on_set):
            continue
        leaders = {
            (v.model.recipe, v.model.family, file)
            for pool in on_set
            for v in pool
            for file in v.files
        }
        for like in sorted(leaders):
            key = partial(_order, like=like)
            picked = [min(pool, key=key) for pool in on_set]
            if not frozenset.intersection(*(v.buckets for v in picked)):
                continue
            score = _score(picked, question_set)
            if best is None or score < best[0]:
                best = (score, picked)
    return None if best is None else best[1]


def _order(variant: Variant, like: tuple[tuple[str, ...], str, str]) -> Order:
    """Order of the variants of one side, given the recipe, family and file to be like."""
    fit, tuning, method, samples, verifier = variant.rank
    recipe, family, file = like
    unlike = (
        variant.model.recipe != recipe,
        variant.model.family != family,
        file not in variant.files,
    )
    points = (-variant.evidence, -variant.points)
    name = (*variant.model.plainness, variant.model.name, variant.verifier or "")
    return (fit, tuning, variant.bridged, method, samples, *unlike, verifier, *points, *name)


def _score(picked: Sequence[Variant], question_set: str) -> Order:
    """Order of whole choices, by the same rules as a side's, summed over the sides."""
    fit, tuning, method, samples, verifier = (sum(v.rank[i] for v in picked) for i in range(5))
    unlike = (
        len({v.model.recipe for v in picked}),
        len({v.model.family for v in picked}),
        not frozenset.intersection(*(v.files for v in picked)),
    )
    bridged = sum(v.bridged for v in picked)
    rich = tuple(-f(v.evidence for v in picked) for f in (min, sum))
    plain = tuple(sum(v.model.plainness[i] for v in picked) for i in range(2))
    names = tuple((v.model.name, v.verifier or "") for v in picked)
    last = (question_set, *plain, names)
    return (fit, tuning, bridged, method, samples, *unlike, verifier, *rich, *last)


def _other_sets(chosen: Sequence[Variant], pools: Sequence[Sequence[Variant]]) -> tuple[str, ...]:
    """Question sets besides the chosen one that the same choice is measured on."""
    found = [
        {
            v.question_set
            for v in pool
            if (v.model.name, v.method, v.verifier) == (c.model.name, c.method, c.verifier)
            and not v.bridged
        }
        for c, pool in zip(chosen, pools, strict=True)
    ]
    return tuple(sorted(set.intersection(*found) - {chosen[0].question_set}))


def _resolved(
    side: Side, variant: Variant, why_not: Mapping[str, str], cards: CardBook
) -> ResolvedSide:
    from planner.curves.anchor import Bridge

    model = variant.model
    reader = None if variant.verifier is None else verifier_card(variant.verifier, cards)
    whole = next((p.row for p in variant.places if p.row.bucket == ALL), variant.places[0].row)
    single = not METHODS[variant.method].samples
    return ResolvedSide(
        side=side,
        label=_label(variant, reader),
        model=model.name,
        card=model.card,
        method=variant.method,
        verifier=variant.verifier,
        verifier_card=reader,
        n_samples=1 if single else side.n_samples,
        params_b=model.params_b or (model.card.nominal_params_b if model.card else None),
        rows=tuple(place.row for place in variant.places),
        bridge=Bridge(whole, variant.question_set, whole.bucket) if variant.bridged else None,
        alternatives=tuple(Alternative(name, why) for name, why in why_not.items()),
    )


def _label(variant: Variant, reader: VerifierCard | None) -> str:
    label = METHODS[variant.method].label
    if variant.verifier is None:
        return f"{variant.model.title}, {label}"
    kind = verifier_kind(variant.verifier, reader) or variant.verifier
    return f"{variant.model.title} + {kind}, {label}"


def _distinct(sides: Sequence[ResolvedSide]) -> tuple[ResolvedSide, ...]:
    """Tells equal labels apart: by model, by verifier, then by n or what was asked."""
    for tell in _TELLS:
        labels = [side.label for side in sides]
        told = [tell(side) for side in sides]
        twins = {
            x for x in labels if len({t for t, y in zip(told, labels, strict=True) if y == x}) > 1
        }
        sides = [
            replace(side, label=new) if side.label in twins else side
            for side, new in zip(sides, told, strict=True)
        ]
    return tuple(sides)


_TELLS: tuple[Callable[[ResolvedSide], str], ...] = (
    lambda s: f"{s.label} ({s.model})",
    lambda s: f"{s.label} by {s.verifier}" if s.verifier else s.label,
    lambda s: f"{s.label}@{s.n_samples}" if s.n_samples else s.label,
    lambda s: f"{s.label} [{s.side.text}]",
)
