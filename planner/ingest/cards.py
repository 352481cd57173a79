"""Reads cards: those that ship with the planner, then a folder of the user's own.

A folder has the layout of `models/`: `llms/`, `verifiers/`, `accelerators/`, `prices/`, one TOML
file a card. A card of the user's replaces the bundled one of the same name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from planner._resources import bundled
from planner.domain.card import CARD_TYPES, Card, ModelCard, VerifierCard
from planner.domain.cardbook import BUNDLED, CardBook, alias_key
from planner.domain.nearest import did_you_mean
from planner.errors import InputError, Problem
from planner.ingest._card_file import read_card
from planner.ingest.bundled_cards import HEADING, bundled_cards

HERE = "models"
"""Folder of the user's own cards, where no other is named."""


@dataclass(frozen=True)
class _Read:
    """A card with the place it came from."""

    kind: str
    card: Card
    where: str
    origin: str


def load_cards(extra: Path | None = None) -> CardBook:
    """All bundled cards, and over them those of the folder `extra`.

    Without `extra`, those in `models/` where the planner runs, if it has a folder of a card's kind.

    Raises InputError with every problem of every file at once: bad TOML, an unknown key, a number
    without a source, an `architecture` that has no card, an alias that two cards claim.
    """
    extra = extra if extra is not None else models_here()
    if extra is None:
        return bundled_cards()
    problems: list[Problem] = []
    own = list(_read_user(extra, problems))
    return _checked([*_bundled_reads(), *own], problems)


@cache
def _bundled_reads() -> tuple[_Read, ...]:
    problems: list[Problem] = []
    found = tuple(_read_folder(bundled("models"), "models", problems, lambda _: BUNDLED))
    if problems:
        raise InputError(problems, HEADING)
    return found


def models_here() -> Path | None:
    """`models/` in the working directory; None where it holds no cards or is the bundled one."""
    here = Path(HERE)
    if not any((here / kind).is_dir() for kind in CARD_TYPES):
        return None
    ships = bundled("models")
    if isinstance(ships, Path) and here.resolve() == ships.resolve():
        return None
    return here


def _read_user(folder: Path, problems: list[Problem]) -> Iterator[_Read]:
    kinds = ", ".join(f"{kind}/" for kind in CARD_TYPES)
    if not folder.is_dir():
        problems.append(
            Problem(str(folder), "there is no such folder", remedy=f"make it, with {kinds} inside")
        )
        return
    # Beside cards, ./models of a project may hold what it likes; a folder that is named may not.
    strays = sorted(path.name for path in folder.glob("*.toml")) if folder != Path(HERE) else []
    problems.extend(
        Problem(
            str(folder / stray),
            "a card stands in a folder that says its kind",
            remedy=f"move it into one of {kinds}",
        )
        for stray in strays
    )
    yield from _read_folder(folder, str(folder), problems, lambda where: where)


def _read_folder(
    root: Traversable, shown: str, problems: list[Problem], origin: Callable[[str], str]
) -> Iterator[_Read]:
    """Cards below a folder, by kind and file name; what is wrong goes to `problems`."""
    for kind, card_type in CARD_TYPES.items():
        folder = root / kind
        if not folder.is_dir():
            continue
        first: dict[str, str] = {}
        files = (f for f in folder.iterdir() if f.name.endswith(".toml"))
        for file in sorted(files, key=lambda f: f.name):
            where = f"{shown}/{kind}/{file.name}"
            card = read_card(file, where, card_type, problems)
            if card is None:
                continue
            if card.name in first:
                problems.append(_twice(where, card.name, first[card.name]))
                continue
            first[card.name] = where
            yield _Read(kind, card, where, origin(where))


def _twice(where: str, name: str, before: str) -> Problem:
    return Problem(
        where,
        f"{before} has a card of this name already",
        column="name",
        value=name,
        remedy="rename one of them",
    )


def _checked(reads: list[_Read], problems: list[Problem]) -> CardBook:
    """The book of all cards, later ones replacing earlier ones, after the checks across cards."""
    kept: dict[str, dict[str, _Read]] = {kind: {} for kind in CARD_TYPES}
    for read in reads:
        kept[read.kind][read.card.name] = read
    problems.extend(_shared_names(kept))
    problems.extend(_lost_architectures(kept))
    if problems:
        raise InputError(problems, HEADING)
    cards: dict[str, Any] = {
        kind: {name: read.card for name, read in sorted(found.items())}
        for kind, found in kept.items()
    }
    origins = {(r.kind, r.card.name): r.origin for found in kept.values() for r in found.values()}
    return CardBook(**cards, origins=origins)


def _shared_names(kept: Mapping[str, Mapping[str, _Read]]) -> Iterator[Problem]:
    """Aliases that two cards of a kind claim, or that are the name of another card."""
    for found in kept.values():
        claims: dict[str, list[tuple[str, _Read]]] = defaultdict(list)
        for read in found.values():
            keys = {alias_key(word): word for word in (*read.card.aliases, read.card.name)}
            for key, word in keys.items():
                claims[key].append((word, read))
        for claimed in claims.values():
            for word, read in claimed[1:]:
                first = claimed[0][1]
                yield Problem(
                    read.where,
                    f"{first.where} claims this name too",
                    column="name" if word == read.card.name else "aliases",
                    value=word,
                    remedy=f"drop it from one of them, or name the card {first.card.name} "
                    "to replace that one",
                )


def _lost_architectures(kept: Mapping[str, Mapping[str, _Read]]) -> Iterator[Problem]:
    """Cards whose `architecture` names no model card, or leads back to the card itself."""
    models = kept["llms"]
    for kind in ("llms", "verifiers"):
        for read in kept[kind].values():
            wanted = _architecture(read.card)
            if wanted is None:
                continue
            if wanted not in models:
                yield Problem(
                    read.where,
                    "no model card has this name",
                    column="architecture",
                    value=wanted,
                    remedy=did_you_mean(wanted, models)
                    or f"write a card named {wanted} under llms/",
                )
            elif kind == "llms" and (circle := _circle(read.card.name, models)):
                yield Problem(
                    read.where,
                    f"the architecture leads in a circle: {' -> '.join(circle)}",
                    column="architecture",
                    value=wanted,
                    remedy="give one of them its own shape fields and no architecture",
                )


def _circle(name: str, models: Mapping[str, _Read]) -> list[str] | None:
    """The way from a card along `architecture` back to itself; None where it ends elsewhere."""
    path = [name]
    while (following := _architecture(models[path[-1]].card)) is not None:
        if following not in models:
            return None
        if following == name:
            return [*path, name]
        if following in path:
            return None
        path.append(following)
    return None


def _architecture(card: Card) -> str | None:
    return card.architecture if isinstance(card, (ModelCard, VerifierCard)) else None
