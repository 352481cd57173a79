"""Coverage from counts is what enumerating every subset of the samples gives."""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.measure.coverage import coverage, pass_at_k, pass_at_k_by_question
from planner.measure.samples import ProblemSamples


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_estimator_is_the_share_of_subsets_with_a_right_sample(counts: tuple[int, int]) -> None:
    n, right = counts
    outcomes = [i < right for i in range(n)]
    ks = range(1, n + 1)
    brute = [np.mean([any(s) for s in itertools.combinations(outcomes, k)]) for k in ks]
    assert pass_at_k([right], n, list(ks)) == pytest.approx(brute, abs=1e-14)


def test_products_stay_exact_for_many_samples() -> None:
    k = [1, 10, 1000, 9999, 10_000]
    exact = [1 - math.comb(10_000 - 3, i) / math.comb(10_000, i) for i in k]
    assert pass_at_k([3], 10_000, k) == pytest.approx(exact, rel=1e-11)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(20, 40)), min_size=1, max_size=30),
    st.lists(st.integers(1, 20), min_size=1, max_size=5),
)
def test_mean_over_grouped_counts_equals_mean_over_questions(
    questions: list[tuple[int, int]], k: list[int]
) -> None:
    right, drawn = (list(x) for x in zip(*questions, strict=True))
    mean = pass_at_k(right, drawn, k)
    assert mean == pytest.approx(pass_at_k_by_question(right, drawn, k).mean(0), abs=1e-12)
    rising = pass_at_k(right, drawn, sorted(k))
    assert np.all(np.diff(rising) >= -1e-12)


def test_all_right_all_wrong_and_everything_drawn() -> None:
    assert pass_at_k([4, 0], 4, [1, 4]).tolist() == [0.5, 0.5]
    assert pass_at_k([1], 4, [4]).tolist() == [1.0]


@pytest.mark.parametrize(
    ("right", "drawn", "k", "words"),
    [
        ([1, 2], [4, 8], [5], "k up to 4"),
        ([5], 4, [1], "between 0 and the 4 drawn"),
        ([-1], 4, [1], "between 0 and the 4 drawn"),
        ([1], 4, [0], "k must be 1 or more"),
        ([1], 4, [], "k must be 1 or more"),
        ([], 4, [1], "no questions"),
    ],
)
def test_counts_that_cannot_be_are_refused(
    right: list[int], drawn: int | list[int], k: list[int], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        pass_at_k(right, drawn, k)


@pytest.mark.realdata
def test_published_coverage_of_pythia(shared_data: Path) -> None:
    """Brown et al. 2024: Pythia-160M solves .27% of MATH at k = 1 and 57% at 10,000."""
    with (shared_data / "published" / "brown2024_pythia_math_per_question.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "Pythia 160M"]
    correct = [int(float(row["n_correct"])) for row in rows]
    drawn = [int(float(row["n_samples"])) for row in rows]
    coverage = pass_at_k(correct, drawn, [1, 10_000])
    assert coverage == pytest.approx([0.0027, 0.5703], abs=5e-4)


def test_adaptive_stopping_is_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match="until an answer was right"):
        pass_at_k([1], 4, [1], adaptive=True)


def test_adaptive_stopping_would_be_biased() -> None:
    """Negative control: stopping at the first right answer makes rare successes look common."""
    rng = np.random.default_rng(0)
    tries = rng.geometric(0.1, 20_000)
    assert pass_at_k(np.ones_like(tries), tries, [1])[0] > 0.2


@given(
    st.lists(
        st.lists(st.sampled_from([0.0, 0.3, 0.7, 1.0]), min_size=1, max_size=7),
        min_size=1,
        max_size=4,
    )
)
def test_coverage_of_partly_right_samples_is_the_mean_best(problems: list[list[float]]) -> None:
    names = [f"p{i}" for i, problem in enumerate(problems) for _ in problem]
    samples = ProblemSamples.from_columns(names, [c for problem in problems for c in problem])
    ks = list(range(1, samples.largest_n + 1))
    brute = [
        [np.mean([max(s) for s in itertools.combinations(p, k)]) for k in ks] for p in problems
    ]
    assert coverage(samples, ks) == pytest.approx(np.array(brute), abs=1e-12)


def test_coverage_needs_the_correctness_of_every_sample() -> None:
    with pytest.raises(InputError, match="not logged which of the samples are right"):
        coverage(ProblemSamples.from_columns(["p"], [float("nan")]), [1])
    partly = ProblemSamples.from_columns(["p"], [0.5])
    with pytest.raises(InputError, match="until an answer was right"):
        coverage(partly, [1], adaptive=True)


@pytest.mark.parametrize("largest", [1, 7, 16, 17, 1000])
def test_rescaling_of_the_product_changes_nothing(largest: int) -> None:
    rng = np.random.default_rng(largest)
    drawn = rng.choice([1000, 1500], 300)
    right = rng.binomial(drawn, rng.beta(0.1, 3, 300))
    k = sorted({1, largest // 2 + 1, largest})
    mean = pass_at_k(right, drawn, k)
    exact = [
        math.fsum(
            1 - math.comb(n - c, i) / math.comb(n, i)
            for n, c in zip(drawn.tolist(), right.tolist(), strict=True)
        )
        / 300
        for i in k
    ]
    assert mean == pytest.approx(exact, abs=1e-12)
