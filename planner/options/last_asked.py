"""A short memory of what was computed last."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

KEPT = 16
"""Answers that are remembered: a few buckets, each at a few sets of n."""

T = TypeVar("T")


class LastAsked(Generic[T]):
    """The answers to the KEPT questions asked last; older ones, which are large, are forgotten."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, T] = {}

    def of(self, question: Hashable, answer: Callable[[], T]) -> T:
        """What was answered to a question, or `answer()` where it is forgotten or new."""
        found = self._kept.pop(question) if question in self._kept else answer()
        self._kept[question] = found
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return found
