"""What `planner check` finds in a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from planner.domain.card import Card
from planner.errors import InputError, Problem
from planner.ingest.importers import importer_of, read_observed


@dataclass(frozen=True)
class Checked:
    """One file, read as far as it could be."""

    path: Path
    kind: str
    """What it was taken for."""
    summary: str
    """One line when it is sound; every problem when it is not."""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As planner.check/1 lists it."""
        return {
            "path": str(self.path),
            "kind": self.kind,
            "sound": not self.problems,
            "problems": [vars(problem) for problem in self.problems],
            "notes": list(self.notes),
        }


def check_file(path: Path) -> Checked:
    """Reads a file by its kind.

    A folder holds cards, .toml is a card or a scenario, .json a saved result, unless a format of
    observations knows it; all else is observations.
    """
    if path.is_dir():
        return _checked(path, "cards", _cards)
    suffix = path.suffix.lower()
    if suffix == ".toml":
        kind = _card_type(path)
        if kind is not None:
            return _checked(path, "card", partial(_card, kind=kind))
        return _checked(path, "scenario", _scenario)
    if suffix == ".json" and importer_of(path) is None:
        return _checked(path, "saved result", _saved)
    return _checked(path, "observations", _observations)


def _checked(path: Path, kind: str, read: Any) -> Checked:
    try:
        summary, notes = read(path)
    except InputError as error:
        return Checked(path, kind, str(error), error.problems)
    return Checked(path, kind, f"{path}: {summary}", (), tuple(notes))


def _observations(path: Path) -> tuple[str, list[str]]:
    found = read_observed(path)
    models = len({row.model for row in found.rows})
    sets = ", ".join(dict.fromkeys(row.question_set for row in found.rows))
    text = f"{len(found.rows)} observations of {models} models on {sets}: sound"
    return text, [note.message for note in found.notes]


def _scenario(path: Path) -> tuple[str, list[str]]:
    from planner.ingest.scenario import read_scenario

    scenario = read_scenario(path)
    notes = []
    for file in scenario.data.observations:
        notes += [note.message for note in read_observed(file).notes]
    classes = len(scenario.workload.classes)
    text = f"a scenario of {classes} query classes and {len(scenario.candidates)} candidates: sound"
    return text, notes


def _card_type(path: Path) -> type[Card] | None:
    """What kind of card a file holds; None for a scenario, and for what cannot be told."""
    from planner.ingest._card_file import card_type_of
    from planner.ingest.toml_file import read_toml

    try:
        return card_type_of(read_toml(path).values) if path.is_file() else None
    except InputError:
        return None  # which its reader says best


def _card(path: Path, kind: type[Card]) -> tuple[str, list[str]]:
    from planner.ingest._card_file import read_card
    from planner.ingest.bundled_cards import HEADING

    problems: list[Problem] = []
    card = read_card(path, str(path), kind, problems)
    if card is None:
        raise InputError(problems, HEADING)
    return f"the card {card.name}: sound", []


def _cards(path: Path) -> tuple[str, list[str]]:
    from planner.ingest.cards import load_cards

    book = load_cards(path)
    own = [name for (_, name), origin in book.origins.items() if origin != "bundled"]
    if not own:
        raise InputError(
            Problem(
                str(path),
                "the folder holds no cards",
                remedy="put them in its llms, verifiers, accelerators or prices, one TOML each",
            )
        )
    return f"{len(own)} cards: sound", []


def _saved(path: Path) -> tuple[str, list[str]]:
    """A saved result, and what has changed since in the files that it was made of."""
    from planner.ingest.origins import changes
    from planner.ingest.saved import RESULTS, read_result

    found = read_result(path)
    schema = next(name for name, kind in RESULTS.items() if type(found) is kind)
    inputs = getattr(found, "inputs", None)
    notes = changes(inputs, path.parent) if isinstance(inputs, dict) else []
    return f"{json.dumps(schema)}: sound{_since(inputs, notes)}", notes


def _since(inputs: object, notes: list[str]) -> str:
    if not inputs or not isinstance(inputs, dict):
        return ""
    if not notes:
        return f", and none of the {len(inputs)} files and cards it was made of has changed"
    return f", and {len(notes)} of the {len(inputs)} files and cards it was made of have changed"
