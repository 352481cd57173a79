"""What a curve runs along: samples, revisions in a chain, or thinking tokens.

Families are functions of a position of 1 and more. Samples are their own position; depth d
stands at 1 + d, the answers in the chain; t thinking tokens stand at 1 + t / 1,000: even up to
about a thousand tokens, by doublings beyond, so that no thinking at all has a place too.
"""

from __future__ import annotations

from typing import Literal

Axis = Literal["n_samples", "depth", "thinking_tokens"]

TOKENS = 1000.0
"""Thinking tokens from which doublings count; a round number near the length of an answer without
thinking (Epoch AI's logs of models asked not to think: 650 to 1,300 tokens)."""

ACROSS: tuple[Axis, ...] = ("depth", "thinking_tokens")
"""The axes beside n_samples."""
WORDS: dict[Axis, str] = {
    "n_samples": "samples",
    "depth": "depth",
    "thinking_tokens": "thinking tokens",
}


def position_of(axis: Axis, value: float) -> float:
    """Where a value of an axis stands; 1 is the least."""
    if axis == "depth":
        return 1.0 + value
    return 1.0 + value / TOKENS if axis == "thinking_tokens" else value


def value_at(axis: Axis, position: float) -> float:
    """The value of an axis at a position."""
    if axis == "depth":
        return position - 1.0
    return (position - 1.0) * TOKENS if axis == "thinking_tokens" else position
