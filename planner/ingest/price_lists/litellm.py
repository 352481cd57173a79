"""The price list of LiteLLM: model_prices_and_context_window.json, dollars a token."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from planner.domain.price import ApiPrice, LongContext
from planner.domain.supply import Tier
from planner.units import TOKENS_PER_MTOK, significant

TITLE = "LiteLLM price list"
URL = "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json"

MODES = frozenset({"chat", "completion", "responses"})
"""Kinds of model whose answers are text by the token."""
SUFFIXES: dict[Tier, str] = {
    "standard": "",
    "batch": "_batches",
    "flex": "_flex",
    "priority": "_priority",
}
_ABOVE = re.compile(r"input_cost_per_token_above_([0-9]{1,9})k_tokens")


def is_litellm(data: Any) -> bool:
    """Whether parsed JSON looks like the list: tables by model, most with a provider."""
    if not isinstance(data, dict) or not data:
        return False
    tables = [entry for entry in data.values() if isinstance(entry, dict)]
    return len(tables) == len(data) and any("litellm_provider" in entry for entry in tables)


def litellm_rows(data: Mapping[str, Any], on: dt.date) -> tuple[list[ApiPrice], int]:
    """(prices in every tier that is listed, entries left out: no text, or no price per token)."""
    rows: list[ApiPrice] = []
    left_out = 0
    for key, entry in data.items():
        try:
            found = list(_tiers(key, entry, on)) if str(entry.get("mode")) in MODES else []
        except ValidationError:
            found = []  # such as a nameless model, or a threshold beyond all context lengths
        rows += found
        left_out += not found
    return rows, left_out


def _tiers(key: str, entry: Mapping[str, Any], on: dt.date) -> Iterator[ApiPrice]:
    provider = str(entry.get("litellm_provider", ""))
    model = key.removeprefix(f"{provider}/")
    for tier, suffix in SUFFIXES.items():
        paid = _mtok(entry, f"input_cost_per_token{suffix}")
        output = _mtok(entry, f"output_cost_per_token{suffix}")
        # Listed at nothing: a trial, or not known. Either would win every comparison.
        if paid is None or output is None or paid + output == 0:
            continue
        yield ApiPrice(
            model=model,
            provider=provider,
            tier=tier,
            input_usd_per_mtok=paid,
            cached_input_usd_per_mtok=_mtok(entry, f"cache_read_input_token_cost{suffix}"),
            output_usd_per_mtok=output,
            reasoning_usd_per_mtok=(
                _mtok(entry, "output_cost_per_reasoning_token") if tier == "standard" else None
            ),
            long_context=_long(entry, output) if tier == "standard" else None,
            start_date=on,
        )


def _long(entry: Mapping[str, Any], output: float) -> LongContext | None:
    """The long-context prices; of several thresholds the lowest."""
    above = sorted(int(found[1]) for found in map(_ABOVE.fullmatch, entry) if found)
    for thousands in above:
        end = f"_above_{thousands}k_tokens"
        paid = _mtok(entry, f"input_cost_per_token{end}")
        if paid is not None:
            dear = _mtok(entry, f"output_cost_per_token{end}")
            return LongContext(
                above_tokens=thousands * 1000.0,
                input_usd_per_mtok=paid,
                cached_input_usd_per_mtok=_mtok(entry, f"cache_read_input_token_cost{end}"),
                output_usd_per_mtok=output if dear is None else dear,
            )
    return None


def _mtok(entry: Mapping[str, Any], name: str) -> float | None:
    """Dollars per million tokens; None where it is not listed or is no number."""
    usd = entry.get(name)
    if isinstance(usd, bool) or not isinstance(usd, (int, float)) or not 0 <= usd < 1:
        return None
    return significant(usd * TOKENS_PER_MTOK)
