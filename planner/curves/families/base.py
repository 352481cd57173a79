"""What a curve family is: accuracy as a function of the number of samples n.

Fitting, choosing and predicting know no more of a family than stands here. A family whose
parameters are linear but one is `Separable`; any other is `Curved`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Kind = Literal["coverage", "vote", "pick", "depth", "thinking"]
"""`coverage`: a right sample is among the n, which never falls with n. `vote`: the answer
that most samples give, plain or weighted, which may. `pick`: the answer that a verifier or a
search returns, which may rise and then fall. `depth` and `thinking`: accuracy against the
position along these axes (`planner.curves.axis`), at a fixed number of samples; either may
rise and then fall."""


class Family(ABC):
    """A curve family. Parameter arrays have shape (..., parameter)."""

    name: ClassVar[str]
    formula: ClassVar[str]
    reference: ClassVar[str]
    parameters: ClassVar[dict[str, str]]
    """Name of each parameter, in order, with its meaning."""
    bounds: ClassVar[dict[str, tuple[float, float]]]
    describes: ClassVar[frozenset[Kind]]
    """What it may be fitted to."""
    monotone: ClassVar[bool] = True
    """True where a curve of it either rises or falls, but never both."""

    flat: ClassVar[bool] = False
    """True where it never changes with n: offered only where no change is visible."""

    @abstractmethod
    def value(self, n: Array, theta: Array) -> Array:
        """Accuracy at n (..., n) for parameters theta (..., parameter): shape (..., n)."""

    @abstractmethod
    def ceiling(self, theta: Array) -> Array:
        """Limit as n grows without end, shape (...); infinite where there is none."""

    def published(self, theta: Array) -> dict[str, float | None]:
        """Parameters (parameter,) under the symbols of the formula; None where undefined."""
        return dict(zip(self.parameters, map(float, theta), strict=True))


class Separable(Family):
    """level + slope * basis(n, shape): linear in all parameters but `shape`.

    theta is (level, slope, shape), or (level, slope) where `shapes` holds a single value.
    The basis is 0 at n = 1, so that level is the accuracy of one sample, and slope is the gain
    there for each factor e of n.
    """

    shapes: ClassVar[Array]
    """Values of the shape at which the fit starts, ascending; its ends are the bounds."""
    sloped: ClassVar[bool] = True
    """False where slope is held at 0."""

    @abstractmethod
    def basis(self, n: Array, shape: Array) -> Array:
        """The basis; n and shape broadcast."""

    def basis_slopes(self, n: Array, shape: Array) -> tuple[Array, Array, Array]:
        """The basis with its first and second derivative by shape.

        This one does not change with the shape; a family that is `shaped` gives its own. Within
        bounds of the shape: unlike `basis` it need not be exact near a shape of 0.
        """
        value = self.basis(n, shape)
        still = np.zeros_like(value)
        return value, still, still

    @property
    def shaped(self) -> bool:
        """True where there is a shape to fit."""
        return len(self.shapes) > 1

    def value(self, n: Array, theta: Array) -> Array:
        shape = theta[..., 2:3] if self.shaped else np.asarray(self.shapes[0])
        curve: Array = theta[..., 0:1] + theta[..., 1:2] * self.basis(n, shape)
        return curve


class Curved(Family):
    """Any other family: fitted by damped Gauss-Newton steps from the best of its `starts`."""

    starts: ClassVar[dict[str, Array]]
    """Values of two parameters at which the fit looks for a start: all their combinations. A
    third parameter, in which the value is affine, is then set to its best."""
    bands: ClassVar[tuple[int, int]] = (1, 1)
    """Cuts of the grid of starts, along either parameter; the lowest point of each piece is a start
    too. For families whose minima lie closer than the grid can tell."""
    logs: ClassVar[frozenset[str]] = frozenset()
    """Parameters, all positive, whose logarithm the steps are taken in."""

    @abstractmethod
    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        """Derivative of the value by each parameter, each of shape (..., n)."""

    def value_and_gradient(self, n: Array, theta: Array) -> tuple[Array, tuple[Array, ...]]:
        """Both at once, for families that compute the same on the way to either."""
        return self.value(n, theta), self.gradient(n, theta)
