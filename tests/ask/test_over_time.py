"""An answer over time: what its sides cost by month, where they meet, and what was left out."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

import planner
from planner.ask.horizon import asked_months, month_rows
from planner.ask.parse import parse_question
from planner.ask.ways import sentences, span_of
from planner.domain.answer import Answer
from planner.domain.draws import Draws
from planner.domain.money_answer import CostOverTime
from planner.domain.over_time import OverTime
from planner.domain.scenario import Scenario
from planner.errors import InputError
from planner.ingest.cards import load_cards
from planner.report.sections.parity import break_evens

OBSERVED = """model,method,question_set,bucket,n_samples,accuracy,n_questions,output_tokens
llama-3-8b-instruct,majority_vote,our-set,easy,1,0.60,250,500
llama-3-8b-instruct,majority_vote,our-set,easy,8,0.80,250,500
llama-3-8b-instruct,majority_vote,our-set,easy,64,0.84,250,500
llama-3-8b-instruct,majority_vote,our-set,hard,1,0.20,250,500
llama-3-8b-instruct,majority_vote,our-set,hard,8,0.22,250,500
llama-3-8b-instruct,majority_vote,our-set,hard,64,0.23,250,500
llama-3-70b-instruct,greedy,our-set,easy,1,0.75,250,500
llama-3-70b-instruct,greedy,our-set,hard,1,0.45,250,500
tutor,human,our-set,easy,1,0.97,100,
tutor,human,our-set,hard,1,0.90,100,
"""
SCENARIO = """[data]
observations = ["obs.csv"]
[workload]
volume = "2M queries/day"
prompt_tokens = 200
day = 2027-01-15
horizon = "18 months"
growth = ["20%/year", "80%/year"]
seasonality = [1, 1, 1, 1, 1, 1, 0.4, 0.4, 1.3, 1.3, 1.3, 1.3]
price_decline = "20%/year"
discount = "10%/year"
[[candidates]]
model = "llama-3-8b-instruct"
methods = ["majority_vote"]
training = "fine-tune"
[candidates.capex]
usd = [100_000, 200_000]
[[candidates]]
model = "llama-3-70b-instruct"
methods = ["greedy"]
[[candidates]]
model = "tutor"
methods = ["human"]
usd_per_query = 0.5
[[supply]]
kind = "owned"
accelerator = "h100-sxm"
count = 4
price = "$0.40/h"
purchase = 30_000
until = 2027-06-30
[[supply]]
accelerator = "h100-sxm"
price = ["$2/h", "$3/h"]
"""
LONG = "7B+PRM or 34B greedy for 100 years"
QUESTION = "llama-3-8b majority or llama-3-70b greedy with 80% easy, 20% hard"
EIGHT, SEVENTY = 0, 1


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    folder = tmp_path_factory.mktemp("over_time")
    (folder / "obs.csv").write_text(OBSERVED, encoding="utf-8")
    (folder / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    return planner.ask(QUESTION, scenario=folder / "scenario.toml", draws=60)


@pytest.fixture(scope="module")
def told(answer: Answer) -> CostOverTime:
    assert answer.over_time is not None
    return answer.over_time


def test_the_months_are_those_of_the_scenario(told: CostOverTime) -> None:
    assert told.start == "2027-01-15"
    assert len(told.by_month) == 18
    assert told.by_month[6].begins == "2027-07-15"
    assert told.by_month[0].queries_per_day == pytest.approx(2e6 / 0.9999, rel=0.03)
    fall = told.by_month[6].queries_per_day / told.by_month[5].queries_per_day
    assert fall == pytest.approx(0.4 * (1 + told.growth_per_year.value) ** (1 / 12))


def test_months_add_up_to_the_whole_and_their_worth_to_the_present_value(
    told: CostOverTime,
) -> None:
    for path in told.paths:
        paid = [month.usd[path.side] for month in told.by_month]
        assert sum(paid) == pytest.approx(path.total_usd)
        assert path.total_usd == pytest.approx(
            path.training_usd + path.gpus_bought_usd + path.opex_usd - path.residual_usd
        )
        last = told.by_month[-1].present_usd_so_far[path.side]
        assert last == pytest.approx(path.present_usd)
        assert path.present_usd < path.total_usd
        low, high = path.present_usd_low, path.present_usd_high
        assert low is not None
        assert high is not None
        assert low < path.present_usd < high


def test_whole_gpus_follow_the_volume(told: CostOverTime) -> None:
    for path in told.paths:
        gpus = [month.gpus[path.side] for month in told.by_month]
        assert min(gpus) == min(gpus[6], gpus[7])
        assert gpus[17] > gpus[5], "the volume grows"


def test_what_is_sunk_is_named_and_left_out(told: CostOverTime) -> None:
    weights, owned = told.sunk
    assert "70B" in weights
    assert "8B" not in weights, "its fine-tune is paid here"
    assert owned.startswith("4 owned")
    assert "until 2027-06-30" in owned
    assert told.paths[EIGHT].training_usd == pytest.approx(141_421, rel=1e-3)
    assert told.paths[SEVENTY].training_usd == 0
    assert told.paths[SEVENTY].sunk_usd_per_day is not None


def test_every_break_even_is_a_number_with_its_draws_or_a_sentence(told: CostOverTime) -> None:
    kinds = {"volume", "date", "date_undiscounted", "rent", "tokens", "n"}
    assert set(told.break_evens) == set(told.break_even_sentences) == kinds
    for of, found in told.break_evens.items():
        assert told.break_even_sentences[of].endswith(".")
        if found is not None:
            assert 0 < found.share_of_draws <= 1
            assert found.ahead_beyond in told.compared


def test_training_has_a_break_even_volume_at_the_discounted_cost_of_the_horizon(
    answer: Answer, told: CostOverTime
) -> None:
    assert answer.break_even_reason is not None
    assert "discounted at 0.1 a year" in answer.break_even_reason
    even, volume = answer.break_even_queries_per_day, told.break_evens["volume"]
    if even is not None and volume is not None and volume.ahead_beyond == told.paths[EIGHT].label:
        assert even.median == volume.median


def test_windows_are_told_for_the_mix_and_for_each_bucket(answer: Answer) -> None:
    windows = {w.bucket: w for w in answer.parity_windows}
    assert set(windows) == {"all", "easy", "hard"}
    assert windows["easy"].from_n is not None
    assert not windows["hard"].open
    assert windows["hard"].from_n is None
    assert windows["hard"].share_of_draws < 0.1
    assert "no n at which" in windows["hard"].sentence
    for window in windows.values():
        both = window.from_n is not None and (window.to_n is None or window.from_n <= window.to_n)
        assert window.open == both


def test_a_correct_answer_has_an_interval_and_the_last_points_a_price(answer: Answer) -> None:
    for row in answer.options:
        assert row.cost_usd_per_correct is not None
        assert row.cost_usd_per_correct_low is not None
        assert row.cost_usd_per_correct_high is not None
        assert row.cost_usd_per_correct_low < row.cost_usd_per_correct_high
    greedy = next(row for row in answer.options if row.side == SEVENTY)
    assert greedy.last_point_usd_per_day is None
    votes = next(row for row in answer.options if row.side == EIGHT and row.n_samples > 1)
    assert votes.last_point_from_n is not None
    assert votes.last_point_usd_per_day is not None
    assert votes.last_point_usd_per_day > 0
    assert any("A correct answer costs" in said for said in answer.explanation)


def test_people_of_the_scenario_stand_beside_the_answer(answer: Answer) -> None:
    (tutor,) = answer.human
    assert tutor.usd_per_query == 0.5
    assert tutor.accuracy == pytest.approx(0.8 * 0.97 + 0.2 * 0.9)
    assert tutor.usd_per_correct == pytest.approx(0.5 / tutor.accuracy)
    assert tutor.points_ahead < 0
    assert "tutor answers 95.6% correctly for $0.50 a query" in tutor.sentence


def test_the_answer_over_time_is_plain_json(answer: Answer) -> None:
    data: Any = json.loads(json.dumps(answer.to_json()))["over_time"]
    assert data["by_month"][0]["begins"] == "2027-01-15"
    assert data["break_evens"].keys() == data["break_even_sentences"].keys()


def test_a_horizon_that_nobody_plans_for_is_refused_in_a_question_too() -> None:
    with pytest.raises(InputError, match=r"100 years.*\n.*for 24 months"):
        asked_months(parse_question(LONG), None, load_cards(), Draws(2))


def test_a_horizon_in_the_question_goes_before_the_scenario() -> None:
    scenario = Scenario.model_validate(tomllib.loads(SCENARIO))
    question = parse_question("7B+PRM or 34B greedy for 6 months")
    months = asked_months(question, scenario, load_cards(), Draws(2))
    assert months.count == 6
    (horizon, *_) = month_rows(months, OverTime(), question.horizon_days)
    assert horizon.source == "given with the question"


def test_training_that_nobody_can_price_is_named_and_not_taken_as_free(answer: Answer) -> None:
    told = answer.over_time
    assert told is not None
    unknown = told.model_copy(update={"unknown": ("the training of X, for its size is secret",)})
    assert "Not known, and therefore left out: the training of X" in " ".join(sentences(unknown))
    assert not any("Not known" in said for said in told.sentences)


def test_what_the_costs_over_time_rest_on_is_listed(answer: Answer) -> None:
    rows = {row.name: row for row in answer.assumptions}
    assert rows["horizon of costs"].value == pytest.approx(18 * 365 / 12)
    assert rows["horizon of costs"].source == "given with the scenario"
    growth, discount = rows["growth of the volume"], rows["discount rate"]
    assert (growth.low, growth.high) == pytest.approx((0.2, 0.8))
    assert (discount.value, discount.low) == (0.1, None)


@pytest.mark.parametrize(
    ("days", "said"),
    [(730.0, "24 months"), (365 / 4, "3 months"), (134.0, "134 days"), (365 / 12, "30.42 days")],
)
def test_a_horizon_of_whole_months_is_told_in_months_and_any_other_in_days(
    told: CostOverTime, days: float, said: str
) -> None:
    assert span_of(told.model_copy(update={"horizon_days": days})) == said


def test_of_three_sides_every_other_one_meets_the_reference() -> None:
    """Each pair is what a question about the two alone says."""
    three = planner.ask("7B+PRM or 34B greedy or 7B majority at 1M queries/day", draws=30).over_time
    alone = planner.ask("7B majority or 34B greedy at 1M queries/day", draws=30).over_time
    assert three is not None
    assert alone is not None
    assert len(three.other_pairs) == 1
    second = three.other_pairs[0]
    assert {three.compared[1], second.compared[1]} == {alone.compared[1]}
    assert second.compared == alone.compared
    assert second.break_evens == alone.break_evens
    assert second.saved_usd == alone.saved_usd
    assert three.break_evens != second.break_evens
    assert sum(second.compared[0] in said for said in three.sentences) >= 2
    assert alone.other_pairs == ()


def test_of_three_sides_every_other_one_has_a_break_even_of_its_training() -> None:
    """Each is what a question about the two alone says."""
    three, alone = (
        planner.ask(f"{sides} at 1M queries/day", draws=30, train_from_scratch=True)
        for sides in ("7B+PRM or 34B greedy or 7B majority", "7B majority or 34B greedy")
    )
    (other,) = three.other_break_evens
    assert three.over_time is not None
    assert other.compared == three.over_time.other_pairs[0].compared
    assert other.queries_per_day == alone.break_even_queries_per_day
    assert other.reason == alone.break_even_reason
    assert other.queries_per_day != three.break_even_queries_per_day
    assert alone.other_break_evens == ()
    said = break_evens(three)
    assert len(said) == 2
    assert said[1].startswith(f"Break-even volume of {' and '.join(other.compared)}: ")
    assert break_evens(alone)[0].removeprefix("Break-even volume: ") == said[1].split(": ", 1)[1]


@pytest.mark.parametrize(
    ("usd", "said"),
    [
        ("100", "Training Llama 3 8B Instruct pays at every volume: "),
        ("1e13", "There is no volume from which training Llama 3 8B Instruct pays: "),
    ],
)
def test_training_that_pays_always_or_never_has_a_sentence_in_place_of_a_volume(
    tmp_path: Path, usd: str, said: str
) -> None:
    (tmp_path / "obs.csv").write_text(OBSERVED, encoding="utf-8")
    text = SCENARIO.replace("usd = [100_000, 200_000]", f"usd = {usd}")
    owned = text[text.index('[[supply]]\nkind = "owned"') : text.rindex("[[supply]]")]
    (tmp_path / "s.toml").write_text(text.replace(owned, ""), encoding="utf-8")
    found = planner.ask(QUESTION, scenario=tmp_path / "s.toml", draws=20)
    assert found.break_even_queries_per_day is None
    assert found.break_even_reason is not None
    assert found.break_even_reason.startswith(said)


def test_weights_that_exist_have_no_break_even_however_many_sides_there_are() -> None:
    three = planner.ask("7B+PRM or 34B greedy or 7B majority at 1M queries/day", draws=5)
    assert three.break_even_queries_per_day is None
    assert three.other_break_evens == ()
    (said,) = break_evens(three)
    assert "weights of every side exist" in said
