"""Surfaces, and where curves over depth or thinking tokens are told, as JSON of `planner fit`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from planner.curves.axis import Axis, position_of, value_at
from planner.curves.surface import Surface
from planner.domain.draws import CENTRAL


def values_told(axis: Axis, measured: Sequence[int]) -> list[int]:
    """Depths, or thinking tokens, of the predictions: measured, half-way, and twice the largest."""
    told = set(measured)
    for low, high in pairwise(measured):
        middle = np.sqrt(position_of(axis, low) * position_of(axis, high))
        told.add(round(value_at(axis, float(middle))))
    last = position_of(axis, measured[-1])
    return sorted(told | {round(value_at(axis, 2.0 * last))})


def surface_json(surface: Surface, at: Sequence[int]) -> dict[str, Any]:
    """A surface with predictions at the n of `at`, and its own, times depths or tokens."""
    key, axis = surface.key, surface.key.axis
    values = values_told(axis, surface.values_measured)
    points = [(n, v) for v in values for n in sorted({*at, *surface.n_measured})]
    n, value = (np.array(column, dtype=np.float64) for column in zip(*points, strict=True))
    accuracy, same = surface.accuracy(n, value), surface.same_questions(n, value)
    low, high = np.quantile(accuracy[1:], [0.05, 0.95], axis=0).tolist()
    low_same, high_same = np.quantile(same[1:], [0.05, 0.95], axis=0).tolist()
    return {
        "model": key.model,
        "method": key.method,
        "verifier": key.verifier,
        "question_set": key.question_set,
        "bucket": key.bucket,
        "temperature": key.temperature,
        "width": key.width,
        "axes": ["n_samples", axis],
        "family": "logit_surface",
        "formula": "logit accuracy = f(log n) + g(log x) + product (log n)(log x)",
        "parameters": surface.parameters(),
        "cells_measured": [
            {"n_samples": row.n_samples, axis: getattr(row, axis), "accuracy": float(accuracy)}
            for row, accuracy in zip(surface.observations, surface.measured[CENTRAL], strict=True)
        ],
        "predictions": [
            {
                "n_samples": samples,
                "depth": told if axis == "depth" else None,
                "thinking_tokens": told if axis == "thinking_tokens" else None,
                "accuracy": float(accuracy[CENTRAL, i]),
                "low": low[i],
                "high": high[i],
                "low_same": low_same[i],
                "high_same": high_same[i],
                "extrapolated": basis == "extrapolated",
                "basis": basis,
            }
            for i, ((samples, told), basis) in enumerate(
                zip(points, surface.basis(n, value), strict=True)
            )
        ],
    }
