"""What a GPU-hour and a million tokens cost on a day, over all providers known.

Pure functions of price cards: which day it is stands in an argument. Accelerators and models
are given by the names of their cards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from planner.domain.card import PriceCard, Source
from planner.domain.cardbook import alias_key
from planner.domain.price import ApiPrice, Rent
from planner.domain.ranges import Range
from planner.domain.supply import Tier
from planner.errors import Note

Billing = Literal["on-demand", "reserved", "spot"]

ONE_PROVIDER_SPREAD = 0.2
"""Width given to the price of a single provider: an assumption, not a measurement."""
STALE_DAYS = 90
"""Days after which the report says that a price should be looked up again."""


@dataclass(frozen=True)
class RentQuote:
    """The rent that one provider asks on a day."""

    provider: str
    """Name of the price card."""
    title: str
    rent: Rent
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class RentRange:
    """Rents of one accelerator over its providers."""

    accelerator: str
    billing: Billing
    on: dt.date
    usd_per_gpu_hour: Range
    """Median of the providers; low and high are their 10% and 90% quantiles."""
    quotes: tuple[RentQuote, ...]
    """Cheapest first."""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class ApiQuote:
    """The price per million tokens that one provider asks on a day."""

    provider: str
    title: str
    price: ApiPrice
    sources: tuple[Source, ...]


def prices_as_of(prices: Iterable[PriceCard]) -> dt.date:
    """Day of the newest source of the cards: prices are taken as they stood then.

    The clock is not asked, so that the same cards give the same answer on any day.
    """
    return max((s.read for card in prices for s in card.sources), default=dt.date.min)


def stale(price_date: dt.date, today: dt.date, days: int = STALE_DAYS) -> bool:
    """Whether a price is more than `days` old."""
    return (today - price_date).days > days


def rent_range(
    prices: Iterable[PriceCard], accelerator: str, *, on: dt.date, billing: Billing = "on-demand"
) -> RentRange | None:
    """Rents of an accelerator valid on a day: of each provider the latest that has begun.

    The middle is the median over providers; low and high are the 10% and 90% quantiles,
    interpolated, so that the range is a central 80%. One provider alone gives its price +- 20%
    and a note. None where no provider has a price: the user must then give one. A price of
    another form factor is never used in its place.
    """
    quotes = rent_quotes(prices, accelerator, on=on, billing=billing)
    if not quotes:
        return None
    asked = [quote.rent.usd_per_gpu_hour for quote in quotes]
    notes = []
    if len(quotes) == 1:
        (only,) = asked
        low, high = only * (1 - ONE_PROVIDER_SPREAD), only * (1 + ONE_PROVIDER_SPREAD)
        notes.append(
            Note(
                "one_provider",
                f"only {quotes[0].title} has a price for {accelerator} ({billing}): "
                f"a range of 20% either way is assumed",
            )
        )
    else:
        low, high = _quantile(asked, 0.1), _quantile(asked, 0.9)
    if old := [quote for quote in quotes if stale(quote.rent.start_date, on)]:
        notes.append(
            Note(
                "stale_price",
                f"{len(old)} of {len(quotes)} prices for {accelerator} are more than "
                f"{STALE_DAYS} days old: {', '.join(quote.title for quote in old)}",
            )
        )
    return RentRange(
        accelerator=accelerator,
        billing=billing,
        on=on,
        usd_per_gpu_hour=Range(value=_quantile(asked, 0.5), low=low, high=high),
        quotes=quotes,
        notes=tuple(notes),
    )


def rent_quotes(
    prices: Iterable[PriceCard], accelerator: str, *, on: dt.date, billing: Billing = "on-demand"
) -> tuple[RentQuote, ...]:
    """Each provider's latest rent that has begun by the day, cheapest first."""
    quotes = []
    for card in prices:
        begun = [
            rent
            for rent in card.rents
            if (rent.accelerator, rent.billing) == (accelerator, billing) and rent.start_date <= on
        ]
        if begun:
            rent = max(begun, key=lambda rent: rent.start_date)
            quotes.append(RentQuote(card.name, card.title, rent, _covering(card, "rents")))
    return tuple(sorted(quotes, key=lambda q: (q.rent.usd_per_gpu_hour, q.provider)))


def api_quotes(
    prices: Iterable[PriceCard],
    models: str | Collection[str],
    *,
    on: dt.date,
    tier: Tier = "standard",
) -> tuple[ApiQuote, ...]:
    """Each provider's latest token price of a model that has begun by the day, in one tier.

    models: the names that the model goes by. Cheapest first, for as many tokens read as written.
    A card may list several providers; of one that several cards list, the latest price counts.
    """
    names = {alias_key(name) for name in ([models] if isinstance(models, str) else models)}
    latest: dict[str, tuple[ApiPrice, PriceCard]] = {}
    for card in prices:
        for price in card.apis:
            if price.tier == tier and price.start_date <= on and alias_key(price.model) in names:
                seller = price.provider or card.name
                known = latest.get(seller)
                if known is None or known[0].start_date <= price.start_date:
                    latest[seller] = (price, card)
    quotes = []
    for seller, (price, card) in latest.items():
        title = card.title if price.provider is None else f"{seller} ({card.title})"
        quotes.append(ApiQuote(seller, title, price, _covering(card, "apis")))
    return tuple(sorted(quotes, key=lambda q: (_both_ways(q.price), q.provider)))


def api_price(
    prices: Iterable[PriceCard],
    models: str | Collection[str],
    *,
    on: dt.date,
    provider: str | None = None,
    tier: Tier = "standard",
) -> ApiQuote | None:
    """The token price of a model on a day: of the named provider, else the cheapest one's.

    None where there is no price. Providers differ in precision, speed and terms: `api_quotes`
    lists them all.
    """
    quotes = api_quotes(prices, models, on=on, tier=tier)
    return next((quote for quote in quotes if provider in (None, quote.provider)), None)


def _both_ways(price: ApiPrice) -> float:
    return price.input_usd_per_mtok + price.output_usd_per_mtok


def _covering(card: PriceCard, field: str) -> tuple[Source, ...]:
    return tuple(source for source in card.sources if field in source.covers)


def _quantile(ascending: list[float], q: float) -> float:
    """Linear between the two order statistics around q."""
    at = q * (len(ascending) - 1)
    below = int(at)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (ascending[above] - ascending[below]) * (at - below)
