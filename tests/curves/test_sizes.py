"""Accuracy of a size that was not measured, from those that were."""

from __future__ import annotations

import math

import numpy as np
import pytest

from planner.curves.sizes import SizeModel, fit_sizes
from planner.domain.observation import Observation
from planner.errors import InputError

SIZES = (1.0, 3.0, 7.0, 14.0, 32.0)
EASY, HARD = 0.3, -1.2


def chance(params_b: float, n: float, bucket: str) -> float:
    level = EASY if bucket == "easy" else HARD
    size, samples = math.log(params_b), math.log(n)
    return 1 / (1 + math.exp(-(level + 0.4 * size + 0.25 * samples - 0.03 * size * samples)))


def row(params_b: float, n: int, bucket: str, accuracy: float, questions: int) -> Observation:
    return Observation(
        model=f"{params_b:g}B",
        params_b=params_b,
        method="majority_vote",
        question_set="Q",
        bucket=bucket,
        n_samples=n,
        accuracy=accuracy,
        n_questions=questions,
    )


def means(questions: int, seed: int, sizes: tuple[float, ...] = SIZES) -> list[Observation]:
    rng = np.random.default_rng(seed)
    return [
        row(
            size, n, bucket, rng.binomial(questions, chance(size, n, bucket)) / questions, questions
        )
        for size in sizes
        for bucket in ("easy", "hard")
        for n in (1, 4, 16)
    ]


@pytest.fixture(scope="module")
def model() -> SizeModel:
    return fit_sizes(means(20_000, seed=0))


def test_coefficients_of_a_known_law_come_back(model: SizeModel) -> None:
    assert model.names == ("easy", "hard", "ln params", "ln n", "ln params x ln n")
    assert model.coefficients == pytest.approx([EASY, HARD, 0.4, 0.25, -0.03], abs=0.02)
    assert model.dispersion == pytest.approx(1.0, abs=0.6)


def test_a_size_between_is_predicted_with_its_interval() -> None:
    held = 0
    for seed in range(40):
        found = fit_sizes(means(300, seed)).predict(10.0, 8, "hard")
        assert not found.extrapolated
        held += found.low <= chance(10.0, 8, "hard") <= found.high
    assert held >= 34


def test_the_error_of_each_size_left_out_is_told(model: SizeModel) -> None:
    assert set(model.left_out_errors) == set(SIZES)
    assert max(model.left_out_errors.values()) < 0.02
    odd = [
        r if r.params_b != 7.0 else r.model_copy(update={"accuracy": 0.9 * r.accuracy})
        for r in means(20_000, seed=0)
    ]
    errors = fit_sizes(odd).left_out_errors
    assert max(errors, key=errors.__getitem__) == 7.0


def test_far_beyond_the_sizes_is_refused_unless_asked_for(model: SizeModel) -> None:
    assert model.predict(60.0, 4, "easy").extrapolated
    with pytest.raises(InputError, match="--extrapolate"):
        model.predict(70.0, 4, "easy")
    with pytest.raises(InputError, match=r"3\.3 times beyond"):
        model.predict(0.3, 4, "easy")
    far = model.predict(70.0, 4, "easy", extrapolate=True)
    assert far.factor == pytest.approx(70 / 32)
    with pytest.raises(InputError, match="easy, hard"):
        model.predict(7.0, 4, "medium")


def test_too_few_sizes_or_unnamed_ones_are_refused_all_at_once() -> None:
    with pytest.raises(InputError, match="only 2 sizes"):
        fit_sizes(means(500, 0, sizes=(1.0, 7.0)))
    blank = [r.model_copy(update={"params_b": None}) for r in means(500, 0)]
    with pytest.raises(InputError) as refused:
        fit_sizes(blank)
    assert len(refused.value.problems) == len(SIZES)


def recurring(seed: int) -> tuple[list[Observation], list[int]]:
    """One row a problem and size, with its problem: a problem's own difficulty is in all of its
    rows.
    """
    rng = np.random.default_rng(seed)
    rows, problems = [], []
    for problem in range(60):
        shift = rng.normal(0, 1.0)
        for size in SIZES:
            logit = 0.4 * math.log(size) - 0.5 + shift
            right = rng.binomial(50, 1 / (1 + math.exp(-logit)))
            rows += [row(size, n, "easy", right / 50, 50) for n in (1, 2)]
            problems += [problem, problem]
    return rows, problems


def test_problems_that_recur_are_not_counted_as_fresh_ones() -> None:
    rows, problems = recurring(1)
    clustered = fit_sizes(rows, problems)
    plain = fit_sizes(rows)
    assert clustered.clustered
    assert not plain.clustered
    assert clustered.dispersion > 3.0
    assert clustered.covariance[0, 0] > 1.25 * plain.covariance[0, 0]


def test_clustered_errors_are_those_that_fresh_problems_would_show() -> None:
    found = [fit_sizes(*recurring(seed)) for seed in range(30)]
    seen = np.std([model.coefficients[0] for model in found], ddof=1)
    told = np.mean([math.sqrt(model.covariance[0, 0]) for model in found])
    assert told == pytest.approx(seen, rel=0.3)


def test_resamples_of_the_questions_tell_the_same_errors_as_the_problems_themselves() -> None:
    rows, problems = recurring(1)
    by_problem = fit_sizes(rows, problems)
    keys = list(dict.fromkeys((r.params_b, r.n_samples) for r in rows))
    right = np.array(
        [[r.accuracy for r in rows if (r.params_b, r.n_samples) == key] for key in keys]
    )
    picked = np.random.default_rng(0).integers(0, 60, (2_000, 60))
    covariance = np.cov(right[:, picked].mean(-1))
    whole = [
        row(size or 0.0, n, "easy", right[i].mean(), 60 * 50) for i, (size, n) in enumerate(keys)
    ]
    by_resample = fit_sizes(whole, covariance=covariance)
    assert by_resample.clustered
    assert by_resample.coefficients == pytest.approx(by_problem.coefficients, abs=1e-6)
    # Both n were given the same counts: only the level and the slope of size have an error.
    ratio = np.sqrt(np.diag(by_resample.covariance)[:2] / np.diag(by_problem.covariance)[:2])
    assert ratio == pytest.approx(1.0, abs=0.1)


def test_scatter_beyond_the_binomial_widens_the_errors_by_its_own_factor() -> None:
    rows, _ = recurring(1)
    once = fit_sizes(rows)
    # The same scatter of counts ten times as large is ten times as much over-dispersed.
    often = fit_sizes([r.model_copy(update={"n_questions": 500}) for r in rows])
    assert often.dispersion == pytest.approx(10.0 * once.dispersion)
    assert often.covariance == pytest.approx(once.covariance, rel=1e-6)


def test_sizes_measured_at_one_n_are_told_at_that_n_alone() -> None:
    model = fit_sizes([r for r in means(20_000, 0) if r.n_samples == 4])
    assert model.names == ("easy", "hard", "ln params")
    assert model.predict(10.0, 4, "easy").accuracy == pytest.approx(
        chance(10.0, 4, "easy"), abs=0.02
    )
    with pytest.raises(InputError, match="n = 4 only"):
        model.predict(10.0, 8, "easy")


def test_rows_that_tell_nothing_of_size_are_refused() -> None:
    perfect = [
        r.model_copy(update={"accuracy": 1.0}) if r.bucket == "easy" else r for r in means(500, 0)
    ]
    with pytest.raises(InputError, match="all right here"):
        fit_sizes(perfect)
    diagonal = [r for r in means(500, 0) if (r.params_b, r.n_samples) in ((1, 1), (3, 4), (7, 16))]
    with pytest.raises(InputError, match="too few"):
        fit_sizes(diagonal)
