"""A candidate over its months: whole replicas, growth, discount; and where two of them meet."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner import units
from planner.ask.break_evens import Pair, break_evens
from planner.cost.settings import LENDER, Settings
from planner.cost.supply import drawn_supply
from planner.cost.terms import supply_terms
from planner.curves import fit_curves
from planner.domain.draws import CENTRAL, Draws
from planner.domain.observation import ALL, Observation, Observations
from planner.domain.over_time import OverTime
from planner.domain.ranges import Range
from planner.economics import paths
from planner.economics.months import Months, months_of
from planner.economics.paths import Path
from planner.ingest.cards import load_cards
from planner.options import Candidate, Part, Workshop

DRAWS = Draws(40, 5)
START = dt.date(2027, 1, 1)
RENT = Range(value=3.0, low=2.0, high=4.0)


@pytest.fixture(scope="module")
def candidates() -> tuple[Candidate, Candidate]:
    """An 8B that votes and a 34B that answers once."""
    given: dict[str, Any] = {"question_set": "Q", "bucket": ALL, "n_questions": 500}
    rows = [
        Observation(model="m", method="majority_vote", n_samples=n, accuracy=y, params_b=8, **given)
        for n, y in {1: 0.5, 4: 0.56, 16: 0.6, 64: 0.62}.items()
    ]
    rows.append(
        Observation(model="b", method="greedy", n_samples=1, accuracy=0.58, params_b=34, **given)
    )
    book = fit_curves(Observations(tuple(rows), ("",) * len(rows), {}), DRAWS)
    cards = load_cards(None)
    settings = Settings(usd_per_gpu_hour=RENT, fleet_usd_per_day=30.0)
    supply = drawn_supply(supply_terms(settings, cards).supply, cards.accelerator(LENDER), DRAWS)
    workshop = Workshop(book, {ALL: Part("Q")}, cards, supply)
    return (
        workshop.candidate("m", "majority_vote", None),
        workshop.candidate("b", "greedy", None),
    )


def months(**keys: object) -> Months:
    return months_of(OverTime.model_validate(keys), START, 365.0, DRAWS)


def path(candidate: Candidate, n: float, over: Months, capex: float = 0.0) -> Path:
    rows = DRAWS.rows
    able = np.ones(rows, dtype=bool)
    return Path(candidate, np.full(rows, n), able, {ALL: 1.0}, 2e6, over, np.full(rows, capex))


def pair(candidates: tuple[Candidate, Candidate], n: float, over: Months, **capex: float) -> Pair:
    one = path(candidates[0], n, over, capex.get("one", 0.0))
    other = path(candidates[1], 1, over, capex.get("other", 0.0))
    return Pair(one, other, ("the 8B", "the 34B"), np.geomspace(1, 64, 37))


GROWING = {
    "horizon": "30 months",
    "growth": ["10%/year", "90%/year"],
    "discount": "10%/year",
    "price_decline": "20%/year",
    "seasonality": [1, 1, 1, 1, 1, 1, 0.2, 0.2, 2, 2, 1, 1],
}


def test_every_month_buys_the_whole_replicas_that_its_volume_needs(
    candidates: tuple[Candidate, Candidate],
) -> None:
    """Against the arithmetic of one fleet, month by month and draw by draw."""
    over = months(**GROWING)
    found = path(candidates[0], 16, over)
    candidate, cash = candidates[0], found.cash()
    supply, fleet = candidate.supply, candidate.on_fleet
    gpu_s = candidate.gpu_s([16.0])[:, 0]
    for draw in (0, 3, 17, 40):
        for month in (0, 1, 6, 8, 29):
            per_s = 2e6 * over.volume[draw, month] / units.SECONDS_PER_DAY * gpu_s[draw]
            busy = per_s * supply.terms.peak_to_mean / supply.utilisation[draw]
            count = max(supply.terms.min_replicas, math.ceil(busy / fleet.gpus_per_replica - 1e-9))
            gpus = count * fleet.gpus_per_replica
            rent = supply.blocks[0].usd_per_gpu_hour[draw] * 0.8 ** (month / 12)
            daily = gpus * rent * 24 + 30.0
            assert cash.opex[draw, month + 1] == pytest.approx(daily * units.DAYS_PER_MONTH)
            assert found.served().gpus[draw, month] == gpus
    worth = sum(cash.total[CENTRAL, m] / 1.1 ** (m / 12) for m in range(over.count + 1))
    assert found.present_usd()[CENTRAL] == pytest.approx(worth)


def test_a_volume_that_stays_costs_the_daily_dollars_of_every_day(
    candidates: tuple[Candidate, Candidate],
) -> None:
    found = path(candidates[0], 16, months(horizon="2 years"), capex=5e4)
    daily = candidates[0].served(found.load, 2e6).usd_per_day
    assert found.present_usd() == pytest.approx(5e4 + 730 * daily)


def test_costs_in_parts_are_those_at_once(
    candidates: tuple[Candidate, Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    over = months(**GROWING)
    found = path(candidates[0], 4, over)
    grid = np.geomspace(1e3, 1e9, 7)
    at_once = found.present_usd(grid)
    monkeypatch.setattr(paths, "MOST_AT_ONCE", 2 * DRAWS.rows * over.count)
    assert found.present_usd(grid) == pytest.approx(at_once)
    load = np.column_stack([found.load * factor for factor in (1, 2, 3, 4, 5)])
    many = found.worth_usd(load, np.array([2e6]))
    assert many.shape == (DRAWS.rows, 5)
    for i in range(5):
        assert many[:, [i]] == pytest.approx(found.worth_usd(load[:, [i]], np.array([2e6])))


def test_costs_at_many_volumes_are_those_of_each_volume_alone(
    candidates: tuple[Candidate, Candidate],
) -> None:
    grid = np.geomspace(1e3, 1e9, 7)
    for over in (months(horizon="5 months", discount="20%"), months(**GROWING)):
        found = path(candidates[0], 4, over, capex=1e5)
        many = found.present_usd(grid)
        for i, volume in enumerate(grid):
            alone = over.present_value(replace(found, queries_per_day=volume).cash().total)
            assert many[:, i] == pytest.approx(alone)


def test_beyond_the_break_even_volume_one_way_stays_cheaper_over_the_whole_horizon(
    candidates: tuple[Candidate, Candidate],
) -> None:
    """By brute force over volumes, with growth, seasons, whole replicas and training."""
    both = pair(candidates, 3, months(**GROWING), one=2e6)
    found = both.volumes
    grid = np.geomspace(1e4, 1e9, 101)
    gap = both.one.present_usd(grid) - both.other.present_usd(grid)
    crossed = np.isfinite(found.last)
    assert crossed.mean() > 0.5
    for draw in np.flatnonzero(crossed):
        sign = -1 if found.one_beyond[draw] else 1
        beyond = grid > found.last[draw] * 1.2
        assert (gap[draw, beyond] * sign >= 0).all()
        before = np.array([found.last[draw] * (1 - 1e-9)])
        at = replace(both.one, queries_per_day=1.0).present_usd(before)[draw, 0]
        assert (at - both.other.present_usd(before)[draw, 0]) * sign <= 1e-6 * at


def test_the_break_even_rent_is_where_training_and_people_weigh_up_the_gpus(
    candidates: tuple[Candidate, Candidate],
) -> None:
    """In closed form: costs are linear in the rent."""
    both = pair(candidates, 2, months(), one=1e5)
    told, said = break_evens(both)["rent"]
    rent = candidates[0].supply.usd_per_gpu_hour
    hours = 24 * 365
    gpus = [p.served().gpus[:, 0].astype(float) for p in (both.one, both.other)]
    with np.errstate(divide="ignore"):
        exact = 1e5 / ((gpus[1] - gpus[0]) * hours)
    seen = (exact > rent / 16) & (exact < rent * 16)
    exact = np.where(seen, exact, np.inf)
    assert told is not None
    assert told.ahead_beyond == "the 8B", said
    assert told.share_of_draws == pytest.approx(seen[1:].mean())
    assert told.median == pytest.approx(np.quantile(exact[1:], 0.5, method="inverted_cdf"))


def test_a_rent_that_both_pay_alone_decides_nothing(
    candidates: tuple[Candidate, Candidate],
) -> None:
    supply = candidates[0].supply
    bare = replace(supply, terms=replace(supply.terms, fleet_usd_per_day=0.0))
    both = pair(
        (replace(candidates[0], supply=bare), replace(candidates[1], supply=bare)), 4, months()
    )
    told, said = break_evens(both)["rent"]
    assert told is None
    assert "moves both alike" in said


def test_at_the_break_even_of_tokens_and_of_n_the_two_cost_the_same(
    candidates: tuple[Candidate, Candidate],
) -> None:
    both = pair(candidates, 4, months())
    found = break_evens(both)
    tokens, n = found["tokens"][0], found["n"][0]
    assert tokens is not None
    assert n is not None
    assert tokens.median is not None
    assert n.median is not None
    # Halving the tokens of a sample about doubles the n that costs the same.
    half = {b: t / 2 for b, t in candidates[0].output_tokens.items()}
    shorter = (replace(candidates[0], output_tokens=half), candidates[1])
    twice = break_evens(pair(shorter, 4, months()))["n"][0]
    assert twice is not None
    assert twice.median is not None
    assert 1.5 * n.median < twice.median < 2.5 * n.median
    # One more sample than the break-even n costs more, one less costs less (central case).
    last = float(np.floor(n.median))
    dear = path(candidates[0], last + 2, months()).present_usd()[CENTRAL]
    cheap = path(candidates[0], max(last - 1, 1), months()).present_usd()[CENTRAL]
    assert cheap <= both.other.present_usd()[CENTRAL] <= dear


def test_training_is_paid_back_in_the_month_in_which_the_savings_add_up(
    candidates: tuple[Candidate, Candidate],
) -> None:
    over = months(horizon="36 months", discount="30%/year")
    both = pair(candidates, 1, over, one=2e5)
    saved = (both.other.cash().opex - both.one.cash().opex)[:, 1]
    plain = np.ceil(2e5 / np.where(saved > 0, saved, np.nan) - 1e-9)
    plain = np.where(plain <= 36, plain, np.inf)
    found = break_evens(both)
    told, said = found["date_undiscounted"]
    assert told is not None
    assert told.ahead_beyond == "the 8B", said
    assert told.median == np.quantile(plain[1:], 0.5, method="inverted_cdf")
    assert told.share_of_draws == pytest.approx(np.isfinite(plain[1:]).mean())
    assert told.median is not None
    assert told.median_date == over.first_day(int(told.median)).isoformat()
    later = found["date"][0]
    assert later is not None
    assert later.median is None or later.median >= told.median


def test_what_never_pays_back_is_null_with_a_sentence(
    candidates: tuple[Candidate, Candidate],
) -> None:
    found = break_evens(pair(candidates, 1, months(), one=1e12))
    told, said = found["date"]
    assert told is None
    assert "not paid back within 365 days" in said
    even = break_evens(pair(candidates, 1, months()))["date"]
    assert even[0] is None
    assert "nothing has to be paid back" in even[1]


def test_a_side_that_is_not_able_loses_every_comparison(
    candidates: tuple[Candidate, Candidate],
) -> None:
    both = pair(candidates, 1, months())
    lost = replace(both.one, able=np.zeros(DRAWS.rows, dtype=bool))
    assert np.isinf(lost.present_usd()).all()
    assert np.isinf(lost.present_usd(np.array([1e4, 1e8]))).all()
    told, said = break_evens(replace(both, one=lost))["volume"]
    assert told is None
    assert said.startswith("the 34B costs less at every volume")
    date, said = break_evens(replace(both, one=lost))["date"]
    assert date is None
    assert said == "the 34B costs less from the first month on: nothing has to be paid back."
    dear = replace(lost, capex_usd=np.full(DRAWS.rows, 1e3))
    date, said = break_evens(replace(both, one=dear))["date"]
    assert date is None
    assert said.startswith("the 8B is not paid back")
