"""Present values, annuities, payback and residual values, against published examples.

The examples of numpy-financial are those of its documentation, numpy_financial/_financial.py of
github.com/numpy/numpy-financial, read 2026-11-28. Signs differ: an annuity here is positive.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.economics import money

RATES = st.floats(-0.2, 0.5).filter(lambda r: r == 0 or abs(r) > 1e-6)
PERIODS = st.integers(1, 240)


def test_npv_of_the_published_example() -> None:
    """npv(0.08, [-40_000, 5_000, 8_000, 12_000, 30_000]) = 3065.22267."""
    found = money.net_present_value(0.08, [-40_000, 5_000, 8_000, 12_000, 30_000])
    assert float(found) == pytest.approx(3065.22267, abs=5e-6)


def test_the_value_at_a_published_internal_rate_of_return_is_nought() -> None:
    """npv(0.281, [-100, 39, 59, 55, 20]) = -0.00847859...; irr 0.28095."""
    cash = [-100, 39, 59, 55, 20]
    assert float(money.net_present_value(0.281, cash)) == pytest.approx(-0.0084785916384548798)
    assert float(money.net_present_value(0.28095, cash)) == pytest.approx(0, abs=1e-3)


def test_the_annuity_is_the_published_payment() -> None:
    """pmt(0.075/12, 12*15, 200000) = -1854.0247200054619; pmt of $2,500 at 8.24%: 217.75."""
    found = money.annuity(200_000, 0.075 / 12, 12 * 15)
    assert float(found) == pytest.approx(1854.0247200054619)
    # Principal and interest of any row of the published schedule, such as -200.58 and -17.17.
    assert float(money.annuity(2500, 0.0824 / 12, 12)) == pytest.approx(200.58 + 17.17, abs=0.01)


def test_an_annuity_with_a_residual_is_that_of_the_published_example() -> None:
    """pv(0.05/12, 120, -100, 15692.93) = -100.00067131625819, and at 4% and 3%.

    $100 now and $100 a month grow to 15,692.93: the payments that turn that present sum into the
    future one are 100 a month.
    """
    now = np.array([100.00067131625819, 649.26771385, 1273.78633713])
    paid = -money.annuity(now, np.array([0.05, 0.04, 0.03]) / 12, 120, residual=15_692.93)
    assert paid == pytest.approx(100.0)


def test_the_published_numbers_of_payments_repay_the_loans() -> None:
    """nper(0.07/12, -150, 8000) = 64.07335 and its table over rates, payments and loans."""
    rates, payments, loans = np.ogrid[0.07:0.081:0.01, 150:99:-50, 8000:9001:1000]
    months = [
        [[64.07334877, 74.06368256], [108.07548412, 127.99022654]],
        [[66.12443902, 76.87897353], [114.70165583, 137.90124779]],
    ]
    paid = money.annuity(loans, rates / 12, np.array(months))
    assert paid == pytest.approx(np.broadcast_to(payments, paid.shape), rel=1e-7)


def test_without_interest_an_annuity_is_an_even_split() -> None:
    assert float(money.annuity(1200, 0.0, 12)) == 100.0
    assert float(money.annuity(1200, 0.0, 12, residual=600)) == 50.0
    assert money.annuity(1200, np.array([0.0, 1e-9]), 12) == pytest.approx([100, 100], rel=1e-8)
    assert float(money.present_value_factor(0.0, 7)) == 7.0


@given(RATES, PERIODS, st.floats(0, 1e6), st.floats(0, 1e6))
def test_payments_and_what_is_left_are_worth_what_was_paid(
    rate: float, periods: int, present: float, residual: float
) -> None:
    paid = float(money.annuity(present, rate, periods, residual))
    cash = np.full(periods + 1, paid)
    cash[0] = -present
    cash[-1] += residual
    scale = present + residual / (1 + rate) ** periods + 1
    assert float(money.net_present_value(rate, cash)) == pytest.approx(0, abs=1e-8 * scale)


def test_twelve_months_make_the_rate_of_a_year() -> None:
    assert (1 + float(money.monthly_rate(0.12))) ** 12 == pytest.approx(1.12)
    assert float(money.monthly_rate(0.0)) == 0.0


def test_each_draw_is_discounted_at_its_own_rate() -> None:
    cash = np.array([[-100.0, 60, 60], [-50.0, 30, 30]])
    found = money.net_present_value(np.array([0.0, 0.1]), cash)
    assert found == pytest.approx([20, -50 + 30 / 1.1 + 30 / 1.21])
    assert money.net_present_value(np.array([0.0, 0.1]), cash[0]).shape == (2,)


def test_payback_is_the_month_from_which_nothing_is_owed() -> None:
    cash = np.array([[-100.0, 40, 40, 40], [-100.0, 10, 10, 10], [0.0, 1, 1, 1]])
    assert money.payback_period(cash).tolist() == [3, np.inf, 0]
    assert float(money.payback_period([-100.0, 50, 50])) == 2
    # 40 / 1.15 + 40 / 1.15^2 + 40 / 1.15^3 = 91.3: discounted it is never paid back.
    assert np.isinf(money.payback_period(cash[0], 0.15))


def test_a_replacement_that_is_owed_again_moves_the_payback() -> None:
    assert float(money.payback_period([-10.0, 20, -30, 10, 15])) == 4


def test_rounding_delays_no_payback_to_the_cent() -> None:
    assert float(money.payback_period([-0.3, 0.1, 0.1, 0.1])) == 3


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30))
def test_payback_is_what_a_search_by_hand_finds(cash: list[int]) -> None:
    totals = np.cumsum(cash)
    good = [t for t in range(len(cash)) if all(total >= 0 for total in totals[t:])]
    assert float(money.payback_period(cash)) == (good[0] if good else np.inf)


def test_the_payback_date_is_counted_on_the_calendar() -> None:
    start = dt.date(2027, 11, 30)
    cash = np.array([[-100.0, 40, 40, 40, 0], [-100.0, 10, 10, 10, 10]])
    assert money.payback_date(start, cash) == [dt.date(2028, 2, 29), None]
    assert money.payback_date(start, [0.0, 1.0]) == [start]
    assert money.add_months(dt.date(2027, 1, 31), 13) == dt.date(2028, 2, 29)
    assert money.add_months(dt.date(2027, 12, 31), 12) == dt.date(2028, 12, 31)


def test_values_of_an_asset_run_from_its_cost_to_its_salvage() -> None:
    assert money.residual_value(1000, 0.2, np.array([0, 1, 3])) == pytest.approx([1000, 800, 512])
    line = money.straight_line_value(1000, 100, 36, np.array([0, 12, 36, 48]))
    assert line == pytest.approx([1000, 700, 100, 100])


@pytest.mark.parametrize(
    ("cash", "payback", "worth"),
    [([-2000, 500, 500, 5000], 3, 2624), ([-2000, 500, 1800, 0], 2, -58),
     ([-2000, 1800, 500, 0], 2, 50)],
)  # fmt: skip
def test_projects_of_the_textbook_are_paid_back_and_worth_what_it_prints(
    cash: list[float], payback: int, worth: float
) -> None:
    """Brealey, Myers and Allen, Principles of Corporate Finance, on payback: projects A, B, C."""
    assert float(money.payback_period(cash)) == payback
    assert float(money.net_present_value(0.1, cash)) == pytest.approx(worth, abs=0.5)


@pytest.mark.parametrize(
    ("cash", "worth", "yearly"),
    [([15, 5, 5, 5], 28.37, 10.61), ([10, 6, 6], 21.00, 11.45)],
)
def test_machines_of_the_textbook_cost_its_equivalent_annuities(
    cash: list[float], worth: float, yearly: float
) -> None:
    """The same book, on long- and short-lived equipment: machines A and B at 6%."""
    present = money.net_present_value(0.06, cash)
    assert float(present) == pytest.approx(worth, abs=0.005)
    assert float(money.annuity(present, 0.06, len(cash) - 1)) == pytest.approx(yearly, abs=0.005)


@given(st.lists(st.integers(-999, 999), min_size=2, max_size=24), st.integers(0, 60))
def test_present_values_are_those_of_exact_fractions(cash: list[int], percent: int) -> None:
    rate = Fraction(percent, 100)
    exact = sum(Fraction(usd) / (1 + rate) ** t for t, usd in enumerate(cash))
    scale = sum(abs(usd) for usd in cash) + 1
    found = float(money.net_present_value(float(rate), cash))
    assert found == pytest.approx(float(exact), abs=1e-12 * scale)
