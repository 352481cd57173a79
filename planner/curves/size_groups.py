"""Which rows one regression over sizes may take: one family of models, one method, one set.

Sizes of two families do not lie on one line, nor do base and tuned models, nor dense models and
mixtures of experts. What a model is of is told by its name, less the size in it; where the name
holds none, by that of its card, or the card's family and tuning. The whole of a question set and
its buckets are the same questions and are fitted apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.curves.families.base import Array
from planner.domain.card import ModelCard
from planner.domain.cardbook import CardBook, alias_key
from planner.domain.measured import Replicated, row_key
from planner.domain.observation import ALL, Observation
from planner.units import parse_params_b

ToldBy = Literal["card", "name", "nothing"]

SIZE_IN_NAME = re.compile(r"(?<![a-z0-9.])\d+(?:\.\d+)?\s?[bm](?![a-z0-9])", re.IGNORECASE)
NEAR = 0.15
"""Relative difference up to which a size in a name is the one that params_b states: "7B" of 6.7."""


@dataclass(frozen=True)
class SizeGroup:
    """Rows that differ in model, bucket and n alone; each states its size where it is known."""

    family: str | None
    """None where neither cards nor names tell one: the models are then taken for one family."""
    told_by: ToldBy
    rows: tuple[Observation, ...]

    @property
    def name(self) -> str:
        """Such as "pythia base, oracle_best_of_n on MATH"."""
        row = self.rows[0]
        by = f" by {row.verifier}" if row.verifier else ""
        axes = (
            ("temperature", row.temperature),
            ("depth", row.depth),
            ("width", row.width),
            ("thinking tokens", row.thinking_tokens),
        )
        known = "".join(f", {name} {value:g}" for name, value in axes if value is not None)
        buckets = "" if row.bucket == ALL else ", by bucket"
        family = self.family or "models of no known family"
        return f"{family}, {row.method}{by} on {row.question_set}{buckets}{known}"

    @property
    def models(self) -> dict[str, float | None]:
        """Size of each model, billions; ascending, the unknown ones first."""
        sizes = {row.model: row.params_b for row in self.rows}
        return dict(sorted(sizes.items(), key=lambda named: named[1] or 0.0))

    def twins(self) -> list[tuple[str, str]]:
        """Pairs of models of one size: it cannot be told which of them the new size is like."""
        first: dict[float, str] = {}
        pairs = []
        for model, size in self.models.items():
            if size is not None and first.setdefault(size, model) != model:
                pairs.append((first[size], model))
        return pairs

    def covariance(self, replicates: Sequence[Replicated]) -> Array | None:
        """Covariance of the accuracies over resamples of the questions, shape (row, row).

        None where no one table holds all rows.
        """
        keys = [row_key(row) for row in self.rows]
        for table in replicates:
            if all(key in table.column for key in keys):
                values = table.accuracy[:, [table.column[key] for key in keys]]
                return np.atleast_2d(np.cov(values, rowvar=False))
        return None


def size_groups(rows: Sequence[Observation], cards: CardBook) -> list[SizeGroup]:
    """Rows by what one regression may take, in the order of the rows.

    Of two rows of one model, bucket and n the first is kept, as for curves. Sizes are those of
    params_b, else of the model's card.
    """
    cards_of = {alias_key(n): c for c in cards.llms.values() for n in (*c.aliases, c.name)}
    grouped: dict[tuple[object, ...], list[Observation]] = {}
    families: dict[tuple[object, ...], tuple[str | None, ToldBy]] = {}
    seen = set()
    for row in rows:
        if row_key(row) in seen:
            continue
        seen.add(row_key(row))
        card = cards_of.get(alias_key(row.model))
        size = row.params_b or _size_of(card)
        family = _family(row, card, size)
        key = (
            *family,
            row.method,
            row.verifier,
            row.question_set,
            row.bucket == ALL,
            row.temperature,
            row.depth,
            row.width,
            row.thinking_tokens,
        )
        families[key] = family
        grouped.setdefault(key, []).append(row.model_copy(update={"params_b": size}))
    return [SizeGroup(*families[key], tuple(found)) for key, found in grouped.items()]


def _size_of(card: ModelCard | None) -> float | None:
    return None if card is None else card.nominal_params_b or card.params_b


def _family(
    row: Observation, card: ModelCard | None, size: float | None
) -> tuple[str | None, ToldBy]:
    active = row.active_params_b or (card.active_params_b if card is not None else None)
    mixture = active is not None and size is not None and active < 0.9 * size
    kind = " mixture of experts" if mixture else ""
    # The name tells apart what family and tuning do not: tools, or two sets of training data.
    stem = _without_size(row.model, size)
    if stem is not None:
        return f"{stem or 'models named by their size'}{kind}", "name"
    if card is not None:
        return f"{_without_size(card.name, size) or f'{card.family} {card.tuning}'}{kind}", "card"
    return (kind.strip() or None), "nothing"


def _without_size(name: str, size: float | None) -> str | None:
    """A model's name less its size; None where the size is not in it."""
    for found in SIZE_IN_NAME.finditer(name):
        if size is None or abs(parse_params_b(found[0]) / size - 1.0) <= NEAR:
            stem = name[: found.start()] + name[found.end() :]
            return re.sub(r"[\s_/-]+", " ", stem).strip().casefold()
    return None
