"""A few cards by their names: the others are not parsed, which takes most of a short command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planner._resources import bundled
from planner.domain.card import CARD_TYPES, Card, ModelCard, VerifierCard
from planner.domain.cardbook import CardBook
from planner.errors import Problem
from planner.ingest._card_file import read_card
from planner.ingest.cards import load_cards, models_here


def few_cards(wanted: Mapping[str, Sequence[str]], extra: Path | None = None) -> CardBook:
    """The bundled cards of these names, by kind, with those that they rest on.

    All cards where the user has some, or where a name is an alias or of no card: only with all of
    them can it be told what was meant.
    """
    if extra is not None or models_here() is not None:
        return load_cards(extra)
    found: dict[str, dict[str, Any]] = {kind: {} for kind in CARD_TYPES}
    todo = [(kind, name) for kind, names in wanted.items() for name in names]
    while todo:
        kind, name = todo.pop()
        if name in found[kind]:
            continue
        card = _card(kind, name)
        if card is None:
            return load_cards()
        found[kind][name] = card
        if isinstance(card, ModelCard | VerifierCard) and card.architecture is not None:
            todo.append(("llms", card.architecture))
    return CardBook(found["llms"], found["verifiers"], found["accelerators"], found["prices"])


def _card(kind: str, name: str) -> Card | None:
    file = bundled("models") / kind / f"{name}.toml"
    if "/" in name or not file.is_file():
        return None
    problems: list[Problem] = []
    return read_card(file, f"models/{kind}/{name}.toml", CARD_TYPES[kind], problems)
