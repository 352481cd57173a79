"""What `planner fit` writes, as it is read back (planner.curves/1), and what a page adds to it.

Later versions of `fit` may write more: keys that are not known here are passed over.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from planner.domain.base import Strict
from planner.domain.fitted_sizes import FittedSizes
from planner.domain.fitted_surface import FittedSurface
from planner.domain.grown import Grown, N, RealN, Share, Text
from planner.domain.measured import Measured
from planner.domain.method import METHODS
from planner.domain.pictured import Basis, CurvePoint
from planner.domain.plan import Caution

Axis = Literal["n_samples", "depth", "thinking_tokens"]
"""What a curve runs along."""
Series = tuple[str, str, str | None, float | None, int | None, int | None, int | None]


class CurveCaution(Caution, extra="ignore"):
    """Something that weakens a curve."""

    code: Text
    message: Text


class FittedPoint(Grown):
    """Accuracy at a measured n."""

    n_samples: N
    accuracy: Share
    low: Share
    high: Share
    """90% interval, for new questions of the same kind."""
    basis: Basis = "measured"
    """`interpolated` where the point is borrowed from another method or question set."""


class Prediction(Grown):
    """Accuracy at an n that `fit` was asked for."""

    n_samples: N
    depth: int | None = None
    thinking_tokens: int | None = None
    accuracy: Share
    low: Share
    high: Share
    """90% interval, for new questions of the same kind."""
    low_same: Share | None = None
    high_same: Share | None = None
    """90% interval for the same questions, where outcomes by question are known."""
    gain_of_doubling: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    """What twice the samples would gain, and its 90% interval."""
    extrapolated: bool
    extrapolation_factor: float | None = None
    """How many times the largest measured n this n is; 1 within the data."""
    basis: Basis | None = None


class GainAtEnd(Grown):
    """What twice the largest n measured would gain, and its 90% interval."""

    n_samples: RealN
    gain: float
    low: float
    high: float


class FittedFall(Grown):
    """How far a curve falls from its best measured point to its last."""

    from_n: RealN
    to_n: RealN
    drop: Share
    questions: float
    """The drop, in questions."""
    probability: Share
    """Share of the draws in which it falls."""
    proven: bool


class FittedCurve(Grown):
    """Accuracy against n of one model and method on one bucket of a question set."""

    model: Text
    method: Text
    verifier: Text | None = None
    question_set: Text
    bucket: Text
    temperature: float | None = None
    depth: int | None = None
    width: int | None = None
    thinking_tokens: int | None = None
    axis: Axis = "n_samples"
    """What it runs along."""
    family: Text | None = None
    """The heaviest; None where only one point is known."""
    weights: dict[Text, float] = {}
    parameters: dict[Text, float | None] = {}
    ceiling: Share | None = None
    ceiling_low: Share | None = None
    ceiling_high: Share | None = None
    saturates_at_n: RealN | None = None
    peak_n: RealN | None = None
    saturates_at: float | None = None
    peak_at: float | None = None
    """The same as a value of the axis, whichever it is."""
    gain_at_end: GainAtEnd | None = None
    fall: FittedFall | None = None
    """None where it falls by less than half a point."""
    status: Text
    status_sentence: Text = ""
    notes: tuple[CurveCaution, ...] = ()
    n_measured: tuple[N, ...] = ()
    measured: tuple[FittedPoint, ...] = ()
    far_gaps: tuple[tuple[N, N], ...] = ()
    """Pairs of neighbouring measured n more than 4x apart: between them there are no data."""
    predictions: tuple[Prediction, ...]

    @property
    def series(self) -> Series:
        """What stays the same from one question set and bucket to the next."""
        return (
            self.model,
            self.method,
            self.verifier,
            self.temperature,
            self.depth,
            self.width,
            self.thinking_tokens,
        )

    @property
    def buyable(self) -> bool:
        """False for coverage: a perfect verifier cannot be bought."""
        method = METHODS.get(self.method)
        return method is None or method.buyable

    @property
    def takes_samples(self) -> bool:
        """False where its number of samples is fixed, as for greedy."""
        method = METHODS.get(self.method)
        return method is None or method.samples

    @property
    def over_n(self) -> bool:
        """Whether it runs along samples; points of the others share one n."""
        return self.axis == "n_samples"

    def value_of(self, p: Prediction) -> int:
        """Where a prediction stands on the axis."""
        found: int | None = getattr(p, self.axis)
        return 0 if found is None else found

    def points(self) -> tuple[CurvePoint, ...]:
        """All that is known of it, ascending in n: what was measured, and the predictions."""
        at = {p.n_samples: _point(p, p.basis or _basis(p)) for p in self.predictions}
        at |= {p.n_samples: _point(p, p.basis) for p in self.measured}
        return tuple(at[n] for n in sorted(at))

    def known(self) -> tuple[CurvePoint, ...]:
        """The points that do not lie beyond the data, ascending in n."""
        return tuple(point for point in self.points() if point.basis != "extrapolated")


def _basis(prediction: Prediction) -> Basis:
    return "extrapolated" if prediction.extrapolated else "interpolated"


def _point(p: FittedPoint | Prediction, basis: Basis) -> CurvePoint:
    return CurvePoint(
        n_samples=p.n_samples, accuracy=p.accuracy, low=p.low, high=p.high, basis=basis
    )


class RowLeftOut(Grown):
    """A row of observations that no curve uses, and why."""

    where: Text
    why: Text


class FittedCurves(Grown):
    """The curves of `planner fit`."""

    schema_: Literal["planner.curves/1"] = Field(default="planner.curves/1", alias="schema")
    curves: tuple[FittedCurve, ...]
    surfaces: tuple[FittedSurface, ...] = ()
    sizes: tuple[FittedSizes, ...] = ()
    sizes_refused: tuple[RowLeftOut, ...] = ()
    """Groups of rows that tell nothing of a size that was asked for, and why."""
    left_out: tuple[RowLeftOut, ...] = ()
    warnings: tuple[CurveCaution, ...] = ()
    same_questions_reason: Text = ""
    inputs: dict[Text, str] = {}
    """SHA-256 of each file read, by its name as given."""
    seed: int = 0
    draws: int = 0

    def along(self, axis: Axis) -> tuple[FittedCurve, ...]:
        """The curves that run along an axis."""
        return tuple(curve for curve in self.curves if curve.axis == axis)


class DataQuality(Strict):
    """What is known of a file of observations beyond its rows."""

    file: str
    """Name of the observations, as `fit` was given it."""
    measured: Measured | None = None
    """Its measured file, without the replicates; None where it could not be had."""
    reason: str | None = None
    """Why there is none."""


class ReportedCurves(FittedCurves):
    """Fitted curves with all that their page says."""

    data_quality: tuple[DataQuality, ...] = ()
    """One for each file of observations."""
    commands: tuple[str, ...] = ()
    """The commands that make the page again, in order."""

    def to_json(self) -> dict[str, Any]:
        """Plain data with the contract's names."""
        return self.model_dump(mode="json", by_alias=True)
