"""Tokens of every method, against published conventions and step-by-step counting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.cost.methods import METHODS, tokens_of
from planner.cost.work import Spending, running_context
from planner.domain.method import METHODS as NAMES

N = np.array([1.0, 2.0, 4.0, 8.0])
SEARCHES = ["beam_search", "dvts", "lookahead", "rebase", "mcts"]


def spend(n: Any = N, **fields: Any) -> Spending:
    return Spending(**{"n": n, "prompt_tokens": 200.0, "output_tokens": 300.0} | fields)


def test_every_method_has_its_tokens_and_no_other_name_does() -> None:
    assert list(METHODS) == list(NAMES)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_broadcasts_over_draws_and_n(method: str) -> None:
    draws = np.array([[150.0], [200.0], [300.0]])
    work = tokens_of(method, spend(prompt_tokens=draws, output_tokens=draws, depth=3.0, width=2.0))
    fields = [getattr(work, name) for name in ("decoded_tokens", "verifier_tokens", "parallel")]
    assert np.broadcast_shapes(*(f.shape for f in fields), (3, 4)) == (3, 4)
    assert all(np.isfinite(f).all() and (f >= 0).all() for f in fields)


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"human"}))
@given(
    n=st.floats(1, 500), depth=st.integers(1, 20), width=st.integers(1, 8), out=st.floats(1, 2000)
)
def test_more_samples_never_cost_less(
    method: str, n: float, depth: int, width: int, out: float
) -> None:
    def work(samples: float) -> tuple[float, ...]:
        w = tokens_of(
            method, spend(samples, depth=float(depth), width=float(width), output_tokens=out)
        )
        return float(w.decoded_tokens), float(w.verifier_tokens), float(w.prefill_tokens)

    assert all(b >= a for a, b in zip(work(n), work(n + 1), strict=True))


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"human"}))
def test_steps_and_sequences_multiply_to_the_decoded_tokens(method: str) -> None:
    work = tokens_of(method, spend(depth=3.0, width=2.0))
    total = work.step_tokens * work.parallel * work.serial_steps
    assert np.allclose(total, work.decoded_tokens + 0 * N)


def test_prompt_is_read_once_whatever_n() -> None:
    for method in ("majority_vote", "weighted_vote", "beam_search"):
        assert np.all(tokens_of(method, spend(depth=4.0)).prefill_tokens == 200)


def test_verifier_reads_prompt_and_output_of_every_sample() -> None:
    work = tokens_of("best_of_n", spend())
    assert work.verifier_tokens.tolist() == (N * 500).tolist()
    assert work.verifier_length.tolist() == [500.0] * 4
    kept = tokens_of("best_of_n", spend(reader_keeps_prefix=True))
    assert kept.verifier_tokens.tolist() == (200 + N * 300).tolist()
    assert np.all(tokens_of("majority_vote", spend()).verifier_tokens == 0)


def test_thinking_is_generated_and_read() -> None:
    work = tokens_of("weighted_vote", spend(2.0, thinking_tokens=1000.0))
    assert float(work.decoded_tokens) == 2600
    assert float(work.verifier_tokens) == 2 * 1500
    assert float(tokens_of("long_cot", spend(1.0, thinking_tokens=1000.0)).decoded_tokens) == 1300


def test_verifier_of_a_search_reads_again_at_each_step() -> None:
    depth, width, n = 5, 4, 3
    counted = sum(n * width * (200 + 300 * step / depth) for step in range(1, depth + 1))
    work = tokens_of("beam_search", spend(float(n), depth=float(depth), width=float(width)))
    assert float(work.verifier_tokens) == pytest.approx(counted)
    assert float(work.verifier_passes) == n * width * depth
    assert float(work.decoded_tokens) == n * width * 300


def test_lookahead_costs_k_plus_one_generations() -> None:
    """Snell et al. 2024, section 5.3: N (k + 1)."""
    for k in (0.0, 1.0, 3.0):
        beam = tokens_of("beam_search", spend(4.0, depth=5.0, width=4.0))
        ahead = tokens_of("lookahead", spend(4.0, depth=5.0, width=4.0, lookahead_steps=k))
        assert float(ahead.decoded_tokens / beam.decoded_tokens) == k + 1


def test_revision_chain_rereads_what_it_wrote() -> None:
    """Counted turn by turn: three revisions of a first answer."""
    depth, n = 3, 2
    read = 200 + n * sum(300 * turn for turn in range(1, depth + 1))
    work = tokens_of("revision", spend(float(n), depth=float(depth), length_cv=0.0))
    assert float(work.prefill_tokens) == read
    assert float(work.decoded_tokens) == n * (depth + 1) * 300
    assert float(work.serial_steps) == depth + 1
    contexts = [200 + 300 * turn + 150 for turn in range(depth + 1)]
    assert float(work.context_tokens) == pytest.approx(np.mean(contexts))
    none = tokens_of("revision", spend(2.0, depth=0.0))
    assert float(none.decoded_tokens) == 600
    assert float(none.reread_tokens) == 0


def test_refinement_is_a_critique_and_a_rewrite() -> None:
    work = tokens_of("refine", spend(1.0, depth=2.0))
    assert float(work.decoded_tokens) == 300 + 2 * (150 + 300)
    assert float(work.prefill_tokens) == 200 + 2 * (300 + 450)
    assert float(work.serial_steps) == 5


def test_search_waits_for_its_steps_and_mcts_for_its_rollouts() -> None:
    for method in SEARCHES:
        work = tokens_of(method, spend(4.0, depth=5.0))
        assert float(work.serial_steps) == (20 if method == "mcts" else 5)


def test_a_person_takes_no_tokens() -> None:
    work = tokens_of("human", spend())
    assert float(work.decoded_tokens.sum() + work.prefill_tokens.sum()) == 0


def test_running_context_is_that_of_random_lengths() -> None:
    """Simulated: the mean context over all tokens of log-normal samples."""
    rng = np.random.default_rng(7)
    cv = 0.5
    sd = np.sqrt(np.log1p(cv**2))
    lengths = np.exp(rng.normal(np.log(300) - sd**2 / 2, sd, 200_000))
    mean = 200 + (lengths**2 / 2).sum() / lengths.sum()
    assert float(running_context(200, 300, cv)) == pytest.approx(mean, rel=0.01)
