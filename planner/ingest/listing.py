"""The cards as `planner cards` shows them."""

from __future__ import annotations

from typing import Any

from planner.domain.card import CARD_TYPES, Card
from planner.domain.cardbook import CardBook
from planner.domain.nearest import did_you_mean
from planner.errors import InputError, Problem

SCHEMA = "planner.cards/1"


def list_cards(
    book: CardBook, wanted: str | None = None, name: str | None = None
) -> dict[str, Any]:
    """All cards of a kind; of every kind without one; or one card, found by name or alias.

    wanted: a kind, or a name of any kind; name: of a card of the kind `wanted`.

    Raises InputError where `wanted` is neither a kind nor a card.
    """
    if wanted is not None and name is not None:
        return _of_kind(book, wanted, name)
    if wanted is None:
        cards = [card for kind in CARD_TYPES for card in getattr(book, kind).values()]
        return {"schema": SCHEMA, "kind": "all", "cards": [_shown(book, c) for c in cards]}
    if wanted in CARD_TYPES:
        cards = list(getattr(book, wanted).values())
        return {"schema": SCHEMA, "kind": wanted, "cards": [_shown(book, c) for c in cards]}
    for kind, find in (
        ("llms", book.model),
        ("verifiers", book.verifier),
        ("accelerators", book.accelerator),
    ):
        try:
            return {"schema": SCHEMA, "kind": kind, "cards": [_shown(book, find(wanted))]}
        except InputError:
            continue
    if wanted in book.prices:
        return {"schema": SCHEMA, "kind": "prices", "cards": [_shown(book, book.prices[wanted])]}
    names = [name for kind in CARD_TYPES for name in getattr(book, kind)]
    remedy = did_you_mean(wanted, [*CARD_TYPES, *names]) or f"a kind is {', '.join(CARD_TYPES)}"
    raise InputError(
        Problem("planner cards", "no kind or card has this name", None, wanted, remedy)
    )


def _of_kind(book: CardBook, kind: str, name: str) -> dict[str, Any]:
    """The card of a name or alias within a kind."""
    if kind not in CARD_TYPES:
        remedy = did_you_mean(kind, CARD_TYPES) or f"a kind is {', '.join(CARD_TYPES)}"
        raise InputError(Problem("planner cards", "there is no such kind", None, kind, remedy))
    finders = {"llms": book.model, "verifiers": book.verifier, "accelerators": book.accelerator}
    if kind in finders:
        return {"schema": SCHEMA, "kind": kind, "cards": [_shown(book, finders[kind](name))]}
    if name not in book.prices:
        remedy = did_you_mean(name, book.prices) or "`planner cards prices` lists them"
        raise InputError(
            Problem("planner cards", "no price card has this name", None, name, remedy)
        )
    return {"schema": SCHEMA, "kind": kind, "cards": [_shown(book, book.prices[name])]}


def _shown(book: CardBook, card: Card) -> dict[str, Any]:
    shown = card.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {**shown, "origin": book.origin(card)}
