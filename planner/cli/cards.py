"""planner cards: what the planner knows of models, verifiers, accelerators and prices."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli._common import Debug, Json, Models, guarded, print_json


def command(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND]", help="llms, verifiers, accelerators or prices; or a card's name."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A card of that kind, in full.")
    ] = None,
    models: Models = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """List the cards, or show one with its sources and dates."""
    with guarded(debug):
        from planner import pipeline
        from planner.report import terminal

        shown = pipeline.cards(kind, models, name)
        if json:
            print_json(shown)
        else:
            terminal.print_cards(shown)
