"""Dollars of fleets over time: rents, purchases, wear and sale, against sums by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from planner import units
from planner.cost.settings import LENDER, Settings
from planner.cost.supply import Supply, drawn_supply
from planner.cost.terms import supply_terms
from planner.domain.draws import CENTRAL, Draws
from planner.domain.over_time import OverTime
from planner.domain.supply import SupplyEntry
from planner.economics import money
from planner.economics.cash import Cash, GpuMarket
from planner.economics.months import Months, months_of
from planner.ingest.cards import load_cards

START = dt.date(2027, 3, 1)
MONTH_HOURS = units.DAYS_PER_MONTH * 24
DRAWS = Draws(20, 1)


@pytest.fixture(scope="module")
def supply() -> Callable[..., Supply]:
    book = load_cards()

    def made(*entries: dict[str, Any]) -> Supply:
        read = tuple(
            SupplyEntry.model_validate({"accelerator": "h100-sxm", **entry}) for entry in entries
        )
        given = Settings(accelerator="h100-sxm", entries=read, day=START)
        return drawn_supply(supply_terms(given, book).supply, book.accelerator(LENDER), DRAWS)

    return made


def months(**keys: object) -> Months:
    return months_of(OverTime.model_validate(keys), START, 365.0, DRAWS)


def gpu_cash(supply: Supply, gpus: np.ndarray, over: Months) -> Cash:
    return GpuMarket(supply, over).cash(gpus)


def fleet(*gpus: int) -> np.ndarray:
    return np.tile(np.array(gpus), (DRAWS.rows, 1))


def test_a_rent_is_paid_every_month_and_follows_the_price(
    supply: Callable[..., Supply],
) -> None:
    over = months(horizon="3 months", price_decline="40%/year")
    found = gpu_cash(supply({"price": 2.0}), fleet(4, 4, 6), over)
    rent = [4, 4 * 0.6 ** (1 / 12), 6 * 0.6 ** (2 / 12)]
    assert found.opex[CENTRAL, 1:] == pytest.approx(np.array(rent) * 2.0 * MONTH_HOURS)
    assert not found.capex.any()
    assert not found.residual.any()


def test_the_simple_case_and_the_general_one_pay_the_same_rent(
    supply: Callable[..., Supply],
) -> None:
    over = months(horizon="3 months", price_decline=["20%/year", "40%/year"])
    alone = gpu_cash(supply({"price": [2.0, 3.0]}), fleet(4, 2, 9), over)
    beside = gpu_cash(
        supply({"price": [2.0, 3.0]}, {"price": 9.0, "kind": "spot"}), fleet(4, 2, 9), over
    )
    assert beside.opex == pytest.approx(alone.opex)


def test_a_contract_keeps_its_price_and_is_left_once_the_market_is_cheaper(
    supply: Callable[..., Supply],
) -> None:
    over = months(horizon="13 months", price_decline="50%/year")
    pool = supply({"kind": "reserved", "price": 2.0, "count": 8, "sunk": False}, {"price": 3.0})
    found = gpu_cash(pool, np.full((DRAWS.rows, 13), 10), over).opex[CENTRAL, 1:] / MONTH_HOURS
    assert found[0] == pytest.approx(8 * 2.0 + 2 * 3.0)
    assert found[12] == pytest.approx(10 * 3.0 * 0.5)


def test_what_is_sunk_is_left_out_until_its_last_day(supply: Callable[..., Supply]) -> None:
    owned = {"kind": "owned", "price": 0.4, "purchase": 35_040, "life": "4 years", "resale": 0.2}
    signed = {"kind": "reserved", "price": 1.5, "count": 4, "sunk": True}
    pool = supply(
        {**owned, "count": 8, "until": dt.date(2027, 3, 31)},
        {**signed, "until": dt.date(2027, 4, 30)},
        {"price": 3.0},
    )
    found = gpu_cash(pool, fleet(14, 14, 14), months(horizon="3 months"))
    # Depreciation of an owned hour: 35,040 x .8 / (4 x 8760) = $.80.
    hours = found.opex[CENTRAL, 1:] / MONTH_HOURS
    assert hours == pytest.approx([8 * 0.4 + 2 * 3, 8 * 1.2 + 2 * 3, 8 * 1.2 + 6 * 3])
    assert not found.capex.any(), "GPUs that are there already are not bought again"


@pytest.mark.parametrize(("until", "third"), [((2027, 5, 1), 4 * 1.0), ((2027, 4, 30), 4 * 3.0)])
def test_a_contract_serves_the_month_that_begins_on_its_last_day_and_none_after(
    supply: Callable[..., Supply], until: tuple[int, int, int], third: float
) -> None:
    signed = {"kind": "reserved", "price": 1.0, "count": 4, "sunk": False}
    pool = supply({**signed, "until": dt.date(*until)}, {"price": 3.0})
    found = gpu_cash(pool, fleet(4, 4, 4, 4), months(horizon="4 months"))
    hours = found.opex[CENTRAL, 1:] / MONTH_HOURS
    assert hours == pytest.approx([4 * 1.0, 4 * 1.0, third, 4 * 3.0])


def test_gpus_are_bought_as_the_fleet_grows_and_sold_at_the_end(
    supply: Callable[..., Supply],
) -> None:
    pool = supply(
        {"kind": "owned", "price": 0.5, "purchase": 24_000, "life": "24 months", "resale": 0.25,
         "sunk": False}
    )  # fmt: skip
    over = months(horizon="6 months", price_decline="36%/year")
    found = gpu_cash(pool, fleet(2, 3, 3, 1, 3, 4), over)
    price = 24_000 * over.price[CENTRAL]
    bought = np.array([2, 1, 0, 0, 0, 1])
    assert found.capex[CENTRAL, :6] == pytest.approx(bought * price)
    assert found.opex[CENTRAL, 1:] == pytest.approx(
        np.array([2, 3, 3, 1, 3, 4]) * 0.5 * MONTH_HOURS
    )
    ages = 6 - np.arange(6)
    left = 1 - 0.75 * ages / 24
    assert found.residual[CENTRAL, 6] == pytest.approx((bought * price * left).sum())
    assert not found.residual[:, :6].any()


def test_a_gpu_at_the_end_of_its_life_is_sold_and_bought_again(
    supply: Callable[..., Supply],
) -> None:
    pool = supply(
        {"kind": "owned", "price": 0.5, "purchase": 6_000, "life": "3 months", "resale": 0.5,
         "sunk": False}
    )  # fmt: skip
    found = gpu_cash(pool, fleet(1, 1, 1, 1), months(horizon="4 months"))
    assert found.capex[CENTRAL].tolist() == [6_000, 0, 0, 6_000, 0]
    assert found.residual[CENTRAL].tolist() == [0, 0, 0, 3_000, 5_000]


def test_without_discount_or_growth_a_life_of_ownership_costs_its_hourly_price(
    supply: Callable[..., Supply],
) -> None:
    """Cash over a whole life adds up to what `Supply.usd_per_day` says of every day of it."""
    pool = supply(
        {"kind": "owned", "price": ["$0.4/h", "$0.6/h"], "purchase": [20_000, 30_000],
         "life": "4 years", "resale": [0.1, 0.3], "sunk": False}
    )  # fmt: skip
    over = months(horizon="4 years")
    found = gpu_cash(pool, np.full((DRAWS.rows, 48), 6), over)
    daily = pool.usd_per_day(np.full(DRAWS.rows, 6))
    assert found.total.sum(axis=1) == pytest.approx(daily * 4 * 365)


def test_a_dollar_of_purchase_is_the_annuity_of_its_months(supply: Callable[..., Supply]) -> None:
    """Equivalent cost of a machine: pmt of spreadsheets with its resale as future value."""
    pool = supply(
        {"kind": "owned", "price": 1e-9, "purchase": 30_000, "life": "36 months", "resale": 0.1,
         "sunk": False}
    )  # fmt: skip
    over = months(horizon="36 months", discount="10%/year")
    found = gpu_cash(pool, np.ones((DRAWS.rows, 36)), over)
    monthly = over.equivalent_per_day(over.present_value(found.total)) * units.DAYS_PER_MONTH
    exact = money.annuity(30_000, money.monthly_rate(0.1), 36, residual=3_000)
    assert monthly[CENTRAL] == pytest.approx(float(exact), rel=1e-6)
