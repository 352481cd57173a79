"""Random orders and splits that depend on names alone, not on what else is measured.

Each problem has a stream of its own, seeded by its name: adding or leaving out a problem does
not change what is drawn for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Keys = NDArray[np.uint64]

STEP = 0x9E3779B97F4A7C15
"""Increment of the SplitMix64 generator: Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195."""


def generator(name: str, seed: int) -> np.random.Generator:
    """A random generator that is the same for the same name and seed."""
    import numpy as np

    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "little")))


def keys(names: Sequence[str], purpose: str, seed: int) -> Keys:
    """One 64-bit key of each name, shape (problem,)."""
    import numpy as np

    text = (f"{seed}:{purpose}:{name}".encode() for name in names)
    digests = b"".join(hashlib.sha256(t).digest()[:8] for t in text)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def random_bits(key: Keys, columns: int) -> Keys:
    """SplitMix64 of each key, shape (problem, column)."""
    import numpy as np

    count = np.arange(1, columns + 1, dtype=np.uint64)
    z: Keys = key[:, None] + count * np.uint64(STEP)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def random_order(names: Sequence[str], n: Ints, columns: int, purpose: str, seed: int) -> Ints:
    """A random order of the samples of each problem, shape (problem, sample).

    Row i holds a permutation of its first n[i] columns, then the columns beyond them.
    """
    import numpy as np

    # One bit is given up, so that a column beyond a problem's samples stands after all of them.
    bits = random_bits(keys(names, purpose, seed), columns) >> np.uint64(1)
    beyond = np.arange(columns) >= n[:, None]
    order: Ints = np.argsort(np.where(beyond, np.uint64(2**63), bits), axis=1, kind="stable")
    return order
