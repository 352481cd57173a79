from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.domain.method import METHODS
from planner.domain.nearest import did_you_mean, nearest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("majority voting", "majority_vote"),
        ("Majority-Vote", "majority_vote"),
        ("majority", "majority_vote"),
        ("best-of-n", "best_of_n"),
        ("bestofn", "best_of_n"),
        ("greedi", "greedy"),
        ("weighted voting", "weighted_vote"),
        ("beamsearch", "beam_search"),
        ("oracle", "oracle_best_of_n"),
        ("long", "long_cot"),
    ],
)
def test_the_method_that_was_meant_is_not_suggested(typed: str, meant: str) -> None:
    assert nearest(typed, METHODS) == meant


@pytest.mark.parametrize("typed", ["", "   ", "zzzz", "12345", "??"])
def test_a_name_like_none_gets_a_puzzling_suggestion(typed: str) -> None:
    assert nearest(typed, METHODS) is None
    assert did_you_mean(typed, METHODS) is None


def test_the_suggestion_hangs_on_the_order_of_the_candidates() -> None:
    assert nearest("ab", ["abx", "aby"]) == nearest("ab", ["aby", "abx"]) == "abx"


def test_no_candidates_is_an_error() -> None:
    assert nearest("greedy", []) is None
    assert nearest("greedy", ["", "__"]) is None


def test_the_sentence_names_the_wrong_candidate() -> None:
    assert did_you_mean("gredy", METHODS) == "did you mean greedy?"


@given(st.text(max_size=40))
def test_some_text_crashes_the_suggestion(text: str) -> None:
    found = nearest(text, METHODS)
    assert found is None or found in METHODS


@given(st.sampled_from(sorted(METHODS)))
def test_a_known_name_is_not_nearest_to_itself(name: str) -> None:
    assert nearest(name, METHODS) == name
