from __future__ import annotations

import datetime as dt
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.domain.card import PriceCard
from planner.domain.prices import api_price, api_quotes, rent_quotes, rent_range, stale

DAY = dt.date(2026, 11, 24)


def provider(name: str, *rents: tuple[str, float, str, str], apis: tuple = ()) -> PriceCard:
    return PriceCard.model_validate(
        {
            "schema": "planner.price/1",
            "name": name,
            "title": name.title(),
            "rents": [
                {"accelerator": a, "usd_per_gpu_hour": usd, "billing": b, "start_date": day}
                for a, usd, b, day in rents
            ],
            "apis": [
                {
                    "model": m,
                    "input_usd_per_mtok": i,
                    "output_usd_per_mtok": o,
                    "start_date": day,
                }
                for m, i, o, day in apis
            ],
            "sources": [{"covers": ["rents", "apis"], "title": "price list", "read": "2026-11-24"}],
        }
    )


ASH = provider(
    "ash",
    ("h100-sxm", 3.0, "on-demand", "2026-09-01"),
    ("h100-sxm", 4.0, "on-demand", "2026-10-01"),
    ("h100-sxm", 9.0, "on-demand", "2027-01-01"),
    ("h100-sxm", 1.5, "spot", "2026-10-01"),
)
BEECH = provider("beech", ("h100-sxm", 2.0, "on-demand", "2026-11-01"))
CEDAR = provider("cedar", ("h100-sxm", 6.5, "on-demand", "2026-02-01"))


def test_the_middle_is_the_median_and_the_ends_are_a_central_80_percent() -> None:
    found = rent_range([ASH, BEECH, CEDAR], "h100-sxm", on=DAY)
    assert found is not None
    price = found.usd_per_gpu_hour
    assert (price.low, price.value, price.high) == pytest.approx((2.4, 4.0, 6.0))
    assert [quote.provider for quote in found.quotes] == ["beech", "ash", "cedar"]
    assert all(quote.sources for quote in found.quotes)


def test_an_announced_price_waits_for_its_day_and_an_old_one_ends_on_it() -> None:
    def asked(day: dt.date) -> float:
        return rent_quotes([ASH], "h100-sxm", on=day)[0].rent.usd_per_gpu_hour

    assert asked(dt.date(2026, 9, 30)) == 3.0
    assert asked(dt.date(2026, 10, 1)) == 4.0
    assert asked(dt.date(2026, 12, 31)) == 4.0
    assert asked(dt.date(2027, 1, 1)) == 9.0


def test_no_price_had_begun_before_the_first() -> None:
    assert rent_range([ASH], "h100-sxm", on=dt.date(2026, 8, 31)) is None
    assert rent_range([ASH], "h200-sxm", on=DAY) is None
    assert rent_range([], "h100-sxm", on=DAY) is None


def test_spot_and_reserved_prices_do_not_mix_with_on_demand() -> None:
    spot = rent_range([ASH, BEECH], "h100-sxm", on=DAY, billing="spot")
    assert spot is not None
    assert spot.usd_per_gpu_hour.value == 1.5
    assert rent_range([ASH, BEECH], "h100-sxm", on=DAY, billing="reserved") is None


def test_one_provider_alone_gets_a_range_and_a_note_that_says_so() -> None:
    found = rent_range([BEECH], "h100-sxm", on=DAY)
    assert found is not None
    price = found.usd_per_gpu_hour
    assert (price.low, price.value, price.high) == pytest.approx((1.6, 2.0, 2.4))
    assert [note.code for note in found.notes] == ["one_provider"]
    assert "Beech" in found.notes[0].message


def test_old_prices_are_named() -> None:
    found = rent_range([ASH, BEECH, CEDAR], "h100-sxm", on=DAY)
    assert found is not None
    assert [note.code for note in found.notes] == ["stale_price"]
    assert "1 of 3" in found.notes[0].message
    assert "Cedar" in found.notes[0].message


@pytest.mark.parametrize(("age", "days", "old"), [(90, 90, False), (91, 90, True), (8, 7, True)])
def test_a_price_is_stale_after_so_many_days_and_not_on_the_last_of_them(
    age: int, days: int, old: bool
) -> None:
    assert stale(DAY - dt.timedelta(days=age), DAY, days) is old


@given(asked=st.lists(st.floats(min_value=0.05, max_value=50), min_size=2, max_size=9))
def test_the_order_of_the_cards_does_not_matter(asked: list[float]) -> None:
    cards = [
        provider(f"p{i}", ("l4", usd, "on-demand", "2026-11-01")) for i, usd in enumerate(asked)
    ]
    there, back = (rent_range(some, "l4", on=DAY) for some in (cards, cards[::-1]))
    assert there == back
    assert there is not None
    price = there.usd_per_gpu_hour
    assert price.value == pytest.approx(statistics.median(asked))
    tenths = statistics.quantiles(asked, n=10, method="inclusive")
    assert (price.low, price.high) == pytest.approx((tenths[0], tenths[-1]))


ELM = provider("elm", apis=(("m", 1.0, 2.0, "2026-01-01"), ("m", 0.5, 1.0, "2026-06-01")))
FIR = provider("fir", apis=(("m", 0.1, 2.0, "2026-01-01"), ("m", 0.1, 0.1, "2027-01-01")))


def test_the_cheapest_provider_is_taken_unless_one_is_named() -> None:
    assert [quote.provider for quote in api_quotes([FIR, ELM], "m", on=DAY)] == ["elm", "fir"]
    cheapest = api_price([FIR, ELM], "m", on=DAY)
    named = api_price([FIR, ELM], "m", on=DAY, provider="fir")
    assert cheapest is not None
    assert named is not None
    assert (cheapest.provider, cheapest.price.output_usd_per_mtok) == ("elm", 1.0)
    assert (named.provider, named.price.output_usd_per_mtok) == ("fir", 2.0)
    assert cheapest.sources


def test_a_model_without_a_price_has_none() -> None:
    assert api_price([ELM, FIR], "other", on=DAY) is None
    assert api_price([ELM, FIR], "m", on=DAY, provider="oak") is None
    assert api_price([ELM, FIR], "m", on=dt.date(2025, 12, 31)) is None
