"""Dollars of a query that is bought by the token."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.cost.work import TokenWork
from planner.domain.card import ApiPrice

Array = NDArray[np.float64]
Requests = Literal["one", "each sample"]
"""Whether one request returns all samples of a prompt, or each sample is a request of its own."""


def api_usd(work: TokenWork, price: ApiPrice, requests: Requests = "one") -> Array:
    """Dollars of one query, (draw, n).

    input  = first reading of the prompt x input price
    again  = (what later turns read again, and with `requests = "each sample"` the prompt once more
             for every further sample) x cached-input price, or the input price where there is none
    output = decoded tokens x output price; thinking is billed as output
    A verifier is not part of it: its tokens have a price of their own.
    """
    cached = price.cached_input_usd_per_mtok
    again_usd_per_mtok = price.input_usd_per_mtok if cached is None else cached
    fresh = work.prefill_tokens - work.reread_tokens
    again = work.reread_tokens
    if requests == "each sample":
        again = again + fresh * np.maximum(work.parallel - 1, 0.0)
    usd_mtok = (
        fresh * price.input_usd_per_mtok
        + again * again_usd_per_mtok
        + work.decoded_tokens * price.output_usd_per_mtok
    )
    return usd_mtok / units.TOKENS_PER_MTOK


def usd_per_solved(attempt_usd: float, attempts: float, solved_share: float) -> float:
    """Dollars a solved question: attempt price x attempts / share solved.

    Brown et al. 2024 (arXiv:2407.21787, Table 1) compare models so. Raises ValueError where
    nothing is solved.
    """
    if solved_share <= 0:
        raise ValueError("a cost per solved question needs a share solved above 0")
    return attempt_usd * attempts / solved_share
