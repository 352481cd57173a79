"""A table of samples becomes arrays without losing or swapping a sample."""

from __future__ import annotations

import numpy as np
import pytest

from planner.errors import InputError
from planner.measure.samples import BLANK, ProblemSamples, checked_n
from planner.measure.shuffle import random_order


def some() -> ProblemSamples:
    return ProblemSamples.from_columns(
        ["q", "p", "q", "q"],
        [0.0, 1.0, 1.0, 0.5],
        sample=[2, 0, 0, 1],
        answer=["7", "x", " 8 ", None],
        score=[0.1, 0.2, 0.3, 0.4],
        step_scores=[[0.1], [0.2, 0.9], None, [0.4]],
    )


def test_columns_are_grouped_by_problem_and_ordered_by_sample() -> None:
    samples = some()
    assert samples.problem == ("p", "q")
    assert samples.n.tolist() == [1, 3]
    assert samples.correct[1].tolist() == [1.0, 0.5, 0.0]
    assert np.isnan(samples.correct[0, 1:]).all()
    assert samples.answer is not None
    assert samples.score is not None
    assert samples.step_scores is not None
    assert samples.answer.tolist() == [[0, BLANK, BLANK], [0, BLANK, 1]]
    assert samples.score[1].tolist() == [0.3, 0.4, 0.1]
    assert samples.step_scores[0, 0].tolist() == [0.2, 0.9]
    assert samples.largest_n == 1
    assert samples.solve_rate().tolist() == [1.0, 0.5]


def test_codes_serve_as_answers() -> None:
    samples = ProblemSamples.from_columns(["p"] * 4, [0, 0, 0, 1], answer=[41, -1, 7, 41])
    assert samples.answer is not None
    assert samples.answer.tolist() == [[0, BLANK, 1, 0]]


def test_problems_and_samples_can_be_picked() -> None:
    samples = some()
    assert samples.where([False, True]).problem == ("q",)
    assert samples.where([1, 0]).problem == ("q", "p")
    turned = samples.columns(np.array([[0, 1, 2], [2, 0, 1]]), np.array([1, 2]))
    assert turned.correct[1].tolist() == [0.0, 1.0]
    assert turned.n.tolist() == [1, 2]


def test_what_was_not_logged_is_refused() -> None:
    with pytest.raises(InputError, match="not partly right"):
        some().counts()
    unknown = ProblemSamples.from_columns(["p", "p"], [1.0, np.nan])
    with pytest.raises(InputError, match="1 of 1 problems"):
        unknown.solve_rate()
    with pytest.raises(InputError, match="there are no problems"):
        checked_n(ProblemSamples.from_columns([], []), [1], "pass@k")


def test_counts_are_sums() -> None:
    counts = ProblemSamples.from_columns(["a", "b", "a"], [1, 0, 0]).counts()
    assert counts.n.tolist() == [2, 1]
    assert counts.n_correct.tolist() == [1, 0]
    assert counts.solve_rate().tolist() == [0.5, 0.0]
    assert counts.where([True, False]).problem == ("a",)
    assert counts.largest_n == 1


def test_orders_are_permutations_of_the_samples_that_are_there() -> None:
    n = np.array([5, 0, 3])
    order = random_order(("a", "b", "c"), n, 5, "test", 0)
    assert sorted(order[0].tolist()) == [0, 1, 2, 3, 4]
    assert sorted(order[2, :3].tolist()) == [0, 1, 2]
    assert order[1].tolist() == [0, 1, 2, 3, 4]


def test_every_order_is_as_likely() -> None:
    names = tuple(map(str, range(24_000)))
    order = random_order(names, np.full(len(names), 4), 4, "test", 0)
    seen = np.unique(order, axis=0, return_counts=True)[1]
    assert len(seen) == 24
    assert ((seen - 1000.0) ** 2 / 1000.0).sum() < 49.7, "chi-square, 23 degrees, 0.1%"
