"""Tokens billed as providers bill them: request by request, in tiers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from planner.cost.api import ApiBilling, api_usd
from planner.cost.billing import billing_of
from planner.cost.methods import tokens_of
from planner.cost.work import Spending
from planner.domain.draws import CENTRAL, Draws
from planner.domain.price import ApiPrice, LongContext
from planner.ingest.cards import load_cards

DAY = dt.date(2026, 11, 22)


def price(cached: float | None = None, **more: Any) -> ApiPrice:
    return ApiPrice(
        model="m",
        input_usd_per_mtok=2.0,
        cached_input_usd_per_mtok=cached,
        output_usd_per_mtok=8.0,
        start_date=DAY,
        **more,
    )


def usd(method: str, spending: Spending, billing: ApiBilling) -> float:
    return float(np.squeeze(api_usd(tokens_of(method, spending), billing)))


VOTE = Spending(n=10.0, prompt_tokens=500, output_tokens=100)


def test_prompt_is_billed_once_and_output_for_every_sample() -> None:
    assert usd("majority_vote", VOTE, ApiBilling(price())) == pytest.approx(
        (500 * 2 + 1000 * 8) / 1e6
    )


@pytest.mark.parametrize(
    ("cached", "share", "again"),
    [(0.5, 1.0, 0.5), (None, 1.0, 2.0), (0.5, 0.4, 0.4 * 0.5 + 0.6 * 2)],
)
def test_separate_requests_repeat_the_prompt_at_the_cached_price(
    cached: float | None, share: float, again: float
) -> None:
    billing = ApiBilling(price(cached), requests="each sample", cached_share=share)
    said = usd("majority_vote", VOTE, billing)
    assert said == pytest.approx((500 * 2 + 9 * 500 * again + 1000 * 8) / 1e6)


def test_a_later_turn_sends_the_prompt_and_the_earlier_answers_again() -> None:
    spending = Spending(n=1.0, prompt_tokens=500, output_tokens=100, depth=2.0)
    # Two revisions: the prompt twice more, and one answer, then two, to read.
    assert usd("revision", spending, ApiBilling(price(0.5))) == pytest.approx(
        (500 * 2 + (2 * 500 + 100 + 200) * 0.5 + 300 * 8) / 1e6
    )


def test_thinking_is_billed_as_output_unless_it_has_a_price() -> None:
    as_output = ApiBilling(price(), reasoning_share=0.75)
    apart = ApiBilling(price(reasoning_usd_per_mtok=4.0), reasoning_share=0.75)
    spending = Spending(n=1.0, prompt_tokens=0, output_tokens=1000)
    assert usd("greedy", spending, as_output) == pytest.approx(1000 * 8 / 1e6)
    assert usd("greedy", spending, apart) == pytest.approx(1000 * (0.25 * 8 + 0.75 * 4) / 1e6)


LONG = LongContext(above_tokens=200_000, input_usd_per_mtok=4.0, output_usd_per_mtok=12.0)


def long_context(prompt: float, n: float = 1.0, cv: float = 0.0, **more: Any) -> float:
    billing = ApiBilling(price(long_context=LONG), prompt_cv=cv, **more)
    spending = Spending(n=n, prompt_tokens=prompt, output_tokens=1000)
    return usd("majority_vote", spending, billing)


def test_a_request_over_the_threshold_pays_the_long_price_on_all_its_tokens() -> None:
    assert long_context(200_000) == pytest.approx((200_000 * 2 + 1000 * 8) / 1e6)
    assert long_context(200_001) == pytest.approx((200_001 * 4 + 1000 * 12) / 1e6)


def test_many_small_requests_never_add_up_to_a_long_one() -> None:
    # 10 x 150k input tokens in a query, but no request has more than 150k.
    said = long_context(150_000, n=10.0, requests="each sample")
    assert said == pytest.approx((10 * 150_000 * 2 + 10 * 1000 * 8) / 1e6)


def test_the_share_of_long_requests_is_that_of_simulated_prompts() -> None:
    cv, mean = 0.5, 150_000.0
    s = np.sqrt(np.log1p(cv**2))
    lengths = np.exp(np.random.default_rng(1).normal(np.log(mean) - s**2 / 2, s, 2_000_000))
    long = lengths > LONG.above_tokens
    simulated = np.where(long, lengths * 4 + 1000 * 12, lengths * 2 + 1000 * 8).mean() / 1e6
    assert long_context(mean, cv=cv) == pytest.approx(simulated, rel=2e-3)


def test_prompts_far_below_or_above_the_threshold_pay_one_price() -> None:
    assert long_context(1_000, cv=0.5) == pytest.approx((1_000 * 2 + 1000 * 8) / 1e6, rel=1e-9)
    assert long_context(1e8, cv=0.5) == pytest.approx((1e8 * 4 + 1000 * 12) / 1e6, rel=1e-9)


def test_dollars_follow_the_draws_of_every_input() -> None:
    spending = Spending(
        n=np.array([1.0, 4.0]), prompt_tokens=np.array([[100.0], [200.0]]), output_tokens=50.0
    )
    billing = ApiBilling(price(1.0), requests="each sample", cached_share=np.array([1.0, 0.0]))
    said = api_usd(tokens_of("majority_vote", spending), billing)
    expected = [
        [100 * 2 + 50 * 8, 100 * 2 + 300 * 1 + 200 * 8],
        [200 * 2 + 50 * 8, 200 * 2 + 600 * 2 + 200 * 8],
    ]
    assert said == pytest.approx(np.array(expected) / 1e6)


def test_the_share_found_cached_is_another_than_its_row_says() -> None:
    book, draws = load_cards(), Draws(400, 3)
    terms, rows, _ = billing_of(("gpt-4o-mini",), "GPT-4o mini", book, None, draws)
    (row,) = (row for row in rows if "found cached" in row.name)
    share = np.asarray(terms.cached_share)
    assert share[CENTRAL] == row.value == 0.8
    assert np.quantile(share[1:], [0.1, 0.9]) == pytest.approx([row.low, row.high], abs=0.01)
    assert billing_of(("gpt-4o-mini",), "GPT-4o mini", book)[0].cached_share == 0.8
