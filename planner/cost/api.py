"""Dollars of a query that is bought by the token: billed request by request, as providers do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units
from planner.cost.money_assumptions import PROMPT_CV
from planner.cost.work import TokenWork
from planner.domain.price import ApiPrice, TokenPrices
from planner.domain.supply import Requests

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ApiBilling:
    """The terms on which a model is bought by the token."""

    price: ApiPrice
    provider: str = ""
    """Title of who sells it."""
    requests: Requests = "one"
    cached_share: ArrayLike = 1.0
    """Part of the input sent again that is billed as cached; a number or (draw,)."""
    reasoning_share: float = 0.0
    """Part of the decoded tokens that is thinking, for providers that bill it apart."""
    prompt_cv: float = PROMPT_CV
    """Coefficient of variation of prompt lengths, log-normal; 0 where every prompt is alike."""


@dataclass(frozen=True)
class Billed:
    """Requests that are alike: how many, and the tokens of one; arrays broadcast."""

    requests: Array
    fresh: Array
    """Input sent for the first time."""
    again: Array
    """Input sent before in this query."""
    decoded: Array


def api_usd(work: TokenWork, billing: ApiBilling) -> Array:
    """Dollars of one query, (draw, n).

    usd = sum over requests of fresh x input + again x (cached, or input) + decoded x output,
    with thinking billed as output unless it has a price. A request whose input passes the threshold
    of a long-context price pays that price on all its tokens. Every price is of one request: adding
    up a query's tokens first would put small requests into the long-context tier.
    A verifier is not part of it: its tokens have a price of their own.
    """
    price = billing.price
    usd = np.zeros(1)
    for billed in _requests(work, billing.requests):
        one = _usd(billed, price, billing)
        if price.long_context is not None:
            over, factor = _over(billed.fresh + billed.again, price.long_context.above_tokens,
                                 billing.prompt_cv)  # fmt: skip
            # Of the requests over the threshold all is dear; their inputs are longer than the mean.
            long = Billed(
                billed.requests, billed.fresh * factor, billed.again * factor, billed.decoded
            )
            short = Billed(
                billed.requests,
                billed.fresh * _rest(over, factor),
                billed.again * _rest(over, factor),
                billed.decoded,
            )
            dear = _usd(long, price.long_context, billing)
            one = over * dear + (1 - over) * _usd(short, price, billing)
        usd = usd + billed.requests * one
    return np.asarray(usd / units.TOKENS_PER_MTOK)


def _requests(work: TokenWork, requests: Requests) -> Iterator[Billed]:
    """The requests of a query: the first turn of every sequence, then its later turns.

    A provider keeps nothing between requests, so that a later turn sends the prompt and what it
    reads of earlier turns again. With one request for all samples the prompt of the first turn is
    sent once, and the request returns every sample.
    """
    fresh = work.prefill_tokens - work.reread_tokens
    turns = work.parallel * work.serial_steps
    later = np.maximum(turns - work.parallel, 0.0)
    decoded = work.decoded_tokens / np.maximum(turns, 1e-300)
    nothing = np.zeros_like(fresh)
    if requests == "one":
        yield Billed(np.ones_like(fresh), fresh, nothing, decoded * work.parallel)
    else:
        yield Billed(np.ones_like(fresh), fresh, nothing, decoded)
        yield Billed(np.maximum(work.parallel - 1, 0.0), nothing, fresh + nothing, decoded)
    if (later > 0).any():
        read = work.reread_tokens / np.maximum(later, 1e-300)
        yield Billed(later, nothing, fresh + read, decoded)


def _usd(billed: Billed, price: TokenPrices, billing: ApiBilling) -> Array:
    """Millionths of a dollar of one request."""
    cached = price.cached_input_usd_per_mtok
    found = np.asarray(billing.cached_share, dtype=np.float64)
    if found.ndim:
        found = found[:, None]
    full = price.input_usd_per_mtok
    again = full if cached is None else found * cached + (1 - found) * full
    reasoning = price.reasoning_usd_per_mtok
    output = price.output_usd_per_mtok
    if reasoning is not None:
        output += billing.reasoning_share * (reasoning - output)
    return np.asarray(billed.fresh * full + billed.again * again + billed.decoded * output)


def _over(length: Array, threshold: float, cv: float) -> tuple[Array, Array]:
    """(share of requests over a threshold, their mean length over the mean of all).

    Log-normal lengths of mean `length`: with s^2 = ln(1 + cv^2) and z = (ln(threshold / length) +
    s^2 / 2) / s the share is 1 - Phi(z), and E[L; L > threshold] = length x (1 - Phi(z - s)).
    """
    from scipy.special import ndtr

    safe = np.maximum(length, 1e-300)
    if cv == 0:
        return (length > threshold).astype(np.float64), np.ones_like(safe)
    s = np.sqrt(np.log1p(cv**2))
    z = (np.log(threshold / safe) + s**2 / 2) / s
    share = ndtr(-z)
    factor = np.where(share > 0, ndtr(s - z) / np.maximum(share, 1e-300), 1.0)
    return np.asarray(share), np.asarray(factor)


def _rest(share: Array, factor: Array) -> Array:
    """Mean length of the others over the mean of all: share x factor + (1 - share) x rest = 1."""
    return np.asarray((1 - share * factor) / np.maximum(1 - share, 1e-300))
