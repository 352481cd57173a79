"""What a curve says at, between and beyond its measured points."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.curves import Curve, CurveKey, Status, fit_curves
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations
from planner.economics.parity import accuracy_parity, n_grid
from planner.errors import PlannerError
from planner.measure.replicates import Correlation


def first_n_reaching(curve: Curve, target: np.ndarray, n_max: float) -> np.ndarray:
    """Smallest n at which each draw of a curve reaches its target."""
    grid = n_grid(n_max, tuple(int(n) for n in curve.n_measured))
    return accuracy_parity(curve.accuracy(grid), target, grid).n


def table(
    points: dict[int, float], method: str = "weighted_vote", questions: int = 500
) -> Observations:
    rows = tuple(
        Observation(
            model="m",
            method=method,
            question_set="Q",
            bucket=ALL,
            n_samples=n,
            accuracy=accuracy,
            n_questions=questions,
            verifier="prm" if method == "weighted_vote" else None,
        )
        for n, accuracy in points.items()
    )
    return Observations(rows, tuple(f"obs.csv:{i + 2}" for i in range(len(rows))), {})


def curve_of(
    points: dict[int, float], method: str = "weighted_vote", draws: int = 300, questions: int = 500
) -> Curve:
    (curve,) = fit_curves(table(points, method, questions), Draws(draws)).values()
    return curve


PUBLISHED = {1: 0.1699, 2: 0.211, 4: 0.2495, 8: 0.2859, 16: 0.3183, 32: 0.3432, 64: 0.3635}
tables = st.dictionaries(
    st.sampled_from([1, 2, 3, 4, 6, 8, 16, 32, 100, 256, 1024]),
    st.floats(0.0, 1.0),
    min_size=2,
    max_size=8,
)
methods = st.sampled_from(["majority_vote", "weighted_vote", "oracle_best_of_n"])
GRID = np.geomspace(1, 100_000, 300)


@settings(max_examples=settings.default.max_examples // 2)
@given(tables, methods)
def test_every_draw_passes_through_its_measured_points(
    points: dict[int, float], method: str
) -> None:
    curve = curve_of(points, method, draws=20)
    at = np.array(sorted(points), dtype=float)
    assert np.array_equal(curve.accuracy(at), curve.measured)
    assert curve.accuracy(at)[0].tolist() == [points[int(n)] for n in at]
    assert set(curve.basis(at)) == {"measured"}


@settings(max_examples=settings.default.max_examples // 2)
@given(tables, methods)
def test_predictions_are_accuracies(points: dict[int, float], method: str) -> None:
    value = curve_of(points, method, draws=20).accuracy(GRID)
    assert np.isfinite(value).all()
    assert value.min() >= 0.0
    assert value.max() <= 1.0


@settings(max_examples=settings.default.max_examples // 2)
@given(tables, methods)
def test_between_two_points_no_draw_leaves_their_values(
    points: dict[int, float], method: str
) -> None:
    curve = curve_of(points, method, draws=20)
    for left in range(len(points) - 1):
        n = np.geomspace(curve.n_measured[left], curve.n_measured[left + 1], 12)
        steps = np.diff(curve.accuracy(n), axis=1)
        rises = curve.measured[:, left + 1] >= curve.measured[:, left]
        assert np.all(np.where(rises[:, None], steps, -steps) >= -1e-9)


@settings(max_examples=settings.default.max_examples // 2)
@given(tables)
def test_coverage_never_falls_beyond_the_data(points: dict[int, float]) -> None:
    accuracies = sorted(points.values())
    rising = dict(zip(sorted(points), accuracies, strict=True))
    curve = curve_of(rising, "oracle_best_of_n", draws=20)
    beyond = np.geomspace(max(points), 1e6, 60)
    assert np.all(np.diff(curve.accuracy(beyond), axis=1) >= -1e-12)


@settings(max_examples=settings.default.max_examples // 2)
@given(tables)
def test_votes_move_no_further_beyond_the_data_than_within(points: dict[int, float]) -> None:
    curve = curve_of(points, "majority_vote", draws=20)
    beyond = curve.accuracy(np.geomspace(max(points), 1e12, 40))
    low, high = curve.measured.min(1), curve.measured.max(1)
    assert np.all(beyond <= (high + np.minimum(high - low, (1 - high) / 2))[:, None] + 1e-12)
    assert np.all(beyond >= (low - (high - low))[:, None] - 1e-12)


def test_near_points_are_joined_by_a_straight_line_in_log_n() -> None:
    middle = curve_of(PUBLISHED).accuracy(math.sqrt(8))[0, 0]
    assert middle == pytest.approx((0.211 + 0.2495) / 2, abs=1e-12)


def test_across_a_gap_the_family_bends_the_curve() -> None:
    dense = {n: 0.5 - 0.3 * n**-0.5 for n in (1, 2, 4, 8, 32, 64, 128)}
    curve = curve_of(dense)
    assert curve.accuracy(16)[0, 0] == pytest.approx(0.5 - 0.3 / 4, abs=0.003)
    straight = (dense[8] + dense[32]) / 2
    assert curve.accuracy(16)[0, 0] > straight + 0.003


def test_wide_gaps_have_an_unknown_bend_even_in_long_curves() -> None:
    curve = curve_of({1: 0.2, 2: 0.25, 4: 0.29, 256: 0.45, 512: 0.46})
    part = (curve.accuracy(32) - curve.accuracy(4)) / (curve.accuracy(256) - curve.accuracy(4))
    low, high = np.quantile(part[1:], [0.05, 0.95])
    assert low < 0.53, "a straight line in log n is possible"
    assert high > 0.95, "so is a curve that has all but saturated"
    assert curve.basis([4, 32, 256]) == ["measured", "interpolated", "measured"]


def test_the_interval_widens_beyond_the_data() -> None:
    curve = curve_of(PUBLISHED)
    width = np.diff(np.quantile(curve.accuracy([64, 1024])[1:], [0.05, 0.95], axis=0), axis=0)[0]
    assert width[1] > width[0]
    assert curve.basis([64, 65]) == ["measured", "extrapolated"]


def test_statuses_say_what_is_known() -> None:
    noise = {1: 0.300, 2: 0.302, 4: 0.299, 8: 0.301}
    cases = {
        Status.FITTED: PUBLISHED,
        Status.TWO_POINTS: {1: 0.3, 256: 0.4},
        Status.ONE_POINT: {8: 0.3},
        Status.FLAT: noise,
        Status.PERFECT: dict.fromkeys((1, 2, 4), 1.0),
    }
    for status, points in cases.items():
        curve = curve_of(points)
        assert curve.status is status
        assert status.value
    assert "constant" in curve_of(noise).weights


def test_a_single_point_is_usable_there_and_nowhere_else() -> None:
    curve = curve_of({8: 0.3})
    assert curve.accuracy([8, 8])[0].tolist() == [0.3, 0.3]
    with pytest.raises(PlannerError, match="measured at n = 8 only"):
        curve.accuracy(4)


def test_less_than_one_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        curve_of(PUBLISHED).accuracy(0.5)


def test_a_crossing_is_where_the_curve_has_its_target() -> None:
    curve = curve_of(PUBLISHED)
    target = np.full(301, 0.27)
    n = first_n_reaching(curve, target, 64)
    for i in np.flatnonzero(np.isfinite(n) & (n > 1)):
        assert curve.accuracy(n[i])[i, 0] == pytest.approx(0.27, abs=1e-5)
        below = np.geomspace(1, n[i] * (1 - 1e-6), 50)
        assert curve.accuracy(below)[i].max() <= 0.27 + 1e-5


def test_crossings_at_once_and_never() -> None:
    curve = curve_of(PUBLISHED)
    assert np.all(first_n_reaching(curve, np.zeros(301), 64) == 1.0)
    assert np.all(np.isinf(first_n_reaching(curve, np.ones(301), 64)))
    assert first_n_reaching(curve, np.full(301, 0.0), 1)[0] == 1.0


@settings(max_examples=settings.default.max_examples // 2)
@given(tables, st.floats(0.05, 0.95))
def test_a_higher_target_takes_more_samples(points: dict[int, float], target: float) -> None:
    curve = curve_of(points, draws=20)
    easy = first_n_reaching(curve, np.full(21, target - 0.02), 1024)
    hard = first_n_reaching(curve, np.full(21, target), 1024)
    assert np.all(easy <= hard)
    assert np.all(easy >= 1.0)


def test_the_central_curve_is_row_zero() -> None:
    curve = curve_of(PUBLISHED | {512: 0.4})
    assert np.array_equal(curve.central().accuracy(GRID)[0], curve.accuracy(GRID)[0])
    assert curve.central().accuracy(GRID).shape == (1, len(GRID))


def test_a_curve_knows_its_key_and_rows() -> None:
    curve = curve_of(PUBLISHED)
    assert curve.key == CurveKey("m", "weighted_vote", "prm", "Q")
    assert str(curve.key) == "m weighted_vote by prm on Q/all"
    assert curve.n_questions == (500,) * 7
    assert curve.params_b is None
    assert sum(curve.weights.values()) == pytest.approx(1.0)


def test_recovered_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """300 power laws, one outcome a question and n, questions shared by the points of a curve.

    Inside the data, at measured n and between them, 85 to 95% of the 90% intervals hold it.
    """
    from scipy.special import ndtri

    rng = np.random.default_rng(2024)
    n = np.array([1, 2, 4, 16, 64])
    inside = np.array([1.0, 3.0, 4.0, 8.0, 16.0, 30.0, 64.0])
    draws = Draws(200)
    rows, truths = [], []
    for i in range(300):
        ceiling, a, b = rng.uniform(0.5, 0.8), rng.uniform(0.1, 0.4), rng.uniform(0.2, 1.2)
        questions = 300
        shared = rng.normal(size=(questions, 1))
        latent = np.sqrt(0.97) * shared + np.sqrt(0.03) * rng.normal(size=(questions, len(n)))
        outcome = latent < ndtri(ceiling - a * n**-b)
        seen = dict(zip(n.tolist(), outcome.mean(0).tolist(), strict=True))
        rows += [
            row.model_copy(update={"question_set": f"set {i}"})
            for row in table(seen, questions=questions).rows
        ]
        truths.append(ceiling - a * inside**-b)
    hits = np.zeros(len(inside))
    book = fit_curves(Observations(tuple(rows), ("",) * len(rows), {}), draws, Correlation())
    for curve, truth in zip(book.values(), truths, strict=True):
        low, high = np.quantile(curve.accuracy(inside)[1:], [0.05, 0.95], axis=0)
        hits += (low <= truth) & (truth <= high)
    share = hits / 300
    assert 0.87 < share.mean() < 0.94
    assert np.all((share > 0.84) & (share < 0.96)), share


def test_coverage_curves_recover_their_exponent() -> None:
    """exp(-a n^-b) seen up to n = 64 is found again, and predicts 8 times further."""
    rng = np.random.default_rng(3)
    n = 2 ** np.arange(7)
    rows, truths = [], []
    for i in range(40):
        a, b = rng.uniform(0.8, 3.0), rng.uniform(0.15, 0.6)
        error = 0.004 * rng.normal()
        seen = {int(k): float(np.exp(-a * k**-b) + error) for k in n}
        rows += [
            row.model_copy(update={"question_set": f"set {i}"})
            for row in table(seen, "oracle_best_of_n", 10_000).rows
        ]
        truths.append((a, b))
    book = fit_curves(Observations(tuple(rows), ("",) * len(rows), {}), Draws(200))
    inside = 0
    for curve, (a, b) in zip(book.values(), truths, strict=True):
        assert curve.shape is not None
        at = [f.name for f in curve.shape.families].index("exponentiated_power_law")
        assert curve.shape.central[at] == pytest.approx([a, b], rel=0.12)
        truth = np.exp(-a * 512.0**-b)
        low, high = np.quantile(curve.accuracy(512)[1:, 0], [0.05, 0.95])
        inside += low <= truth <= high
    assert inside >= 32
