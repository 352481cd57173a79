"""Dollars over a model's life: by hand, and the limits in which they are FLOPs again."""

from __future__ import annotations

import numpy as np
import pytest

from planner.domain.cardbook import CardBook
from planner.domain.draws import Draws
from planner.domain.ranges import Range
from planner.domain.typed import Typed
from planner.economics.training.dollars import (
    DECODE_MFU,
    PROMPT_SHARE,
    DollarFlags,
    DollarTerms,
    dollar_terms,
)
from planner.economics.training.laws import LAWS
from planner.economics.training.optimum import cheapest, chinchilla_of
from planner.ingest.cards import load_cards

DRAWS = Draws(200, 0)


def exact(value: float) -> Range:
    return Range(value=value, low=value, high=value)


# As Sardana et al. 2024 (arXiv:2401.00448): A100-80GB at $1.50 trains, A100-40GB at $1.10 serves
# in int8; MFU 50, 50 and 1%; 70 tokens in, 215 out.
SARDANA = DollarTerms(
    train_rent=exact(1.50),
    serve_rent=exact(1.10),
    train_peak=312e12,
    serve_peak=624e12,
    train_mfu=exact(0.5),
    prefill_mfu=exact(0.5),
    decode_mfu=exact(0.01),
    prompt_share=70 / 285,
)


@pytest.fixture(scope="module")
def cards() -> CardBook:
    return load_cards(None)


def test_rates_are_those_worked_by_hand() -> None:
    train, life = SARDANA.rates(285e9, DRAWS)
    # A billion requests: 70e9 tokens read, 215e9 generated, for each parameter.
    by_hand = 1.10 / 3600 / 624e12 * 2 * (70e9 / 0.5 + 215e9 / 0.01)
    assert train[0] == pytest.approx(1.50 / 3600 / 312e12 / 0.5 * 6)
    assert life[0] == pytest.approx(by_hand)
    assert np.ptp(train) == np.ptp(life) == 0


def test_slow_decoding_makes_the_dollar_optimum_smaller_than_that_in_flops() -> None:
    law = LAWS["sardana"].law
    rival = chinchilla_of(law, 30e9)
    loss = law.loss(rival.params, rival.tokens)
    in_flops = cheapest(law, loss, 6.0, 2.0 * 285e9)
    in_dollars = cheapest(law, loss, *(rate[0] for rate in SARDANA.rates(285e9, DRAWS)))
    assert float(in_dollars.params) < 0.8 * float(in_flops.params)


def test_one_price_and_one_mfu_give_the_optimum_in_flops() -> None:
    law = LAWS["besiroglu"].law
    same = DollarTerms(
        train_rent=exact(2.0),
        serve_rent=exact(2.0),
        train_peak=1e15,
        serve_peak=1e15,
        train_mfu=exact(0.4),
        prefill_mfu=exact(0.4),
        decode_mfu=exact(0.4),
        prompt_share=0.3,
    )
    found = cheapest(law, 2.0, *same.rates(1e13, DRAWS))
    flops = cheapest(law, 2.0, 6.0, 2e13)
    assert found.params == pytest.approx(float(flops.params), rel=1e-9)


def test_one_gpu_has_one_rent_in_every_draw_and_two_have_their_own(cards: CardBook) -> None:
    typed = Typed()
    alike = dollar_terms(DollarFlags(), cards, typed)
    other = dollar_terms(DollarFlags(train_on="a100", serve_on="h100"), cards, typed)
    assert alike is not None
    assert other is not None
    assert not typed.problems
    same, apart = (
        np.corrcoef(
            DRAWS.positive(f"rent|{t.train_on}", t.train_rent),
            DRAWS.positive(f"rent|{t.serve_on}", t.serve_rent),
        )[0, 1]
        for t in (alike, other)
    )
    assert same == pytest.approx(1.0)
    assert abs(apart) < 0.3


def test_every_default_is_listed_with_its_source_and_the_flag_that_changes_it(
    cards: CardBook,
) -> None:
    found = dollar_terms(DollarFlags(), cards, Typed())
    assert found is not None
    assert len(found.assumptions) == 6
    for row in found.assumptions:
        assert row.source
        assert row.date
        assert row.flag is not None
    assert (found.decode_mfu, found.prompt_share) == (DECODE_MFU, PROMPT_SHARE)


def test_given_terms_replace_defaults_and_say_so(cards: CardBook) -> None:
    flags = DollarFlags(
        train_on="a100",
        serve_on="A100 40GB",
        train_price="$1.50/h",
        serve_price="1.0..1.2",
        serve_peak="624 TFLOP/s",
        train_mfu="50%",
        prefill_mfu="0.5",
        decode_mfu="1%",
        prompt_share="25%",
    )
    typed = Typed()
    found = dollar_terms(flags, cards, typed)
    assert not typed.problems
    assert found is not None
    assert (found.train_peak, found.serve_peak) == (312e12, 624e12)
    assert found.serve_rent.low == 1.0
    assert found.prompt_share == 0.25
    assert {row.source for row in found.assumptions} == {"given with the command"}


def test_all_that_is_wrong_with_the_terms_is_told_at_once(cards: CardBook) -> None:
    flags = DollarFlags(
        train_on="h10",
        train_price="cheap",
        serve_price="3..2",
        serve_peak="-1",
        decode_mfu="0",
        prefill_mfu="40",
    )
    typed = Typed()
    assert dollar_terms(flags, cards, typed) is None
    places = [problem.where for problem in typed.problems]
    wrong = ["--train-on", "--train-price", "--serve-price", "--serve-peak"]
    assert sorted(places) == sorted([*wrong, "--decode-mfu", "--prefill-mfu"])


def test_a_gpu_that_nobody_rents_out_needs_a_price(cards: CardBook) -> None:
    bare = CardBook(**{**vars_of(cards), "prices": {}})
    typed = Typed()
    assert dollar_terms(DollarFlags(), bare, typed) is None
    assert {p.where for p in typed.problems} == {"--train-price", "--serve-price"}
    priced = DollarFlags(train_price="2", serve_price="2")
    assert dollar_terms(priced, bare, Typed()) is not None


def vars_of(cards: CardBook) -> dict[str, object]:
    return {name: getattr(cards, name) for name in cards.__dataclass_fields__}
