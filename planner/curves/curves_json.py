"""Curves as the JSON of `planner fit` (schema planner.curves/1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from planner.curves.across_json import surface_json, values_told
from planner.curves.axis import position_of, value_at
from planner.curves.book import CurveBook
from planner.curves.curve import Curve
from planner.curves.families.base import Array
from planner.curves.gaps import WIDE_GAP
from planner.curves.key import CurveKey
from planner.curves.landmarks import (
    FAR,
    extrapolation_factor,
    fall_of,
    heaviest,
    saturation_and_peak,
)
from planner.domain.draws import CENTRAL, intervals90

SAME_QUESTIONS_REASON = (
    "at a measured n the same questions show what was measured; elsewhere the curve is uncertain, "
    "and how far questions stray from it is assumed, as for the correlation of errors"
)
AICC_REASON = (
    "null: the points of one curve share their questions, so that they are not independent"
)


def curves_json(book: CurveBook, at: Sequence[int]) -> dict[str, Any]:
    """Curves with predictions at the n of `at`; a curve of one point predicts there only.

    accuracy is the central case, low and high the 90% interval for new questions of the same
    kind, low_same and high_same for the very questions measured. saturates_at_n is the
    smallest n from which on no doubling gains half a point, up to 8 times beyond the data; peak_n
    the best n where accuracy falls after it within the data; null where the data show neither.
    ceiling is the limit of the heaviest family, null where it has none; its interval is of all
    families, the heaviest's limit included. gain_of_doubling is what twice the samples would gain,
    gain_at_end what twice the largest n measured would. measured are the points that a curve goes
    through, far_gaps the pairs of neighbouring n between which the bend is not known.

    A curve whose `axis` is depth or thinking_tokens is at a fixed n: its points and predictions
    differ along the axis, saturates_at and peak_at are values of it, and it is predicted at what
    was measured, between, and at twice the largest. surfaces are predicted over both axes;
    each measured depth of a surface is a curve over n too.
    """
    return {
        "schema": "planner.curves/1",
        "curves": [_curve_json(curve, at) for curve in told(book)],
        "surfaces": [surface_json(surface, at) for surface in book.surfaces],
        "left_out": [{"where": row.place, "why": row.why} for row in book.left_out],
        "warnings": [{"code": n.code, "message": n.message} for n in book.notes],
        "same_questions_reason": SAME_QUESTIONS_REASON,
    }


def told(book: CurveBook) -> list[Curve]:
    """The curves in the order of the JSON; points of a curve along another axis come in it."""
    covered = {CurveKey.of(row) for curve in book.along for row in curve.observations}
    alone = [c for c in book.values() if c.fitted is None and c.key in covered]
    return [curve for curve in book.values() if curve not in alone] + list(book.along)


def places_told(curve: Curve, at: Sequence[int]) -> Array:
    """Positions along its axis at which a curve is predicted, ascending."""
    axis = curve.key.axis
    if axis != "n_samples":
        measured = [round(value_at(axis, x)) for x in curve.n_measured]
        values = values_told(axis, measured)
        return np.array([position_of(axis, value) for value in values])
    n = [int(curve.n_measured[0])] if curve.fitted is None else sorted(set(at))
    return np.array(n, dtype=np.float64)


def place(curve: Curve, position: float) -> dict[str, int | None]:
    """n_samples, depth and thinking_tokens of a position on a curve."""
    key = curve.key
    found = {"depth": key.depth, "thinking_tokens": key.thinking_tokens}
    return {
        "n_samples": key.n_samples,
        **found,
        key.axis: round(value_at(key.axis, float(position))),
    }


def _curve_json(curve: Curve, at: Sequence[int]) -> dict[str, Any]:
    key = curve.key
    family, parameters, ceiling = heaviest(curve)
    saturates_at, peak_at = (
        None if x is None else value_at(key.axis, x) for x in saturation_and_peak(curve)
    )
    over_n = key.axis == "n_samples"
    fall = fall_of(curve)
    predictions, gain_at_end, (ceiling_low, ceiling_high) = _predictions(
        curve, places_told(curve, at)
    )
    if ceiling is not None and ceiling_low is not None and ceiling_high is not None:
        # A family that climbs for ever so slowly is not at its limit at FAR samples.
        ceiling_low, ceiling_high = min(ceiling_low, ceiling), max(ceiling_high, ceiling)
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
        "axis": key.axis,
        "family": family,
        "weights": curve.weights,
        "parameters": parameters,
        "aicc": None,
        "aicc_reason": AICC_REASON,
        "ceiling": ceiling,
        "ceiling_low": ceiling_low,
        "ceiling_high": ceiling_high,
        "saturates_at_n": saturates_at if over_n else None,
        "peak_n": peak_at if over_n else None,
        "saturates_at": saturates_at,
        "peak_at": peak_at,
        "gain_at_end": gain_at_end if over_n else None,
        "fall": None if fall is None or not over_n else {**asdict(fall), "proven": fall.proven},
        "status": curve.status.name.lower(),
        "status_sentence": curve.status.value,
        "notes": [{"code": note.code, "message": note.message} for note in curve.notes],
        "n_measured": [int(x) for x in curve.n_measured] if over_n else [key.n_samples],
        "measured": _measured(curve),
        "far_gaps": [
            [int(a), int(b)]
            for a, b in pairwise(curve.n_measured)
            if over_n and b / a > WIDE_GAP * (1 + 1e-9)
        ],
        "predictions": predictions,
    }


def _predictions(
    curve: Curve, at: Array
) -> tuple[list[dict[str, Any]], dict[str, float] | None, tuple[float | None, float | None]]:
    """From one look at a curve: predictions at positions, what twice the largest n measured would
    gain, and the 90% interval of the ceiling; without the last two where one point is known.
    """
    alone = curve.fitted is None
    last = float(curve.n_measured[-1])
    value = curve.accuracy(at if alone else np.r_[at, 2.0 * at, last, 2.0 * last, FAR])
    count = len(at)
    accuracy, end = value[:, :count], value[:, 2 * count :]
    gain = value[:, count : 2 * count] - (accuracy[:, :0] if alone else accuracy)
    same = curve.same_questions(at, accuracy)
    at_end = end[:, 1:2] - end[:, :1]
    columns = np.concatenate([accuracy, same, gain, at_end, end[:, 2:]], axis=1)
    low, high = _interval(columns)
    gained = gain[CENTRAL].tolist()
    predictions = []
    for i, (position, basis) in enumerate(zip(at, curve.basis(at), strict=True)):
        predictions.append(
            {
                **place(curve, position),
                "accuracy": float(accuracy[CENTRAL, i]),
                "low": low[i],
                "high": high[i],
                "low_same": low[count + i],
                "high_same": high[count + i],
                "gain_of_doubling": None if alone else gained[i],
                "gain_low": None if alone else low[2 * count + i],
                "gain_high": None if alone else high[2 * count + i],
                "extrapolated": basis == "extrapolated",
                "extrapolation_factor": extrapolation_factor(curve, float(position)),
                "basis": basis,
            }
        )
    if alone:
        return predictions, None, (None, None)
    doubled = {
        "n_samples": last,
        "gain": float(at_end[CENTRAL, 0]),
        "low": low[-2],
        "high": high[-2],
    }
    return predictions, doubled, (low[-1], high[-1])


def _interval(draws: Array) -> tuple[list[float], list[float]]:
    """Ends of the 90% interval of draws (draw, column).

    Of none or all right the draws leave the measured 0 or 1 out, and the interval ends there: the
    modified Jeffreys interval of Brown, Cai and DasGupta 2001, Statistical Science 16, 101.
    """
    central = draws[CENTRAL]
    low, high = intervals90(draws)
    low = np.where(central == 0.0, np.minimum(low, 0.0), low)
    high = np.where(central == 1.0, np.maximum(high, 1.0), high)
    return low.tolist(), high.tolist()


def _measured(curve: Curve) -> list[dict[str, Any]]:
    """The points that the curve goes through; what it borrows is not measured."""
    low, high = _interval(curve.measured)
    return [
        {
            **place(curve, float(curve.n_measured[i])),
            "accuracy": float(curve.measured[CENTRAL, i]),
            "low": low[i],
            "high": high[i],
            "basis": basis,
        }
        for i, basis in enumerate(curve.basis(curve.n_measured))
    ]
