"""The prices of the package genai-prices (the extra `[prices]`), dollars per million tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from planner.domain.price import ApiPrice, LongContext
from planner.domain.supply import Tier
from planner.errors import InputError, Problem

TITLE = "genai-prices"
URL = "https://github.com/pydantic/genai-prices"

VARIANTS: dict[tuple[tuple[str, str], ...], Tier] = {
    (("processing", "batch"),): "batch",
    (("service_tier", "batch"),): "batch",
    (("service_tier", "flex"),): "flex",
    (("service_tier", "priority"),): "priority",
}
"""Request contexts that are tiers of ours."""


def genai_rows(on: dt.date) -> tuple[list[ApiPrice], int]:
    """(prices of every provider and tier that hold on a day or begin later, models left out).

    Raises InputError where the package is not installed.
    """
    try:
        from genai_prices.data import providers
    except ImportError:
        raise InputError(
            Problem(
                "--import genai-prices",
                "the package genai-prices is not installed",
                remedy='pip install "inference-planner[prices]", or import a file',
            )
        ) from None
    rows: list[ApiPrice] = []
    left_out = 0
    for provider in providers:
        for model in provider.models:
            found = list(_of_model(provider.id, model, on))
            rows += found
            left_out += not found
    return rows, left_out


def _of_model(provider: str, model: Any, on: dt.date) -> Iterator[ApiPrice]:
    dated = _dated(model.prices, on)
    for start, prices in dated:
        row = _row(provider, model.id, "standard", prices, start)
        if row is not None:
            yield row
    for variant in model.price_variants or ():
        tier = VARIANTS.get(tuple(sorted(variant.when.items())))
        begins = _begins(variant.constraint)
        if tier is None or begins is None:
            continue
        row = _row(provider, model.id, tier, variant.prices, max(begins, on))
        if row is not None:
            yield row


def _dated(prices: Any, on: dt.date) -> list[tuple[dt.date, Any]]:
    """(day from which, prices): what holds on the day, and what is announced for later.

    Prices of some hours of the day are left out.
    """
    if not isinstance(prices, list):
        return [(on, prices)]
    begun: list[tuple[dt.date, Any]] = []
    later: list[tuple[dt.date, Any]] = []
    for conditional in prices:
        begins = _begins(conditional.constraint)
        if begins is not None:
            (begun if begins <= on else later).append((begins, conditional.prices))
    current = max(begun, key=lambda pair: pair[0], default=None)
    return [*([(on, current[1])] if current else []), *later]


def _begins(constraint: Any) -> dt.date | None:
    """Day from which a price holds; None where it holds at some hours only."""
    if constraint is None:
        return dt.date.min
    begins: dt.date | None = getattr(constraint, "start_date", None)
    return begins


def _row(provider: str, model: str, tier: Tier, prices: Any, start: dt.date) -> ApiPrice | None:
    paid, output = _base(prices.input_mtok), _base(prices.output_mtok)
    if paid is None or output is None or paid + output == 0:
        return None
    return ApiPrice(
        model=model,
        provider=provider,
        tier=tier,
        input_usd_per_mtok=paid,
        cached_input_usd_per_mtok=_base(prices.cache_read_mtok),
        output_usd_per_mtok=output,
        reasoning_usd_per_mtok=_base(prices.output_reasoning_mtok),
        long_context=_long(prices, output),
        start_date=start,
    )


def _long(prices: Any, output: float) -> LongContext | None:
    """The first tier above the base; of several the lowest."""
    tiers = getattr(prices.input_mtok, "tiers", None)
    if not tiers:
        return None
    threshold = tiers[0].start
    dear = _above(prices.output_mtok, threshold)
    return LongContext(
        above_tokens=float(threshold),
        input_usd_per_mtok=float(tiers[0].price),
        cached_input_usd_per_mtok=_above(prices.cache_read_mtok, threshold),
        output_usd_per_mtok=output if dear is None else dear,
    )


def _base(price: Any) -> float | None:
    """A plain price, or the one below every tier."""
    base = getattr(price, "base", price)
    return None if base is None else float(base)


def _above(price: Any, threshold: int) -> float | None:
    """The price of requests just above a threshold."""
    tiers = getattr(price, "tiers", ())
    found = [tier.price for tier in tiers if tier.start <= threshold]
    return float(found[-1]) if found else _base(price)
