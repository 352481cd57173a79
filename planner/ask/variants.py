"""Every way in which the observations can serve a side of a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from planner.ask.matching import Model, model_fit, model_of, verifier_fit
from planner.ask.question import Side
from planner.domain.cardbook import CardBook
from planner.domain.method import METHODS
from planner.domain.observation import Observation, Observations
from planner.errors import InputError
from planner.ingest.fixtures import canonical_question_set, question_sets

VERIFIER_METHODS = ("weighted_vote", "best_of_n", *(
    m.name for m in METHODS.values() if m.verifier and m.name not in ("weighted_vote", "best_of_n")
))  # fmt: skip
"""Methods taken for "+PRM", in this order."""


@dataclass(frozen=True)
class Place:
    """A row, the question set it belongs to by its canonical name, and its file."""

    row: Observation
    question_set: str
    file: str


@dataclass(frozen=True)
class Variant:
    """One measured way to serve a side on one question set."""

    model: Model
    method: str
    verifier: str | None
    question_set: str
    """The set it serves on."""
    places: tuple[Place, ...]
    bridged: bool
    """True where the rows are of a larger set that holds this one."""
    rank: tuple[int, int, int, int, int]
    """Fit of the name, tuning, method, number of samples, verifier; smaller is better."""
    evidence: int
    """Questions behind all points of the model, by any method, on the set it serves on."""

    @property
    def points(self) -> int:
        """Measured points; two sources of one point count once."""
        return len(distinct(self.places))

    @property
    def files(self) -> frozenset[str]:
        """Files that its rows come from."""
        return frozenset(place.file for place in self.places)

    @property
    def buckets(self) -> frozenset[str]:
        """Buckets that were measured."""
        return frozenset(place.row.bucket for place in self.places)


def distinct(places: Sequence[Place]) -> dict[tuple[object, ...], int]:
    """Questions behind each different point among rows."""
    return {
        (r.method, r.verifier, r.bucket, r.n_samples, r.depth, r.width, r.thinking_tokens): (
            r.n_questions
        )
        for r in (place.row for place in places)
    }


class Measured:
    """The observations, by model and by what was measured of it."""

    def __init__(self, observations: Observations, cards: CardBook) -> None:
        self.cards = cards
        self.places: dict[str, list[Place]] = {}
        for row, where in zip(observations.rows, observations.places, strict=True):
            place = Place(row, canonical_question_set(row.question_set), where.rpartition(":")[0])
            self.places.setdefault(row.model, []).append(place)
        self.models = {
            name: model_of(name, [p.row for p in places], cards)
            for name, places in sorted(self.places.items())
        }

    def fitting(self, side: Side) -> dict[str, int]:
        """Models that fit a side, with how well; 0 is the very name."""
        asked = None
        if side.model is not None:
            try:
                asked = self.cards.model(side.model)
            except InputError:
                asked = None
        fits = {n: model_fit(side, model, asked) for n, model in self.models.items()}
        return {name: fit for name, fit in fits.items() if fit is not None}

    def unasked(self, side: Side, fits: Mapping[str, int]) -> set[str]:
        """RL-tuned models among those that fit, which are taken only when named."""
        tuned = {n for n, fit in fits.items() if fit > 0 and self.models[n].tuning == "rl"}
        named = side.model is not None and len(tuned) == len(fits)
        return set() if named else tuned

    def variants(self, side: Side, name: str, fit: int) -> list[Variant]:
        """What was measured of a model that can serve the side, on every question set."""
        model = self.models[name]
        groups: dict[tuple[str, str | None, str], list[Place]] = {}
        for place in self.places[name]:
            row = place.row
            caps = (None, row.thinking_tokens)
            if side.thinking_tokens in caps:
                key = (row.method, row.verifier, place.question_set)
                groups.setdefault(key, []).append(place)
        found: list[Variant] = []
        for (method, verifier, question_set), places in groups.items():
            method_rank = method_fit(side, method)
            verifier_rank = verifier_fit(side, places[0].row, model, self.cards)
            if method_rank is None or verifier_rank is None:
                continue
            samples_rank = samples_fit(side, [place.row.n_samples for place in places])
            found.append(
                Variant(
                    model,
                    method,
                    verifier,
                    question_set,
                    tuple(places),
                    bridged=False,
                    rank=(
                        fit,
                        model.plain_order,
                        method_rank,
                        samples_rank,
                        verifier_rank,
                    ),
                    evidence=self._evidence(name, question_set),
                )
            )
        return found + self._bridged(found)

    def _evidence(self, name: str, question_set: str) -> int:
        here = [p for p in self.places[name] if p.question_set == question_set]
        return sum(distinct(here).values())

    def _bridged(self, variants: Sequence[Variant]) -> list[Variant]:
        """Greedy rows on a set that holds smaller ones can serve on these, with a note."""
        own = {(v.method, v.question_set) for v in variants}
        return [
            replace(
                v,
                question_set=smaller,
                bridged=True,
                evidence=self._evidence(v.model.name, smaller),
            )
            for v in variants
            if v.method == "greedy"
            for smaller in self._subsets.get(v.question_set, ())
            if (v.method, smaller) not in own
        ]

    @cached_property
    def _subsets(self) -> dict[str, tuple[str, ...]]:
        """Measured question sets by the larger set that they were taken from."""
        measured = {p.question_set for places in self.places.values() for p in places}
        held: dict[str, tuple[str, ...]] = {}
        for name, known in question_sets().items():
            if known.subset_of is not None and name in measured:
                held[known.subset_of] = (*held.get(known.subset_of, ()), name)
        return held


def method_fit(side: Side, method: str) -> int | None:
    """How well a method fits a side, smaller is better; None does not fit.

    Where the side names no method: with a verifier, weighted_vote, then best_of_n; with a number
    of samples, majority_vote; otherwise greedy, then sampled, then long thinking, which is how
    reasoning models are measured.
    """
    if side.method is not None:
        wanted: tuple[str, ...] = (side.method,)
    elif side.verifier is not None:
        wanted = VERIFIER_METHODS
    elif side.n_samples is not None and side.n_samples > 1:
        wanted = ("majority_vote",)
    else:
        wanted = ("greedy", "sampled", "long_cot")
    return wanted.index(method) if method in wanted else None


def samples_fit(side: Side, counts: Sequence[int]) -> int:
    """Whether the asked number of samples lies within the measured ones: 0, below 1, beyond 2."""
    n = side.n_samples
    if n is None or n in counts or (len(set(counts)) > 1 and min(counts) <= n <= max(counts)):
        return 0
    return 1 if n < max(counts) else 2
