"""Joint draws: every uncertain quantity is an array over the same draws.

Row 0 of every such array is the CENTRAL CASE, in which each input stands at its middle, so
that a headline number can be worked by hand; rows 1 to n are the random draws, from which
intervals and probabilities are taken. Each named quantity has a stream of its own, seeded by
its name: adding an option does not change the draws of another.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from planner.domain.ranges import Z80, Range

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

CENTRAL = 0
"""Index of the central case along every `draw` axis."""


class Draws:
    """n random draws after the central case; streams are reproducible by seed and name."""

    def __init__(self, n: int = 1000, seed: int = 0) -> None:
        if n < 1:
            raise ValueError(f"at least one draw is needed, not {n}")
        self.n = n
        self.seed = seed

    @property
    def rows(self) -> int:
        """Length of a `draw` axis: the central case and n draws."""
        return self.n + 1

    def generator(self, name: str) -> np.random.Generator:
        """Random generator of that name, for what is drawn otherwise than by a quantity."""
        import numpy as np

        digest = hashlib.sha256(f"{self.seed}:{name}".encode()).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "little")))

    def normal(self, name: str) -> Array:
        """Standard normal quantity of that name, shape (draw,); 0 in the central case.

        Stratified: the n values are a permutation of the mid-quantiles of the normal, so that
        medians and tails of a single quantity carry no sampling noise.
        """
        import numpy as np

        order = self.generator(name).permutation(self.n)
        return np.concatenate([[0.0], self._quantiles[order]])

    @cached_property
    def _quantiles(self) -> Array:
        """The n mid-quantiles of the normal, ascending."""
        import numpy as np
        from scipy.special import ndtri

        quantiles: Array = ndtri((np.arange(self.n) + 0.5) / self.n)
        return quantiles

    def uniform(self, name: str) -> Array:
        """Uniform quantity on (0, 1), shape (draw,); 0.5 in the central case."""
        from scipy.special import ndtr

        u: Array = ndtr(self.normal(name))
        return u

    def positive(self, name: str, quantity: Range) -> Array:
        """A positive quantity, shape (draw,): log-normal on each side of its middle.

        The 10% and 90% quantiles are the range's ends, the median its value.
        """
        import numpy as np

        if quantity.exact:
            return np.full(self.rows, quantity.value)
        low, value, high = np.log([quantity.low, quantity.value, quantity.high])
        x: Array = np.exp(_two_sided(self.normal(name), low, value, high))
        return x

    def fraction(self, name: str, quantity: Range) -> Array:
        """A quantity between 0 and 1, shape (draw,): normal in logits on each side."""
        import numpy as np
        from scipy.special import expit, logit

        if quantity.exact:
            return np.full(self.rows, quantity.value)
        low, value, high = logit([quantity.low, quantity.value, quantity.high])
        x: Array = expit(_two_sided(self.normal(name), low, value, high))
        return x


def _two_sided(z: Array, low: float, value: float, high: float) -> Array:
    import numpy as np

    return value + z / Z80 * np.where(z < 0, value - low, high - value)


def interval90(values: NDArray[np.float64] | NDArray[np.int64]) -> tuple[float, float]:
    """5% and 95% quantiles of an array (draw,), the central case left out."""
    import numpy as np

    low, high = np.quantile(values[1:], [0.05, 0.95])
    return float(low), float(high)


def intervals90(values: Array) -> tuple[Array, Array]:
    """`interval90` of each column of values (draw, column): low and high, each (column,).

    The same numbers as np.quantile, which takes three times as long over a few hundred draws.
    """
    import numpy as np

    ordered = np.sort(np.ascontiguousarray(values[1:].T), axis=1)
    low, high = (_quantile(ordered, share) for share in (0.05, 0.95))
    return low, high


def _quantile(ordered: Array, share: float) -> Array:
    """Quantile of each row of ordered (row, value), between the two values next to it."""
    place = share * (ordered.shape[1] - 1)
    left = int(place)
    part = place - left
    below, above = ordered[:, left], ordered[:, min(left + 1, ordered.shape[1] - 1)]
    # From the nearer end, as NumPy does.
    value: Array = (
        above - (above - below) * (1.0 - part) if part >= 0.5 else below + (above - below) * part
    )
    return value
