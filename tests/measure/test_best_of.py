"""Choices by score are what enumerating every subset of the samples gives."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.measure.best_of import aggregate, best_of_n, weighted_vote
from planner.measure.coverage import coverage
from planner.measure.samples import ProblemSamples

Row = tuple[str | None, float, float]
"""Answer, correctness and score of a sample."""


def samples_of(*problems: list[Row]) -> ProblemSamples:
    flat = [(f"p{i:03}", *row) for i, problem in enumerate(problems) for row in problem]
    names, answer, correct, score = zip(*flat, strict=True)
    return ProblemSamples.from_columns(names, correct, answer=list(answer), score=score)


def brute_best(problem: list[Row], n: int) -> float:
    scores = []
    for subset in itertools.combinations(problem, n):
        top = max(score for _, _, score in subset)
        scores.append(np.mean([correct for _, correct, score in subset if score == top]))
    return float(np.mean(scores))


def brute_weighted(problem: list[Row], n: int) -> float:
    scores = []
    for subset in itertools.combinations(problem, n):
        sums: dict[str, float] = {}
        for answer, _, score in subset:
            if answer:
                sums[answer] = sums.get(answer, 0.0) + score
        top = max(sums.values(), default=0.0)
        wins = [float(a == "right") for a, s in sums.items() if s == top]
        scores.append(np.mean(wins) if wins else 0.0)
    return float(np.mean(scores))


# Eighths add up without rounding, so that ties are ties in the brute force too.
score = st.integers(0, 8).map(lambda x: x / 8)
scored = st.tuples(st.sampled_from(["right", "b", "c", None]), st.just(0.0), score).map(
    lambda row: (row[0], float(row[0] == "right"), row[2])
)
a_problem = st.lists(scored, min_size=1, max_size=8).map(lambda p: [("right", 1.0, 0.5), *p])


@given(st.lists(a_problem, min_size=1, max_size=3))
def test_best_of_n_is_the_mean_over_all_subsets(problems: list[list[Row]]) -> None:
    samples = samples_of(*problems)
    n = list(range(1, samples.largest_n + 1))
    brute = [[brute_best(problem, k) for k in n] for problem in problems]
    assert best_of_n(samples, n) == pytest.approx(np.array(brute), abs=1e-12)


@given(a_problem)
def test_weighted_vote_is_the_mean_over_all_subsets(problem: list[Row]) -> None:
    n = list(range(1, len(problem) + 1))
    brute = [brute_weighted(problem, k) for k in n]
    assert weighted_vote(samples_of(problem), n)[0] == pytest.approx(brute, abs=1e-12)


@given(st.lists(scored, min_size=10, max_size=12).map(lambda p: [("right", 1.0, 0.5), *p]))
def test_weighted_vote_over_random_orders_comes_to_the_same(problem: list[Row]) -> None:
    n = [1, 2, 5, len(problem)]
    drawn = weighted_vote(samples_of(problem), n, draws=4000)[0]
    brute = [brute_weighted(problem, k) for k in n]
    assert drawn == pytest.approx(brute, abs=4.5 * 0.5 / np.sqrt(4000))
    assert drawn[[0, -1]] == pytest.approx([brute[0], brute[-1]], abs=1e-12)


def test_decimal_scores_tie_as_written() -> None:
    """.1 + .2 and .3 are one weight, whatever the order in which they are added."""
    tie = [("a", 0.0, 0.1), ("a", 0.0, 0.2), ("right", 1.0, 0.3)]
    assert weighted_vote(samples_of(tie), [3])[0] == pytest.approx([0.5])


def test_many_samples_keep_their_precision() -> None:
    drawn, n = 10_000, 5_000
    order = np.arange(drawn, dtype=float)[None]
    samples = ProblemSamples(("p",), np.array([drawn]), (order == drawn - 4) * 1.0, score=order)
    exact = math.comb(drawn - 4, n - 1) / math.comb(drawn, n)
    assert best_of_n(samples, [1, n, drawn])[0] == pytest.approx([1e-4, exact, 0.0], rel=1e-10)


def test_a_perfect_verifier_reaches_coverage() -> None:
    rng = np.random.default_rng(0)
    right = (rng.random((50, 12)) < 0.2) * 1.0
    samples = ProblemSamples(tuple(map(str, range(50))), np.full(50, 12), right, score=right)
    n = [1, 2, 6, 12]
    assert best_of_n(samples, n) == pytest.approx(coverage(samples, n), abs=1e-12)


def test_a_blank_without_a_score_is_never_preferred() -> None:
    nan = float("nan")
    samples = samples_of([(None, 0.0, nan), ("right", 1.0, -3.0)])
    assert best_of_n(samples, [1, 2])[0] == pytest.approx([0.5, 1.0])
    samples = samples_of([(None, 0.0, nan), ("right", 1.0, 0.0)])
    assert weighted_vote(samples, [1, 2])[0] == pytest.approx([0.5, 1.0])


def test_steps_make_one_score() -> None:
    nan = float("nan")
    steps = np.array([[[0.5, 0.8, nan], [0.9, 0.2, 0.5], [nan, nan, nan]]])
    assert aggregate(steps, "min")[0] == pytest.approx([0.5, 0.2, nan], nan_ok=True)
    assert aggregate(steps, "product")[0] == pytest.approx([0.4, 0.09, nan], nan_ok=True)
    assert aggregate(steps, "last")[0] == pytest.approx([0.8, 0.5, nan], nan_ok=True)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ([("a", 1.0, float("nan")), ("b", 0.0, 0.5)], "1 samples have an answer and no score"),
        ([("a", float("nan"), 0.5)], "not logged"),
    ],
)
def test_samples_without_a_score_are_refused(problem: list[Row], words: str) -> None:
    for measure in (best_of_n, weighted_vote):
        with pytest.raises(InputError, match=words):
            measure(samples_of(problem), [1])


def test_logs_without_scores_and_logits_as_weights_are_refused() -> None:
    unscored = ProblemSamples.from_columns(["p"], [1.0], answer=["a"])
    with pytest.raises(InputError, match="no verifier scores"):
        best_of_n(unscored, [1])
    with pytest.raises(InputError, match="weights must be 0 or more"):
        weighted_vote(samples_of([("a", 1.0, -0.5)]), [1])
    with pytest.raises(InputError, match="n exceeds the 1 samples"):
        best_of_n(samples_of([("a", 1.0, 0.5)]), [2])
