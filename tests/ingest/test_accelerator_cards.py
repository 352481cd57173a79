"""Bundled cards of accelerators and prices, against numbers their makers published."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import TypeVar

import pytest

from planner._resources import bundled
from planner.domain.card import AcceleratorCard, Card, PriceCard
from planner.domain.prices import api_price, rent_range

DAY = dt.date(2026, 11, 24)
ANY_CARD = TypeVar("ANY_CARD", bound=Card)


def _read(folder: str, kind: type[ANY_CARD]) -> dict[str, ANY_CARD]:
    cards = {}
    for file in sorted((bundled("models") / folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            cards[file.name] = kind.model_validate(tomllib.loads(file.read_text("utf-8")))
    return cards


ACCELERATORS = _read("accelerators", AcceleratorCard)
PRICES = _read("prices", PriceCard)
BY_NAME = {card.name: card for card in ACCELERATORS.values()}

# Dense bf16 and fp8 (TFLOP/s), memory bandwidth (TB/s), memory (GB), power (W).
PUBLISHED = [
    # NVIDIA H100 whitepaper and datasheet (1,979 and 3,958 with sparsity).
    ("h100-sxm", 989.4, 1978.9, 3.35, 80, 700),
    # NVIDIA H100 page, NVL (1,671 and 3,341 with sparsity).
    ("h100-nvl", 835.5, 1670.5, 3.9, 94, 400),
    # NVIDIA H100 page of 2023, PCIe (1,513 and 3,026 with sparsity).
    ("h100-pcie", 756, 1513, 2.0, 80, 350),
    # NVIDIA H200 datasheet (1,979 and 3,958 with sparsity).
    ("h200-sxm", 989, 1979, 4.8, 141, 700),
    # NVIDIA A100 datasheet 1758950 r4 (624 with sparsity; no fp8).
    ("a100-80gb-sxm", 312, None, 2.039, 80, 400),
    ("a100-80gb-pcie", 312, None, 1.935, 80, 300),
    ("a100-40gb-sxm", 312, None, 1.555, 40, 400),
    # NVIDIA L4 page (242 and 485 with sparsity), L40S datasheet (362.05 | 733, 733 | 1,466).
    ("l4", 121, 242.5, 0.3, 24, 72),
    ("l40s", 362.05, 733, 0.864, 48, 350),
    # NVIDIA A10 datasheet.
    ("a10", 125, None, 0.6, 24, 150),
    # NVIDIA HGX B200 (4.5 and 9 PFLOP/s with sparsity).
    ("b200", 2250, 4500, 8.0, 180, 1000),
    # AMD MI300X and MI325X product pages.
    ("mi300x", 1307.4, 2614.9, 5.3, 192, 750),
    ("mi325x", 1307.4, 2614.9, 6.0, 256, 1000),
    # NVIDIA Ada whitepaper, accumulation in fp32.
    ("rtx-4090", 165.2, 330.3, 1.008, 24, 450),
    # Google Cloud TPU documentation.
    ("tpu-v5e", 197, None, 0.819, 16, None),
    ("tpu-v5p", 459, None, 2.76, 95, None),
]


@pytest.mark.parametrize(("name", "bf16", "fp8", "bandwidth", "memory", "watts"), PUBLISHED)
def test_rates_are_those_published_without_sparsity(
    name: str, bf16: float, fp8: float | None, bandwidth: float, memory: float, watts: float | None
) -> None:
    card = BY_NAME[name]
    assert card.bf16_flop_per_s == pytest.approx(bf16 * 1e12, rel=1e-6)
    assert card.fp8_flop_per_s == (None if fp8 is None else pytest.approx(fp8 * 1e12, rel=1e-6))
    assert card.bandwidth_byte_per_s == pytest.approx(bandwidth * 1e12, rel=1e-6)
    assert card.memory_byte == pytest.approx(memory * 1e9)
    assert card.watts == watts


def test_fp8_is_twice_bf16_on_every_device_that_has_it() -> None:
    """A rate with sparsity in one of the two places would show here as one or four."""
    ratios = {
        card.name: card.fp8_flop_per_s / card.bf16_flop_per_s
        for card in BY_NAME.values()
        if card.fp8_flop_per_s is not None
    }
    assert len(ratios) >= 10
    assert {name: ratio for name, ratio in ratios.items() if not 1.99 < ratio < 2.03} == {}


def test_each_device_turns_compute_bound_within_the_known_span_of_batches() -> None:
    """Peak FLOP a byte of bandwidth: 153 (A100) to 420 (L40S); sparse rates would double it."""
    intensity = {c.name: c.bf16_flop_per_s / c.bandwidth_byte_per_s for c in BY_NAME.values()}
    assert {name: x for name, x in intensity.items() if not 140 < x < 430} == {}
    # How to Scale Your Model, chapter on GPUs, quiz 1: 295 for the H100, 281 for the B200.
    assert intensity["h100-sxm"] == pytest.approx(295, abs=1)
    assert intensity["b200"] == pytest.approx(281, abs=1)


def test_links_are_counted_in_one_direction() -> None:
    """NVLink 3, 4 and 5: 600, 900 and 1800 GB/s are sums of both directions."""
    assert BY_NAME["a100-80gb-sxm"].link_byte_per_s == 300e9
    assert BY_NAME["h100-sxm"].link_byte_per_s == 450e9
    assert BY_NAME["b200"].link_byte_per_s == 900e9


def test_only_what_was_measured_has_efficiencies() -> None:
    assert [card.name for card in BY_NAME.values() if card.efficiency] == ["h200-sxm"]
    efficiency = BY_NAME["h200-sxm"].efficiency
    assert efficiency is not None
    assert efficiency.measured_on == "h200-sxm"
    source = BY_NAME["h200-sxm"].source_of("efficiency")
    assert source is not None
    assert "measured for this project" in source.title


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("H100", "h100-sxm"),
        ("NVIDIA H100 80GB SXM5", "h100-sxm"),
        ("h100-80gb", "h100-sxm"),
        ("A100", "a100-80gb-sxm"),
        ("H200", "h200-sxm"),
        ("B200", "b200"),
        ("MI300X", "mi300x"),
        ("4090", "rtx-4090"),
    ],
)
def test_a_bare_name_means_the_usual_form_factor(alias: str, name: str) -> None:
    assert alias in (*BY_NAME[name].aliases, name) or alias.lower() == name


def test_no_name_means_two_devices() -> None:
    seen: dict[str, str] = {}
    for card in BY_NAME.values():
        for name in (card.name, *card.aliases):
            assert seen.setdefault(name.lower(), card.name) == card.name, name


@pytest.mark.parametrize("folder", ["accelerators", "prices"])
def test_cards_are_named_as_their_files(folder: str) -> None:
    cards = ACCELERATORS if folder == "accelerators" else PRICES
    assert {file: card.name for file, card in cards.items()} == {
        file: file.removesuffix(".toml") for file in cards
    }


@pytest.mark.parametrize("card", [*ACCELERATORS.values(), *PRICES.values()], ids=lambda c: c.name)
def test_sources_were_read_by_today_and_most_have_an_address(card: Card) -> None:
    assert card.sources
    assert all(
        dt.date(2026, 11, 1) <= source.read <= dt.datetime.now(dt.UTC).date()
        for source in card.sources
    )
    assert any(source.url and source.url.startswith("https://") for source in card.sources)
    assert all(d.field in type(card).model_fields for d in card.disputed)


def test_rents_are_of_known_devices() -> None:
    rented = {rent.accelerator for card in PRICES.values() for rent in card.rents}
    assert rented <= set(BY_NAME)


def test_each_price_stands_once_a_day() -> None:
    for card in PRICES.values():
        keys = [(rent.accelerator, rent.billing, rent.start_date) for rent in card.rents]
        keys += [(price.model, "api", price.start_date) for price in card.apis]
        assert len(keys) == len(set(keys)), card.name


def test_written_tokens_never_cost_less_than_read_ones() -> None:
    for card in PRICES.values():
        for price in card.apis:
            assert price.output_usd_per_mtok >= price.input_usd_per_mtok, (card.name, price.model)
            cached = price.cached_input_usd_per_mtok
            assert cached is None or cached <= price.input_usd_per_mtok, (card.name, price.model)


@pytest.mark.parametrize(
    ("name", "providers"),
    [("h100-sxm", 8), ("h200-sxm", 6), ("b200", 6), ("a100-80gb-sxm", 6), ("a100-40gb-sxm", 4),
     ("l40s", 4), ("l4", 2), ("a10", 2), ("a10g", 1), ("mi300x", 1)],
)  # fmt: skip
def test_common_devices_can_be_rented(name: str, providers: int) -> None:
    found = rent_range(PRICES.values(), name, on=DAY)
    assert found is not None
    assert len(found.quotes) >= providers
    price = found.usd_per_gpu_hour
    assert price.low < price.value < price.high


def test_the_dearer_devices_are_the_faster_ones() -> None:
    """Medians over providers put the devices in the order of their bandwidth."""
    order = ["l4", "l40s", "a100-80gb-sxm", "h100-sxm", "h200-sxm", "b200"]
    ranges = [rent_range(PRICES.values(), name, on=DAY) for name in order]
    medians = [found.usd_per_gpu_hour.value for found in ranges if found is not None]
    assert medians == sorted(medians)
    assert 2.5 < medians[3] < 6.0


@pytest.mark.parametrize(
    ("model", "usd_in", "usd_out"),
    [
        # Provider price lists, with their day on the card.
        ("gpt-4o", 2.50, 10.0),
        ("gpt-4o-mini", 0.15, 0.60),
        ("o3-mini", 1.10, 4.40),
        ("gemini-3.8-flash", 0.75, 3.75),
        ("claude-sonnet-5-5", 2.0, 10.0),
    ],
)
def test_list_prices_of_closed_models(model: str, usd_in: float, usd_out: float) -> None:
    quote = api_price(PRICES.values(), model, on=DAY)
    assert quote is not None
    assert (quote.price.input_usd_per_mtok, quote.price.output_usd_per_mtok) == (usd_in, usd_out)


def test_an_announced_rise_takes_effect_on_its_day() -> None:
    before = api_price(PRICES.values(), "gemini-3.8-flash", on=dt.date(2026, 12, 31))
    after = api_price(PRICES.values(), "gemini-3.8-flash", on=dt.date(2027, 1, 1))
    assert before is not None
    assert after is not None
    assert after.price.output_usd_per_mtok == 2 * before.price.output_usd_per_mtok
