"""What a result was made of: digests of the files read, and what has changed in them since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from planner._resources import bundled
from planner.domain.cardbook import BUNDLED, CardBook
from planner.domain.measured import meta_path

CARD = "bundled card "
"""Before the kind and name of a card that ships with the planner."""


def file_digests(files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each file, and of the measured file beside a CSV; what is not there is left out.

    Raises OSError where one cannot be read.
    """
    named = [path for path in files if path.is_file()]
    beside = [meta_path(path) for path in named if path.suffix.lower() == ".csv"]
    return {str(path): _digest(path) for path in (*named, *(m for m in beside if m.is_file()))}


def card_digests(book: CardBook, used: Iterable[tuple[str, str]]) -> dict[str, str]:
    """SHA-256 of every card of the user's own, and of those used that ship with the planner.

    used: kind and name, such as ("llms", "llama-3-8b").
    """
    own = [Path(origin) for origin in book.origins.values() if origin != BUNDLED]
    found = file_digests(own)
    for kind, name in used:
        if book.origins.get((kind, name)) == BUNDLED:
            found[f"{CARD}{kind}/{name}"] = _digest(_shipped(kind, name))
    return found


def changes(inputs: Mapping[str, str], near: Path) -> list[str]:
    """What has changed in the files that a result was made of, one sentence each.

    inputs: SHA-256 by the name under which each was read. near: a folder where names are looked
    for too, for results and inputs are often moved together.
    """
    said = []
    for name, digest in inputs.items():
        places = [place for place in _places(name, near) if place.is_file()]
        if not places:
            said.append(f"{name} is not there any more: what it held cannot be compared")
        elif all(_digest(place) != digest for place in places):
            said.append(f"{name} has changed since: make the result again")
    return said


def _places(name: str, near: Path) -> list[Path | Traversable]:
    if name.startswith(CARD):
        return [_shipped(*name.removeprefix(CARD).split("/", 1))]
    found: list[Path | Traversable] = [Path(name), near / name, near / Path(name).name]
    if "/" not in name and "\\" not in name:
        found.append(bundled("fixtures") / name)
        found.append(bundled("fixtures") / f"{name}.csv")
    return found


def _shipped(kind: str, name: str) -> Traversable:
    return bundled("models") / kind / f"{name}.toml"


def _digest(path: Path | Traversable) -> str:
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
