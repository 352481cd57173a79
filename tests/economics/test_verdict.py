"""Who wins: the random draws decide, and what is equal is won by nobody."""

from __future__ import annotations

import numpy as np
import pytest

from planner.economics.verdict import cheapest, dominates, most_accurate


def test_the_central_case_is_no_draw() -> None:
    cost = np.array([[1.0, 2.0], [3.0, 2.0], [3.0, 2.0], [1.0, 2.0], [3.0, 2.0]])
    found = cheapest(cost, 0.0)
    assert found.leader == 1
    assert found.probabilities == (0.25, 0.75)
    assert found.probability == 0.75
    assert found.ties == 0
    # Three draws save a third of the other side's cost, one loses what it costs more.
    assert found.gain == pytest.approx(1 / 3)
    assert not found.decided


def test_equal_costs_are_a_tie_and_a_side_that_cannot_do_it_loses() -> None:
    cost = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, np.inf], [1.0, 1.0 + 1e-12], [1.0, 2.0]])
    found = cheapest(cost, 0.0)
    assert found.probabilities == (0.5, 0.0)
    assert found.ties == 0.5


def test_a_win_by_less_than_matters_is_no_decision() -> None:
    cost = np.tile([0.97, 1.0], (11, 1))
    assert cheapest(cost, 0.02).decided
    assert not cheapest(cost, 0.05).decided
    accuracy = np.tile([0.500, 0.505], (11, 1))
    assert most_accurate(accuracy, 0.004).decided
    assert not most_accurate(accuracy, 0.01).decided
    assert most_accurate(accuracy, 0.01).leader == 1


def test_a_side_dominates_only_where_it_is_no_worse_in_both_and_better_in_one() -> None:
    cost = np.array([[1.0, 2.0]] * 5)
    better = np.array([[0.6, 0.5]] * 5)
    assert dominates(cost, better, (0.05, 0.01)).probabilities == (1.0, 0.0)
    trade = np.array([[0.4, 0.5]] * 5)
    assert dominates(cost, trade, (0.05, 0.01)).probabilities == (0.0, 0.0)
    alike = np.array([[1.0, 1.01]] * 5)
    assert dominates(alike, np.full((5, 2), 0.5), (0.05, 0.01)).probabilities == (0.0, 0.0)
