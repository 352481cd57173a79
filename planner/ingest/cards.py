"""Reads cards: those that ship with the planner, then a folder of the user's own.

A folder has the layout of `models/`: `llms/`, `verifiers/`, `accelerators/`, `prices/`, one TOML
file a card. A card of the user's replaces the bundled one of the same name.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from planner._resources import bundled
from planner.domain.card import CARD_TYPES, AcceleratorCard, Card, ModelCard, VerifierCard
from planner.domain.cardbook import BUNDLED, CardBook, alias_key
from planner.domain.nearest import did_you_mean, nearest
from planner.errors import InputError, Problem

HERE = "models"
"""Folder of the user's own cards, where no other is named."""
HEADING = "the cards cannot be read"


_BOUNDS = {"le": "up to", "lt": "below", "ge": "from", "gt": "above"}
_KINDS = {
    "float": "write a number, such as 0.86 or 4.8e12",
    "int": "write a whole number, such as 32",
    "string": 'write text in quotes: "..."',
    "bool": "write true or false",
    "date": "write the day without quotes: 2026-11-24",
    "tuple": "write a list: [...]",
    "model": "write a table: [name] with its keys below",
    "finite": "write a finite number",
}
"""Beginning of a fault's type -> what to write."""


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
    extra = extra if extra is not None else _models_here()
    if extra is None:
        return _bundled_cards()
    problems: list[Problem] = []
    own = list(_read_user(extra, problems))
    return _checked([*_bundled_reads(), *own], problems)


def with_profile(book: CardBook, profile: str) -> tuple[CardBook, AcceleratorCard]:
    """The book with a profile in it, and the profile: an accelerator card with efficiencies.

    profile: a TOML file, such as `planner calibrate` writes, which replaces the card of its name;
    or the name of an accelerator card that was measured.

    Raises InputError for a file that is no such card, an unknown name, or a card not measured.
    """
    path = Path(profile)
    if path.suffix == ".toml" or path.is_file():
        card = _profile_card(path, profile)
        own = dict(book.accelerators) | {card.name: card}
        origins = {**book.origins, ("accelerators", card.name): profile}
        book = replace(book, accelerators=own, origins=origins)
    else:
        card = book.accelerator(profile)
    if card.efficiency is None:
        measured = [name for name, c in book.accelerators.items() if c.efficiency is not None]
        raise InputError(
            Problem(
                "--profile",
                "this accelerator card has no measured efficiency",
                value=profile,
                remedy=f"name {' or '.join(measured)}, or make one: planner calibrate MEASURED.csv",
            )
        )
    return book, card


def _profile_card(path: Path, shown: str) -> AcceleratorCard:
    problems: list[Problem] = []
    if not path.is_file():
        problems.append(
            Problem(
                "--profile",
                "there is no such file",
                value=shown,
                remedy="planner calibrate MEASURED.csv -o profile.toml writes one",
            )
        )
    card = None if problems else _read_card(path, shown, AcceleratorCard, problems)
    if not isinstance(card, AcceleratorCard):
        raise InputError(problems, "the profile cannot be read")
    return card


@cache
def _bundled_cards() -> CardBook:
    return _checked(list(_bundled_reads()), [])


@cache
def _bundled_reads() -> tuple[_Read, ...]:
    problems: list[Problem] = []
    found = tuple(_read_folder(bundled("models"), "models", problems, lambda _: BUNDLED))
    if problems:
        raise InputError(problems, HEADING)
    return found


def _models_here() -> Path | None:
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
            card = _read_card(file, where, card_type, problems)
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


def _read_card(
    file: Traversable, where: str, card_type: type[Card], problems: list[Problem]
) -> Card | None:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        problems.append(Problem(where, "it is not UTF-8 text", remedy="save it as UTF-8"))
        return None
    except tomllib.TOMLDecodeError as error:
        problems.append(
            Problem(where, f"it is not TOML: {error}", remedy='write key = "text" or key = 7.5')
        )
        return None
    if content.get("schema") != _schema(card_type):
        problems.append(_wrong_schema(where, content.get("schema"), card_type))
        return None
    try:
        return card_type.model_validate(content)
    except ValidationError as error:
        problems.extend(_explain(where, card_type, error))
        return None


def _schema(card_type: type[Card]) -> str:
    return str(get_args(card_type.model_fields["schema_"].annotation)[0])


def _wrong_schema(where: str, seen: object, card_type: type[Card]) -> Problem:
    wanted = _schema(card_type)
    what = "the schema is missing" if seen is None else "the schema is not that of this folder"
    return Problem(
        where,
        what,
        column="schema",
        value=None if seen is None else str(seen),
        remedy=f'write schema = "{wanted}"',
    )


def _explain(where: str, card_type: type[Card], error: ValidationError) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        place = ".".join(str(part) for part in fault["loc"])
        key = str(fault["loc"][-1]) if fault["loc"] else None
        seen = fault["input"]
        value = None if isinstance(seen, (dict, list)) else str(seen)
        if fault["type"] == "extra_forbidden":
            yield Problem(
                where,
                "there is no such key",
                column=place,
                value=value,
                remedy=_which_key(key or "", card_type, nested=len(fault["loc"]) > 1),
            )
        elif fault["type"] == "missing":
            yield Problem(where, "it is missing", column=place, remedy=f"add {key} = ...")
        elif fault["type"] == "value_error":
            yield _said_by_card(where, place, str(fault["ctx"]["error"]))
        else:
            yield Problem(where, fault["msg"], column=place, value=value, remedy=_kind_of(fault))


def _said_by_card(where: str, place: str, sentence: str) -> Problem:
    """What a validator of the cards found: `what: remedy`, or a name under covers."""
    what, _, remedy = sentence.partition(": ")
    return Problem(
        where,
        what,
        column=place or "sources",
        remedy=remedy or "list under covers only fields of the card",
    )


def _which_key(key: str, card_type: type[Card], *, nested: bool) -> str:
    known = _keys(card_type)
    if not nested:
        known = set(card_type.model_fields) - {"schema_"} | {"schema"}
    found = nearest(key, known)
    return f"did you mean {found}?" if found else "remove it, or see the cards that ship"


@cache
def _keys(card_type: type[Card]) -> set[str]:
    """Keys of a card type and of the tables inside it."""
    from pydantic import TypeAdapter

    schema: Mapping[str, Any] = TypeAdapter(card_type).json_schema()
    tables = [schema, *schema.get("$defs", {}).values()]
    return {key for table in tables for key in table.get("properties", {})}


def _kind_of(fault: Mapping[str, Any]) -> str | None:
    """What to write instead, as far as the kind of fault tells."""
    context = fault.get("ctx", {})
    if "expected" in context:
        return f"write one of {context['expected']}"
    for bound, words in _BOUNDS.items():
        if bound in context:
            return f"write a number {words} {context[bound]:g}"
    return next((r for start, r in _KINDS.items() if fault["type"].startswith(start)), None)


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
