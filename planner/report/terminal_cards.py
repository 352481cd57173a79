"""Cards in the terminal: a list, or one with its sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.report.console import say, stdout, table
from planner.report.page import MISSING, Cell, Column
from planner.units import BYTES_PER_GB, KILO, MEGA, TERA, format_count

FIELD = (
    Column("Field", number=False),
    Column("Value", number=False),
    Column("Source", number=False),
    Column("Read", number=False),
)
CARD_COLUMNS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "llms": (("Billion\nparams", "params_b", 1), ("Billion\nactive", "active_params_b", 1),
             ("Context,\ntokens", "context_tokens", 1)),
    "verifiers": (("Kind", "kind", 1), ("Billion\nparams", "params_b", 1), ("Reads", "reads", 1)),
    "accelerators": (("bf16,\nTFLOP/s", "bf16_flop_per_s", TERA),
                     ("Memory,\nGB", "memory_byte", BYTES_PER_GB),
                     ("Bandwidth,\nTB/s", "bandwidth_byte_per_s", TERA)),
    "prices": (("Rents", "rents", 1), ("API prices", "apis", 1)),
}  # fmt: skip
"""What a list shows of each kind of card: heading, field, and the unit to divide by."""
TEXTS = {"kind", "reads"}
"""Fields of a list that are no numbers."""
NOT_FACTS = {"schema", "schema_", "name", "title", "sources", "disputed", "kind_of_card"}


def print_cards(shown: Mapping[str, Any], *, quiet: bool = False) -> None:
    """Cards (planner.cards/1): a list, or every field of a single one with source and date."""
    console = stdout()
    cards = shown["cards"]
    if len(cards) == 1:
        _print_card(cards[0])
        return
    chosen = CARD_COLUMNS.get(str(shown.get("kind")), ())
    columns = (
        # A name is there to be copied: it is not broken.
        Column("Name", number=False, whole=True),
        Column("Title", number=False),
        *(Column(heading, number=field not in TEXTS) for heading, field, _ in chosen),
    )
    rows = [
        (Cell(card["name"]), Cell(card["title"]), *(_fact(card, f, unit) for _, f, unit in chosen))
        for card in cards
    ]
    table(console, "", columns, rows)
    if not quiet:
        say(console, f"{len(cards)} cards. One with its sources: planner cards NAME")


def print_imported(added: Mapping[str, Any], *, quiet: bool = False) -> None:
    """A list of prices that was added (planner.imported/1)."""
    console = stdout()
    say(
        console,
        f"{added['prices']} prices of {added['providers']} providers as of {added['date']}:"
        f" {added['path']}",
        "bold",
    )
    if quiet:
        return
    if added["left_out"]:
        say(console, f"* {added['left_out']} entries without a price of text per token left out.")
    say(console, "* `--models DIR` with its folder uses them.")


def _fact(card: Mapping[str, Any], field: str, unit: float) -> Cell:
    value = card.get(field)
    return Cell(_value(value / unit if isinstance(value, int | float) and unit != 1 else value))


def _print_card(card: Mapping[str, Any]) -> None:
    console = stdout()
    say(console, f"{card['title']} ({card['name']})", "bold")
    console.print()
    sources = card.get("sources") or ()
    source_of = {field: source for source in sources for field in source.get("covers", ())}
    rows = []
    for field, value in card.items():
        if field in NOT_FACTS or value in (None, [], ()):
            continue
        source = source_of.get(field)
        if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            rows += [_field(f"{field} {i}", _flat(v), source) for i, v in enumerate(value, 1)]
        elif isinstance(value, Mapping):
            rows += [_field(f"{field}.{k}", _value(v), source) for k, v in value.items()]
        else:
            rows.append(_field(field, _value(value), source))
    table(console, "", FIELD, rows)
    for source in sources:
        say(console, " ".join(str(source[k]) for k in ("title", "url", "note") if source.get(k)))
    for other in card.get("disputed") or ():
        say(console, f"Disputed: {_flat(other)}")


def _field(name: str, value: str, source: Mapping[str, Any] | None) -> tuple[Cell, ...]:
    if source is None:
        return Cell(name), Cell(value), Cell(MISSING), Cell(MISSING)
    return Cell(name), Cell(value), Cell(str(source["title"])), Cell(str(source["read"]))


def _flat(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{k} {_value(v)}" for k, v in fields.items() if v is not None)


def _value(value: Any) -> str:
    """A field as text: numbers short, lists joined, rents and prices counted."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if abs(value) < MEGA and value == int(value):
            return f"{int(value):,}"
        if abs(value) >= KILO * TERA:
            return f"{value / TERA:,.5g}T"
        return format_count(value, 5)
    if isinstance(value, Mapping):
        return _flat(value)
    if isinstance(value, list | tuple):
        texts = [v for v in value if not isinstance(v, Mapping)]
        return ", ".join(_value(v) for v in texts) if texts or not value else str(len(value))
    return str(value)
