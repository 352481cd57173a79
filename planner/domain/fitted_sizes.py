"""Sizes that were not measured, as `planner fit` writes them and they are read back."""

from __future__ import annotations

from typing import Literal

from planner.domain.grown import Grown, N, Share, Text


class SizedModel(Grown):
    """A model that was measured, and its size."""

    model: Text
    params_b: float


class Coefficient(Grown):
    """One coefficient of a regression over sizes."""

    name: Text
    value: float
    standard_error: float


class LeftOutSize(Grown):
    """How far the others were off from a size that was measured."""

    params_b: float
    error: Share
    """Mean absolute error, in accuracy."""


class SizePoint(Grown):
    """Accuracy of a size at an n."""

    params_b: float
    bucket: Text
    n_samples: N
    accuracy: Share
    low: Share
    high: Share
    """90% interval, the error of the sizes left out included."""
    measured: bool = False
    """A model of this size was measured: its own curve knows more."""
    extrapolated: bool
    """Beyond the sizes, or the sample counts, that were measured."""
    extrapolation_factor: float = 1.0
    n_extrapolation_factor: float = 1.0


class FittedSizes(Grown):
    """A regression over the sizes of one family of models, for one method and question set."""

    name: Text
    family: Text | None = None
    family_told_by: Literal["card", "name", "nothing"] = "nothing"
    method: Text
    verifier: Text | None = None
    question_set: Text
    models: tuple[SizedModel, ...]
    n_measured: tuple[N, ...]
    coefficients: tuple[Coefficient, ...] = ()
    over_dispersion: float
    """Pearson's chi-squared by degree of freedom; 1 where sampling explains the scatter."""
    clustered: bool
    clustered_reason: Text = ""
    left_out: tuple[LeftOutSize, ...] = ()
    left_out_error: Share | None = None
    """Mean over the sizes left out in turn; None where none could be."""
    predictions: tuple[SizePoint, ...]
