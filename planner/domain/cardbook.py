"""All cards in one place: found by any name people use, with shapes resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from planner.domain.card import (
    AcceleratorCard,
    Card,
    ModelCard,
    PriceCard,
    VerifierCard,
)
from planner.domain.nearest import did_you_mean
from planner.errors import InputError, Problem

BUNDLED = "bundled"
"""Origin of a card that ships with the planner; other origins are paths."""

SHAPE_FIELDS = (
    "params_b",
    "active_params_b",
    "layers",
    "width",
    "heads",
    "kv_heads",
    "head_dim",
    "ffn",
    "vocab",
    "tied_embeddings",
    "experts",
    "experts_active",
    "shared_experts",
    "expert_ffn",
    "dense_layers",
    "kv_latent_dim",
    "window_tokens",
    "window_layers",
    "context_tokens",
    "weights",
)
"""Fields of a model card that `architecture` stands for: what a card leaves out, its base says."""

AnyCard = TypeVar("AnyCard", bound=Card)


@dataclass(frozen=True)
class Head:
    """What a card is found by, beside its name."""

    aliases: tuple[str, ...]
    nominal_params_b: float | None


class UnreadCards(Mapping[str, AnyCard]):
    """Cards by name, each read when it is asked for; what they are found by is known before."""

    def __init__(self, heads: Mapping[str, Head], read: Callable[[str], AnyCard]) -> None:
        self.heads = heads
        self._read = read
        self._cards: dict[str, AnyCard] = {}

    def __getitem__(self, name: str) -> AnyCard:
        if name not in self._cards:
            if name not in self.heads:
                raise KeyError(name)
            self._cards[name] = self._read(name)
        return self._cards[name]

    def __contains__(self, name: object) -> bool:
        return name in self.heads

    def __iter__(self) -> Iterator[str]:
        return iter(self.heads)

    def __len__(self) -> int:
        return len(self.heads)


def alias_key(name: str) -> str:
    """What two spellings of one name share: case, and space, `_` or `-`, do not count."""
    return re.sub(r"[\s_-]+", "-", name.strip()).casefold()


@dataclass(frozen=True)
class CardBook:
    """Every card that is known, by kind and name.

    `planner.ingest.cards.load_cards` makes one. Names and aliases are unique within a kind.
    """

    llms: Mapping[str, ModelCard] = field(default_factory=dict)
    verifiers: Mapping[str, VerifierCard] = field(default_factory=dict)
    accelerators: Mapping[str, AcceleratorCard] = field(default_factory=dict)
    prices: Mapping[str, PriceCard] = field(default_factory=dict)
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(kind, name) -> `bundled` or the path of the file; kind as in `CARD_TYPES`."""

    def model(self, name: str) -> ModelCard:
        """The model card of a name or alias; raises InputError with the nearest known name."""
        return _find(name, self.llms, self._model_names, "model")

    def verifier(self, name: str) -> VerifierCard:
        """The verifier card of a name or alias; raises InputError with the nearest known name."""
        return _find(name, self.verifiers, self._verifier_names, "verifier")

    def accelerator(self, name: str) -> AcceleratorCard:
        """The accelerator card of a name or alias; raises InputError with the nearest name."""
        return _find(name, self.accelerators, self._accelerator_names, "accelerator")

    def shape_of(self, card: ModelCard | VerifierCard) -> ModelCard:
        """A model card of this name with the shape filled in along its `architecture` chain.

        A field that the card states itself is kept; the nearest card of the chain gives the
        others, and its sources are appended so that `source_of` finds where each came from. A
        verifier gets the card of its architecture under its own name. Where the chain leaves a
        field open (an unpublished shape) it stays None.

        Raises InputError where `architecture` names no card or leads back to itself.
        """
        chain = list(self._lineage(card))
        if isinstance(card, VerifierCard):
            base = chain.pop(0)
            card = base.model_copy(
                update={
                    "name": card.name,
                    "title": card.title,
                    "aliases": card.aliases,
                    "nominal_params_b": card.nominal_params_b or base.nominal_params_b,
                    "params_b": card.params_b or base.params_b,
                    "weights": card.weights or base.weights,
                    "sources": (*card.sources, *base.sources),
                }
            )
        filled = {name: getattr(card, name) for name in SHAPE_FIELDS}
        sources = list(card.sources)
        for base in chain:
            fresh = [n for n in SHAPE_FIELDS if filled[n] is None and getattr(base, n) is not None]
            filled.update((name, getattr(base, name)) for name in fresh)
            sources += [s for s in base.sources if set(s.covers) & set(fresh) and s not in sources]
        return card.model_copy(update={**filled, "sources": tuple(sources)})

    def train_tokens_of(self, card: ModelCard) -> tuple[float, ModelCard] | None:
        """Pre-training tokens, and the card that states them: the card's own or, for a fine-tune,
        those of the nearest card along `architecture`. None where none of them is published.

        The tokens of the fine-tune itself are not added: they are few, and seldom published.
        Raises InputError where `architecture` names no card or leads back to itself.
        """
        for stated in (card, *self._lineage(card)):
            if stated.train_tokens is not None:
                return stated.train_tokens, stated
        return None

    def origin(self, card: Card) -> str:
        """`bundled`, or the path of the file that the card was read from."""
        for kind in ("llms", "verifiers", "accelerators", "prices"):
            if getattr(self, kind).get(card.name) == card:
                return self.origins.get((kind, card.name), BUNDLED)
        return BUNDLED

    def _lineage(self, card: ModelCard | VerifierCard) -> Iterator[ModelCard]:
        """The cards that `architecture` leads to, nearest first, without the card itself."""
        seen = [card.name]
        wanted = card.architecture
        while wanted is not None:
            base = self.llms.get(wanted)
            if base is None or base.name in seen:
                raise InputError(self._broken_chain(seen, wanted))
            yield base
            seen.append(base.name)
            wanted = base.architecture

    def _broken_chain(self, seen: list[str], wanted: str) -> Problem:
        if wanted in self.llms:
            what = f"its architecture leads back to itself: {' -> '.join([*seen, wanted])}"
            remedy = "give the first of them its own shape fields"
        else:
            what = "its architecture names a model that has no card"
            remedy = did_you_mean(wanted, self.llms) or "write a card for that model"
        return Problem(f"card {seen[-1]}", what, column="architecture", value=wanted, remedy=remedy)

    @cached_property
    def _model_names(self) -> Mapping[str, str]:
        return _names(self.llms)

    @cached_property
    def _verifier_names(self) -> Mapping[str, str]:
        return _names(self.verifiers)

    @cached_property
    def _accelerator_names(self) -> Mapping[str, str]:
        return _names(self.accelerators)


def _heads(cards: Mapping[str, AnyCard]) -> Mapping[str, Head]:
    """What the cards are found by, in the order of their names."""
    if isinstance(cards, UnreadCards):
        return cards.heads
    return {
        name: Head(card.aliases, getattr(card, "nominal_params_b", None))
        for name, card in sorted(cards.items())
    }


def _names(cards: Mapping[str, AnyCard]) -> dict[str, str]:
    """Key of each name and alias -> card's name. A name goes before an alias."""
    keys = {alias_key(a): name for name, head in _heads(cards).items() for a in head.aliases}
    return {**keys, **{alias_key(name): name for name in cards}}


def _find(name: str, cards: Mapping[str, AnyCard], names: Mapping[str, str], what: str) -> AnyCard:
    found = names.get(alias_key(name))
    if found is not None:
        return cards[found]
    command = {"model": "llms", "verifier": "verifiers", "accelerator": "accelerators"}[what]
    remedy = (
        did_you_mean(name, cards)
        or _through_alias(name, cards)
        or f"`planner cards {command}` lists them; a TOML card adds one"
    )
    raise InputError(Problem(what, f"no {what} has this name", value=name, remedy=remedy))


def _through_alias(name: str, cards: Mapping[str, AnyCard]) -> str | None:
    return did_you_mean(name, [alias for card in cards.values() for alias in card.aliases])
