"""Early stopping and retries: expected counts against every sequence of answers, and simulation."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest

from planner.cost.methods import tokens_of
from planner.cost.methods.stopping import (
    EarlyStopping,
    Retries,
    drawn,
    drawn_at,
    retried,
    stopped_early,
)
from planner.cost.work import Spending


def drawn_by_hand(votes: tuple[int, ...], wave: int) -> int:
    """Samples drawn until the leader cannot be caught, not even by a tie."""
    n, seen = len(votes), 0
    while seen < n:
        counts = Counter(votes[:seen]).most_common(2)
        lead = counts[0][1] - (counts[1][1] if len(counts) > 1 else 0) if counts else 0
        if lead > n - seen:
            break
        seen = min(seen + wave, n)
    return seen


@pytest.mark.parametrize("wave", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 11])
@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.73, 1.0])
def test_expected_votes_are_those_of_every_sequence(n: int, p: float, wave: int) -> None:
    expected = sum(
        drawn_by_hand(votes, wave) * p ** sum(votes) * (1 - p) ** (n - sum(votes))
        for votes in product((0, 1), repeat=n)
    )
    assert float(drawn_at("majority_vote", n, p, wave).samples) == pytest.approx(expected)


def test_stopping_never_changes_the_winner() -> None:
    for votes in product((0, 1, 2), repeat=7):
        seen = Counter(votes[: drawn_by_hand(votes, 1)]).most_common(1)[0][0]
        full = Counter(votes).most_common()
        assert seen in {answer for answer, count in full if count == full[0][1]}


def test_scattered_wrong_answers_take_longer_than_two_answers() -> None:
    """Why the two-answer count is a lower bound on hard queries: simulated."""
    rng = np.random.default_rng(2)
    votes = np.where(rng.random((4000, 15)) < 0.3, 0, rng.integers(1, 12, (4000, 15)))
    mean = np.mean([drawn_by_hand(tuple(row), 1) for row in votes.tolist()])
    assert mean > float(drawn_at("majority_vote", 15, 0.3, 1).samples)


def test_waiting_for_a_pass_is_a_cut_geometric() -> None:
    rng = np.random.default_rng(4)
    passes = rng.random((100_000, 6)) < 0.35
    first = np.where(passes.any(axis=1), passes.argmax(axis=1) + 1, 6)
    found = drawn_at("checked_best_of_n", 6, 0.35, 1)
    assert float(found.samples) == pytest.approx(first.mean(), rel=0.01)
    assert float(found.samples) == pytest.approx((1 - 0.65**6) / 0.35)
    assert float(found.tail_waves) == np.quantile(first, 0.95)


def test_real_n_lies_between_whole_n() -> None:
    low, middle, high = (
        float(drawn("majority_vote", n, 0.6, EarlyStopping()).samples) for n in (8.0, 8.5, 9.0)
    )
    assert middle == pytest.approx((low + high) / 2)
    exact = float(drawn_at("majority_vote", 9, 0.6, 1).samples)
    assert high == pytest.approx(exact, rel=1e-3)


def test_tokens_follow_the_samples_drawn_and_latency_the_waves() -> None:
    n = np.array([1.0, 5.0, 16.0])
    work = tokens_of("majority_vote", Spending(n=n, prompt_tokens=200, output_tokens=300))
    for wave in (1, 4):
        counts = drawn("majority_vote", n, np.array([[0.5], [0.9]]), EarlyStopping(wave))
        less = stopped_early(work, n, counts, wave)
        assert np.allclose(less.decoded_tokens, counts.samples * 300)
        assert np.all(less.decoded_tokens <= work.decoded_tokens)
        assert np.allclose(less.step_tokens, 300)
        assert np.all(less.tail_steps >= less.serial_steps - 1e-9)
        assert np.all(less.prefill_tokens == 200)
    # An easy query settles 16 votes after little more than nine of them.
    assert 9 <= float(drawn_at("majority_vote", 16, 0.97, 1).samples) < 9.4


def test_retries_are_simulated_generations() -> None:
    rng = np.random.default_rng(8)
    most, f, n = 3, 0.2, 4
    fails = rng.random((50_000, n, most)) < f
    tries = 1 + np.cumprod(fails, axis=2).sum(axis=2)
    work = tokens_of("majority_vote", Spending(n=[float(n)], prompt_tokens=200, output_tokens=300))
    more = retried(work, Retries(most, f))
    assert float(more.decoded_tokens[0]) == pytest.approx(300 * tries.sum(axis=1).mean(), rel=0.01)
    assert float(more.tail_steps[0]) == np.quantile(tries.max(axis=1), 0.95)
    assert float(retried(work, Retries(0, f)).decoded_tokens[0]) == 1200
