"""Reads a list of token prices from a file, or from the package genai-prices."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from planner.domain.price import ApiPrice
from planner.errors import InputError, Problem
from planner.ingest._text import read_text
from planner.ingest.json_file import parse_json
from planner.ingest.price_lists import genai_prices, litellm

PACKAGE = "genai-prices"
"""What `--import` takes in place of a file."""


@dataclass(frozen=True)
class PriceList:
    """Token prices of many providers as they stood on a day."""

    name: str
    title: str
    url: str
    on: dt.date
    rows: tuple[ApiPrice, ...]
    left_out: int
    """Entries without a price of text per token."""


def read_price_list(given: str, on: dt.date | None) -> PriceList:
    """The list in a file in LiteLLM's format, or that of the installed package genai-prices.

    on: the day on which the list was made; of a file, without it, the day it was last changed.
    Raises InputError where it cannot be read, or the day is not known.
    """
    if given == PACKAGE:
        if on is None:
            raise InputError(
                Problem(
                    "--date",
                    "the package does not say when its prices were checked",
                    remedy="give the day of its release: --date 2026-11-20",
                )
            )
        rows, left_out = genai_prices.genai_rows(on)
        return _listed(PACKAGE, genai_prices.TITLE, genai_prices.URL, on, rows, left_out)
    path = Path(given)
    try:
        text = read_text(path, given)
    except InputError as error:
        raise InputError(
            replace(p, remedy=f"{p.remedy or 'name a file'}, or write {PACKAGE}")
            for p in error.problems
        ) from None
    data = parse_json(text, "save LiteLLM's list as it is")
    day = on or dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC).date()
    if not litellm.is_litellm(data):
        raise InputError(
            Problem(
                given,
                "it is not a price list that is known",
                remedy="the format is LiteLLM's model_prices_and_context_window.json: a table by"
                " model with litellm_provider, input_cost_per_token, output_cost_per_token",
            )
        )
    rows, left_out = litellm.litellm_rows(data, day)
    if not rows:
        raise InputError(
            Problem(given, "no entry has a price per token", remedy="save the whole list anew")
        )
    return _listed("litellm", litellm.TITLE, litellm.URL, day, rows, left_out)


def _listed(
    name: str, title: str, url: str, on: dt.date, rows: list[ApiPrice], left_out: int
) -> PriceList:
    # One file a day: a price is never overwritten, a newer one is added.
    return PriceList(f"{name}-{on}", f"{title}, {on}", url, on, tuple(rows), left_out)
