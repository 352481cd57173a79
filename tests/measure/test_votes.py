"""Votes are what enumerating every subset of the samples gives."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.measure import votes as voting
from planner.measure.samples import ProblemSamples
from planner.measure.votes import majority_vote
from planner.measure.votes_exact import exact_majority, majority_work

Answers = list[str | None]


def samples_of(*problems: list[tuple[str | None, float]]) -> ProblemSamples:
    flat = [(f"p{i:03}", a, c) for i, problem in enumerate(problems) for a, c in problem]
    names, answer, correct = zip(*flat, strict=True)
    return ProblemSamples.from_columns(names, correct, answer=list(answer))


def brute_vote(problem: list[tuple[str | None, float]], n: int) -> float:
    judged: dict[str, list[float]] = {}
    for answer, correct in problem:
        if answer:
            judged.setdefault(answer, []).append(correct)
    scores = []
    for subset in itertools.combinations(problem, n):
        votes = Counter(answer for answer, _ in subset if answer)
        if not votes:
            scores.append(0.0)
            continue
        most = max(votes.values())
        scores.append(np.mean([np.mean(judged[a]) for a, v in votes.items() if v == most]))
    return float(np.mean(scores))


right_or_wrong = st.sampled_from([("right", 1.0), ("b", 0.0), ("c", 0.0), ("d", 0.0), (None, 0.0)])
partly = st.sampled_from(
    [("a", 1.0), ("a", 0.0), ("b", 0.5), ("c", 0.0), ("also right", 1.0), ("", 0.0)]
)
a_problem = st.lists(st.one_of(right_or_wrong, partly), min_size=1, max_size=9).map(
    lambda problem: [("right", 1.0), *problem]
)


@given(st.lists(a_problem, min_size=1, max_size=3))
def test_vote_is_the_mean_over_all_subsets(
    problems: list[list[tuple[str | None, float]]],
) -> None:
    samples = samples_of(*problems)
    n = list(range(1, samples.largest_n + 1))
    brute = [[brute_vote(problem, k) for k in n] for problem in problems]
    assert majority_vote(samples, n) == pytest.approx(np.array(brute), abs=1e-12)


@given(a_problem)
def test_prefixes_of_random_orders_come_to_the_same(
    problem: list[tuple[str | None, float]],
) -> None:
    samples = samples_of(problem)
    n = list(range(1, len(problem) + 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voting, "EXACT_WORK", -1)
        drawn = majority_vote(samples, n, draws=4000)
    exact = majority_vote(samples, n)
    assert drawn == pytest.approx(exact, abs=4.5 * 0.5 / np.sqrt(4000))
    assert drawn[0, [0, -1]] == pytest.approx(exact[0, [0, -1]], abs=1e-12)


def test_random_orders_err_as_little_as_stated_and_apart() -> None:
    """Many problems of equal answers: the mean must err by 1 / sqrt(problems) of one's error."""
    rng = np.random.default_rng(3)
    right = rng.random((400, 40)) < 0.4
    answer = np.where(right, 0, rng.integers(1, 4, right.shape))
    samples = ProblemSamples(
        tuple(f"p{i}" for i in range(400)), np.full(400, 40), right * 1.0, answer
    )
    n = [2, 3, 8, 21]
    exact = majority_vote(samples, n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voting, "EXACT_WORK", -1)
        error = np.array([majority_vote(samples, n, draws=100, seed=s) for s in range(8)]) - exact
    assert np.sqrt((error**2).mean()) < 0.5 / np.sqrt(100)
    assert np.abs(error.mean(1)).max() < 4.5 * 0.05 / np.sqrt(400)


def test_exact_vote_stays_exact_with_many_samples() -> None:
    """Two answers, no blanks: the majority is right with a hypergeometric probability."""
    from math import comb

    right, wrong, n = 401, 599, 101
    ways = sum(comb(right, j) * comb(wrong, n - j) for j in range(51, n + 1))
    exact = exact_majority(
        np.array([[right, wrong]]), np.array([[1.0, 0.0]]), 1000, np.array([1, n, 1000])
    )
    assert exact[0] == pytest.approx([0.401, ways / comb(1000, n), 0.0], rel=1e-11)


def test_too_many_rivals_are_left_to_random_orders() -> None:
    counts = np.full((1, 40), 25)
    values = np.eye(1, 40)
    assert majority_work(counts, values)[0] > voting.EXACT_WORK
    flat = ProblemSamples(
        ("p",),
        np.array([1000]),
        (np.arange(1000)[None] % 40 == 0) * 1.0,
        np.arange(1000)[None] % 40,
    )
    assert majority_vote(flat, [1, 100, 1000]) == pytest.approx(1 / 40, abs=0.02)


def test_a_vote_of_two_is_as_good_as_one() -> None:
    samples = samples_of([("a", 1.0), ("a", 1.0), ("b", 0.0), ("c", 0.0)])
    one, two = majority_vote(samples, [1, 2])[0]
    assert one == pytest.approx(0.5)
    assert two == pytest.approx(one)


def test_blanks_cast_no_vote_and_are_wrong() -> None:
    samples = samples_of([("a", 1.0), (None, 0.0), ("  ", 0.0), ("b", 0.0)])
    # Of six pairs one is blank, two hold a and a blank, two b and a blank, one ties.
    assert majority_vote(samples, [1, 2, 4])[0] == pytest.approx([0.25, 2.5 / 6, 0.5])


def test_problems_may_differ_in_their_samples() -> None:
    problems = [[("a", 1.0), ("b", 0.0)], [("a", 1.0), ("b", 0.0), ("b", 0.0)]]
    assert majority_vote(samples_of(*problems), [1, 2]) == pytest.approx(
        np.array([[brute_vote(p, n) for n in (1, 2)] for p in problems])
    )


def test_a_problem_is_voted_on_alike_in_any_company() -> None:
    rng = np.random.default_rng(1)
    code = rng.integers(0, 30, (5, 300))
    names = tuple("abcde")
    together = ProblemSamples(names, np.full(5, 300), (code == 0) * 1.0, code)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voting, "EXACT_WORK", -1)
        whole = majority_vote(together, [7, 100], draws=50)
        part = majority_vote(together.where([3, 1]), [7, 100], draws=50)
    assert np.array_equal(part, whole[[3, 1]])


@pytest.mark.parametrize(
    ("problem", "n", "words"),
    [
        ([("a", 1.0), (None, 1.0)], [1], "blank answer: answers were not logged"),
        ([(None, 1.0), (None, 0.0)], [1], "no answers were logged"),
        ([("a", float("nan")), ("b", 0.0)], [1], "not logged whether 1 of the answers"),
        ([("a", 1.0)], [2], "n exceeds the 1 samples drawn"),
        ([("a", 1.0)], [0], "n must be 1 or more"),
        ([("a", 1.0)], [], "n must be 1 or more"),
    ],
)
def test_votes_that_cannot_be_measured_are_refused_with_the_reason(
    problem: list[tuple[str | None, float]], n: list[int], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        majority_vote(samples_of(problem), n)


def test_an_unjudged_sample_takes_the_score_of_its_equals() -> None:
    samples = samples_of([("a", float("nan")), ("a", 1.0), ("b", 0.0)])
    assert majority_vote(samples, [1, 3])[0] == pytest.approx([2 / 3, 1.0])
