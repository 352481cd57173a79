"""Curves as a page draws them."""

from __future__ import annotations

from typing import Literal

from planner.domain.base import Strict

Basis = Literal["measured", "interpolated", "extrapolated"]


class CurvePoint(Strict):
    """Accuracy of a curve at one n."""

    n_samples: float
    accuracy: float
    low: float
    high: float
    basis: Basis


class AnswerCurve(Strict):
    """Accuracy against n of one side on one bucket, for the page."""

    label: str
    side: int
    bucket: str
    points: tuple[CurvePoint, ...]
    far_gaps: tuple[tuple[float, float], ...] = ()
    """Pairs of neighbouring measured n more than 4x apart: between them there are no data."""
