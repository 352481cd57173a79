"""What a question's sides are taken for: one test a rule, on small tables."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pytest

from planner.ask.parse import parse_question
from planner.ask.resolve import ResolvedQuestion, ResolvedSide, resolve
from planner.domain.card import ModelCard, Source, Tuning, VerifierCard
from planner.domain.cardbook import CardBook
from planner.domain.observation import Observation, Observations
from planner.errors import InputError
from planner.ingest.fixtures import question_sets

SOURCE = Source(covers=("nominal_params_b",), title="test", read=dt.date(2026, 1, 1))


def row(
    model: str,
    method: str = "greedy",
    n: int = 1,
    *,
    on: str = "MATH-500",
    bucket: str = "all",
    verifier: str | None = None,
    verifier_params_b: float | None = None,
    params_b: float | None = None,
    thinking_tokens: int | None = None,
    questions: int = 500,
) -> Observation:
    return Observation(
        model=model,
        method=method,
        question_set=on,
        bucket=bucket,
        n_samples=n,
        accuracy=0.3,
        n_questions=questions,
        params_b=params_b,
        verifier=verifier,
        verifier_params_b=verifier_params_b,
        thinking_tokens=thinking_tokens,
    )


def curve(model: str, method: str, ns: tuple[int, ...], **more: Any) -> list[Observation]:
    return [row(model, method, n, **more) for n in ns]


def table(*rows: Observation | list[Observation], file: str = "obs.csv") -> Observations:
    flat = [r for part in rows for r in (part if isinstance(part, list) else [part])]
    return Observations(tuple(flat), tuple(f"{file}:{i + 2}" for i in range(len(flat))), {})


def model(
    name: str,
    size: float,
    tuning: Tuning = "sft",
    family: str = "a",
    aliases: tuple[str, ...] = (),
    title: str | None = None,
) -> ModelCard:
    return ModelCard(
        schema="planner.llm/1",
        name=name,
        title=title or name,
        aliases=aliases,
        family=family,
        tuning=tuning,
        nominal_params_b=size,
        sources=(SOURCE,),
    )


def verifier(name: str, kind: Literal["prm", "orm"], size: float) -> VerifierCard:
    return VerifierCard(
        schema="planner.verifier/1",
        name=name,
        title=name,
        kind=kind,
        architecture="a-7b",
        nominal_params_b=size,
        sources=(SOURCE,),
    )


def book(*cards: ModelCard | VerifierCard) -> CardBook:
    return CardBook(
        llms={c.name: c for c in cards if isinstance(c, ModelCard)},
        verifiers={c.name: c for c in cards if isinstance(c, VerifierCard)},
    )


def answer(
    text: str, observations: Observations, cards: CardBook | None = None
) -> ResolvedQuestion:
    return resolve(parse_question(text), observations, cards or book())


def only(text: str, observations: Observations, cards: CardBook | None = None) -> ResolvedSide:
    [side] = answer(text, observations, cards).sides
    return side


def codes(resolved: ResolvedQuestion) -> list[str]:
    return [note.code for note in resolved.notes]


def refusal(text: str, observations: Observations, cards: CardBook | None = None) -> str:
    with pytest.raises(InputError) as refused:
        answer(text, observations, cards)
    return str(refused.value)


PRM = {"verifier": "a-7b-prm", "verifier_params_b": 7.0}


# Sizes and names


def test_a_size_is_the_rows_nominal_parameters_without_a_card() -> None:
    data = table(row("mine", params_b=7), row("other", params_b=8))
    assert only("7B", data).model == "mine"


def test_a_size_is_the_cards_nominal_size_where_the_rows_say_none() -> None:
    assert only("7B", table(row("mine")), book(model("mine", 7))).model == "mine"


@pytest.mark.parametrize(("params_b", "fits"), [(7.2, True), (6.8, True), (7.3, False)])
def test_a_size_is_matched_within_three_percent(params_b: float, fits: bool) -> None:
    data = table(row("mine", params_b=params_b))
    if fits:
        assert only("7B", data).model == "mine"
    else:
        assert "no 7B model is measured" in refusal("7B", data)


@pytest.mark.parametrize("asked", ["a-7b-sft", "A 7B SFT", "a_7b_sft", "Alpha Seven", "a-7b"])
def test_a_name_is_understood_by_card_alias_spelling_or_beginning(asked: str) -> None:
    cards = book(model("a-7b-sft", 7, aliases=("Alpha Seven",)))
    data = table(row("a-7b-sft", params_b=7), row("b-7b", params_b=7))
    assert only(f'"{asked}"', data, cards).model == "a-7b-sft"


def test_the_very_name_goes_before_longer_ones_and_is_no_choice() -> None:
    data = table(row("a-7b-sft-best"), row("a-7b"), curve("a-7b-sft-best", "majority_vote", (2, 4)))
    resolved = answer("a-7b", data)
    assert resolved.sides[0].model == "a-7b"
    assert "model_choice" not in codes(resolved)


def test_a_named_model_without_the_method_gives_way_to_one_that_has_it_with_a_note() -> None:
    data = table(row("a-7b"), curve("a-7b-instruct", "weighted_vote", (1, 4), **PRM))
    resolved = answer("a-7b+PRM", data)
    assert resolved.sides[0].model == "a-7b-instruct"
    assert "model_choice" in codes(resolved)


def test_an_unknown_name_suggests_the_nearest() -> None:
    message = refusal("lemma-7b or 34B", table(row("llemma-7b-sft"), row("x", params_b=34)))
    assert "no model called 'lemma-7b' is measured" in message
    assert "did you mean llemma-7b?" in message


def test_an_unknown_size_lists_the_measured_ones() -> None:
    assert "measured sizes: 7B, 34B" in refusal(
        "13B", table(row("a", params_b=34), row("b", params_b=7))
    )


def test_every_side_that_is_not_measured_is_named_at_once() -> None:
    with pytest.raises(InputError) as refused:
        answer("13B or 70B or 7B", table(row("a", params_b=7)))
    assert len(refused.value.problems) == 2


# One question set


def test_all_sides_stand_on_one_question_set() -> None:
    data = table(
        row("a-7b", on="GSM8K", params_b=7),
        row("b-7b", on="MATH-500", params_b=7),
        row("c-34b", on="MATH-500", params_b=34),
    )
    resolved = answer("7B or 34B", data)
    assert resolved.question_set == "MATH-500"
    assert [side.model for side in resolved.sides] == ["b-7b", "c-34b"]
    [why] = [a.why_not for a in resolved.sides[0].alternatives]
    assert why == "not measured on MATH-500"


def test_two_spellings_are_one_question_set() -> None:
    data = table(row("a-7b", on="MATH500", params_b=7), row("c-34b", on="MATH-500", params_b=34))
    assert answer("7B or 34B", data).question_set == "MATH-500"


def test_no_common_question_set_is_refused_with_the_sets_of_each_side() -> None:
    data = table(row("a-7b", on="GSM8K"), row("c-34b", on="MATH-500"))
    message = refusal("a-7b or c-34b", data)
    assert "a-7b: GSM8K" in message
    assert "c-34b: MATH-500" in message


def test_sides_measured_in_different_buckets_only_are_refused() -> None:
    data = table(row("a-7b", bucket="level 1-3"), row("c-34b", bucket="level 4-5"))
    assert "not in the same buckets" in refusal("a-7b or c-34b", data)


def test_the_question_set_with_the_most_measured_answers_is_taken_and_the_others_told() -> None:
    data = table(
        *(row(m, on=on, questions=q) for m in ("a-7b", "b-34b")
          for on, q in (("AIME 2024", 30), ("GSM8K", 1319))),
    )  # fmt: skip
    resolved = answer("a-7b or b-34b", data)
    assert resolved.question_set == "GSM8K"
    assert resolved.other_question_sets == ("AIME 2024",)
    assert "question_set_choice" in codes(resolved)


def test_a_point_from_two_sources_does_not_count_twice() -> None:
    data = table(
        [row("a-7b", on="AIME 2024", questions=30)] * 50, row("a-7b", on="GSM8K", questions=1319)
    )
    assert answer("a-7b", data).question_set == "GSM8K"


# Plain first, one recipe


def test_rl_tuned_models_are_not_taken_unasked() -> None:
    data = table(
        curve("a-7b-rl", "majority_vote", (1, 2, 4, 8), params_b=7),
        curve("a-7b-sft", "majority_vote", (1, 2), params_b=7),
    )
    cards = book(model("a-7b-rl", 7, "rl"), model("a-7b-sft", 7))
    side = only("7B majority", data, cards)
    assert side.model == "a-7b-sft"
    assert [(a.model, a.why_not) for a in side.alternatives] == [
        ("a-7b-rl", "RL-tuned, taken only when named")
    ]


def test_only_rl_tuned_models_are_refused_with_their_names() -> None:
    cards = book(model("a-7b-rl", 7, "rl"))
    assert "name one: a-7b-rl" in refusal("7B", table(row("a-7b-rl", params_b=7)), cards)


@pytest.mark.parametrize("name", ["a-7b-ppo", "a-7b-step-ppo", "a-7b-grpo", "a-7b-iterative-dpo"])
def test_a_name_tells_rl_tuning_where_there_is_no_card(name: str) -> None:
    data = table(row(name, params_b=7), row("zz-7b-sft", params_b=7))
    assert only("7B", data).model == "zz-7b-sft"


def test_an_rl_tuned_model_is_taken_by_its_name_or_the_words_of_it() -> None:
    data = table(row("a-7b-ppo-easy"), row("a-7b-sft"))
    assert only("a-7b-ppo-easy", data).model == "a-7b-ppo-easy"
    assert only('"a 7b ppo"', data).model == "a-7b-ppo-easy"


def test_plain_models_come_before_reasoning_ones() -> None:
    data = table(
        curve("r-8b", "majority_vote", (1, 2, 4), params_b=8),
        curve("z-8b", "majority_vote", (1, 2), params_b=8),
    )
    cards = book(model("r-8b", 8, "reasoning"), model("z-8b", 8, "instruct"))
    assert only("8B majority", data, cards).model == "z-8b"


def test_models_that_answer_with_tools_come_last() -> None:
    data = table(curve("a-7b-tir", "majority_vote", (1, 2, 4)), row("a-7b-x", "majority_vote", 2))
    assert only('"a 7b" majority', data).model == "a-7b-x"


def test_sides_of_one_recipe_are_preferred_to_more_points() -> None:
    data = table(
        curve("a-7b-levels-1-3", "weighted_vote", (1, 4, 16), params_b=7, **PRM),
        row("a-34b-levels-1-3", params_b=34),
        row("a-34b-all-levels", params_b=34),
        curve("a-34b-all-levels", "majority_vote", (1, 2, 4, 8), params_b=34),
    )
    resolved = answer("7B+PRM or 34B greedy", data)
    assert resolved.sides[1].model == "a-34b-levels-1-3"
    [other] = resolved.sides[1].alternatives
    assert other.why_not == "tuned otherwise than a-7b-levels-1-3"


def test_sides_of_one_family_are_preferred() -> None:
    data = table(
        row("llama-8b", params_b=8),
        row("qwen-70b", params_b=70),
        curve("qwen-70b", "majority_vote", (2, 4), params_b=70),
        row("llama-70b", params_b=70),
    )
    assert [s.model for s in answer("8B or 70B", data).sides] == ["llama-8b", "llama-70b"]


def test_then_the_most_measured_answers_win() -> None:
    data = table(
        row("a-7b-x", params_b=7),
        row("b-7b-y", params_b=7),
        curve("b-7b-y", "majority_vote", (2, 4), params_b=7),
    )
    side = only("7B greedy", data)
    assert side.model == "b-7b-y"
    assert side.alternatives[0].why_not == "fewer measured answers"


def test_the_choice_does_not_hang_on_the_order_of_rows() -> None:
    rows = [row(f"{x}-{b}b-{t}", params_b=b) for x in "ab" for b in (7, 34) for t in ("x", "y")]
    chosen = {
        tuple(s.model for s in answer("7B or 34B", table(order)).sides)
        for order in (rows, rows[::-1], rows[3:] + rows[:3])
    }
    assert len(chosen) == 1


# Methods and verifiers


def test_a_verifier_without_a_method_is_a_weighted_vote() -> None:
    data = table(
        curve("a-7b", "best_of_n", (1, 4, 16, 64), **PRM),
        curve("a-7b", "weighted_vote", (1, 4), **PRM),
    )
    resolved = answer("a-7b+PRM", data)
    assert resolved.sides[0].method == "weighted_vote"
    assert codes(resolved) == ["method_choice", "verifier_choice"]


def test_a_verifier_without_a_weighted_vote_is_best_of_n_and_says_so() -> None:
    resolved = answer("a-7b+PRM", table(curve("a-7b", "best_of_n", (1, 4), **PRM)))
    assert resolved.sides[0].method == "best_of_n"
    assert "no weighted vote is measured" in resolved.notes[0].message


def test_the_kind_of_a_verifier_is_its_cards_not_its_names() -> None:
    data = table(
        row("a-7b", "weighted_vote", 4, verifier="judge"),
        row("a-7b", "weighted_vote", 4, verifier="scorer"),
    )
    cards = book(verifier("judge", "ORM", 7), verifier("scorer", "PRM", 7))
    assert only("a-7b+PRM", data, cards).verifier == "scorer"
    assert only("a-7b+ORM", data, cards).verifier == "judge"


@pytest.mark.parametrize("kind", ["PRM", "ORM", "OPRM"])
def test_the_kind_of_a_verifier_without_a_card_stands_in_its_name(kind: str) -> None:
    data = table(
        *(
            row("a-7b", "weighted_vote", 4, verifier=f"a-7b-{k}-easy")
            for k in ("orm", "prm", "oprm")
        )
    )
    side = only(f"a-7b+{kind}", data)
    assert side.verifier == f"a-7b-{kind.lower()}-easy"
    assert side.label == f"a-7b + {kind}, weighted vote"


def test_a_verifier_of_the_generators_size_comes_first() -> None:
    data = table(
        curve("a-7b", "weighted_vote", (1, 4, 16), verifier="a-70b-prm", verifier_params_b=70,
              params_b=7),
        row("a-7b", "weighted_vote", 4, verifier="a-7b-prm", verifier_params_b=7, params_b=7),
    )  # fmt: skip
    assert only("7B+PRM", data).verifier == "a-7b-prm"
    assert only("7B+70B PRM", data).verifier == "a-70b-prm"


def test_a_verifier_is_found_by_its_name() -> None:
    data = table(
        row("a-7b", "best_of_n", 4, verifier="a-7b-prm"),
        row("a-7b", "best_of_n", 4, verifier="math-shepherd-7b-prm"),
    )
    assert only("a-7b with math-shepherd", data).verifier == "math-shepherd-7b-prm"


def test_best_of_n_without_a_verifier_takes_a_prm_and_says_so() -> None:
    data = table(*(row("a-7b", "best_of_n", 16, verifier=v) for v in ("a-7b-orm", "a-7b-prm")))
    resolved = answer("a-7b best of 16", data)
    assert resolved.sides[0].verifier == "a-7b-prm"
    assert "no verifier named" in resolved.notes[-1].message


def test_no_method_is_greedy_then_one_sample_with_a_note() -> None:
    both = answer("a-7b", table(row("a-7b", "sampled"), row("a-7b")))
    assert (both.sides[0].method, both.sides[0].n_samples) == ("greedy", 1)
    one = answer("a-7b", table(row("a-7b", "sampled")))
    assert one.sides[0].method == "sampled"
    assert "greedy is not measured" in one.notes[0].message


def test_samples_without_a_verifier_are_a_majority_vote() -> None:
    data = table(row("a-7b"), curve("a-7b", "majority_vote", (1, 64)))
    resolved = answer("a-7b@32", data)
    assert (resolved.sides[0].method, resolved.sides[0].n_samples) == ("majority_vote", 32)
    assert "a majority vote" in resolved.notes[0].message


def test_a_curve_that_holds_the_n_asked_is_preferred_to_a_single_point() -> None:
    data = table(
        row("a-8b-x", "majority_vote", 256, params_b=8, questions=5000),
        curve("b-8b-y", "majority_vote", (8, 64), params_b=8),
    )
    side = only("8B majority@32", data)
    assert side.model == "b-8b-y"
    assert side.alternatives[0].why_not == "not measured at that n"


def test_n_stays_open_where_the_question_leaves_it() -> None:
    assert only("a-7b+PRM", table(curve("a-7b", "weighted_vote", (1, 4), **PRM))).n_samples is None


def test_a_cap_on_thinking_is_matched_exactly() -> None:
    data = table(*(row("a-7b", "long_cot", thinking_tokens=t) for t in (1000, 4000)))
    side = only("a-7b long thinking with 4k tokens", data)
    assert [r.thinking_tokens for r in side.rows] == [4000]
    message = refusal("a-7b long thinking with 2k tokens", data)
    assert "thinking tokens 1000, 4000" in message


def test_what_is_measured_is_listed_where_the_method_is_not() -> None:
    data = table(row("a-7b"), curve("a-7b", "best_of_n", (1, 4, 16), **PRM))
    message = refusal("a-7b majority@8", data)
    assert "a-7b: greedy, n = 1" in message
    assert "a-7b: best of n by a-7b-prm, n = 1, 4, 16" in message


# A larger question set standing for a smaller one


def test_greedy_on_the_larger_set_may_stand_for_its_subset_with_a_note() -> None:
    assert question_sets()["MATH-500"].subset_of == "MATH"
    data = table(
        row("a-7b", on="MATH", questions=5000), curve("b-34b", "weighted_vote", (1, 4), **PRM)
    )
    resolved = answer("a-7b greedy or b-34b+PRM", data)
    assert resolved.question_set == "MATH-500"
    bridge = resolved.sides[0].bridge
    assert bridge is not None
    assert (bridge.row.question_set, bridge.question_set, bridge.bucket) == (
        "MATH", "MATH-500", "all",
    )  # fmt: skip
    assert resolved.sides[1].bridge is None
    assert "question_set_bridge" in codes(resolved)


def test_rows_of_the_very_set_go_before_a_bridge() -> None:
    data = table(
        row("a-7b", on="MATH", questions=5000),
        row("a-7b"),
        curve("b-34b", "weighted_vote", (1, 4), **PRM),
    )
    assert answer("a-7b greedy or b-34b+PRM", data).sides[0].bridge is None


def test_votes_on_the_larger_set_do_not_stand_for_its_subset() -> None:
    data = table(
        curve("a-7b", "majority_vote", (1, 4), on="MATH"),
        curve("b-34b", "weighted_vote", (1, 4), **PRM),
    )
    assert "not measured on the same questions" in refusal("a-7b majority or b-34b+PRM", data)


# What comes back


def test_labels_are_short_and_never_alike() -> None:
    cards = book(model("a-7b", 7, title="Alpha 7B, fine-tuned on much (2026)"))
    data = table(
        row("a-7b"),
        curve("a-7b", "majority_vote", (1, 8, 40)),
        *(curve("a-7b", "weighted_vote", (1, 8), verifier=v) for v in ("a-7b-prm", "b-7b-prm")),
    )
    resolved = answer(
        "a-7b or a-7b majority@8 or a-7b majority@40 or a-7b with a-7b-prm or a-7b with b-7b-prm",
        data,
        cards,
    )
    assert [side.label for side in resolved.sides] == [
        "Alpha 7B, greedy",
        "Alpha 7B, majority vote@8",
        "Alpha 7B, majority vote@40",
        "Alpha 7B + PRM, weighted vote by a-7b-prm",
        "Alpha 7B + PRM, weighted vote by b-7b-prm",
    ]


def test_buckets_are_those_of_the_sides_with_the_whole_first() -> None:
    data = table(*(row("a-7b", bucket=b) for b in ("level 4-5", "level 1-3", "all")), row("b-34b"))
    assert answer("a-7b or b-34b", data).buckets == ("all", "level 1-3", "level 4-5")


def test_a_model_taken_twice_is_told_once() -> None:
    data = table(row("a-7b-x", params_b=7), curve("a-7b-x", "majority_vote", (1, 4), params_b=7))
    assert codes(answer("7B greedy or 7B majority", data)).count("model_choice") == 1


# Published measurements


def published(name: str) -> Observations:
    from planner.ingest.fixtures import fixture_path
    from planner.ingest.observations_csv import read_observations

    return read_observations(fixture_path(name), f"{name}.csv")


@pytest.fixture(scope="module")
def cards() -> CardBook:
    from planner.ingest.cards import load_cards

    return load_cards(None)


def test_the_flagship_question_takes_one_recipe_and_no_rl_tuned_model(cards: CardBook) -> None:
    resolved = answer(
        "7B+PRM or 34B greedy at 1M queries/day", published("sun2024_easy_to_hard"), cards
    )
    assert resolved.question_set == "MATH-500"
    assert resolved.buckets == ("all", "level 1-3", "level 4-5")
    small, large = resolved.sides
    assert (small.model, small.method, small.verifier, small.label) == (
        "llemma-7b-sft-levels-1-3",
        "weighted_vote",
        "llemma-7b-prm-levels-1-3",
        "Llemma 7B + PRM, weighted vote",
    )
    assert (large.model, large.label) == ("llemma-34b-sft-levels-1-3", "Llemma 34B, greedy")
    assert len(small.rows) == 33
    skipped = {a.model for a in small.alternatives if a.why_not.startswith("RL-tuned")}
    assert skipped == {
        "llemma-7b-rest-em", "llemma-7b-iterative-dpo", "llemma-7b-ppo-easy-data",
        "llemma-7b-ppo-all-data",
    }  # fmt: skip


def test_math_shepherd_answers_the_same_question_on_both_of_its_sets(cards: CardBook) -> None:
    resolved = answer("7B+PRM or 34B greedy", published("math_shepherd_2023"), cards)
    assert {resolved.question_set, *resolved.other_question_sets} == {"GSM8K", "MATH-500"}
    assert [s.model for s in resolved.sides] == ["mistral-7b-metamath", "llemma-34b-metamath"]


def test_gpt_oss_at_no_stated_effort_is_taken_at_the_same_effort(cards: CardBook) -> None:
    resolved = answer("gpt-oss-20b vs gpt-oss-120b", published("openai2025_gpt_oss"), cards)
    assert [s.model for s in resolved.sides] == ["gpt-oss-20b-medium", "gpt-oss-120b-medium"]
    assert {s.method for s in resolved.sides} == {"long_cot"}
