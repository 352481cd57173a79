"""Verifier quality: AUC, calibration, error rates, and what it leaves of the oracle's accuracy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from logged import measured

from planner.measure.measuring import Terms
from planner.measure.samples import ProblemSamples
from planner.measure.table import Series
from planner.measure.variance import VarianceParts, variance_parts
from planner.measure.verifier import ScoreTable, auc

SCORED = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.5001, 0.9, 1.0]), st.booleans()),
    min_size=1,
    max_size=14,
)


def scored(samples: list[tuple[float, bool]], problems: int = 1) -> dict[str, list[object]]:
    return {
        "problem_id": [f"p{i % problems}" for i in range(len(samples))],
        "correct": [float(right) for _, right in samples],
        "score": [score for score, _ in samples],
        "answer": ["right" if right else f"wrong {i}" for i, (_, right) in enumerate(samples)],
    }


@given(samples=SCORED)
def test_auc_is_the_share_of_pairs_that_the_score_puts_in_order(
    samples: list[tuple[float, bool]],
) -> None:
    pairs = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a, right in samples
        if right
        for b, wrong in samples
        if not wrong
    ]
    scores = sorted({score for score, _ in samples})
    right = np.array([sum(r for s, r in samples if s == score) for score in scores], dtype=float)
    wrong = np.array(
        [sum(not r for s, r in samples if s == score) for score in scores], dtype=float
    )
    assert auc(right, wrong) == (pytest.approx(np.mean(pairs)) if pairs else None)


@given(samples=SCORED)
def test_error_rates_are_shares_of_wrong_and_of_right_samples(
    samples: list[tuple[float, bool]],
) -> None:
    table = ScoreTable()
    grades = np.array([[float(right) for _, right in samples]])
    scores = np.array([[score for score, _ in samples]])
    table.add(ProblemSamples(("p",), np.array([len(samples)]), grades, score=scores), ["all"], 1.0)
    (quality,) = table.quality(Series("set", "m", "sampled"), "v", 0.5)
    wrong = [score >= 0.5 for score, right in samples if not right]
    right = [score < 0.5 for score, right in samples if right]
    assert quality.false_positive_rate == (pytest.approx(np.mean(wrong)) if wrong else None)
    assert quality.false_negative_rate == (pytest.approx(np.mean(right)) if right else None)


def test_a_calibrated_score_has_next_to_no_calibration_error() -> None:
    rng = np.random.default_rng(0)
    score = rng.random(20_000)
    right = rng.random(20_000) < score
    logs = [
        scored(list(zip(s.tolist(), right.tolist(), strict=True)), 500) for s in (score, 1 - score)
    ]
    calibrated, flipped = (
        measured({k: v for k, v in log.items() if k != "answer"}) for log in logs
    )
    assert calibrated.verifier_quality[0].calibration_error < 0.02
    assert flipped.verifier_quality[0].calibration_error > 0.4


def test_scores_that_are_no_probabilities_have_no_calibration_error() -> None:
    found = measured(scored([(3.0, True), (-1.0, False)]))
    assert found.verifier_quality[0].calibration_error is None
    assert found.verifier_quality[0].auc == 1.0
    assert any("probability, not its logit" in r.why for r in found.not_measured)


def test_quality_is_told_by_bucket_and_for_the_whole() -> None:
    log = scored([(0.9, True), (0.1, False), (0.2, True), (0.8, False)], 2)
    log["bucket"] = ["easy", "hard", "easy", "hard"]
    found = measured(log)
    assert [q.bucket for q in found.verifier_quality] == ["all", "easy", "hard"]
    assert [q.samples for q in found.verifier_quality] == [4, 2, 2]


def test_the_gap_holds_oracle_verifier_and_vote_of_the_same_samples() -> None:
    rng = np.random.default_rng(1)
    samples = [
        (float(s), bool(r)) for s, r in zip(rng.random(200), rng.random(200) < 0.4, strict=True)
    ]
    found = measured(scored(samples, 25), terms=Terms(replicates=2))
    of = {(r.method, r.n_samples): r.accuracy for r in found.rows}
    assert [gap.n_samples for gap in found.gaps] == [1, 2, 4, 8]
    for gap in found.gaps:
        assert gap.oracle == of["oracle_best_of_n", gap.n_samples]
        assert gap.verifier_picked == of["best_of_n", gap.n_samples] <= gap.oracle
        assert gap.vote == of["majority_vote", gap.n_samples]


def test_samples_under_two_verifiers_are_counted_once() -> None:
    log = scored([(0.9, True), (0.1, False), (0.2, True), (0.8, False)], 2)
    twice = {k: [*v, *v] for k, v in log.items()} | {"verifier": ["a"] * 4 + ["b"] * 4}
    once, both = measured({**log, "verifier": ["a"] * 4}), measured(twice)
    plain = {(r.method, r.n_samples): r.accuracy for r in once.rows if r.verifier is None}
    assert {(r.method, r.n_samples): r.accuracy for r in both.rows if r.verifier is None} == plain
    assert len([r for r in both.rows if r.verifier is None]) == len(plain)
    assert {r.verifier for r in both.rows} == {None, "a", "b"}


def test_a_sample_without_a_score_is_no_reason_to_measure_something_else() -> None:
    log = scored([(0.9, True), (0.1, False)])
    log["score"] = [0.9, None]
    found = measured(log)
    assert not any(r.method == "best_of_n" for r in found.rows)
    assert any("have an answer and no score" in r.why for r in found.not_measured)


def test_a_verifier_without_a_name_is_asked_for() -> None:
    found = measured(scored([(0.9, True), (0.1, False)]))
    assert {r.verifier for r in found.rows} == {None, "unnamed-verifier"}
    assert any("--verifier" in note.message for note in found.notes)


@pytest.mark.parametrize("k", [1, 4, 100])
def test_variance_parts_give_the_published_variance_of_a_question(k: int) -> None:
    """Re-analysis of Llama-3-8B on GSM8K: B = .085115, W = .093416, k = 100 gives .086049."""
    parts = VarianceParts(0.08511455831602967, 0.0934157439361888)
    assert VarianceParts(0.085115, 0.093416).of_question_mean(100) == pytest.approx(
        0.086049, abs=5e-7
    )
    assert parts.of_question_mean(100) == pytest.approx(0.08571510336207973, rel=0.005)
    assert parts.standard_error(127, k) > (parts.between / 127) ** 0.5


def test_variance_parts_are_those_of_the_world_they_come_from() -> None:
    rng = np.random.default_rng(2)
    p = rng.beta(2, 3, 20_000)
    parts = variance_parts(np.full(20_000, 5), rng.binomial(5, p).astype(float))
    assert parts is not None
    assert parts.between == pytest.approx(p.var(), rel=0.05)
    assert parts.within == pytest.approx((p * (1 - p)).mean(), rel=0.02)
