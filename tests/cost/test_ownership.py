"""Owned, reserved and rented GPUs as blocks of price; energy; serverless seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from planner.cost.fleets import operating_fleet
from planner.cost.had import had_of
from planner.cost.ownership import kwh_per_gpu_day, owned_hour
from planner.cost.settings import LENDER, Settings
from planner.cost.shape import Shape
from planner.cost.supply import Supply, daily, drawn_supply
from planner.cost.terms import supply_terms
from planner.domain.cardbook import CardBook
from planner.domain.draws import CENTRAL, Draws, interval90
from planner.domain.ranges import Range
from planner.domain.supply import SupplyEntry
from planner.errors import InputError
from planner.ingest.cards import load_cards

DAY = dt.date(2027, 3, 1)


@pytest.fixture(scope="module")
def book() -> CardBook:
    return load_cards()


@pytest.fixture(scope="module")
def supply(book: CardBook) -> Callable[..., Supply]:
    def made(*entries: dict[str, Any], **settings: Any) -> Supply:
        read = tuple(
            SupplyEntry.model_validate({"accelerator": "h100-sxm", **entry}) for entry in entries
        )
        given = Settings(accelerator="h100-sxm", entries=read, day=DAY, **settings)
        return drawn_supply(
            supply_terms(given, book).supply, book.accelerator(LENDER), Draws(200, 1)
        )

    return made


def test_an_owned_hour_is_power_hosting_and_straight_line_depreciation() -> None:
    # 700 W at 1.3 x and PUE 1.2 for a day: 26.2 kWh, $3.14; $30,000 less a tenth over 4 years.
    kwh = kwh_per_gpu_day(700, 1.3, 1.2)
    assert float(kwh) == pytest.approx(0.7 * 24 * 1.3 * 1.2)
    hour = owned_hour(
        kwh_per_gpu_day=kwh,
        usd_per_kwh=0.12,
        hosting_usd_per_gpu_hour=0.2,
        purchase_usd=30_000,
        life_days=4 * 365,
        resale=0.1,
    )
    assert float(hour.power) == pytest.approx(0.7 * 1.3 * 1.2 * 0.12)
    assert float(hour.depreciation) == pytest.approx(27_000 / (4 * 365 * 24))
    assert float(hour.total) == pytest.approx(0.13104 + 0.2 + 0.770548, abs=1e-5)
    assert float(hour.running) == pytest.approx(0.33104)


OWNED = {"kind": "owned", "count": 8, "price": 0.3, "purchase": 30_000, "resale": 0.1}


def test_a_sunk_purchase_is_told_and_not_charged(supply: Callable[..., Supply]) -> None:
    made = supply(OWNED)
    assert made.usd_per_gpu_hour[CENTRAL] == pytest.approx(0.3)
    assert made.sunk_usd_per_day[CENTRAL] == pytest.approx(8 * 24 * 27_000 / (4 * 365 * 24))


def test_after_its_last_day_owned_hardware_is_charged_in_full(
    supply: Callable[..., Supply],
) -> None:
    made = supply({**OWNED, "until": dt.date(2027, 2, 28)})
    depreciation = 27_000 / (4 * 365 * 24)
    assert made.usd_per_gpu_hour[CENTRAL] == pytest.approx(0.3 + depreciation)
    assert made.sunk_usd_per_day[CENTRAL] == 0
    to_buy = supply({**OWNED, "sunk": False})
    assert to_buy.usd_per_gpu_hour[CENTRAL] == pytest.approx(0.3 + depreciation)


def test_a_contract_that_has_ended_is_left_out_with_a_note(book: CardBook) -> None:
    entries = [
        SupplyEntry.model_validate({"accelerator": "h100-sxm", **more})
        for more in (
            {"kind": "reserved", "price": 1.5, "until": dt.date(2027, 1, 31)},
            {"price": 2.5},
        )
    ]
    had = had_of(None, entries, DAY, book, book.accelerator("h100-sxm"))
    assert [block.kind for block in had.blocks] == ["on-demand"]
    assert [note.code for note in had.notes] == ["supply_ended"]
    with pytest.raises(InputError, match="every entry ended"):
        had_of(None, entries[:1], DAY, book, book.accelerator("h100-sxm"))


def test_a_signed_reservation_costs_nothing_more_and_is_told(
    supply: Callable[..., Supply],
) -> None:
    made = supply({"kind": "reserved", "price": 1.9, "count": 4, "sunk": True}, {"price": 2.5})
    assert [float(block.usd_per_gpu_hour[CENTRAL]) for block in made.blocks] == [0.0, 2.5]
    assert made.sunk_usd_per_day[CENTRAL] == pytest.approx(4 * 1.9 * 24)


def test_blocks_are_used_cheapest_first_in_whatever_order_they_are_written(
    supply: Callable[..., Supply],
) -> None:
    blocks = (
        {"price": 2.5},
        {"kind": "reserved", "price": 1.9, "count": 4},
        {"kind": "owned", "price": 0.3, "count": 2},
    )
    for made in (supply(*blocks), supply(*blocks[::-1])):
        assert [block.kind for block in made.blocks] == ["owned", "reserved", "on-demand"]
        usd = made.usd_per_day(np.tile(np.arange(9.0), (made.draws.rows, 1)))
        steps = np.diff(usd[CENTRAL]) / 24
        assert steps == pytest.approx([0.3] * 2 + [1.9] * 4 + [2.5] * 2)


def test_interruptions_make_a_useful_spot_hour_dearer_by_what_they_take(
    supply: Callable[..., Supply],
) -> None:
    made = supply({"kind": "spot", "price": 1.0, "interruption": [0.02, 0.05, 0.15]})
    assert made.usd_per_gpu_hour[CENTRAL] == pytest.approx(1 / 0.95)
    low, high = interval90(made.usd_per_gpu_hour)
    assert 1 / 0.98 > low > 1.0
    assert high > 1 / 0.9


def test_a_serverless_second_is_dearer_by_starts_and_slack(
    supply: Callable[..., Supply],
) -> None:
    made = supply({"kind": "serverless", "price": 3.6, "cold_start": 0.2})
    usd_per_gpu_s = made.serverless_usd_per_gpu_s
    assert usd_per_gpu_s is not None
    assert usd_per_gpu_s[CENTRAL] == pytest.approx(0.001 / 0.8 / 0.7)  # planned utilisation .7
    assert supply({"price": 3.6}).serverless_usd_per_gpu_s is None


def test_a_fleet_costs_its_people_even_when_its_gpus_are_free(
    supply: Callable[..., Supply], book: CardBook
) -> None:
    """Once a fleet, however many replicas it has."""
    made = supply(
        {"kind": "owned", "price": 0.5, "count": 100},
        fleet_usd_per_day=300.0,
        utilisation=Range.model_validate(0.5),
        peak_to_mean=2.0,
    )
    shape = Shape.from_card(book.shape_of(book.model("llama-3-8b")))
    fleet = operating_fleet(shape, made.hardware, 200.0, 300.0)
    served = daily(fleet, made, np.array([0.864]), 1e6)
    # 10 GPUs' work, twice at the peak, half of each used.
    assert served.replicas[CENTRAL] == 40
    assert served.usd_per_day[CENTRAL] == pytest.approx(40 * 0.5 * 24 + 300)
    assert served.busy[CENTRAL] == pytest.approx(0.25)


def test_a_fleet_of_a_fast_model_is_faster_than_its_kernels(supply: Callable[..., Supply]) -> None:
    """An engine at .9 and a model up to 1.18 times as well suited: no more than kernel time."""
    made = supply({"price": 2.5}, engine_efficiency=Range.model_validate(0.9))
    efficiency = made.efficiency_of("llama-3-8b|None")
    assert efficiency.max() == 1.0
    assert efficiency[CENTRAL] == 0.9
    assert efficiency.min() < 0.8


def test_power_without_watts_names_the_card(book: CardBook) -> None:
    card = book.accelerator("h100-sxm").model_copy(update={"watts": None})
    entry = SupplyEntry.model_validate({"accelerator": "h100-sxm", "kind": "owned", "power": 0.1})
    with pytest.raises(InputError, match="no watts"):
        had_of(None, [entry], DAY, book, card)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"kind": "on-demand", "purchase": 1}, "purchase belongs to the kind"),
        ({"kind": "owned", "price": 0.3, "tier": "batch"}, "tier belongs to the kind"),
        ({"kind": "owned", "price": 0.3, "power": 0.1}, "remove one of them"),
        ({"kind": "owned", "price": 0.3, "sunk": False}, "needs what a GPU costs to buy"),
        ({"kind": "owned"}, "price is missing"),
        ({"kind": "serverless", "count": 4}, "count belongs to the kind"),
        ({"kind": "reserved", "interruption": 0.1, "price": 1}, "interruption belongs to"),
    ],
)
def test_a_key_that_its_kind_does_not_have_is_refused(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SupplyEntry.model_validate({"accelerator": "h100-sxm", **entry})
