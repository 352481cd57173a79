"""The fitter finds the certified parameters of NIST's nonlinear regression sets.

NIST Statistical Reference Datasets, nonlinear regression: DanWood (Daniel and Wood 1980), BoxBOD
(Box, Hunter and Hunter 1978, p. 483), Misra1a (Misra 1978), Rat42 (Ratkowsky 1983, p. 61 and 88).
Unweighted, from both published starts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from weighted_squares import objective

from planner.curves.families import FAMILIES, Curved
from planner.curves.families.base import Array
from planner.curves.fit import Points, fit
from planner.curves.gauss_newton import gauss_newton

WIDE = (-1e6, 1e6)


class _Shape(Curved):
    """A published formula, with bounds that hold nothing back."""

    reference = "NIST StRD"
    describes = frozenset()

    def ceiling(self, theta: Array) -> Array:
        return np.full(theta.shape[:-1], np.nan)


class PowerShape(_Shape):
    name = "power"
    formula = "y = b1 x^b2"
    parameters = {"b1": "", "b2": ""}
    bounds = {"b1": WIDE, "b2": WIDE}

    def value(self, n: Array, theta: Array) -> Array:
        return np.asarray(theta[..., 0:1] * n ** theta[..., 1:2])

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        power = n ** theta[..., 1:2]
        return power, theta[..., 0:1] * np.log(n) * power


class Approach(_Shape):
    name = "approach"
    formula = "y = b1 (1 - exp(-b2 x))"
    parameters = {"b1": "", "b2": ""}
    bounds = {"b1": WIDE, "b2": (0.0, 1e3)}

    def value(self, n: Array, theta: Array) -> Array:
        return np.asarray(-theta[..., 0:1] * np.expm1(-theta[..., 1:2] * n))

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        decay = np.exp(-theta[..., 1:2] * n)
        return 1.0 - decay, theta[..., 0:1] * n * decay


class Sigmoid(_Shape):
    name = "sigmoid"
    formula = "y = b1 / (1 + exp(b2 - b3 x))"
    parameters = {"b1": "", "b2": "", "b3": ""}
    bounds = {"b1": WIDE, "b2": WIDE, "b3": WIDE}

    def value(self, n: Array, theta: Array) -> Array:
        return np.asarray(theta[..., 0:1] * self._risen(n, theta))

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        risen = self._risen(n, theta)
        slope = theta[..., 0:1] * risen * (1.0 - risen)
        return risen, -slope, slope * n

    @staticmethod
    def _risen(n: Array, theta: Array) -> Array:
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * (theta[..., 2:3] * n - theta[..., 1:2]))))


@dataclass(frozen=True)
class Certified:
    """A data set, its published starts and its certified values."""

    family: Curved
    x: tuple[float, ...]
    y: tuple[float, ...]
    starts: tuple[tuple[float, ...], ...]
    parameters: tuple[float, ...]
    residual_sum_of_squares: float


# fmt: off
SETS = {
    "DanWood": Certified(
        PowerShape(),
        (1.309, 1.471, 1.490, 1.565, 1.611, 1.680),
        (2.138, 3.421, 3.597, 4.340, 4.882, 5.660),
        ((1.0, 5.0), (0.7, 4.0)),
        (7.6886226176e-01, 3.8604055871e00),
        4.3173084083e-03,
    ),
    "BoxBOD": Certified(
        Approach(),
        (1, 2, 3, 5, 7, 10),
        (109, 149, 149, 191, 213, 224),
        ((1.0, 1.0), (100.0, 0.75)),
        (2.1380940889e02, 5.4723748542e-01),
        1.1680088766e03,
    ),
    "Misra1a": Certified(
        Approach(),
        (77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1,
         689.1, 760.0),
        (10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40,
         75.47, 81.78),
        ((500.0, 0.0001), (250.0, 0.0005)),
        (2.3894212918e02, 5.5015643181e-04),
        1.2455138894e-01,
    ),
    "Rat42": Certified(
        Sigmoid(),
        (9, 14, 21, 28, 42, 57, 63, 70, 79),
        (8.930, 10.800, 18.590, 22.330, 39.350, 56.110, 61.730, 64.620, 67.080),
        ((100.0, 1.0, 0.1), (75.0, 2.5, 0.07)),
        (7.2462237576e01, 2.6180768402e00, 6.7359200066e-02),
        8.0565229338e00,
    ),
}
# fmt: on


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", SETS)
def test_certified_parameters_are_found_from_both_starts(name: str, start: int) -> None:
    known = SETS[name]
    x, y = np.array(known.x, dtype=float), np.array(known.y, dtype=float)[None]
    begin = np.array(known.starts[start])[None]
    theta, error = gauss_newton(known.family, x, y, np.ones_like(y), begin)
    assert theta[0] == pytest.approx(known.parameters, rel=1e-6)
    assert error[0] == pytest.approx(known.residual_sum_of_squares, rel=1e-9)


def test_the_logistic_family_finds_rat42_by_its_own_search() -> None:
    """With n = e^x the family is Rat42's formula: b1 its ceiling, b3 its steepness."""
    known = SETS["Rat42"]
    n = np.exp(np.array(known.x, dtype=float) / 8.0)
    y = np.array(known.y)[None, None] / 100.0
    points = Points(n, y, np.ones((1, len(n))))
    family = FAMILIES["logistic"]
    theta = fit(family, points)[0, 0]
    b1, b2, b3 = known.parameters
    expected = (b1 / 100.0, np.exp(b2 / b3 / 8.0), 8.0 * b3)
    assert theta == pytest.approx(expected, rel=1e-6)
    assert objective(family, points, theta[None, None])[0, 0] == pytest.approx(
        known.residual_sum_of_squares / 1e4, rel=1e-9
    )
