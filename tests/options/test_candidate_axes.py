"""Options at a depth or a number of thinking tokens, measured or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from planner.cost.settings import LENDER, Settings
from planner.cost.supply import drawn_supply
from planner.cost.terms import supply_terms
from planner.curves import CurveBook, fit_curves
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations
from planner.errors import InputError
from planner.ingest.cards import load_cards
from planner.options import At, Candidate, Part, Workshop
from planner.options.last_asked import KEPT, LastAsked

DRAWS = Draws(100)
CELLS = {(1, 1_000): 0.50, (8, 1_000): 0.58, (1, 16_000): 0.68, (8, 16_000): 0.74}


@pytest.fixture(scope="module")
def book() -> CurveBook:
    rows = [_row("majority_vote", n, y, t) for (n, t), y in CELLS.items()]
    rows += [_row("long_cot", 1, y, t) for t, y in {1_000: 0.5, 4_000: 0.6, 16_000: 0.68}.items()]
    return fit_curves(Observations(tuple(rows), ("",) * len(rows), {}), DRAWS)


def _row(method: str, n: int, accuracy: float, tokens: int) -> Observation:
    given: dict[str, Any] = {"model": "m", "question_set": "Q", "bucket": ALL, "params_b": 8}
    return Observation(
        method=method,
        n_samples=n,
        accuracy=accuracy,
        thinking_tokens=tokens,
        n_questions=500,
        **given,
    )


def made(book: CurveBook, method: str, tokens: int) -> Candidate:
    cards = load_cards(None)
    terms = supply_terms(Settings(), cards)
    supply = drawn_supply(terms.supply, cards.accelerator(LENDER), DRAWS)
    workshop = Workshop(book, {ALL: Part("Q")}, cards, supply)
    return workshop.candidate("m", method, None, at=At(thinking_tokens=tokens))


@pytest.mark.parametrize(
    ("tokens", "n", "basis"),
    [
        (16_000, 8, "measured"),
        (16_000, 3, "interpolated"),
        (4_000, 8, "interpolated"),
        (8_000, 8, "interpolated"),
        (16_000, 64, "extrapolated"),
        (64_000, 8, "extrapolated"),
    ],
)
def test_an_option_on_a_surface_is_as_accurate_as_the_surface(
    book: CurveBook, tokens: int, n: int, basis: str
) -> None:
    candidate = made(book, "majority_vote", tokens)
    assert candidate.thinking_tokens == tokens
    assert candidate.basis(n) == basis
    (surface,) = book.surfaces
    if n == 8:
        assert np.allclose(candidate.accuracy([n]), surface.accuracy([n], [tokens]))
    low, high = candidate.accuracy([1.0])[0, 0], candidate.accuracy([n])[0, 0]
    assert low < high


def test_more_thinking_costs_more_tokens(book: CurveBook) -> None:
    short, long = (made(book, "majority_vote", tokens) for tokens in (4_000, 16_000))
    assert short.work([8.0]).decoded_tokens.mean() < long.work([8.0]).decoded_tokens.mean()


def test_one_long_thought_is_bought_at_a_cap_between_the_measured(book: CurveBook) -> None:
    candidate = made(book, "long_cot", 8_000)
    assert candidate.basis(1) == "interpolated"
    assert 0.60 < candidate.accuracy([1])[0, 0] < 0.68


def test_what_was_never_measured_is_refused(book: CurveBook) -> None:
    with pytest.raises(InputError, match="no best of n of m is measured"):
        made(book, "best_of_n", 4_000)


def test_what_was_asked_last_is_remembered_and_what_was_asked_long_ago_is_not() -> None:
    memory = LastAsked[int]()
    made: list[int] = []

    def asked(number: int) -> int:
        def make() -> int:
            made.append(number)
            return number

        return memory.of(number, make)

    for number in range(KEPT + 1):
        assert asked(number) == number
    asked(1)
    assert made == list(range(KEPT + 1))
    asked(0)
    asked(1)
    assert made == [*range(KEPT + 1), 0]
