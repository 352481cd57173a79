"""Parities, verdicts and break-evens on cases that can be worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.economics.break_even import crossings
from planner.economics.parity import Crossing, accuracy_parity, cost_parity, n_grid
from planner.economics.verdict import cheapest, dominates, most_accurate
from planner.options.mix import mix_grid, shifted_to_total


def log_linear(start: float, slope: float, grid: np.ndarray) -> np.ndarray:
    return np.broadcast_to(start + slope * np.log2(grid), (2, len(grid)))


def test_accuracy_parity_is_interpolated_in_log_n() -> None:
    # Sun et al. 2024: 7B + PRM weighted vote .211 at 2 and .2495 at 4; 34B greedy .248.
    slope = 0.2495 - 0.211
    found = accuracy_parity(
        log_linear(0.211 - slope, slope, n_grid(1024)), np.array([0.248, 0.248]), n_grid(1024)
    )
    assert found.central == pytest.approx(2 ** (1 + (0.248 - 0.211) / slope), rel=1e-6)
    assert found.central == pytest.approx(3.89, abs=0.01)


def test_accuracy_parity_is_one_where_a_single_sample_is_enough_and_infinite_out_of_reach() -> None:
    found = accuracy_parity(log_linear(0.3, 0.01, n_grid(64)), np.array([0.2, 0.9]), n_grid(64))
    assert found.n.tolist() == [1.0, np.inf]
    assert found.share_of_draws == 0.0


def test_cost_parity_in_nominal_flops_is_the_ratio_of_parameters_run() -> None:
    found = cost_parity(
        lambda n: np.broadcast_to(14.0 * n, (1, len(n))), np.array([34.0]), n_grid(64)
    )
    assert found.central == pytest.approx(34 / 14, rel=1e-3)


def test_cost_parity_below_one_sample_continues_the_line() -> None:
    found = cost_parity(
        lambda n: np.broadcast_to(2.0 + 8.0 * n, (1, len(n))), np.array([6.0]), n_grid(8)
    )
    assert found.central == pytest.approx(0.5)


def test_quantiles_count_missing_parities_as_infinite() -> None:
    crossing = Crossing(np.array([2.0, 1.0, 2.0, np.inf, np.inf]))
    assert crossing.quantile(0.5) == 2.0
    assert crossing.quantile(0.95) is None
    assert crossing.share_of_draws == 0.5


def test_the_cheapest_side_wins_and_equal_costs_are_won_by_nobody() -> None:
    cost = np.array([[4.0, 4.0], [4.0, 4.0], [2.0, 4.0], [4.0, np.inf]])
    verdict = cheapest(cost, matters=0.05)
    assert verdict.leader == 0
    assert verdict.probability == pytest.approx(2 / 3)
    assert verdict.ties == pytest.approx(1 / 3)
    assert not verdict.decided


def test_of_three_sides_one_must_beat_both_others_to_win_a_draw() -> None:
    cost = np.tile([[1.0, 2.0, 1.0]], (30, 1))
    assert cheapest(cost, matters=0.0).probability == 0.0
    assert cheapest(cost[:, :2], matters=0.0).probability == 1.0


def test_a_sure_winner_by_less_than_what_matters_is_not_declared() -> None:
    cost = np.column_stack([np.full(50, 0.99), np.full(50, 1.0)])
    assert not cheapest(cost, matters=0.05).decided
    assert cheapest(cost, matters=0.005).decided
    assert cheapest(cost, matters=0.005).gain == pytest.approx(0.01)


def test_most_accurate_mirrors_cheapest() -> None:
    accuracy = np.column_stack([np.full(20, 0.5), np.full(20, 0.4)])
    verdict = most_accurate(accuracy, matters=0.01)
    assert (verdict.leader, verdict.probability, verdict.decided) == (0, 1.0, True)


def test_a_trade_between_cost_and_accuracy_is_won_by_nobody() -> None:
    cost = np.column_stack([np.full(20, 1.0), np.full(20, 5.0)])
    accuracy = np.column_stack([np.full(20, 0.3), np.full(20, 0.5)])
    assert not dominates(cost, accuracy, (0.05, 0.01)).decided
    better = dominates(cost, accuracy[:, ::-1], (0.05, 0.01))
    assert (better.leader, better.probability) == (0, 1.0)


def test_break_even_in_closed_form_where_costs_are_linear() -> None:
    # 1e6 dollars once, and 0.001 dollars less a query over 365 days.
    capex = np.array([1e6, 1e6, 1e15])
    found = crossings(
        lambda v: capex[:, None] + 365 * np.broadcast_to(0.001 * v, (3, np.shape(v)[-1])),
        lambda v: 365 * np.broadcast_to(0.002 * v, (3, np.shape(v)[-1])),
        np.geomspace(1e3, 1e9, 121),
    )
    ahead = found.ahead_beyond(True)
    assert ahead.central == pytest.approx(1e6 / (0.001 * 365))
    assert np.isinf(ahead.n[2])
    assert ahead.share_of_draws == 1 / 2
    assert found.mostly_one


@given(
    st.lists(st.floats(0.02, 0.98), min_size=2, max_size=4),
    st.floats(0.05, 0.95),
)
def test_shifted_buckets_average_to_the_total_and_keep_their_order(
    levels: list[float], total: float
) -> None:
    weights = np.full(len(levels), 1 / len(levels))
    shifted = shifted_to_total(np.array([levels]), weights, np.array([total]))
    assert (shifted @ weights)[0] == pytest.approx(total, abs=1e-6)
    assert (np.argsort(shifted[0], kind="stable") == np.argsort(levels, kind="stable")).all()


def test_mix_grids_add_up_to_one() -> None:
    for buckets in (("a",), ("a", "b"), ("a", "b", "c")):
        for mix in mix_grid(buckets):
            assert sum(mix.values()) == pytest.approx(1.0)
