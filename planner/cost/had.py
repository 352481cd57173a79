"""What can be had of an accelerator: blocks from a scenario's supply, or from list prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from planner.cost.blocks import Block
from planner.cost.money_assumptions import COLD_START, INTERRUPTION, LIFE_DAYS, ON_USE, RESALE
from planner.cost.rows import range_row
from planner.cost.settings import ASKED, IN_SCENARIO
from planner.domain.card import AcceleratorCard
from planner.domain.cardbook import CardBook
from planner.domain.plan import Assumption
from planner.domain.prices import RentRange, prices_as_of, rent_range
from planner.domain.ranges import Range
from planner.domain.supply import SupplyEntry
from planner.errors import InputError, Note, Problem


@dataclass(frozen=True)
class Had:
    """What can be had, the rows that state its prices, and what weakens them."""

    blocks: tuple[Block, ...]
    cold_start: Range | None
    """Where GPUs are billed by the second."""
    rows: tuple[Assumption, ...]
    notes: tuple[Note, ...]


def had_of(
    rent: Range | None,
    entries: Sequence[SupplyEntry],
    day: dt.date | None,
    cards: CardBook,
    card: AcceleratorCard,
) -> Had:
    """What a price in words, else the entries of one pool, else list prices say can be had.

    Raises InputError where a rent is needed and no provider's is known.
    """
    if rent is not None:
        entries = ()
    quoted = None
    if rent is None and not (entries and all(map(_priced, entries))):
        quoted = _quoted(cards, card)
    notes = () if quoted is None else quoted.notes
    if not entries:
        asked = quoted.usd_per_gpu_hour if quoted is not None else rent
        blocks: tuple[Block, ...] = (Block("on-demand", rent=asked),)
    else:
        on = day or prices_as_of(cards.prices.values())
        blocks, ended = _blocks(entries, card, quoted, on)
        notes = (*notes, *ended)
    starts = [entry.cold_start or COLD_START for entry in entries if entry.kind == "serverless"]
    return Had(
        blocks=blocks,
        cold_start=starts[0] if starts else None,
        rows=(
            *_rent_rows(blocks, card, quoted, IN_SCENARIO if entries else ASKED),
            *_entry_rows(entries, card),
        ),
        notes=notes,
    )


def _priced(entry: SupplyEntry) -> bool:
    return entry.usd_per_gpu_hour is not None or entry.usd_per_kwh is not None


def _quoted(cards: CardBook, accelerator: AcceleratorCard) -> RentRange:
    on = prices_as_of(cards.prices.values())
    quoted = rent_range(cards.prices.values(), accelerator.name, on=on)
    if quoted is None:
        raise InputError(
            Problem(
                "question",
                f"no provider's rent of {accelerator.title} is known",
                remedy="give it: `--price '$2.50/h'`, or `on ... at $2.50/h` in the question",
            )
        )
    return quoted


def _rent_rows(
    blocks: Sequence[Block], card: AcceleratorCard, quoted: RentRange | None, given: str
) -> list[Assumption]:
    """given: where a rent comes from that is no list price."""
    rows = []
    for block in blocks:
        if block.rent is None:
            continue
        source, date = given, None
        if quoted is not None and block.rent == quoted.usd_per_gpu_hour:
            names = [quote.title for quote in quoted.quotes]
            source = f"median and central 80% of on-demand prices: {', '.join(names)}"
            date = max(quote.rent.start_date for quote in quoted.quotes).isoformat()
        name = f"rent of one {card.title}"
        if len(blocks) > 1 or block.kind == "serverless":
            name = f"{name}, {block.kind}"
        if block.kind == "owned":
            name = f"an hour in use of one owned {card.title}"
        rows.append(
            range_row(name, block.rent, "$/h", source, "--price", date, key="[[supply]] price")
        )
    return rows


def _blocks(
    entries: Sequence[SupplyEntry], card: AcceleratorCard, quoted: RentRange | None, on: dt.date
) -> tuple[tuple[Block, ...], tuple[Note, ...]]:
    """Blocks of a pool's entries on a day; what has ended by then is left out with a note.

    quoted: the on-demand rents of the price cards, for an entry that gives no price.
    Raises InputError where every entry has ended, and where energy has a price and
    the card no watts.
    """
    blocks: list[Block] = []
    notes: list[Note] = []
    for position, entry in enumerate(entries):
        over = entry.until is not None and entry.until < on
        if over and entry.kind != "owned":
            notes.append(
                Note(
                    "supply_ended",
                    f"{entry.kind} {card.title} was there until {entry.until}: it is left out of a"
                    f" plan for {on}",
                )
            )
            continue
        if entry.usd_per_kwh is not None and card.watts is None:
            raise InputError(
                Problem(
                    f"supply of {card.name}",
                    "power has a price, and its card has no watts",
                    remedy="add watts to the card, or give price, what an hour in use costs",
                )
            )
        blocks.append(_block(entry, position, quoted, over=over))
        if over and entry.purchase_usd is not None:
            notes.append(
                Note(
                    "no_longer_sunk",
                    f"the purchase of the owned {card.title} counts again after {entry.until}",
                )
            )
    if not blocks:
        raise InputError(
            Problem(
                f"supply of {card.name}",
                f"every entry ended before {on}",
                remedy="add one that lasts longer, or set workload.day",
            )
        )
    return tuple(blocks), tuple(notes)


def _block(entry: SupplyEntry, position: int, quoted: RentRange | None, *, over: bool) -> Block:
    rent = entry.usd_per_gpu_hour
    if rent is None and quoted is not None and entry.kind in ("on-demand", "serverless"):
        rent = quoted.usd_per_gpu_hour
    sunk = entry.kind == "owned" if entry.sunk is None else entry.sunk
    return Block(
        kind=entry.kind,
        gpus=entry.count,
        rent=rent,
        usd_per_kwh=entry.usd_per_kwh,
        hosting=entry.hosting_usd_per_gpu_hour,
        purchase_usd=entry.purchase_usd,
        life_days=entry.life_days or LIFE_DAYS,
        resale=entry.resale or RESALE,
        interruption=(entry.interruption or INTERRUPTION) if entry.kind == "spot" else None,
        sunk=sunk and not over,
        until=entry.until,
        stream="rent" if position == 0 else f"rent|{entry.kind}|{position}",
    )


def _entry_rows(entries: Sequence[SupplyEntry], card: AcceleratorCard) -> tuple[Assumption, ...]:
    """What the entries state beside the rent, and the defaults that they rest on."""
    found: list[Assumption] = []
    for entry in entries:
        given = (
            (entry.interruption, ON_USE["interruption"].name, "share", "interruption"),
            (entry.cold_start, ON_USE["cold_start"].name, "share", "cold_start"),
            (entry.usd_per_kwh, "price of energy", "$/kWh", "power"),
            (entry.hosting_usd_per_gpu_hour, f"hosting of an owned {card.title}", "$/h", "hosting"),
            (entry.purchase_usd, f"purchase of one {card.title}", "$", "purchase"),
            (entry.resale, ON_USE["resale"].name, "share", "resale"),
        )
        found += [
            range_row(name, value, unit, IN_SCENARIO, key=f"[[supply]] {key}")
            for value, name, unit, key in given
            if value is not None
        ]
        found += [ON_USE[key] for key in _defaults(entry)]
    return tuple({row.name: row for row in found}.values())


def _defaults(entry: SupplyEntry) -> list[str]:
    """Keys that the entry leaves to a stated default."""
    found = []
    if entry.kind == "spot" and entry.interruption is None:
        found.append("interruption")
    if entry.kind == "serverless" and entry.cold_start is None:
        found.append("cold_start")
    if entry.purchase_usd is not None:
        found += [k for k, v in (("life", entry.life_days), ("resale", entry.resale)) if v is None]
    return found
