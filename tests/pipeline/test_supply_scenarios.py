"""Scenarios of owned, rented, serverless and token supply, solved; sides bought by the token."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import planner
from planner.cost.api import ApiBilling
from planner.domain.plan import PlanAnswer
from planner.domain.price import ApiPrice
from planner.errors import InputError
from planner.options.sold import thinking_apart

OBSERVED = """model,method,question_set,bucket,n_samples,accuracy,n_questions,output_tokens
gpt-4o-mini,majority_vote,our-set,all,1,0.70,500,600
gpt-4o-mini,majority_vote,our-set,all,5,0.76,500,600
llama-3-8b-instruct,majority_vote,our-set,all,1,0.30,500,500
llama-3-8b-instruct,majority_vote,our-set,all,5,0.38,500,500
llama-3-8b-instruct,majority_vote,our-set,all,64,0.48,500,500
"""
HEAD = """[data]
observations = ["obs.csv"]
[workload]
volume = "{volume}"
prompt_tokens = 200
{workload}
"""
LLAMA = '[[candidates]]\nmodel = "llama-3-8b-instruct"\nmethods = ["majority_vote"]\n'
MINI = '[[candidates]]\nmodel = "gpt-4o-mini"\nmethods = ["majority_vote"]\n'
ON_DEMAND = '[[supply]]\naccelerator = "h100-sxm"\nprice = 2.5\n'
API = '[[supply]]\nkind = "api"\n'
MINI_USD = {1: (200 * 0.15 + 600 * 0.6) / 1e6, 5: (200 * 0.15 + 3000 * 0.6) / 1e6}


def solved(
    tmp_path: Path, *parts: str, volume: str = "1M queries/day", workload: str = "", **more: Any
) -> PlanAnswer:
    (tmp_path / "obs.csv").write_text(OBSERVED, encoding="utf-8")
    path = tmp_path / "scenario.toml"
    path.write_text("".join([HEAD.format(volume=volume, workload=workload), *parts]), "utf-8")
    plan: PlanAnswer = planner.solve(path, draws=40, **more)
    return plan


COST = '[objective]\nkind = "cost"\n'


def floor(accuracy: float) -> str:
    return f'[[workload.classes]]\nname = "all"\nmin_accuracy = {accuracy}'


OWNED = """[[supply]]
kind = "owned"
accelerator = "h100-sxm"
count = 4
price = 0.3
purchase = 30000
life = "4 years"
resale = 0.1
"""
RESERVED = '[[supply]]\nkind = "reserved"\naccelerator = "h100-sxm"\nprice = 1.9\ncount = 2\n'


def test_owned_gpus_come_before_reserved_and_those_before_rented_ones(tmp_path: Path) -> None:
    plan = solved(tmp_path, LLAMA, ON_DEMAND, RESERVED, OWNED, COST, workload=floor(0.38))
    blocks = {block.kind: (block.gpus, block.usd_per_gpu_hour) for block in plan.blocks}
    gpus = sum(row.gpus for row in plan.fleet)
    assert gpus > 6
    assert blocks == {"owned": (4, 0.3), "reserved": (2, 1.9), "on-demand": (gpus - 6, 2.5)}
    rent = 24 * (4 * 0.3 + 2 * 1.9 + (gpus - 6) * 2.5)
    assert plan.cost_usd_per_day == pytest.approx(rent)
    assert sum(row.usd_per_day for row in plan.fleet) == pytest.approx(rent)
    assert plan.sunk_usd_per_day == pytest.approx(4 * 27_000 / (4 * 365))
    # One more query takes its share of the next GPU, a rented one.
    rented = solved(tmp_path, LLAMA, ON_DEMAND, COST, workload=floor(0.38))
    assert plan.allocation[0].marginal_cost_usd_per_query == pytest.approx(
        rented.allocation[0].marginal_cost_usd_per_query
    )
    assert plan.cost_usd_per_day < (rented.cost_usd_per_day or 0)


def test_energy_is_that_of_the_cards_watts(tmp_path: Path) -> None:
    plan = solved(tmp_path, LLAMA, ON_DEMAND, COST, workload=floor(0.38))
    gpus = sum(row.gpus for row in plan.fleet)
    assert plan.kwh_per_day == pytest.approx(gpus * 0.7 * 24 * 1.3 * 1.3)
    assert plan.kwh_per_day_low is not None
    assert plan.kwh_per_day_high is not None
    assert plan.kwh_per_day_low < plan.kwh_per_day < plan.kwh_per_day_high
    assert any("PUE" in row.name for row in plan.assumptions)


def test_a_fleet_is_charged_its_people_once(tmp_path: Path) -> None:
    people = '[operations]\nfleet_cost = "$300/day"\n'
    with_people = solved(tmp_path, LLAMA, ON_DEMAND, COST, people, workload=floor(0.38))
    without = solved(tmp_path, LLAMA, ON_DEMAND, COST, workload=floor(0.38))
    assert with_people.cost_usd_per_day == pytest.approx((without.cost_usd_per_day or 0) + 300)


def test_people_make_tokens_the_cheaper_way_at_a_low_volume(tmp_path: Path) -> None:
    people = '[operations]\nfleet_cost = "$300/day"\n'
    plan = solved(
        tmp_path, LLAMA, MINI, OWNED, API, people, COST,
        volume="10k queries/day", workload=floor(0.3),
    )  # fmt: skip
    assert plan.fleet == ()
    assert plan.cost_usd_per_day == pytest.approx(10_000 * MINI_USD[1])


def test_a_plan_mixes_tokens_with_the_gpus_that_are_there(tmp_path: Path) -> None:
    plan = solved(
        tmp_path, LLAMA, MINI, OWNED, API, "[budget]\nusd_per_day = 30\n",
        volume="100k queries/day",
    )  # fmt: skip
    assert {row.model for row in plan.allocation} == {"gpt-4o-mini", "llama-3-8b-instruct"}
    tokens = next(row for row in plan.allocation if row.model == "gpt-4o-mini")
    assert tokens.cost_usd_per_query == pytest.approx(MINI_USD[tokens.n_samples])
    assert tokens.latency_p95_s is None
    assert plan.cost_usd_per_day == pytest.approx(30, rel=1e-6)
    spent = sum(row.share * 100_000 * row.cost_usd_per_query for row in plan.allocation)
    assert spent == pytest.approx(plan.cost_usd_per_day, rel=1e-6)
    # FLOPs of a model of unknown size are not known, and are not called zero.
    assert plan.flop_per_day is None


def test_the_batch_tier_costs_half_and_a_tier_that_nobody_sells_is_named(tmp_path: Path) -> None:
    batch = '[[supply]]\nkind = "api"\ntier = "batch"\n'
    plan = solved(tmp_path, MINI, batch, COST, workload=floor(0.7))
    assert plan.cost_usd_per_day == pytest.approx(1e6 * MINI_USD[1] / 2)
    with pytest.raises(InputError, match="tier flex"):
        solved(
            tmp_path, MINI, '[[supply]]\nkind = "api"\ntier = "flex"\n', COST, workload=floor(0.7)
        )
    with pytest.raises(InputError, match="sold by openai"):
        solved(
            tmp_path, MINI, '[[supply]]\nkind = "api"\nprovider = "groq"\n', COST,
            workload=floor(0.7),
        )  # fmt: skip


def test_a_prompt_sent_with_every_sample_is_billed_with_every_sample(tmp_path: Path) -> None:
    each = '[[supply]]\nkind = "api"\nrequests = "each sample"\ncached_share = 0.5\n'
    plan = solved(tmp_path, MINI, each, COST, workload=floor(0.76))
    again = 4 * 200 * (0.5 * 0.075 + 0.5 * 0.15) / 1e6
    assert plan.cost_usd_per_day == pytest.approx(1e6 * (MINI_USD[5] + again))


SERVERLESS = '[[supply]]\nkind = "serverless"\naccelerator = "h100-sxm"\nprice = "$4/h"\n'


def test_serverless_seconds_cost_nothing_when_idle_and_more_on_an_empty_container(
    tmp_path: Path,
) -> None:
    busy = solved(tmp_path, LLAMA, SERVERLESS, COST, volume="3M queries/day", workload=floor(0.3))
    quiet = solved(tmp_path, LLAMA, SERVERLESS, COST, volume="300 queries/day", workload=floor(0.3))
    assert busy.fleet == quiet.fleet == ()
    usd = [plan.allocation[0].cost_usd_per_query for plan in (busy, quiet)]
    assert usd[1] > 5 * usd[0]
    # Two replicas that stand idle cost far more than a day of few seconds.
    rented = solved(tmp_path, LLAMA, ON_DEMAND, COST, volume="300 queries/day", workload=floor(0.3))
    assert (quiet.cost_usd_per_day or 0) < (rented.cost_usd_per_day or 0) / 5
    assert any("starting" in row.name for row in quiet.assumptions)


def test_supply_that_ends_before_the_day_is_not_planned_with(tmp_path: Path) -> None:
    ended = OWNED.replace("count = 4", "count = 4\nuntil = 2027-06-30")
    now = solved(tmp_path, LLAMA, ended, COST, workload=f"day = 2027-06-30\n{floor(0.3)}")
    later = solved(tmp_path, LLAMA, ended, COST, workload=f"day = 2027-07-01\n{floor(0.3)}")
    gpus = sum(row.gpus for row in now.fleet)
    assert later.cost_usd_per_day == pytest.approx(
        (now.cost_usd_per_day or 0) + gpus * 27_000 / (4 * 365)
    )
    assert {"no_longer_sunk", "stale_prices"} <= {note.code for note in later.warnings}


def test_a_model_of_unknown_size_needs_an_api_to_be_planned_with(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='kind = "api"'):
        solved(tmp_path, MINI, ON_DEMAND, COST, workload=floor(0.7))


TRAINED = LLAMA + 'training = "fine-tune"\n[candidates.capex]\ntokens = "2B"\nmfu = 0.4\n'


def test_training_is_told_beside_the_plan_and_not_in_its_cost(tmp_path: Path) -> None:
    plan = solved(tmp_path, TRAINED, ON_DEMAND, COST, workload=floor(0.38))
    free = solved(tmp_path, LLAMA, ON_DEMAND, COST, workload=floor(0.38))
    assert plan.cost_usd_per_day == free.cost_usd_per_day
    assert free.capex_usd is None
    assert free.capex == ()
    (row,) = plan.capex
    assert plan.capex_usd == pytest.approx(row.usd)
    assert row.usd > 6 * 7e9 * 2e9 / (989e12 * 0.4) / 3600 * 2.5
    assert row.usd < 6 * 8.1e9 * 2e9 / (989e12 * 0.4) / 3600 * 2.5


def test_an_answer_tells_what_each_side_has_to_train(tmp_path: Path) -> None:
    solved(tmp_path, MINI, TRAINED, ON_DEMAND, API, COST, workload=floor(0.3))
    answer = planner.ask(
        "gpt-4o-mini majority@5 or llama-3-8b majority@64 at 100k queries/day",
        scenario=tmp_path / "scenario.toml",
        draws=40,
    )
    mini, llama = answer.options
    assert mini.capex_usd == 0
    assert mini.capex_reason == "the weights exist: nothing is trained"
    assert llama.capex_usd is not None
    assert llama.capex_usd > 0
    assert "2B tokens" in (llama.capex_reason or "")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("asked") / "obs.csv"
    path.write_text(OBSERVED, encoding="utf-8")
    return planner.ask(
        "gpt-4o-mini majority vote 5 or llama-3-8b majority at 100k queries/day",
        data=[path],
        draws=60,
    )


def test_a_side_sold_by_the_token_is_priced_by_the_token(asked: Any) -> None:
    mini = asked.options[0]
    assert mini.bought == "tokens of OpenAI"
    # 212 prompt tokens are assumed in the middle case, 600 generated were measured.
    assert mini.cost_usd_per_query == pytest.approx((212 * 0.15 + 3000 * 0.6) / 1e6)
    assert mini.cost_usd_per_day == pytest.approx(100_000 * mini.cost_usd_per_query)
    assert (mini.gpus, mini.replicas) == (0, 0)
    for name in ("gpu_s_per_query", "latency_p95_s", "utilisation", "flop_per_query"):
        assert getattr(mini, name) is None, name
    assert any(row.name.endswith("output") and row.value == 0.6 for row in asked.assumptions)


def test_thinking_that_a_provider_bills_apart_is_told_from_the_answer() -> None:
    price = ApiPrice(
        model="m", input_usd_per_mtok=1, output_usd_per_mtok=2, start_date=dt.date(2026, 11, 20)
    )
    apart = thinking_apart(ApiBilling(price), 3000, np.array([4000.0, 5000.0]))
    assert apart is not None
    assert apart.reasoning_share == 0.75
    assert thinking_apart(ApiBilling(price), None, np.array([4000.0])) == ApiBilling(price)


def test_a_fleet_is_compared_with_tokens_in_dollars(asked: Any) -> None:
    assert asked.parity_n_cost.currency == "dollars of a full fleet"
    assert 1 < asked.parity_n_cost.central < 64
    assert asked.winner.startswith("GPT-4o-mini")


def test_a_verifier_beside_a_model_sold_by_the_token_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "obs.csv"
    path.write_text(
        "model,method,question_set,bucket,n_samples,accuracy,n_questions,verifier\n"
        "gpt-4o-mini,best_of_n,our-set,all,4,0.7,500,our-prm\n"
        "gpt-4o-mini,best_of_n,our-set,all,8,0.75,500,our-prm\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="no provider runs a verifier"):
        planner.ask("gpt-4o-mini best of 8 at 1k queries/day", data=[path], draws=40)
