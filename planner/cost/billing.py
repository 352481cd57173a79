"""The terms on which a model is bought by the token, from the price cards."""

from __future__ import annotations

from collections.abc import Sequence

from planner.cost.api import ApiBilling
from planner.cost.money_assumptions import CACHED_SHARE, ON_USE
from planner.cost.rows import range_row
from planner.cost.settings import IN_SCENARIO
from planner.domain.cardbook import CardBook
from planner.domain.draws import Draws
from planner.domain.plan import Assumption
from planner.domain.prices import STALE_DAYS, ApiQuote, api_price, api_quotes, prices_as_of, stale
from planner.domain.ranges import Range
from planner.domain.supply import SupplyEntry
from planner.errors import InputError, Note, Problem


def billing_of(
    names: Sequence[str],
    title: str,
    cards: CardBook,
    entry: SupplyEntry | None = None,
    draws: Draws | None = None,
) -> tuple[ApiBilling, tuple[Assumption, ...], tuple[Note, ...]]:
    """(terms, the rows that state them, notes) of buying a model by the token.

    names: what price cards may call it. entry: a scenario's supply of kind "api"; without it the
    cheapest provider's standard tier. Raises InputError where nobody is known to sell it so.
    """
    prices, on = cards.prices.values(), prices_as_of(cards.prices.values())
    tier = "standard" if entry is None else entry.tier
    provider = None if entry is None else entry.provider
    quote = api_price(prices, names, on=on, provider=provider, tier=tier)
    if quote is None:
        raise InputError(_nobody(title, api_quotes(prices, names, on=on), tier, provider))
    share = (entry.cached_share if entry is not None else None) or CACHED_SHARE
    terms = ApiBilling(
        price=quote.price,
        provider=quote.title,
        requests="one" if entry is None else entry.requests,
        cached_share=share.value if draws is None else draws.fraction("cached share", share),
    )
    notes = []
    if stale(quote.price.start_date, on):
        notes.append(
            Note(
                "stale_price",
                f"the price of {title} at {quote.title} was checked on {quote.price.start_date},"
                f" more than {STALE_DAYS} days before the newest price known: look it up again, or"
                " import newer ones (`planner cards prices --import`)",
            )
        )
    return terms, _rows(title, quote, share, given=entry is not None), tuple(notes)


def _nobody(title: str, sold: Sequence[ApiQuote], tier: str, provider: str | None) -> Problem:
    remedy = (
        'take kind = "api" out, add a price card, or import a list: `planner cards prices --import`'
    )
    if sold:
        names = ", ".join(quote.provider for quote in sold)
        remedy = f"in the standard tier it is sold by {names}"
    what = f"no provider's price per token of it is known, tier {tier}"
    return Problem(f"model {title}", what, value=provider, remedy=remedy)


def _rows(title: str, quote: ApiQuote, share: Range, *, given: bool) -> tuple[Assumption, ...]:
    price = quote.price
    tier = "" if price.tier == "standard" else f", {price.tier}"
    date = price.start_date.isoformat()
    told = [
        ("input", price.input_usd_per_mtok),
        ("cached input", price.cached_input_usd_per_mtok),
        ("output", price.output_usd_per_mtok),
        ("thinking", price.reasoning_usd_per_mtok),
    ]
    if (long := price.long_context) is not None:
        above = f"of requests over {long.above_tokens:,.0f} tokens"
        told += [
            (f"input {above}", long.input_usd_per_mtok),
            (f"output {above}", long.output_usd_per_mtok),
        ]
    unit = "$ a million tokens"
    rows = [
        range_row(f"{title}, {what}{tier}", _exact(usd), unit, quote.title, date=date)
        for what, usd in told
        if usd is not None
    ]
    if price.long_context is not None:
        rows.append(ON_USE["prompt_cv"])
    if given and share != CACHED_SHARE:
        usual = ON_USE["cached_share"]
        given_row = range_row(usual.name, share, usual.unit, IN_SCENARIO, key=usual.key)
        return (*rows, given_row)
    return (*rows, ON_USE["cached_share"])


def _exact(number: float) -> Range:
    return Range(low=number, value=number, high=number)
