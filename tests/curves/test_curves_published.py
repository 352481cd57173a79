"""Features of published curves that were worked by hand, and must come out."""

from __future__ import annotations

import csv
from collections.abc import Callable

import numpy as np
import pytest
from curve_lookup import curve_where, curves_where

from planner._resources import bundled
from planner.curves import (
    Bridge,
    Curve,
    CurveBook,
    CurveKey,
    anchor_with_greedy,
    fit_curves,
)
from planner.curves.families.base import Array
from planner.domain.draws import Draws, interval90
from planner.domain.observation import Observation, Observations
from planner.economics.parity import accuracy_parity, n_grid

SMALL, LARGE = "llemma-7b-sft-levels-1-3", "llemma-34b-sft-levels-1-3"


def first_n_reaching(curve: Curve, target: np.ndarray, n_max: float) -> np.ndarray:
    """Smallest n at which each draw of a curve reaches its target."""
    grid = n_grid(n_max, tuple(int(n) for n in curve.n_measured))
    return accuracy_parity(curve.accuracy(grid), target, grid).n


def published(name: str, wanted: Callable[[Observation], bool]) -> Observations:
    with (bundled("fixtures") / f"{name}.csv").open(encoding="utf-8") as file:
        records = [{k: v for k, v in record.items() if v} for record in csv.DictReader(file)]
    rows = tuple(row for row in map(Observation.model_validate, records) if wanted(row))
    return Observations(rows, tuple(f"{name}.csv:{i + 2}" for i in range(len(rows))), {})


@pytest.fixture(scope="module")
def sun() -> Observations:
    """Sun et al. 2024, arXiv:2403.09472: the two models fine-tuned on levels 1-3."""
    return published("sun2024_easy_to_hard", lambda row: row.model in (SMALL, LARGE))


@pytest.fixture(scope="module")
def book(sun: Observations) -> CurveBook:
    return fit_curves(sun, Draws(1000))


def greedy_34b(book: CurveBook) -> Array:
    curve = curve_where(book, model=LARGE, method="greedy", question_set="MATH-500", bucket="all")
    target: Array = curve.accuracy(1)[:, 0]
    return target


def test_there_are_42_curves_of_11_points(book: CurveBook) -> None:
    long = [curve for curve in book.values() if len(curve.n_measured) > 1]
    assert len(long) == 42
    assert {tuple(curve.n_measured) for curve in long} == {tuple(2.0 ** np.arange(11))}


@pytest.mark.parametrize(("verifier", "by_hand"), [("prm", 3.89), ("orm", 2.99), ("oprm", 3.37)])
def test_accuracy_parity_with_34b_greedy(book: CurveBook, verifier: str, by_hand: float) -> None:
    curve = curve_where(
        book,
        model=SMALL,
        method="weighted_vote",
        verifier=f"llemma-7b-{verifier}-levels-1-3",
        bucket="all",
    )
    n = first_n_reaching(curve, greedy_34b(book), 1024)
    assert n[0] == pytest.approx(by_hand, abs=0.01)
    assert np.median(n[1:]) == pytest.approx(by_hand, rel=0.05)


def test_accuracy_parity_of_the_prm_is_known_to_within_2_to_8(book: CurveBook) -> None:
    curve = curve_where(
        book,
        model=SMALL,
        method="weighted_vote",
        verifier="llemma-7b-prm-levels-1-3",
        bucket="all",
    )
    low, high = interval90(first_n_reaching(curve, greedy_34b(book), 1024))
    assert low == pytest.approx(2.0, abs=0.3)
    assert high == pytest.approx(8.0, abs=1.0)


def test_the_whole_set_is_the_mean_of_its_levels_in_every_draw(book: CurveBook) -> None:
    at = [1, 3, 16, 200]
    for curve in curves_where(book, bucket="all", method="weighted_vote"):
        key = curve.key
        easy, hard = (
            curve_where(book, model=key.model, method=key.method, verifier=key.verifier, bucket=b)
            for b in ("level 1-3", "level 4-5")
        )
        mixed = (238 * easy.accuracy(at) + 262 * hard.accuracy(at)) / 500
        apart = curve.accuracy(at) - mixed
        assert np.abs(apart[0]).max() < 0.003
        # Levels differ in accuracy, so that whole and parts cannot agree to the last point.
        assert apart.std() < 0.004


def test_verifier_picked_accuracy_peaks_where_it_was_seen_to(book: CurveBook) -> None:
    curve = curve_where(
        book, model=SMALL, method="best_of_n", verifier="llemma-7b-prm-levels-1-3", bucket="all"
    )
    central = curve.accuracy(2.0 ** np.arange(11))[0]
    assert central.argmax() == 8
    assert central[8] == pytest.approx(0.3209)


def test_sampled_n_of_1_and_greedy_are_different_curves(book: CurveBook) -> None:
    greedy = curve_where(book, model=SMALL, method="greedy", bucket="all").accuracy(1)[0, 0]
    vote = curve_where(book, model=SMALL, method="majority_vote", bucket="all").accuracy(1)[0, 0]
    assert (greedy, vote) == pytest.approx((0.198, 0.1687))


def test_a_point_left_out_of_a_long_curve_comes_back(sun: Observations) -> None:
    """Without n = 128 the neighbours are 4 apart, and the family fills in the bend."""
    kept = [i for i, row in enumerate(sun.rows) if row.n_samples != 128]
    thinned = Observations(tuple(sun.rows[i] for i in kept), tuple(sun.places[i] for i in kept), {})
    refitted = fit_curves(thinned, Draws(50), only=lambda key: key.method != "greedy")
    errors, straight = [], []
    seen = {(CurveKey.of(row), row.n_samples): row.accuracy for row in sun.rows}
    for key, curve in refitted.items():
        truth = seen[key, 128]
        errors.append(curve.accuracy(128)[0, 0] - truth)
        straight.append((seen[key, 64] + seen[key, 256]) / 2 - truth)
    assert np.abs(errors).mean() < np.abs(straight).mean()
    assert np.abs(errors).max() < 0.01


SHEPHERD = ("mistral-7b-metamath", "llemma-34b-metamath")


@pytest.fixture(scope="module")
def shepherd() -> Observations:
    """Math-Shepherd, arXiv:2312.08935: greedy and n = 256 only, MATH against MATH-500."""
    return published("math_shepherd_2023", lambda row: row.model in SHEPHERD)


def test_two_points_leave_parity_anywhere_from_3_to_150(shepherd: Observations) -> None:
    on_math = next(r for r in shepherd.rows if (r.model, r.question_set) == (SHEPHERD[0], "MATH"))
    anchors = anchor_with_greedy(shepherd.rows, [Bridge(on_math, "MATH-500")])
    book = fit_curves(shepherd, Draws(1000), anchors=anchors)
    curve = curve_where(
        book,
        model=SHEPHERD[0],
        method="weighted_vote",
        verifier="math-shepherd-7b-prm",
        question_set="MATH-500",
    )
    rival = curve_where(book, model=SHEPHERD[1], method="greedy", question_set="MATH-500")
    low, high = interval90(np.minimum(first_n_reaching(curve, rival.accuracy(1)[:, 0], 1024), 1e6))
    assert low < 3.0
    assert high > 150.0
    assert curve.status.name == "TWO_POINTS"
    assert curve.basis([1, 16, 256]) == ["interpolated", "interpolated", "measured"]
    assert [note.code for note in curve.notes] == ["greedy_anchor", "question_set_bridge"]


def test_the_bend_alone_leaves_two_points_wide(shepherd: Observations) -> None:
    anchors = anchor_with_greedy(shepherd.rows)
    book = fit_curves(shepherd, Draws(1000), anchors=anchors)
    curve = curve_where(
        book,
        model=SHEPHERD[0],
        method="weighted_vote",
        verifier="math-shepherd-7b-prm",
        question_set="GSM8K",
    )
    start, end = curve.measured[:, 0], curve.measured[:, 1]
    risen = end > start
    halfway = first_n_reaching(curve, (start + end) / 2, 256)[1:][risen[1:]]
    low, middle, high = np.quantile(halfway, [0.05, 0.5, 0.95])
    assert low < 1.6
    assert 3.0 < middle < 6.0
    assert high > 12.0


def test_without_permission_no_question_set_stands_for_another(shepherd: Observations) -> None:
    anchors = anchor_with_greedy(shepherd.rows)
    assert not any(key.question_set == "MATH-500" for key in anchors if key.model == SHEPHERD[0])
