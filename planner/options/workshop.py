"""Builds candidates: measured curves, the model's shape and a fleet that serves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from planner.cost.api import ApiBilling
from planner.cost.generic import generic_shape
from planner.cost.rows import weights_row
from planner.cost.shape import Shape
from planner.cost.storage import format_notes
from planner.cost.supply import Supply
from planner.cost.work import Reads
from planner.curves.book import CurveBook
from planner.curves.curve import Curve
from planner.curves.key import CurveKey
from planner.domain.card import Tuning, VerifierCard
from planner.domain.cardbook import CardBook
from planner.domain.method import METHODS
from planner.domain.observation import ALL, Observation
from planner.domain.plan import Assumption
from planner.domain.weights import WeightFormat
from planner.errors import InfeasibleError, InputError, Note, Problem
from planner.options.by_bucket import At, curves_by_bucket
from planner.options.candidate import Candidate, StandIn
from planner.options.fleetbook import FleetBook
from planner.options.lengths import sample_lengths
from planner.options.mix import shifted_to_total
from planner.options.sold import has_size, known_card, only_by_the_token, thinking_apart
from planner.options.whole import as_full_as_the_load

NOBODY = Shape("a person", *(0.0, 0.0), *(0, 0, 0, 0, 0), *(0.0, 0.0, 0.0))
"""A person runs no model."""


@dataclass(frozen=True)
class Part:
    """Where a difficulty bucket of an answer was measured."""

    question_set: str
    bucket: str = ALL


@dataclass
class Workshop:
    """Makes candidates over the parts of an answer; replicas of the same models are one fleet."""

    curves: CurveBook
    parts: Mapping[str, Part]
    """By the name of a bucket in the answer: buckets of one question set, or several sets."""
    cards: CardBook
    supply: Supply
    weights: WeightFormat | None = None
    """Format in which every model is served; it goes before what its candidate and card say."""
    weights_of: Mapping[str, WeightFormat] = field(default_factory=dict)
    """Formats by model, as a scenario's candidates give them."""
    notes: list[Note] = field(default_factory=list)
    assumptions: dict[str, Assumption] = field(default_factory=dict)
    """What its candidates rest on beside the terms of supply, by name."""
    _shapes: dict[str, Shape] = field(default_factory=dict)

    @cached_property
    def fleets(self) -> FleetBook:
        """The fleets of its candidates."""
        return FleetBook(self.supply)

    def candidate(
        self,
        model: str,
        method: str,
        verifier: str | None,
        api: ApiBilling | None = None,
        at: At | None = None,
        usd_per_answer: float | None = None,
        *,
        own_reader: bool = False,
    ) -> Candidate:
        """The candidate of a model, method and verifier, with every bucket that was measured.

        api: the terms on which it is bought by the token instead of run on a fleet. A model whose
        size is not published is bought by the token in any case, where a provider sells it. at: the
        depth or thinking tokens wanted, measured or not: between measured ones its accuracy is
        interpolated, beyond them extrapolated, and marked so. usd_per_answer: what a person is
        paid; a person has no other price. own_reader: the verifier reads on a fleet of its own.

        Raises InputError where nothing of it was measured, or a person's price is missing.
        """
        if method == "human" and usd_per_answer is None:
            raise InputError(
                Problem(
                    "question",
                    f"the answers of {model} are a person's, and no price of them is given",
                    remedy='write methods = ["human"] and usd_per_query under [[candidates]]',
                )
            )
        found = self._by_bucket(model, method, verifier, at)
        if not found:
            raise InputError(
                Problem(
                    "question",
                    f"no {method.replace('_', ' ')} of {model} is measured on {self.measured_on}",
                    remedy="`planner fit` lists what is measured",
                )
            )
        any_curve = next(iter(found.values()))
        key = any_curve.key
        person = usd_per_answer is not None
        sized = person or has_size(model, any_curve.params_b, self.cards)
        if api is None and not sized:
            api, rows, told = only_by_the_token(model, self.title(model), verifier, self.cards)
            self.assumptions |= {row.name: row for row in rows}
            self.notes += told
        shape = NOBODY if person else None
        if not person and (sized or api is None):
            shape = self._shape(model, any_curve.params_b, any_curve.active_params_b)
        reader = None
        if verifier is not None:
            reader = self._verifier_shape(verifier, any_curve.verifier_params_b)
        title = self.title(model)
        lengths = sample_lengths(
            model,
            found,
            self.supply,
            lambda bucket: self._rows(model, bucket),
            thinks=method == "long_cot" or self._tuned(model, "reasoning"),
        )
        self.assumptions |= {row.name: row for row in lengths.assumptions}
        nominal = any_curve.params_b or (0.0 if shape is None else shape.nominal_params_b)
        reads = self._reads(verifier)
        elsewhere = reader if own_reader else None
        fleet = None
        if api is None and shape is not None and not person:
            beside = (None, None) if own_reader else (verifier, reader)
            fleet = self.fleets.serving(model, shape, lengths, *beside)
        made = Candidate(
            label=self.label(model, method, verifier),
            model=model,
            title=title,
            method=method,
            verifier=verifier,
            curves=found,
            generator=shape,
            reader=reader,
            fleet=fleet,
            reader_fleet=None if elsewhere is None else self.fleets.reading(elsewhere),
            api=thinking_apart(api, key.thinking_tokens, lengths.mean[ALL]),
            usd_per_answer=usd_per_answer,
            supply=self.supply,
            output_tokens=lengths.mean,
            p95_to_mean=lengths.p95_to_mean,
            nominal_params_b=nominal,
            nominal_verifier_params_b=(
                0.0 if reader is None else any_curve.verifier_params_b or reader.nominal_params_b
            ),
            reads=reads,
            depth=key.depth,
            width=key.width,
            thinking_tokens=key.thinking_tokens,
            temperature=key.temperature,
        )
        return self._with_stand_in(as_full_as_the_load(made))

    def all_of(self, model: str) -> list[Candidate]:
        """Every buyable candidate of a model, in the order of its curves.

        One that does not fit, with a large verifier say, is left out with a note.
        """
        seen = dict.fromkeys(
            (key.method, key.verifier)
            for key in self.curves
            if key.model == model
            and self._part_of(key)
            and METHODS[key.method].buyable
            and key.method != "human"
        )
        found = []
        for method, verifier in seen:
            try:
                found.append(self.candidate(model, method, verifier))
            except InfeasibleError as error:
                what = f"{self.label(model, method, verifier)} is left out of the plans: {error}"
                self.notes.append(Note("option_left_out", what))
        return found

    @property
    def measured_on(self) -> str:
        """The question sets, as people name them."""
        return " and ".join(dict.fromkeys(part.question_set for part in self.parts.values()))

    def measures(self, model: str, method: str) -> bool:
        """Whether the method of a model was measured on any of the parts."""
        return any(
            key.model == model and key.method == method and self._part_of(key)
            for key in self.curves
        )

    def measured_models(self) -> list[str]:
        """Every model with a curve on the parts; RL-tuned ones are used when named only."""
        found = dict.fromkeys(key.model for key in self.curves if self._part_of(key))
        return [model for model in found if not self._tuned(model, "rl")]

    def _part_of(self, key: CurveKey) -> str | None:
        place = Part(key.question_set, key.bucket)
        return next((name for name, part in self.parts.items() if part == place), None)

    def shape(self, model: str) -> Shape:
        """Shape of a model that has a card, measured or not."""
        return self._shape(model, None, None)

    def title(self, model: str) -> str:
        """A model as its maker writes it; its own name where it has no card."""
        card = known_card(model, self.cards)
        return model if card is None else card.short_title

    def label(self, model: str, method: str, verifier: str | None) -> str:
        """As "Llemma 34B greedy" or "Llemma 7B + PRM, weighted vote"."""
        how = METHODS[method].label
        if verifier is None:
            return f"{self.title(model)} {how}"
        card = self.cards.verifiers.get(verifier)
        return f"{self.title(model)} + {verifier if card is None else card.kind}, {how}"

    def _by_bucket(
        self, model: str, method: str, verifier: str | None, at: At | None = None
    ) -> dict[str, Curve]:
        """Curves by bucket, with a note where one of several was taken."""
        wanted = (model, method, verifier)
        found, notes = curves_by_bucket(self.curves, self._part_of, wanted, at)
        self.notes.extend(notes)
        return found

    def _with_stand_in(self, made: Candidate) -> Candidate:
        """For a method measured on the whole set only: what is known of its model by bucket."""
        if set(made.curves) != {ALL} or METHODS[made.method].samples:
            return made
        for key in self.curves:
            if key.model != made.model or METHODS[key.method].buyable is False:
                continue
            curves = self._by_bucket(key.model, key.method, key.verifier)
            parts = {b: c for b, c in curves.items() if b != ALL and c.n_measured[0] == 1}
            if len(parts) < 2 or ALL not in curves:
                continue
            total = made.curves[ALL].measured[:, 0]
            samples = np.column_stack([c.measured[:, 0] for c in parts.values()])
            questions = np.array([c.n_questions[0] for c in parts.values()], dtype=np.float64)
            shifted = shifted_to_total(samples, questions / questions.sum(), total)
            return replace(
                made,
                stand_in=StandIn(key.method, parts),
                assumed=dict(zip(parts, shifted.T, strict=True)),
            )
        return made

    def _rows(self, model: str, bucket: str) -> Iterator[Observation]:
        """Every row of a model on a bucket: a sample is as long taken alone as voted on."""
        for key, curve in self.curves.items():
            if key.model == model and self._part_of(key) == bucket:
                yield from curve.observations

    def _tuned(self, model: str, how: Tuning) -> bool:
        card = known_card(model, self.cards)
        return card is not None and card.tuning == how

    def _shape(self, model: str, params_b: float | None, active_b: float | None) -> Shape:
        if model not in self._shapes:
            shape = self._shape_of(model, params_b, active_b)
            self._shapes[model] = self._stored(shape, model)
        return self._shapes[model]

    def _stored(self, shape: Shape, model: str = "") -> Shape:
        """The shape with its weights as they are served, and what a reader should know of that."""
        wished = self.weights_of.get(model)
        wanted = self.weights or wished
        stored = shape if wanted is None else shape.stored_as(wanted)
        self.notes += format_notes(stored, shape.weights, self.supply.hardware)
        if stored.weights != "bf16":
            row = weights_row(stored.name, stored.weights, self.weights, wished, chosen=bool(model))
            self.assumptions[row.name] = row
        return stored

    def _shape_of(self, model: str, params_b: float | None, active_b: float | None) -> Shape:
        card = known_card(model, self.cards)
        if card is not None:
            resolved = self.cards.shape_of(card)
            if resolved.layers is not None:
                return Shape.from_card(resolved)
            params_b = params_b or resolved.params_b or resolved.nominal_params_b
            active_b = active_b or resolved.active_params_b
        return self._generic(model, params_b, active_b)

    def _verifier_shape(self, verifier: str, params_b: float | None) -> Shape:
        card: VerifierCard | None = self.cards.verifiers.get(verifier)
        if card is None:
            return self._stored(self._generic(verifier, params_b, None))
        return self._stored(Shape.from_card(self.cards.shape_of(card)))

    def _generic(self, name: str, params_b: float | None, active_b: float | None) -> Shape:
        if params_b is None:
            raise InputError(
                Problem(
                    f"model {name}",
                    "it has no card and no params_b, so that nothing can be priced",
                    remedy="add params_b to its rows, or a card (planner cards shows examples)",
                )
            )
        among = [c for c in self.cards.llms.values() if c.layers is not None]
        shape, note = generic_shape(params_b, active_b, among)
        self.notes.append(note)
        return shape

    def _reads(self, verifier: str | None) -> Reads:
        if verifier is None:
            return "none"
        card = self.cards.verifiers.get(verifier)
        return "once a sample" if card is None else card.reads
