"""What is measured of a series, at which n, and what is refused with its reason."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from logged import accuracies, drawn, measured

from planner.errors import InputError
from planner.measure import parts
from planner.measure.estimates import Asked, grid
from planner.measure.measuring import Terms


def asked(**terms: Any) -> Terms:
    return Terms(Asked(**terms), replicates=10)


@given(largest=st.integers(1, 5000))
def test_the_grid_is_the_powers_of_two_and_the_largest(largest: int) -> None:
    found = grid(largest, None)
    assert found[0] == 1
    assert found[-1] == largest
    assert all(n & (n - 1) == 0 for n in found[:-1])
    assert all(b <= 2 * a for a, b in pairwise(found))


def test_only_the_n_asked_for_are_measured() -> None:
    found = measured(drawn([0.5] * 10, 12, np.random.default_rng(0)), terms=asked(at=(2, 5, 10)))
    assert {r.n_samples for r in found.rows} == {2, 5, 10}
    assert {r.method for r in found.rows} == {"oracle_best_of_n", "majority_vote"}


def test_an_n_above_the_samples_of_one_problem_is_refused_with_that_problem() -> None:
    log = drawn([0.5] * 10, 4, np.random.default_rng(1))
    log = {name: values[:-1] for name, values in log.items()}
    with pytest.raises(InputError, match="only 3 samples of problem p0009"):
        measured(log, terms=asked(at=(4,)))


def test_an_n_that_one_series_allows_is_measured_there_and_refused_elsewhere() -> None:
    a, b = (drawn([0.5] * 10, n, np.random.default_rng(2)) for n in (8, 2))
    log = {k: [*a[k], *b[k]] for k in a} | {"model": ["m"] * 80 + ["few"] * 20}
    found = measured(log, terms=asked(at=(1, 8)))
    assert set(accuracies(found, "oracle_best_of_n")) == {1, 8}
    assert set(accuracies(found, "oracle_best_of_n", model="few")) == {1}
    assert [r.what for r in found.not_measured] == ["n = 8, sampled of few on set"]


def test_problems_with_few_samples_are_left_out_only_when_asked() -> None:
    log = drawn([1.0] * 5, 4, np.random.default_rng(3))
    log["problem_id"][-3:] = ["extra"] * 3
    found = measured(log, terms=Terms(min_samples=4, replicates=10))
    assert set(accuracies(found, "oracle_best_of_n")) == {1, 2, 4}
    assert found.rows[0].n_questions == 4
    assert max(accuracies(measured(log), "oracle_best_of_n")) == 1


def test_counts_of_adaptive_sampling_are_refused_with_the_reason() -> None:
    log = {"problem_id": ["1", "2"], "correct": [1.0, 1.0], "samples": [3, 5]}
    with pytest.raises(InputError, match="until an answer was right"):
        measured(log, terms=asked(adaptive=True))


def test_uneven_samples_hint_at_adaptive_stopping() -> None:
    log = {"problem_id": ["1", "2"], "correct": [1.0, 1.0], "samples": [3, 5]}
    assert any("--adaptive" in note.message for note in measured(log).notes)


def test_greedy_is_measured_at_one_however_often_it_was_run() -> None:
    log = drawn([0.5] * 10, 4, np.random.default_rng(4), method="greedy")
    found = measured(log)
    assert {(r.method, r.n_samples) for r in found.rows} == {("greedy", 1)}
    assert found.rows[0].accuracy == pytest.approx(np.mean(log["correct"]))


def test_an_answer_chosen_from_n_is_an_accuracy_at_that_n() -> None:
    log = drawn([0.7] * 10, 1, np.random.default_rng(5), method="majority_vote", n_samples=16)
    found = measured(log)
    assert {(r.method, r.n_samples) for r in found.rows} == {("majority_vote", 16)}


def test_what_samples_give_goes_before_what_a_log_only_states() -> None:
    pool = drawn([0.5] * 10, 4, np.random.default_rng(6))
    stated = drawn([1.0] * 10, 1, np.random.default_rng(6), method="majority_vote", n_samples=4)
    found = measured(pool, stated)
    both = [r.accuracy for r in found.rows if (r.method, r.n_samples) == ("majority_vote", 4)]
    assert both == [accuracies(measured(pool), "majority_vote")[4]]
    assert any("measured twice" in note.message for note in found.notes)


def test_thinking_caps_and_temperatures_are_series_of_their_own() -> None:
    rng = np.random.default_rng(7)
    logs = [
        drawn([0.5] * 6, 2, rng, method="long_cot", thinking_tokens=cap, temperature=heat)
        for cap, heat in ((1000, 0.7), (2000, 0.7), (2000, 1.0))
    ]
    found = measured(*logs)
    assert len({(r.thinking_tokens, r.temperature) for r in found.rows}) == 3


def test_revisions_keep_their_depth_and_are_not_voted_on() -> None:
    log = drawn([0.5] * 6, 2, np.random.default_rng(8), method="revision", depth=3)
    assert {(r.method, r.depth, r.n_samples) for r in measured(log).rows} == {("revision", 3, 1)}


def test_samples_read_in_many_parts_are_measured_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(9)
    log = drawn(rng.random(40).tolist(), 6, rng)
    log["score"] = rng.random(len(log["correct"])).tolist()
    whole = measured(log)
    monkeypatch.setattr(parts, "PART_CELLS", 13)
    in_parts = measured(log)
    for a, b in zip(whole.rows, in_parts.rows, strict=True):
        assert a.model_copy(update={"accuracy": 0, "accuracy_se": 0}) == b.model_copy(
            update={"accuracy": 0, "accuracy_se": 0}
        )
        assert (a.accuracy, a.accuracy_se) == pytest.approx((b.accuracy, b.accuracy_se))


def test_the_order_of_the_log_does_not_matter() -> None:
    rng = np.random.default_rng(10)
    log = drawn(rng.random(20).tolist(), 6, rng)
    order = rng.permutation(len(log["correct"]))
    shuffled = {name: [values[i] for i in order] for name, values in log.items()}
    assert measured(log).rows == measured(shuffled).rows


def test_a_model_measured_twice_has_one_size() -> None:
    rng = np.random.default_rng(11)
    logs = [
        drawn([0.5] * 4, 2, rng, params_b=7.0, question_set="one"),
        drawn([0.5] * 4, 2, rng, question_set="two"),
    ]
    assert {r.params_b for r in measured(*logs).rows} == {7.0}
