"""Which rows a regression over sizes takes together, and where sizes come from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from planner.curves.size_groups import size_groups
from planner.curves.sizes_json import SizeTerms, tell_sizes
from planner.domain.cardbook import CardBook
from planner.domain.measured import Replicated, row_key
from planner.domain.observation import Observation, Observations
from planner.errors import InputError
from planner.ingest.cards import load_cards


def row(model: str, params_b: float | None = None, **more: object) -> Observation:
    usual: dict[str, object] = {
        "model": model, "params_b": params_b, "method": "majority_vote", "question_set": "Q",
        "bucket": "all", "n_samples": 1, "accuracy": 0.3, "n_questions": 500,
    }  # fmt: skip
    return Observation.model_validate(usual | more)


def families(rows: Sequence[Observation], cards: CardBook | None = None) -> list[list[str]]:
    return [list(group.models) for group in size_groups(rows, cards or CardBook())]


def table(rows: Sequence[Observation], replicates: tuple[Replicated, ...] = ()) -> Observations:
    return Observations(tuple(rows), ("obs.csv:2",) * len(rows), {}, (), replicates)


def several(*sizes: float, family: str = "m-{}b", n: Sequence[int] = (1, 4)) -> list[Observation]:
    return [
        row(family.format(f"{size:g}"), size, n_samples=k,
            accuracy=0.2 + 0.1 * np.log2(size) / 2 + 0.03 * np.log2(k))
        for size in sizes
        for k in n
    ]  # fmt: skip


def test_names_that_differ_in_their_size_alone_are_one_family() -> None:
    assert families([row("m-7b", 7), row("m-34b", 34), row("M_1.5B", 1.5)]) == [
        ["M_1.5B", "m-7b", "m-34b"]
    ]


def test_tuning_tools_and_training_data_in_a_name_set_models_apart() -> None:
    mixed = [row("m-7b", 7), row("m-34b-instruct", 34), row("m-70b-tir", 70), row("q-13b", 13)]
    assert len(families(mixed)) == 4
    tokens = [row("Pythia_1.4B_200B", 1.4), row("Pythia_2.8B_200B", 2.8), row("Pythia_1B_20B", 1)]
    assert families(tokens) == [
        ["Pythia_1.4B_200B", "Pythia_2.8B_200B"],
        ["Pythia_1B_20B"],
    ]


def test_a_mixture_of_experts_is_not_on_the_line_of_dense_models() -> None:
    assert len(families([row("m-7b", 7), row("m-30b", 30, active_params_b=3)])) == 2


def test_models_that_no_name_or_card_places_are_taken_for_one_family_and_it_is_told() -> None:
    (group,) = size_groups([row("small", 1), row("large", 9)], CardBook())
    assert group.told_by == "nothing"
    assert group.family is None


def test_methods_verifiers_sets_wholes_and_temperatures_are_fitted_apart() -> None:
    rows = [
        row("m-7b", 7),
        row("m-7b", 7, method="best_of_n", verifier="a"),
        row("m-7b", 7, method="best_of_n", verifier="b"),
        row("m-7b", 7, question_set="R"),
        row("m-7b", 7, bucket="easy"),
        row("m-7b", 7, bucket="hard"),
        row("m-7b", 7, temperature=0.5),
    ]
    assert [len(group.rows) for group in size_groups(rows, CardBook())] == [1, 1, 1, 1, 2, 1]


def test_a_size_comes_from_the_row_before_the_card_and_from_the_card_where_the_row_has_none() -> (
    None
):
    cards = load_cards()
    (group,) = size_groups([row("pythia-1b"), row("pythia-12b", 11.8)], cards)
    assert group.models == {"pythia-1b": 1.0, "pythia-12b": 11.8}
    (unknown,) = size_groups([row("m-7b")], cards)
    assert unknown.models == {"m-7b": None}


def test_two_models_of_one_size_are_refused_by_name() -> None:
    rows = [*several(1, 7, 34, family="model {:>3}"), row("twin", 7)]
    with pytest.raises(InputError, match="which of them the new size is like") as refused:
        tell_sizes(table(rows), [1], SizeTerms((13.0,), CardBook()))
    assert "model   7 and twin" in str(refused.value)


def test_reasons_are_told_once_with_how_many_groups_they_hold_for() -> None:
    rows = [*several(1, 7), *several(1, 7, family="q-{}b"), row("x-3b", 3), row("closed")]
    with pytest.raises(InputError) as refused:
        tell_sizes(table(rows), [1], SizeTerms((13.0,), CardBook()))
    said = str(refused.value)
    assert "no accuracy of 13B can be told" in said
    assert "m, majority_vote on Q (and 1 more group of rows): only 2 sizes were measured" in said
    assert "only 1 size was measured" in said
    assert "closed does not say how many parameters it has" in said


def test_one_family_that_tells_suffices_and_the_others_are_named_with_their_reason() -> None:
    rows = [*several(1, 7, 34), *several(1, 7, family="q-{}b")]
    told = tell_sizes(table(rows), [1, 4], SizeTerms((13.0,), CardBook()))
    (sizes,) = told.sizes
    assert sizes["family"] == "m"
    assert [p["n_samples"] for p in sizes["predictions"]] == [1, 4]
    assert told.refused == (
        {"where": "q, majority_vote on Q", "why": "only 2 sizes were measured (1B, 7B)"},
    )


def test_a_size_that_was_measured_is_marked() -> None:
    told = tell_sizes(table(several(1, 7, 34)), [1], SizeTerms((7.0, 13.0), CardBook()))
    assert [p["measured"] for p in told.sizes[0]["predictions"]] == [True, False]


def test_an_n_beyond_those_measured_is_marked_as_extrapolated() -> None:
    told = tell_sizes(table(several(1, 7, 34)), [4, 16], SizeTerms((13.0,), CardBook()))
    inside, beyond = told.sizes[0]["predictions"]
    assert not inside["extrapolated"]
    assert beyond["extrapolated"]
    assert beyond["n_extrapolation_factor"] == 4


def test_errors_are_clustered_where_one_table_of_resamples_holds_all_rows() -> None:
    rows = several(1, 7, 34)
    rng = np.random.default_rng(0)
    together = rng.normal(0, 0.02, (500, 1)) + rng.normal(0, 0.002, (500, len(rows)))
    accuracy = np.array([r.accuracy for r in rows]) + together
    whole = Replicated("Q", {row_key(r): i for i, r in enumerate(rows)}, accuracy)
    half = Replicated("Q", {row_key(r): i for i, r in enumerate(rows[:3])}, accuracy[:, :3])
    terms = SizeTerms((13.0,), CardBook())
    (clustered,) = tell_sizes(table(rows, (whole,)), [1], terms).sizes
    (apart,) = tell_sizes(table(rows, (half,)), [1], terms).sizes
    assert clustered["clustered"]
    assert "clustered by question" in clustered["clustered_reason"]
    assert not apart["clustered"]
    assert "not clustered by question" in apart["clustered_reason"]
    # Questions that are hard for one size are hard for all: the slope hardly errs, the level does.
    error = {c["name"]: c["standard_error"] for c in clustered["coefficients"]}
    plain = {c["name"]: c["standard_error"] for c in apart["coefficients"]}
    assert error["ln params"] < 0.5 * plain["ln params"]
    assert error["all"] > 0.5 * plain["all"]
