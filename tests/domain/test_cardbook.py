"""A card is found by what people call it, and its shape is that of its base."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from planner.domain.card import ModelCard, VerifierCard
from planner.domain.cardbook import BUNDLED, CardBook, alias_key
from planner.errors import InputError

READ = dt.date(2026, 11, 24)


def source(*covers: str, title: str = "a paper") -> dict[str, Any]:
    return {"covers": covers, "title": title, "read": READ}


def llm(name: str, *, title: str = "a paper", tuning: str = "base", **fields: Any) -> ModelCard:
    numbers = [k for k, v in fields.items() if isinstance(v, (int, float)) and v is not True]
    return ModelCard.model_validate(
        {
            "schema": "planner.llm/1",
            "name": name,
            "title": name,
            "family": "test",
            "tuning": tuning,
            **fields,
            "sources": [source(*numbers, title=title)] if numbers else [],
        }
    )


def prm(name: str, architecture: str, **fields: Any) -> VerifierCard:
    return VerifierCard.model_validate(
        {
            "schema": "planner.verifier/1",
            "name": name,
            "title": name,
            "kind": "PRM",
            "architecture": architecture,
            **fields,
            "sources": [source(*fields, title="of the verifier")] if fields else [],
        }
    )


def book(*cards: ModelCard, verifiers: tuple[VerifierCard, ...] = ()) -> CardBook:
    return CardBook(
        llms={card.name: card for card in cards}, verifiers={v.name: v for v in verifiers}
    )


BASE = llm(
    "base-7b",
    title="its config",
    nominal_params_b=7,
    params_b=6.7,
    layers=32,
    width=4096,
    heads=32,
    tied_embeddings=False,
    context_tokens=4096,
    train_tokens=2e12,
    aliases=("Base 7B", "maker/Base_7B-hf", "Zebra"),
)


@pytest.mark.parametrize(
    "asked",
    ["base-7b", "BASE-7B", "Base 7B", "base 7b", "base_7b", "maker/base-7b-HF", "  base-7b "],
)
def test_case_and_separators_do_not_hide_a_model(asked: str) -> None:
    assert book(BASE).model(asked) is BASE


def test_different_names_keep_different_keys() -> None:
    assert alias_key("Llama 3.1 8B") != alias_key("Llama 31 8B")
    assert alias_key("qwen2.5-7b") != alias_key("qwen2-57b")


@pytest.mark.parametrize(
    ("asked", "suggested"),
    [("bse-7b", "base-7b"), ("maker/Base_7B-h", "base-7b"), ("zebr", "Zebra")],
)
def test_a_misspelt_model_suggests_the_nearest_name_or_alias(asked: str, suggested: str) -> None:
    with pytest.raises(InputError) as caught:
        book(BASE).model(asked)
    (problem,) = caught.value.problems
    assert problem.value == asked
    assert suggested in (problem.remedy or "")


def test_a_model_like_no_other_is_told_where_the_list_is() -> None:
    with pytest.raises(InputError, match="planner cards llms"):
        book(BASE).model("zzzzzz")


def test_a_verifier_and_an_accelerator_are_told_apart_from_models() -> None:
    with pytest.raises(InputError, match="no verifier has this name"):
        book(BASE).verifier("base-7b")
    with pytest.raises(InputError, match="planner cards accelerators"):
        book(BASE).accelerator("zzzzzz")


def test_a_chain_of_fine_tunes_takes_each_field_from_the_nearest_card() -> None:
    middle = llm("middle-7b", architecture="base-7b", context_tokens=16384, title="of the middle")
    tuned = llm("tuned-7b", architecture="middle-7b", tuning="sft", nominal_params_b=7)
    shape = book(BASE, middle, tuned).shape_of(tuned)
    assert (shape.layers, shape.width, shape.heads) == (32, 4096, 32)
    assert shape.params_b == 6.7
    assert shape.tied_embeddings is False
    assert shape.context_tokens == 16384
    assert (shape.name, shape.tuning, shape.nominal_params_b) == ("tuned-7b", "sft", 7)


def test_the_source_of_an_inherited_number_is_still_known() -> None:
    middle = llm("middle-7b", architecture="base-7b", context_tokens=16384, title="of the middle")
    tuned = llm("tuned-7b", architecture="middle-7b", tuning="sft")
    shape = book(BASE, middle, tuned).shape_of(tuned)
    assert (found := shape.source_of("layers")) is not None
    assert found.title == "its config"
    assert (found := shape.source_of("context_tokens")) is not None
    assert found.title == "of the middle"


def test_a_verifier_has_the_shape_of_its_architecture_and_its_own_name() -> None:
    judge = prm("judge-7b", "tuned-7b", nominal_params_b=7.0)
    tuned = llm("tuned-7b", architecture="base-7b", tuning="sft")
    shape = book(BASE, tuned, verifiers=(judge,)).shape_of(judge)
    assert (shape.name, shape.layers, shape.params_b) == ("judge-7b", 32, 6.7)
    assert (found := shape.source_of("nominal_params_b")) is not None
    assert found.title == "of the verifier"


def test_what_nobody_published_stays_open() -> None:
    closed = llm("closed", tuning="instruct")
    assert book(closed).shape_of(closed).layers is None


def test_a_fine_tune_counts_the_tokens_of_the_card_it_came_from() -> None:
    tuned = llm("tuned-7b", architecture="base-7b", tuning="sft")
    shelf = book(BASE, tuned)
    assert shelf.train_tokens_of(tuned) == (2e12, BASE)
    assert shelf.train_tokens_of(BASE) == (2e12, BASE)
    alone = llm("alone")
    assert book(alone).train_tokens_of(alone) is None


def test_an_architecture_without_a_card_is_named_with_the_nearest() -> None:
    lost = llm("lost", architecture="base-7")
    with pytest.raises(InputError, match="did you mean base-7b"):
        book(BASE, lost).shape_of(lost)


def test_a_circle_of_architectures_ends_in_a_sentence() -> None:
    one, two = llm("one", architecture="two"), llm("two", architecture="one")
    with pytest.raises(InputError, match="one -> two -> one"):
        book(one, two).shape_of(one)


def test_a_card_of_unknown_origin_counts_as_bundled() -> None:
    shelf = CardBook(llms={"base-7b": BASE}, origins={("llms", "base-7b"): "mine/base-7b.toml"})
    assert shelf.origin(BASE) == "mine/base-7b.toml"
    assert book(BASE).origin(BASE) == BUNDLED
    assert book(BASE).origin(llm("stranger")) == BUNDLED
