"""planner cards: what the planner knows of models, verifiers, accelerators and prices."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli._common import Debug, Json, Models, Quiet, guarded, print_json


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
    price_list: Annotated[
        str | None,
        typer.Option(
            "--import",
            metavar="LIST",
            help="With prices: add a list of token prices, LiteLLM's JSON or genai-prices.",
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="DAY", help="Day on which that list was made."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """List the cards, or show one with its sources and dates."""
    with guarded(debug):
        from planner import pipeline
        from planner.report import terminal_cards

        if price_list is not None:
            added = pipeline.import_prices(kind, price_list, date, models)
            print_json(added) if json else terminal_cards.print_imported(added, quiet=quiet)
            return
        shown = pipeline.cards(kind, models, name)
        if json:
            print_json(shown)
        else:
            terminal_cards.print_cards(shown, quiet=quiet)
