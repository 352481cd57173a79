"""Surfaces over n and depth, or n and thinking tokens, as `planner fit` writes them."""

from __future__ import annotations

from typing import Literal

from planner.domain.grown import Grown, N, Share, Text
from planner.domain.pictured import Basis


class SurfacePoint(Grown):
    """Accuracy at an n and a depth, or number of thinking tokens."""

    n_samples: N
    depth: int | None = None
    thinking_tokens: int | None = None
    accuracy: Share
    low: Share
    high: Share
    """90% interval, for new questions of the same kind."""
    basis: Basis


class FittedSurface(Grown):
    """Accuracy of one model and method over two axes, on one bucket of a question set."""

    model: Text
    method: Text
    verifier: Text | None = None
    question_set: Text
    bucket: Text
    temperature: float | None = None
    width: int | None = None
    axes: tuple[Literal["n_samples"], Literal["depth", "thinking_tokens"]]
    predictions: tuple[SurfacePoint, ...]

    def place(self, point: SurfacePoint) -> int:
        """Depth or thinking tokens of a point."""
        found = point.depth if self.axes[1] == "depth" else point.thinking_tokens
        return 0 if found is None else found
