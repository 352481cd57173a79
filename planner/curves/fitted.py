"""What `planner fit` found: curves, with the digests of what they were fitted to."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from planner.curves.book import CurveBook
from planner.curves.curve import Curve
from planner.curves.curves_json import curves_json, place, places_told, told
from planner.curves.sizes_json import SizesTold
from planner.errors import Note


@dataclass(frozen=True)
class Fitted:
    """Fitted curves and where they come from."""

    book: CurveBook
    at: tuple[int, ...]
    """Sample counts of the predictions."""
    inputs: Mapping[str, str]
    """SHA-256 of each file read."""
    seed: int
    draws: int
    notes: tuple[Note, ...] = ()
    """What was understood or repaired on reading."""
    sizes: SizesTold = field(default_factory=SizesTold)
    """Sizes that were not measured, where they were asked for."""

    @cached_property
    def _told(self) -> dict[str, Any]:
        found = curves_json(self.book, self.at)
        found["warnings"] += [{"code": n.code, "message": n.message} for n in self.notes]
        found |= self.sizes.to_json()
        return {**found, "inputs": dict(self.inputs), "seed": self.seed, "draws": self.draws}

    def to_json(self) -> dict[str, Any]:
        """As planner.curves/1, without the draws."""
        return dict(self._told)

    def with_draws(self) -> dict[str, Any]:
        """The same with the draws of each curve, base64 of little-endian float32.

        `draws.accuracy` of a curve is (draw, n) by rows; row 0 is the central case. Surfaces
        have none: their measured depths are curves over n.
        """
        curves = [
            {**shown, "draws": _draws(curve, self.at)}
            for shown, curve in zip(self._told["curves"], told(self.book), strict=True)
        ]
        return {**self._told, "curves": curves}


def _draws(curve: Curve, n: tuple[int, ...]) -> dict[str, Any]:
    at = places_told(curve, n)
    values = curve.accuracy(at)
    raw = np.ascontiguousarray(values, dtype="<f4").tobytes()
    return {
        "n_samples": [place(curve, position)["n_samples"] for position in at],
        curve.key.axis: [place(curve, position)[curve.key.axis] for position in at],
        "shape": list(values.shape),
        "accuracy": base64.b64encode(raw).decode("ascii"),
    }
