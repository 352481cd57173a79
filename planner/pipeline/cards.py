"""What the planner knows: cards listed, and lists of prices added to the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from planner.errors import InputError, Problem


def cards(
    wanted: str | None = None, models: Path | None = None, name: str | None = None
) -> dict[str, Any]:
    """The cards of a kind, all kinds counted, or one card in full; as planner.cards/1."""
    from planner.ingest.cards import load_cards
    from planner.ingest.listing import list_cards

    return list_cards(load_cards(models), wanted, name)


def import_prices(
    kind: str | None, price_list: str, date: str | None, models: Path | None = None
) -> dict[str, Any]:
    """Adds a published list of token prices to the user's cards; as planner.imported/1.

    price_list: a file in LiteLLM's format, or genai-prices. models: folder of cards, else ./models.
    Raises InputError with what is wrong with the list or the date.
    """
    import datetime as dt

    from planner.ingest.price_lists import read_price_list, write_price_card

    if kind not in (None, "prices"):
        remedy = "planner cards prices --import FILE"
        raise InputError(Problem("--import", "only prices are imported", None, kind, remedy))
    try:
        on = None if date is None else dt.date.fromisoformat(date)
    except ValueError:
        raise InputError(
            Problem("--date", "it is no day", value=date, remedy="write it like 2026-11-20")
        ) from None
    listed = read_price_list(price_list, on)
    path = write_price_card(listed, models or Path("models"))
    return {
        "schema": "planner.imported/1",
        "path": str(path),
        "date": listed.on.isoformat(),
        "prices": len(listed.rows),
        "providers": len({row.provider for row in listed.rows}),
        "left_out": listed.left_out,
    }
