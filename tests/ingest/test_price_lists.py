"""Lists of token prices: what is read of them, what is left out, and what a card of them does."""

from __future__ import annotations

import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from planner.domain.prices import api_price, api_quotes
from planner.errors import InputError
from planner.ingest.cards import load_cards
from planner.ingest.price_lists import read_price_list, write_price_card

DAY = dt.date(2026, 11, 20)
LIST: dict[str, dict[str, Any]] = {
    "sample_spec": {"mode": "one of: chat", "litellm_provider": "one of", "max_tokens": "LEGACY"},
    "gpt-4o-mini": {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 1.5e-07,
        "output_cost_per_token": 6e-07,
        "cache_read_input_token_cost": 7.5e-08,
        "input_cost_per_token_batches": 7.5e-08,
        "output_cost_per_token_batches": 3e-07,
        "input_cost_per_token_flex": 1e-07,
        "output_cost_per_token_flex": 4e-07,
    },
    "gemini/gemini-2.5-pro": {
        "litellm_provider": "gemini",
        "mode": "chat",
        "input_cost_per_token": 1.25e-06,
        "output_cost_per_token": 1e-05,
        "output_cost_per_reasoning_token": 9e-06,
        "input_cost_per_token_above_200k_tokens": 2.5e-06,
        "output_cost_per_token_above_200k_tokens": 1.5e-05,
    },
    "deepinfra/meta-llama/Meta-Llama-3-8B-Instruct": {
        "litellm_provider": "deepinfra",
        "mode": "chat",
        "input_cost_per_token": 3e-08,
        "output_cost_per_token": 6e-08,
    },
    "github/gpt-4o-mini": {
        "litellm_provider": "github",
        "mode": "chat",
        "input_cost_per_token": 0,
        "output_cost_per_token": 0,
    },
    "dall-e-3": {
        "litellm_provider": "openai",
        "mode": "image_generation",
        "input_cost_per_pixel": 1e-8,
    },
    "text-embedding-3-small": {
        "litellm_provider": "openai",
        "mode": "embedding",
        "input_cost_per_token": 2e-08,
        "output_cost_per_token": 0.0,
    },
}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(LIST), encoding="utf-8")
    return path


def test_prices_per_token_become_prices_per_million_in_every_tier(saved: Path) -> None:
    listed = read_price_list(str(saved), DAY)
    mini = {row.tier: row for row in listed.rows if row.model == "gpt-4o-mini"}
    assert set(mini) == {"standard", "batch", "flex"}
    assert (mini["standard"].input_usd_per_mtok, mini["standard"].output_usd_per_mtok) == (
        0.15,
        0.6,
    )
    assert mini["standard"].cached_input_usd_per_mtok == 0.075
    assert (mini["batch"].input_usd_per_mtok, mini["batch"].output_usd_per_mtok) == (0.075, 0.3)
    (pro,) = (row for row in listed.rows if row.model == "gemini-2.5-pro")
    assert pro.reasoning_usd_per_mtok == 9.0
    assert pro.long_context is not None
    assert pro.long_context.above_tokens == 200_000
    assert (pro.long_context.input_usd_per_mtok, pro.long_context.output_usd_per_mtok) == (2.5, 15)
    assert {row.start_date for row in listed.rows} == {DAY}


def test_what_costs_nothing_or_is_no_text_is_left_out_and_counted(saved: Path) -> None:
    listed = read_price_list(str(saved), DAY)
    assert {row.provider for row in listed.rows} == {"openai", "gemini", "deepinfra"}
    assert listed.left_out == 4


def test_the_card_of_a_list_is_read_back_and_found_by_any_name(saved: Path, tmp_path: Path) -> None:
    path = write_price_card(read_price_list(str(saved), DAY), tmp_path / "mine")
    assert path.name == "litellm-2026-11-20.toml"
    book = load_cards(tmp_path / "mine")
    prices = book.prices.values()
    quote = api_price(prices, "Meta-Llama/meta-llama-3-8b-instruct", on=DAY, provider="deepinfra")
    assert quote is not None
    assert quote.price.output_usd_per_mtok == pytest.approx(0.06)
    assert quote.title == "deepinfra (LiteLLM price list, 2026-11-20)"
    batch = api_price(prices, "gpt-4o-mini", on=DAY, tier="batch", provider="openai")
    assert batch is not None
    assert batch.price.input_usd_per_mtok == pytest.approx(0.075)


def test_of_one_provider_on_two_cards_the_latest_price_counts(saved: Path, tmp_path: Path) -> None:
    changed = {**LIST, "gpt-4o-mini": {**LIST["gpt-4o-mini"], "input_cost_per_token": 2e-07}}
    saved.write_text(json.dumps(changed), encoding="utf-8")
    write_price_card(read_price_list(str(saved), DAY), tmp_path / "mine")
    prices = load_cards(tmp_path / "mine").prices.values()
    asked = [q for q in api_quotes(prices, "gpt-4o-mini", on=DAY) if q.provider == "openai"]
    assert [q.price.input_usd_per_mtok for q in asked] == [pytest.approx(0.2)]
    before = [
        q
        for q in api_quotes(prices, "gpt-4o-mini", on=DAY - dt.timedelta(days=1))
        if q.provider == "openai"
    ]
    assert [q.price.input_usd_per_mtok for q in before] == [0.15]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[1, 2]", "not a price list"),
        ('{"a": {"price": 3}}', "not a price list"),
        ('{"a": {"litellm_provider": "x", "mode": "chat"}}', "no entry has a price per token"),
    ],
)
def test_another_file_is_refused_with_what_is_wanted(saved: Path, text: str, said: str) -> None:
    saved.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_price_list(str(saved), DAY)


def test_a_file_that_is_not_there_names_the_package_as_the_other_way(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="genai-prices"):
        read_price_list(str(tmp_path / "none.json"), DAY)


def test_without_a_date_a_file_has_that_of_its_last_change(saved: Path) -> None:
    changed = dt.datetime.fromtimestamp(saved.stat().st_mtime, tz=dt.UTC).date()
    assert read_price_list(str(saved), None).on == changed


def test_the_package_that_is_not_installed_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices.data", None)
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    with pytest.raises(InputError, match=r"inference-planner\[prices\]"):
        read_price_list("genai-prices", DAY)
    with pytest.raises(InputError, match="--date 2026-11-20"):
        read_price_list("genai-prices", None)


def money(**given: Any) -> SimpleNamespace:
    names = ("input_mtok", "output_mtok", "cache_read_mtok", "output_reasoning_mtok")
    return SimpleNamespace(**{**dict.fromkeys(names), **given})


def tiered(base: str, start: int, price: str) -> SimpleNamespace:
    return SimpleNamespace(
        base=Decimal(base), tiers=[SimpleNamespace(start=start, price=Decimal(price))]
    )


def from_day(day: dt.date) -> SimpleNamespace:
    return SimpleNamespace(start_date=day)


def test_the_package_s_tiers_dates_and_variants_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = money(input_mtok=Decimal(2), output_mtok=Decimal(8))
    later = money(input_mtok=Decimal(3), output_mtok=Decimal(9))
    earlier = money(input_mtok=Decimal(1), output_mtok=Decimal(7))
    dated = [
        SimpleNamespace(constraint=None, prices=earlier),
        SimpleNamespace(constraint=from_day(dt.date(2026, 6, 1)), prices=plain),
        SimpleNamespace(constraint=from_day(dt.date(2027, 1, 1)), prices=later),
        SimpleNamespace(constraint=SimpleNamespace(start_time="00:30"), prices=earlier),
    ]
    batch = SimpleNamespace(
        when={"processing": "batch"},
        prices=money(input_mtok=Decimal(1), output_mtok=Decimal(4)),
        constraint=None,
    )
    fast = SimpleNamespace(when={"speed": "fast"}, prices=plain, constraint=None)
    long = money(input_mtok=tiered("2", 200_000, "4"), output_mtok=tiered("10", 200_000, "15"))
    model = SimpleNamespace
    fake = ModuleType("genai_prices.data")
    vars(fake)["providers"] = [
        SimpleNamespace(
            id="ash",
            models=[
                model(id="dated", prices=dated, price_variants=[batch, fast]),
                model(id="long", prices=long, price_variants=None),
                model(id="embedding", prices=money(input_mtok=Decimal(1)), price_variants=None),
            ],
        )
    ]
    monkeypatch.setitem(sys.modules, "genai_prices", ModuleType("genai_prices"))
    monkeypatch.setitem(sys.modules, "genai_prices.data", fake)
    listed = read_price_list("genai-prices", DAY)
    found = {(r.model, r.tier, r.start_date): r.input_usd_per_mtok for r in listed.rows}
    assert found == {
        ("dated", "standard", DAY): 2.0,
        ("dated", "standard", dt.date(2027, 1, 1)): 3.0,
        ("dated", "batch", DAY): 1.0,
        ("long", "standard", DAY): 2.0,
    }
    (row,) = (r for r in listed.rows if r.model == "long")
    assert row.long_context is not None
    assert (row.long_context.above_tokens, row.long_context.output_usd_per_mtok) == (200_000, 15.0)
    assert listed.left_out == 1


@pytest.mark.realdata
def test_litellm_s_prices_of_our_copy_are_read_as_its_table_says(
    shared_data: Path, tmp_path: Path
) -> None:
    import csv

    with (shared_data / "prices" / "api_prices_litellm.csv").open(encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    columns = {
        "usd_per_m_input": "input_cost_per_token",
        "usd_per_m_output": "output_cost_per_token",
        "usd_per_m_cache_read": "cache_read_input_token_cost",
        "usd_per_m_input_batch": "input_cost_per_token_batches",
    }
    entries: dict[str, dict[str, Any]] = {}
    for row in table:
        costs = {key: float(row[c]) / 1e6 for c, key in columns.items() if row[c]}
        entries[row["model"]] = {"litellm_provider": row["provider"], "mode": "chat", **costs}
    path = tmp_path / "list.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    listed = read_price_list(str(path), DAY)
    standard = {(r.provider, r.model): r for r in listed.rows if r.tier == "standard"}
    priced = [
        r
        for r in table
        if r["usd_per_m_input"]
        and r["usd_per_m_output"]
        and float(r["usd_per_m_input"]) + float(r["usd_per_m_output"]) > 0
    ]
    assert len(standard) >= 0.99 * len({(r["provider"], r["model"]) for r in priced}) > 500
    for row in priced:
        found = standard.get((row["provider"], row["model"].removeprefix(f"{row['provider']}/")))
        if found is not None:
            assert found.input_usd_per_mtok == pytest.approx(float(row["usd_per_m_input"]))
            assert found.output_usd_per_mtok == pytest.approx(float(row["usd_per_m_output"]))
