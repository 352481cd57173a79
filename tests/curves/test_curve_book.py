"""From rows to a book of curves: what is grouped, borrowed, left out and found again."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from curve_lookup import curve_where

from planner.curves import (
    Bridge,
    Curve,
    CurveBook,
    CurveKey,
    Status,
    anchor_with_greedy,
    fit_curves,
)
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations

DRAWS = Draws(200)


def row(method: str, n: int, accuracy: float, **changes: object) -> Observation:
    usual = {"model": "m", "question_set": "Q", "bucket": ALL, "n_questions": 500}
    given = {"method": method, "n_samples": n, "accuracy": accuracy}
    return Observation.model_validate(usual | given | changes)


def table(*rows: Observation) -> Observations:
    return Observations(rows, tuple(f"obs.csv:{i + 2}" for i in range(len(rows))), {})


def vote(model: str = "m", **changes: object) -> list[Observation]:
    accuracies = {2: 0.2, 4: 0.25, 8: 0.29, 16: 0.31}
    return [row("majority_vote", n, a, model=model, **changes) for n, a in accuracies.items()]


def test_axes_other_than_n_make_curves_of_their_own() -> None:
    rows = [
        *vote(),
        *vote(temperature=0.7),
        *vote(bucket="hard"),
        row("beam_search", 4, 0.3, depth=10, width=4, verifier="prm"),
        row("beam_search", 4, 0.3, depth=20, width=4, verifier="prm"),
        row("long_cot", 1, 0.5, thinking_tokens=1000),
        row("long_cot", 1, 0.6, thinking_tokens=2000),
    ]
    book = fit_curves(table(*rows), DRAWS)
    assert len(book) == 7
    assert [len(curve.n_measured) for curve in book.values()] == [4, 4, 4, 1, 1, 1, 1]
    assert (
        curve_where(book, model="m", method="long_cot", thinking_tokens=2000).measured[0, 0] == 0.6
    )


def test_rows_may_stand_in_any_order() -> None:
    forth = fit_curves(table(*vote()), DRAWS)
    back = fit_curves(table(*reversed(vote())), DRAWS)
    (key,) = forth
    assert np.array_equal(forth[key].accuracy([3, 50]), back[key].accuracy([3, 50]))


def test_a_second_row_at_a_point_is_left_out_with_its_place() -> None:
    book = fit_curves(table(*vote(), row("majority_vote", 4, 0.9)), DRAWS)
    (left_out,) = book.left_out
    assert left_out.place == "obs.csv:6"
    assert "obs.csv:3" in left_out.why
    assert curve_where(book, model="m", method="majority_vote").accuracy(4)[0, 0] == 0.25


def test_a_curve_does_not_depend_on_which_others_are_fitted() -> None:
    rows = table(
        *vote("a"),
        *vote("b"),
        *(r.model_copy(update={"n_samples": 3 * r.n_samples}) for r in vote("c")),
        row("oracle_best_of_n", 1, 0.2),
        row("oracle_best_of_n", 4, 0.4),
        *vote("a", bucket="easy", n_questions=200),
        *vote("a", bucket="hard", n_questions=300),
    )
    whole = fit_curves(rows, DRAWS)
    for key, curve in whole.items():
        (alone,) = fit_curves(rows, DRAWS, only=lambda k, key=key: k == key).values()
        assert np.allclose(alone.accuracy([1, 5, 100]), curve.accuracy([1, 5, 100]), atol=1e-9)


def test_a_curve_that_is_asked_at_its_points_alone_is_not_fitted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class FittedError(Exception):
        pass

    def fitted(*_: object) -> None:
        raise FittedError

    monkeypatch.setattr("planner.curves.observed.shapes_of_longer", fitted)
    (curve,) = fit_curves(table(*vote()), DRAWS).values()
    assert np.array_equal(curve.accuracy([2, 4, 16]), curve.measured[:, [0, 1, 3]])
    assert curve.central().accuracy([8])[0, 0] == 0.29
    with pytest.raises(FittedError):
        curve.accuracy([32])


def test_a_few_curves_are_fitted_as_all_of_them_would_be() -> None:
    rows = table(*vote("a"), *vote("a", bucket="hard"), *vote("b"), *vote("c", temperature=0.5))
    at = [1, 5, 100]
    for key, curve in fit_curves(rows, DRAWS, few=True).items():
        together = fit_curves(rows, DRAWS)[key]
        assert np.allclose(curve.accuracy(at), together.accuracy(at), atol=1e-9)


def test_the_same_seed_gives_the_same_bytes() -> None:
    def draws(seed: int) -> bytes:
        book = fit_curves(table(*vote()), Draws(50, seed))
        return b"".join(curve.accuracy([1, 3, 64]).tobytes() for curve in book.values())

    assert draws(1) == draws(1)
    assert draws(1) != draws(2)


def test_verifiers_make_curves_of_their_own() -> None:
    rows = [row("weighted_vote", 4, 0.3, verifier=v) for v in ("orm", "prm")]
    book = fit_curves(table(*rows), DRAWS)
    assert len(book) == 2
    assert curve_where(book, verifier="orm").status is Status.ONE_POINT


def test_nothing_to_fit_is_an_empty_book() -> None:
    assert len(fit_curves(table(), DRAWS)) == 0
    assert len(fit_curves(table(*vote()), DRAWS, only=lambda _: False)) == 0
    assert CurveBook(()).notes == ()


def anchored(*singles: Observation, bridges: tuple[Bridge, ...] = ()) -> Curve:
    rows = table(*vote(), *singles)
    book = fit_curves(rows, DRAWS, anchors=anchor_with_greedy(rows.rows, bridges))
    return curve_where(book, model="m", method="majority_vote")


def test_one_sample_stands_at_n_of_1_as_it_is() -> None:
    curve = anchored(row("sampled", 1, 0.15), row("greedy", 1, 0.19))
    assert curve.n_measured[0] == 1
    assert curve.accuracy(1)[0, 0] == 0.15
    assert curve.basis(1) == ["measured"]
    assert not curve.notes


def test_greedy_stands_there_only_lowered_and_noted() -> None:
    single = row("greedy", 1, 0.19)
    curve = anchored(single)
    assert curve.accuracy(1)[0, 0] == pytest.approx(0.175)
    greedy = next(iter(fit_curves(table(single), DRAWS).values())).accuracy(1)[1:, 0]
    offset = greedy - curve.accuracy(1)[1:, 0]
    assert (offset.min(), offset.max()) == pytest.approx((0.0, 0.03), abs=3e-4)
    assert curve.basis([1, 2]) == ["interpolated", "measured"]
    assert [note.code for note in curve.notes] == ["greedy_anchor"]


def test_a_measured_first_point_is_never_replaced() -> None:
    rows = table(row("majority_vote", 1, 0.16), *vote(), row("sampled", 1, 0.11))
    anchors = anchor_with_greedy(rows.rows)
    assert not anchors
    book = fit_curves(rows, DRAWS, anchors=anchors)
    assert curve_where(book, method="majority_vote").accuracy(1)[0, 0] == 0.16


def test_other_decoding_or_questions_do_not_anchor() -> None:
    assert anchored(row("sampled", 1, 0.1, question_set="other")).n_measured[0] == 2
    assert anchored(row("sampled", 1, 0.1, model="other")).n_measured[0] == 2
    hot = table(*vote(temperature=0.7), row("sampled", 1, 0.1, temperature=1.0))
    assert not anchor_with_greedy(hot.rows)
    search = table(row("beam_search", 4, 0.3, verifier="prm"), row("greedy", 1, 0.2))
    assert not anchor_with_greedy(search.rows)


def test_a_bridge_is_the_last_resort() -> None:
    other = row("sampled", 1, 0.1, question_set="superset", n_questions=5000)
    bridges = (Bridge(other, "Q"),)
    assert anchored(row("greedy", 1, 0.19), bridges=bridges).accuracy(1)[0, 0] == pytest.approx(
        0.175
    )
    bridged = anchored(other, bridges=bridges)
    assert bridged.accuracy(1)[0, 0] == 0.1
    assert bridged.basis(1) == ["interpolated"]
    assert [note.code for note in bridged.notes] == ["question_set_bridge"]


def test_key_of_a_row_keeps_all_axes() -> None:
    full = row(
        "beam_search", 4, 0.3, verifier="prm", temperature=0.8, depth=9, width=4, thinking_tokens=5
    )
    key = CurveKey.of(full)
    assert key == CurveKey("m", "beam_search", "prm", "Q", ALL, 0.8, 9, 4, 5)
    assert "temperature 0.8, depth 9, width 4, thinking tokens 5" in str(key)


def test_importing_curves_loads_no_slow_numerics() -> None:
    slow = "'scipy.optimize', 'scipy.stats', 'statsmodels', 'pandas'"
    code = f"import sys, planner.curves; print([m for m in ({slow}) if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
