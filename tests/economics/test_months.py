"""A workload over time: its keys in the scenario, and the months that are drawn from them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from pydantic import ValidationError

from planner import units
from planner.domain.draws import CENTRAL, Draws
from planner.domain.over_time import OverTime
from planner.domain.workload import Workload
from planner.economics import money
from planner.economics.months import Months, months_of
from planner.errors import InputError

START = dt.date(2027, 11, 15)
YEAR = 365.0


def months(**keys: object) -> Months:
    return months_of(OverTime.model_validate(keys), START, YEAR, Draws(200, 3), 1e6)


def refusal(**keys: object) -> str:
    with pytest.raises(ValidationError) as caught:
        OverTime.model_validate(keys)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "yearly"),
    [
        ("3%/month", 1.03**12 - 1),
        ("3% a month", 1.03**12 - 1),
        ("0.5/year", 0.5),
        ("40% per year", 0.4),
        ("-10%/year", -0.1),
        ("2% monthly", 1.02**12 - 1),
        ("25% yearly", 0.25),
    ],
)
def test_growth_is_read_by_the_month_or_by_the_year(text: str, yearly: float) -> None:
    assert units.parse_growth_per_year(text) == pytest.approx(yearly)


def test_a_growth_without_a_period_is_refused_for_it_may_be_either() -> None:
    for text in ("5%", 0.05, "5%/week", "-100%/year", "fast", True):
        with pytest.raises(ValueError, match="write"):
            units.parse_growth_per_year(text)


def test_a_discount_rate_is_of_a_year_unless_it_says_a_month() -> None:
    assert units.parse_rate_per_year("10%") == units.parse_rate_per_year(0.1) == 0.1
    assert units.parse_rate_per_year("1%/month") == pytest.approx(1.01**12 - 1)
    for text in (10, "-1%"):
        with pytest.raises(ValueError, match="write"):
            units.parse_rate_per_year(text)


def test_without_keys_a_year_of_equal_months_counts_every_dollar_alike() -> None:
    flat = months()
    assert flat.count == 12
    assert flat.horizon_days == pytest.approx(YEAR)
    assert flat.flat
    assert (flat.discount == 1).all()
    assert flat.equivalent_per_day(np.full(201, 730.0)) == pytest.approx(2.0)


def test_volume_grows_and_prices_fall_by_their_yearly_rates() -> None:
    found = months(horizon="25 months", growth="50%/year", price_decline="20%/year")
    assert found.volume[CENTRAL, [0, 12, 24]] == pytest.approx([1, 1.5, 2.25])
    assert found.price[CENTRAL, [0, 12, 24]] == pytest.approx([1, 0.8, 0.64])
    assert not found.flat


def test_a_range_of_growth_is_drawn_as_its_central_80_percent() -> None:
    found = months(growth=["0%/year", "20%/year", "60%/year"], horizon="13 months")
    yearly = found.volume[1:, 12]
    assert np.quantile(yearly, [0.1, 0.5, 0.9]) == pytest.approx([1, 1.2, 1.6], rel=0.01)


def test_seasons_follow_the_calendar_and_keep_the_mean_of_the_year() -> None:
    factors = [1.0] * 11 + [13.0]
    found = months(seasonality=factors)
    assert found.volume[CENTRAL].mean() == pytest.approx(1.0)
    assert int(found.volume[CENTRAL].argmax()) == 1, "December is the second month from November"


def test_a_table_by_month_is_the_volume_and_its_length_the_horizon() -> None:
    found = months(by_month=["1M/day", "2M/day", "500k/day"])
    assert found.volume[CENTRAL] == pytest.approx([1, 2, 0.5])
    assert found.horizon_days == pytest.approx(3 * units.DAYS_PER_MONTH)


def test_nothing_counts_after_the_models_are_replaced() -> None:
    found = months(horizon="24 months", replaced=dt.date(2028, 1, 30))
    assert found.count == 3
    assert found.horizon_days == 76
    with pytest.raises(InputError, match="replaced before the plan begins"):
        months(replaced=START)


def test_the_equivalent_cost_a_day_is_the_annuity_of_the_present_value() -> None:
    found = months(horizon="36 months", discount="12%/year")
    daily = found.equivalent_per_day(np.full(201, 1e5))
    monthly = money.annuity(1e5, money.monthly_rate(0.12), 36)
    assert daily * units.DAYS_PER_MONTH == pytest.approx(float(monthly))
    # A dollar a day in arrears is worth what the annuity factor says.
    assert found.weight_days.sum(axis=1) == pytest.approx(1e5 / daily)


def test_a_last_month_cut_short_is_paid_for_its_days_and_discounted_to_its_end() -> None:
    found = months(horizon="100 days", discount="10%/year")
    assert found.days.tolist() == pytest.approx([units.DAYS_PER_MONTH] * 3 + [100 - 91.25])
    assert found.discount[CENTRAL, -1] == pytest.approx(1.1 ** (-100 / 365))


def test_what_is_wrong_with_a_workload_over_time_is_said_with_a_way_out() -> None:
    assert "one for each month" in refusal(seasonality=[1.0, 2.0])
    assert "remove one" in refusal(by_month=["1M/day"], growth="1%/month")
    assert "shorten the horizon" in refusal(by_month=["1M/day"], horizon="2 months")
    assert "30 years" in refusal(horizon="100 years")
    assert "below 100%" in refusal(price_decline="100%/year")
    assert "low end to its high end" in refusal(growth=["5%/month", "1%/month"])
    with pytest.raises(InputError, match="smaller rate"):
        months(growth="500%/month")


def test_a_workload_takes_the_keys_beside_its_volume() -> None:
    found = Workload.model_validate(
        {"volume": "1M queries/day", "growth": "3%/month", "discount": "10%", "horizon": "2 years"}
    )
    assert found.growth_per_year is not None
    assert found.discount_per_year is not None
    assert found.horizon_days == 730
