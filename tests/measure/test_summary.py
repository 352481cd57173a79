"""Means by bucket, their standard errors, and resamples that every model shares."""

from __future__ import annotations

import numpy as np
import pytest
from logged import drawn, measured
from scipy.special import betaincinv, gammaln

from planner.domain.draws import Draws
from planner.domain.observation import Observation
from planner.measure.measuring import Terms
from planner.measure.replicates import accuracy_draws, effective_questions
from planner.measure.summary import Sums, question_weights, standard_error


def summary(values: np.ndarray, buckets: list[list[str | None]], folds: int = 1) -> Sums:
    sums = Sums("set", values.shape[-1], 400, 0)
    problems = [f"p{i}" for i in range(values.shape[-2])]
    sums.add(problems, list(values.reshape(folds, -1, values.shape[-1])), buckets)
    return sums


def test_the_standard_error_is_that_of_a_mean() -> None:
    values = np.random.default_rng(0).random((60, 3))
    found = summary(values, [["all"] * 60]).summaries()["all"]
    assert found.accuracy == pytest.approx(values.mean(0))
    assert found.se == pytest.approx(values.std(0, ddof=1) / np.sqrt(60), rel=1e-3)


def test_parts_added_one_by_one_give_what_all_at_once_gives() -> None:
    values = np.random.default_rng(1).random((50, 2))
    problems = [f"p{i}" for i in range(50)]
    together, apart = Sums("set", 2, 30, 0), Sums("set", 2, 30, 0)
    together.add(problems, [values], [["a"] * 20 + ["b"] * 30])
    for part in (slice(0, 7), slice(7, 50)):
        apart.add(problems[part], [values[part]], [(["a"] * 20 + ["b"] * 30)[part]])
    for bucket, whole in together.summaries().items():
        other = apart.summaries()[bucket]
        assert other.accuracy == pytest.approx(whole.accuracy)
        assert other.se == pytest.approx(whole.se)
        assert other.replicates == pytest.approx(whole.replicates)


def test_a_question_in_two_buckets_counts_half_in_each() -> None:
    values = np.array([[[1.0], [0.0]], [[0.5], [0.0]]])
    found = summary(values, [["a", "a"], ["b", "a"]], folds=2).summaries()
    assert found["a"].questions == 1.5
    assert found["a"].accuracy[0] == pytest.approx((0.5 * 1.0 + 0.5 * 0.0 + 0.5 * 0.0) / 1.5)
    assert found["b"].questions == 0.5


def test_replicates_spread_as_the_standard_error_says() -> None:
    values = np.random.default_rng(2).random((200, 1))
    found = summary(values, [["all"] * 200]).summaries()["all"]
    assert found.replicates.std() == pytest.approx(found.se[0], rel=0.12)


def test_replicates_are_paired_so_that_what_models_share_cancels() -> None:
    rng = np.random.default_rng(3)
    rates = rng.beta(1, 1, 150)
    a = drawn(rates.tolist(), 16, rng)
    b = drawn(np.clip(rates + 0.05, 0, 1).tolist(), 16, rng)
    log = {k: [*a[k], *b[k]] for k in a} | {"model": ["m"] * 2400 + ["n"] * 2400}
    found = measured(log, terms=Terms(replicates=300))
    table = found.replicates[0]
    values = table.values()
    places = {
        r.model: table.rows.index(i)
        for i, r in enumerate(found.rows)
        if r.method == "sampled" and r.bucket == "all"
    }
    m, n = values[:, places["m"]], values[:, places["n"]]
    assert np.corrcoef(m, n)[0, 1] > 0.8
    assert (n - m).std() < 0.6 * m.std()


def test_a_question_has_the_same_weight_in_any_company() -> None:
    alone = question_weights(["p7"], "replicate|set", 20, 0)
    among = question_weights(["p1", "p7", "p9"], "replicate|set", 20, 0)
    assert np.array_equal(alone[:, 0], among[:, 1])
    assert among.mean() == pytest.approx(1.0, abs=0.4)


def test_nothing_solved_is_not_nothing_known() -> None:
    found = summary(np.zeros((100, 1)), [["all"] * 100]).summaries()["all"]
    assert 0.003 < found.se[0] < 0.02


# Truths: how p varies between questions, with samples of each.
SHAPES = {"wide": 0.5, "middling": 2.0, "narrow": 30.0}


def covered(mean: float, strength: float, questions: int, n: int, worlds: int) -> float:
    """Share of simulated worlds in which the 90% interval holds the true mean."""
    rng = np.random.default_rng([round(mean * 1000), round(strength * 10), questions, n])
    p = rng.beta(mean * strength, (1 - mean) * strength, (worlds, questions))
    x = rng.binomial(n, p) / n
    rows = []
    for world in x:
        accuracy = np.array([world.mean()])
        away = world - accuracy
        se = standard_error(accuracy, np.array([(away**2).sum()]), np.array([(away**4).sum()]),
                            float(questions), questions)  # fmt: skip
        rows.append(
            Observation(
                model="m", method="sampled", question_set="s", bucket="all", n_samples=1,
                accuracy=float(accuracy[0]), n_questions=questions, accuracy_se=float(se[0]),
            )
        )  # fmt: skip
    low, high = _interval(rows)
    return float(np.mean((low <= mean) & (mean <= high)))


def _interval(rows: list[Observation]) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the 90% interval that the draws of an accuracy have."""
    p = np.array([row.accuracy for row in rows])
    n = np.array([effective_questions(row) for row in rows])
    a, b = p * n + 0.5, (1 - p) * n + 0.5
    return betaincinv(a, b, 0.05), betaincinv(a, b, 0.95)


def test_the_interval_tested_is_the_one_that_draws_have() -> None:
    row = Observation(
        model="m", method="sampled", question_set="s", bucket="all", n_samples=1,
        accuracy=0.3, n_questions=200, accuracy_se=0.02,
    )  # fmt: skip
    draws = accuracy_draws([row], Draws(4000, 0))[1:, 0]
    low, high = _interval([row])
    assert np.quantile(draws, [0.05, 0.95]) == pytest.approx([low[0], high[0]], abs=0.003)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mean", [0.05, 0.3, 0.5, 0.9])
def test_nominal_90_percent_intervals_cover_known_truths(mean: float, shape: str) -> None:
    assert 0.87 - 0.02 <= covered(mean, SHAPES[shape], 150, 16, 600) <= 0.93 + 0.02


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mean", [0.003, 0.98])
def test_intervals_next_to_0_and_1_are_rather_too_wide(mean: float, shape: str) -> None:
    assert covered(mean, SHAPES[shape], 150, 16, 600) >= 0.87 - 0.02


@pytest.mark.parametrize("questions", [100, 500])
def test_intervals_of_right_or_wrong_answers_cover_every_truth(questions: int) -> None:
    right = np.arange(questions + 1)
    rows = [
        Observation(
            model="m", method="sampled", question_set="s", bucket="all", n_samples=1,
            accuracy=x / questions, n_questions=questions,
        )
        for x in right.tolist()
    ]  # fmt: skip
    low, high = _interval(rows)
    for truth in [*(np.linspace(0.1, 12, 60) / questions), *np.linspace(0.05, 0.5, 40)]:
        chance = np.exp(
            gammaln(questions + 1) - gammaln(right + 1) - gammaln(questions - right + 1)
            + right * np.log(truth) + (questions - right) * np.log1p(-truth)
        )  # fmt: skip
        share = chance[(low <= truth) & (truth <= high)].sum()
        assert 0.868 <= share <= (0.935 if truth >= 0.05 else 1.0)


@pytest.mark.verify
@pytest.mark.parametrize("n", [1, 4, 64])
@pytest.mark.parametrize("questions", [100, 200, 1000])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mean", [0.002, 0.01, 0.03, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99])
def test_intervals_cover_over_the_whole_range_of_truths(
    mean: float, shape: str, questions: int, n: int
) -> None:
    share = covered(mean, SHAPES[shape], questions, n, 4000)
    noise = 3 * np.sqrt(0.1 * 0.9 / 4000)
    assert share >= 0.87 - noise
    assert share <= (0.93 if 0.05 <= mean <= 0.95 else 1.0) + noise
