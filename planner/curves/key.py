"""What tells one curve from another."""

from __future__ import annotations

from dataclasses import dataclass, replace

from planner.curves.axis import WORDS, Axis, position_of
from planner.curves.families import Kind
from planner.curves.select import kind_of
from planner.domain.observation import ALL, Observation


@dataclass(frozen=True)
class CurveKey:
    """What all points of a curve share; they differ along one axis alone.

    Along another axis than n_samples, `n_samples` is the fixed number of samples and the axis
    itself is None. Of a surface both are None, and `axis` is the one beside n_samples.
    """

    model: str
    method: str
    verifier: str | None
    question_set: str
    bucket: str = ALL
    temperature: float | None = None
    depth: int | None = None
    width: int | None = None
    thinking_tokens: int | None = None
    axis: Axis = "n_samples"
    n_samples: int | None = None

    @classmethod
    def of(cls, row: Observation) -> CurveKey:
        """The key of the curve over n_samples on which an observation lies."""
        return cls(
            row.model,
            row.method,
            row.verifier,
            row.question_set,
            row.bucket,
            row.temperature,
            row.depth,
            row.width,
            row.thinking_tokens,
        )

    @property
    def kind(self) -> Kind:
        """What its families may do."""
        if self.axis == "n_samples":
            return kind_of(self.method)
        return "depth" if self.axis == "depth" else "thinking"

    def across(self, axis: Axis) -> CurveKey:
        """The key of the surface on which a curve over n lies, beside others along `axis`."""
        if axis == "depth":
            return replace(self, axis=axis, depth=None)
        return replace(self, axis=axis, thinking_tokens=None)

    def cut(self, value: int) -> CurveKey:
        """The key of the curve over n at a depth, or number of thinking tokens."""
        if self.axis == "depth":
            return replace(self, axis="n_samples", n_samples=None, depth=value)
        return replace(self, axis="n_samples", n_samples=None, thinking_tokens=value)

    def position(self, row: Observation) -> float:
        """Where a row stands along the axis."""
        return position_of(self.axis, float(getattr(row, self.axis)))

    def __str__(self) -> str:
        axes = {
            "temperature": self.temperature,
            "depth": self.depth,
            "width": self.width,
            "thinking tokens": self.thinking_tokens,
            "n =": self.n_samples,
        }
        method = self.method if self.verifier is None else f"{self.method} by {self.verifier}"
        known = "".join(f", {name} {value:g}" for name, value in axes.items() if value is not None)
        over = "" if self.axis == "n_samples" else f" over {WORDS[self.axis]}"
        return f"{self.model} {method} on {self.question_set}/{self.bucket}{known}{over}"
