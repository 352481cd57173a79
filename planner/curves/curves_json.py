"""Curves as the JSON of `planner fit` (schema planner.curves/1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from planner.curves.book import CurveBook
from planner.curves.curve import WIDE_GAP, Curve
from planner.domain.draws import CENTRAL, interval90

SATURATED = 0.005
"""A doubling that gains less than this (half a point) is not worth its samples."""
SAME_QUESTIONS_REASON = (
    "the interval for the same questions needs per-question outcomes; rows that state a mean "
    "over questions do not have them"
)


def curves_json(book: CurveBook, at: Sequence[int]) -> dict[str, Any]:
    """Curves with predictions at the n of `at`; a curve of one point predicts there only.

    accuracy is the central case, low and high the 90 % interval for new questions of the same
    kind. saturates_at_n is the first n within the data whose doubling gains under half a
    point, peak_n the best n where accuracy falls after it within the data; null where the
    data show neither. ceiling is the limit of the heaviest family; null where it has none.
    measured are the points that a curve goes through, far_gaps the pairs of neighbouring n
    between which the bend is not known.
    """
    return {
        "schema": "planner.curves/1",
        "curves": [_curve_json(curve, at) for curve in book.values()],
        "left_out": [{"where": row.place, "why": row.why} for row in book.left_out],
        "warnings": [{"code": n.code, "message": n.message} for n in book.notes],
        "same_questions_reason": SAME_QUESTIONS_REASON,
    }


def _curve_json(curve: Curve, at: Sequence[int]) -> dict[str, Any]:
    key = curve.key
    family, parameters, ceiling = _heaviest(curve)
    saturates_at_n, peak_n = _landmarks(curve)
    n = [int(curve.n_measured[0])] if curve.shape is None else sorted(set(at))
    return {
        "model": key.model,
        "method": key.method,
        "verifier": key.verifier,
        "question_set": key.question_set,
        "bucket": key.bucket,
        "temperature": key.temperature,
        "depth": key.depth,
        "width": key.width,
        "thinking_tokens": key.thinking_tokens,
        "family": family,
        "weights": curve.weights,
        "parameters": parameters,
        "ceiling": ceiling,
        "saturates_at_n": saturates_at_n,
        "peak_n": peak_n,
        "status": curve.status.name.lower(),
        "status_sentence": curve.status.value,
        "notes": [{"code": note.code, "message": note.message} for note in curve.notes],
        "n_measured": [int(x) for x in curve.n_measured],
        "measured": _measured(curve),
        "far_gaps": [
            [int(a), int(b)] for a, b in pairwise(curve.n_measured) if b / a > WIDE_GAP * (1 + 1e-9)
        ],
        "predictions": _predictions(curve, n),
    }


def _predictions(curve: Curve, n: Sequence[int]) -> list[dict[str, Any]]:
    if not n:
        return []
    accuracy = curve.accuracy(np.asarray(n, dtype=np.float64))
    predictions = []
    for i, (samples, basis) in enumerate(zip(n, curve.basis(n), strict=True)):
        low, high = interval90(accuracy[:, i])
        predictions.append(
            {
                "n_samples": samples,
                "depth": curve.key.depth,
                "thinking_tokens": curve.key.thinking_tokens,
                "accuracy": float(accuracy[CENTRAL, i]),
                "low": low,
                "high": high,
                "low_same": None,
                "high_same": None,
                "extrapolated": basis == "extrapolated",
                "basis": basis,
            }
        )
    return predictions


def _measured(curve: Curve) -> list[dict[str, Any]]:
    """The points that the curve goes through; what it borrows is not measured."""
    points = []
    for i, basis in enumerate(curve.basis(curve.n_measured)):
        low, high = interval90(curve.measured[:, i])
        points.append(
            {
                "n_samples": int(curve.n_measured[i]),
                "accuracy": float(curve.measured[CENTRAL, i]),
                "low": low,
                "high": high,
                "basis": basis,
            }
        )
    return points


def _heaviest(curve: Curve) -> tuple[str | None, dict[str, float | None], float | None]:
    """Name and central parameters of the heaviest family, and where the curve then ends."""
    if curve.shape is None:
        return None, {}, None
    i = int(curve.shape.weights.argmax())
    family, theta = curve.shape.families[i], curve.shape.central[i]
    last = float(curve.n_measured[-1])
    carried = curve.measured[CENTRAL, -1] - family.value(np.array([last]), theta)[0]
    limit = float(family.ceiling(theta)) + float(carried)
    ceiling = min(max(limit, 0.0), 1.0) if math.isfinite(limit) else None
    return family.name, family.published(theta), ceiling


def _landmarks(curve: Curve) -> tuple[float | None, float | None]:
    """The n from which a doubling gains under half a point, and the n of the peak."""
    first, last = float(curve.n_measured[0]), float(curve.n_measured[-1])
    if curve.shape is None:
        return None, None
    doublings = math.log2(last / first)
    n = first * np.exp2(np.linspace(0.0, doublings, math.ceil(8 * doublings) + 1))
    n = np.union1d(n.clip(first, last), curve.n_measured)
    central = curve.central()
    value = central.accuracy(n)[CENTRAL]
    doubled = n[2.0 * n <= last * (1.0 + 1e-9)]
    saturates_at_n = None
    if len(doubled):
        gain = central.accuracy(np.minimum(2.0 * doubled, last))[CENTRAL] - value[: len(doubled)]
        small = np.flatnonzero(gain < SATURATED)
        saturates_at_n = float(doubled[small[0]]) if len(small) else None
    peak = int(value.argmax())
    return saturates_at_n, float(n[peak]) if value[peak] > value[-1] else None
