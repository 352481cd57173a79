"""Prices of GPU-hours and of tokens, each from the day on which it began to hold."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from planner.domain.base import Strict
from planner.domain.supply import Tier


class Rent(Strict):
    """A price per GPU-hour that held from a day."""

    accelerator: str
    usd_per_gpu_hour: float = Field(gt=0)
    billing: Literal["on-demand", "reserved", "spot"]
    start_date: dt.date
    """From when; a later row of the same accelerator and billing replaces this one, which stays."""
    note: str | None = None


class TokenPrices(Strict):
    """Prices per million tokens of one request."""

    input_usd_per_mtok: float = Field(ge=0)
    cached_input_usd_per_mtok: float | None = Field(default=None, ge=0)
    output_usd_per_mtok: float = Field(ge=0)
    reasoning_usd_per_mtok: float | None = Field(default=None, ge=0)
    """Thinking, where it is not billed as output."""


class LongContext(TokenPrices):
    """Prices of all tokens of a request whose input is longer than a threshold."""

    above_tokens: float = Field(gt=0)


class ApiPrice(TokenPrices):
    """A price per million tokens that held from a day."""

    model: str
    """Name of a model card, or the provider's own name where there is no card."""
    tier: Tier = "standard"
    """Service level: `batch` answers within a day, `flex` when there is room."""
    long_context: LongContext | None = None
    provider: str | None = None
    """Who sells it, where the card lists several providers."""
    start_date: dt.date
    note: str | None = None
