"""A profile: an accelerator card with measured efficiencies, from a file or among the cards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from planner.domain.card import AcceleratorCard
from planner.domain.cardbook import CardBook
from planner.errors import InputError, Problem
from planner.ingest._card_file import read_card


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
    card = None if problems else read_card(path, shown, AcceleratorCard, problems)
    if not isinstance(card, AcceleratorCard):
        raise InputError(problems, "the profile cannot be read")
    return card
