"""Where queries can be served, and at which price: the entries of a scenario's supply."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from planner.domain.base import Strict
from planner.domain.quantity import (
    Count,
    Days,
    ShareRange,
    UsdPerHourRange,
    UsdPerKwhRange,
    UsdRange,
)

SupplyKind = Literal["owned", "reserved", "on-demand", "spot", "serverless", "api"]
Tier = Literal["standard", "batch", "flex", "priority"]
"""Service levels at which providers sell tokens."""
Requests = Literal["one", "each sample"]
"""Whether one request returns all samples of a prompt, or each sample is a request of its own."""

POOLED: tuple[SupplyKind, ...] = ("owned", "reserved", "on-demand", "spot")
"""Kinds whose GPUs are bought by the day; those of one accelerator are one pool."""

_ONLY: dict[str, tuple[SupplyKind, ...]] = {
    "accelerator": (*POOLED, "serverless"),
    "price": (*POOLED, "serverless"),
    "count": POOLED,
    "until": POOLED,
    "min_replicas": POOLED,
    "prefix_sharing": (*POOLED, "serverless"),
    "purchase": ("owned",),
    "life": ("owned",),
    "resale": ("owned",),
    "power": ("owned",),
    "hosting": ("owned",),
    "sunk": ("owned", "reserved"),
    "interruption": ("spot",),
    "cold_start": ("serverless",),
    "provider": ("api",),
    "tier": ("api",),
    "requests": ("api",),
    "cached_share": ("api",),
}
"""Key -> the kinds that have it; every kind has the others."""


class SupplyEntry(Strict):
    """GPUs or tokens that can be had, and their price. What is None is a stated default."""

    accelerator: str | None = Field(default=None, min_length=1)
    """Name of an accelerator's card; none for an API."""
    usd_per_gpu_hour: UsdPerHourRange | None = Field(default=None, alias="price")
    """In a file: price = "$2.50/h", a number, or [low, high]. Without it, the on-demand rents
    of the price cards. Of owned GPUs: what an hour in use costs, power and hosting."""
    kind: SupplyKind = "on-demand"
    engine_efficiency: ShareRange | None = None
    """Kernel time over the serving engine's time."""
    utilisation: ShareRange | None = None
    """Most of a replica's capacity that is used at the peak."""
    min_replicas: Count | None = None
    """Replicas as soon as a fleet is there at all; 2 leaves one when one fails."""
    prefix_sharing: bool | None = None
    """Whether the samples of a query share the cache of their prompt, which is then read once; with
    false the engine reads it and keeps a copy of it for every sample, step and round."""
    count: Count | None = None
    """GPUs that can be had; without it as many as needed."""
    until: dt.date | None = None
    """Last day: afterwards the entry is left out, and owned GPUs are no longer sunk."""
    sunk: bool | None = None
    """The money is spent whatever the plan: a purchase (the default), or a signed reservation."""
    purchase_usd: UsdRange | None = Field(default=None, alias="purchase")
    """Of one GPU with its part of the server and the network."""
    life_days: Days | None = Field(default=None, alias="life", gt=0)
    """Over which a purchase is written off in equal parts."""
    resale: ShareRange | None = None
    """Part of the purchase that is got back at the end of its life."""
    usd_per_kwh: UsdPerKwhRange | None = Field(default=None, alias="power")
    """In a file: power = "$0.12/kWh"; the watts stand on the accelerator's card."""
    hosting_usd_per_gpu_hour: UsdPerHourRange | None = Field(default=None, alias="hosting")
    """Space, network and hands for one owned GPU."""
    interruption: ShareRange | None = None
    """Part of a spot GPU's paid hours that interruptions and restarts take."""
    cold_start: ShareRange | None = None
    """Part of the billed seconds of a serverless GPU in which it only starts."""
    provider: str | None = None
    """Name of a price card; without it the cheapest that sells the model."""
    tier: Tier = "standard"
    requests: Requests = "one"
    """Whether the provider takes an `n`, or the prompt is billed with every sample."""
    residency: str | None = Field(default=None, min_length=1)
    """Where it answers: "EU". Classes may ask for it."""
    cached_share: ShareRange | None = None
    """Part of the input sent again that the provider finds in its cache."""

    @model_validator(mode="after")
    def _keys_suit_the_kind(self) -> Self:
        fields = type(self).model_fields
        given = {f.alias or name for name, f in fields.items() if getattr(self, name) != f.default}
        stray = [key for key, kinds in _ONLY.items() if key in given and self.kind not in kinds]
        if self.kind == "api" and {"accelerator", "price", "count"} & set(stray):
            raise ValueError(
                "an API has no accelerator, price per hour or count; its prices per token stand on "
                "the price cards: remove them, or the kind"
            )
        if stray:
            owners = " or ".join(f'"{kind}"' for kind in _ONLY[stray[0]])
            raise ValueError(f"{stray[0]} belongs to the kind {owners}; remove it, or set the kind")
        if self.kind != "api" and self.accelerator is None:
            raise ValueError('accelerator is missing; add accelerator = "h100-sxm"')
        return self

    @model_validator(mode="after")
    def _price_is_given(self) -> Self:
        # The price cards hold many on-demand rents, and few others; ownership is nobody's list.
        if self.kind in ("on-demand", "api", "serverless") or self.usd_per_gpu_hour is not None:
            return self
        if self.kind == "owned" and self.usd_per_kwh is not None:
            return self
        costs = {
            "owned": "an owned GPU-hour costs you with power and space, or power = "
            '"$0.12/kWh" and hosting; purchase adds depreciation',
            "reserved": "your contract asks for a GPU-hour",
            "spot": "you expect to pay for a GPU-hour, without the restarts",
        }[self.kind]
        raise ValueError(f'price is missing; write what {costs}, such as price = "$1.80/h"')

    @model_validator(mode="after")
    def _owned_once(self) -> Self:
        if self.usd_per_gpu_hour is not None and (
            self.usd_per_kwh or self.hosting_usd_per_gpu_hour
        ):
            raise ValueError(
                "price says what an owned hour costs, and power and hosting say it again; "
                "remove one of them"
            )
        if self.kind == "owned" and self.sunk is False and self.purchase_usd is None:
            raise ValueError('sunk = false needs what a GPU costs to buy; add purchase = "$30,000"')
        return self


def disagreeing(entries: Sequence[SupplyEntry]) -> str | None:
    """A sentence where entries of one pool say different things of the engine; None where not."""
    first: dict[tuple[str, str], object] = {}
    for entry in entries:
        if entry.kind not in POOLED or entry.accelerator is None:
            continue
        for name in (
            "engine_efficiency",
            "utilisation",
            "min_replicas",
            "prefix_sharing",
            "residency",
        ):
            value = getattr(entry, name)
            if value is not None and first.setdefault((entry.accelerator, name), value) != value:
                return (
                    f"two entries of {entry.accelerator} give different {name}; the GPUs of one "
                    "accelerator are one pool: give it once"
                )
    return None
