"""The nearest known name to one that is not known: for messages, never for silent repair."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

CLOSE_ENOUGH = 0.6
"""Share of letters in common (difflib's ratio) below which a suggestion would only puzzle."""


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`, or None where none is like it.

    Case and the choice of space, `-`, `_`, `.` or `/` do not count, and `name` may be the
    beginning of the candidate ("majority" suggests majority_vote). Among equals the first in
    alphabetical order wins, so that the answer does not hang on the order of a set.
    """
    return _nearest(name, tuple(sorted(set(candidates))))


@lru_cache(maxsize=256)
def _nearest(name: str, candidates: tuple[str, ...]) -> str | None:
    """A model without a card is looked up once for each of its options: 25 ms a search."""
    wanted = _plain(name)
    if not wanted:
        return None
    scored = [(_likeness(wanted, _plain(c)), c) for c in candidates]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= CLOSE_ENOUGH else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """`did you mean majority_vote?`, or None where nothing is near."""
    found = nearest(name, candidates)
    return None if found is None else f"did you mean {found}?"


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _likeness(wanted: str, candidate: str) -> float:
    if not candidate:
        return 0.0
    if 2 * len(candidate) < CLOSE_ENOUGH * (len(wanted) + len(candidate)):
        # Too long to be like it, whatever its letters; comparing them could take seconds.
        return 0.0
    ratio = SequenceMatcher(None, wanted, candidate, autojunk=False).ratio()
    if len(wanted) >= 3 and candidate.startswith(wanted):
        # A beginning is a good guess whatever its length; the longer the share, the better.
        return max(ratio, 0.8 + 0.2 * len(wanted) / len(candidate))
    return ratio
