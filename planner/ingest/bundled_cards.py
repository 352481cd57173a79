"""The cards that ship, each read when it is asked for: most commands need a handful of hundreds.

Their names are those of their files, and what else they are found by is read off their lines. That
every one of them is sound, and that these lines say what the card says, is tested.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

from planner._resources import bundled
from planner.domain.card import CARD_TYPES, Card
from planner.domain.cardbook import BUNDLED, CardBook, Head, UnreadCards
from planner.errors import InputError, Problem
from planner.ingest._card_file import read_card

HEADING = "the cards cannot be read"
_ALIASES = re.compile(r"^aliases = \[([^\]]*)\]", re.MULTILINE)
_SIZE = re.compile(r"^nominal_params_b = (\S+)$", re.MULTILINE)
_QUOTED = re.compile(r'"([^"]*)"')
_SUFFIX = ".toml"


@cache
def bundled_cards() -> CardBook:
    """All bundled cards, none of them read yet."""
    folder = bundled("models")
    cards: dict[str, Any] = {kind: _unread(folder / kind, kind) for kind in CARD_TYPES}
    origins = {(kind, name): BUNDLED for kind, found in cards.items() for name in found}
    return CardBook(**cards, origins=origins)


def _unread(folder: Traversable, kind: str) -> UnreadCards[Card]:
    files = (f.name for f in folder.iterdir() if f.name.endswith(_SUFFIX))
    names = sorted(name.removesuffix(_SUFFIX) for name in files)
    heads = {name: _head(folder / f"{name}{_SUFFIX}") for name in names}

    def read(name: str) -> Card:
        problems: list[Problem] = []
        file = f"{name}{_SUFFIX}"
        card = read_card(folder / file, f"models/{kind}/{file}", CARD_TYPES[kind], problems)
        if card is None:
            raise InputError(problems, HEADING)
        return card

    return UnreadCards(heads, read)


def _head(file: Traversable) -> Head:
    text = file.read_text(encoding="utf-8")
    aliases, size = _ALIASES.search(text), _SIZE.search(text)
    return Head(
        tuple(_QUOTED.findall(aliases[1])) if aliases else (),
        float(size[1]) if size else None,
    )
