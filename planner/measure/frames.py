"""From samples in a data frame to a table of outcomes, counted where the frame lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.measure.logs import STEPS, Steps
from planner.measure.outcomes import outcomes

if TYPE_CHECKING:
    import narwhals as nw

    from planner.ingest.logs.frame import FrameSamples

_SPARK_STEPS: dict[Steps, str] = {
    "min": "array_min(step_scores)",
    "product": "aggregate(step_scores, 1D, (all, one) -> all * one)",
    "last": "element_at(step_scores, -1)",
}


def frame_outcomes(found: FrameSamples, steps: Steps) -> nw.LazyFrame[Any]:
    """The outcomes of a frame's samples; nothing is computed before they are asked for."""
    samples = found.samples
    if "step_scores" in found.columns:
        samples = _scored(samples, steps, "score" in found.columns)
    return outcomes(samples)


def _scored(samples: nw.LazyFrame[Any], steps: Steps, has_score: bool) -> nw.LazyFrame[Any]:
    """The samples with one score for those of their steps, which narwhals cannot put together."""
    import narwhals as nw

    native, kind = samples.to_native(), samples.implementation
    if kind.is_duckdb():
        told = native.project(f"*, {STEPS[steps]} AS step_score")
    elif kind.is_polars():
        pl = kind.to_native_namespace()
        scores = pl.col("step_scores").list
        one = {
            "min": scores.min(),
            "product": scores.eval(pl.element().product()).list.first(),
            "last": scores.last(),
        }[steps]
        told = native.with_columns(one.alias("step_score"))
    else:
        told = native.selectExpr("*", f"{_SPARK_STEPS[steps]} AS step_score")
    step_score = nw.col("step_score")
    score = step_score
    if has_score:
        score = nw.when(nw.col("score").is_null()).then(step_score).otherwise(nw.col("score"))
    scored: nw.LazyFrame[Any] = nw.from_native(told).with_columns(score.alias("score"))
    return scored.drop("step_score", "step_scores")
