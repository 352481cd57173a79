"""How far the same questions stray from their curve is read off resamples where there are any."""

from __future__ import annotations

import numpy as np
import pytest

from planner.curves import CurveBook, fit_curves
from planner.curves.families.base import Array
from planner.domain.draws import Draws
from planner.domain.measured import Replicated, row_key
from planner.domain.observation import ALL, Observation, Observations

N = (1, 2, 4, 8)
QUESTIONS = 400


def rows_of(accuracy: Array) -> tuple[Observation, ...]:
    return tuple(
        Observation(
            model="m",
            method="majority_vote",
            question_set="Q",
            bucket=ALL,
            n_samples=n,
            accuracy=float(y),
            n_questions=QUESTIONS,
        )
        for n, y in zip(N, accuracy, strict=True)
    )


def fitted(correlation: float | None) -> CurveBook:
    """Curves whose resamples correlate so far from one n to the next; None: no resamples."""
    rows = rows_of(np.array([0.4, 0.45, 0.5, 0.52]))
    tables: tuple[Replicated, ...] = ()
    if correlation is not None:
        rng = np.random.default_rng(0)
        errors = [rng.normal(size=2_000)]
        for _ in N[1:]:
            fresh = np.sqrt(1.0 - correlation**2) * rng.normal(size=2_000)
            errors.append(correlation * errors[-1] + fresh)
        accuracy = np.array([row.accuracy for row in rows]) + 0.02 * np.stack(errors, axis=1)
        tables = (Replicated("Q", {row_key(r): i for i, r in enumerate(rows)}, accuracy),)
    return fit_curves(Observations(rows, ("",) * len(rows), {}, (), tables), Draws(400))


@pytest.mark.parametrize("correlation", [0.5, 0.9, 0.99])
def test_own_error_one_doubling_on_is_what_the_resamples_leave_open(correlation: float) -> None:
    (curve,) = fitted(correlation).values()
    error = curve.own_error(np.array([16.0]), np.array([0.5]))[1:, 0]
    open_share = min(1.0 - correlation**2, 1.0 - 0.9**2)
    expected = np.sqrt(open_share * 0.5 * 0.5 / QUESTIONS)
    assert error.std() == pytest.approx(expected, rel=0.1)


def test_resamples_that_move_together_narrow_the_interval_for_the_same_questions() -> None:
    def width(correlation: float | None) -> float:
        (curve,) = fitted(correlation).values()
        low, high = np.quantile(curve.same_questions([64.0])[1:, 0], [0.05, 0.95])
        return float(high - low)

    assert width(0.995) < width(0.9)


def test_at_a_measured_n_the_same_questions_show_what_was_measured() -> None:
    (curve,) = fitted(0.9).values()
    assert np.allclose(curve.same_questions(list(N)), curve.measured[0])
