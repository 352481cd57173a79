"""What fitted curves tell beside their accuracies, as the cells of page and terminal."""

from __future__ import annotations

from planner.domain.curves import FittedCurve, Prediction
from planner.report import wording_curves as wording
from planner.report.curve_changes import NEVER_CLIMBED, count_of, saturation_n
from planner.report.page import MISSING, Cell, missing
from planner.report.text import whole_percent

EXACT = 1e-4
"""An interval below this is none: at a measured n the same questions show what was measured."""
MOST_FAMILIES = 3
"""Families named beside the heaviest; lighter ones are counted."""


def accuracy_cell(p: Prediction | None) -> Cell:
    """Accuracy in percent, half of its two intervals beneath; how far beyond the data, if it is."""
    if p is None:
        return Cell(MISSING)
    mark = f" ×{beyond(p)}" if p.extrapolated else ""
    return Cell(f"{p.accuracy * 100:.1f}{mark}", _intervals(p))


def _intervals(p: Prediction) -> str:
    new = f"± {(p.high - p.low) * 50:.1f}"
    if p.low_same is None or p.high_same is None or p.high_same - p.low_same < EXACT:
        return new
    return f"{new}\n(± {(p.high_same - p.low_same) * 50:.1f})"


def beyond(p: Prediction) -> str:
    """How many times beyond the nearest measured n."""
    return f"{p.extrapolation_factor:.2g}" if p.extrapolation_factor else "?"


def gain_cell(p: Prediction | None) -> Cell:
    """What twice the samples gain, in points, and its 90% interval."""
    if p is None or p.gain_of_doubling is None:
        return Cell(MISSING)
    detail = None
    if p.gain_low is not None and p.gain_high is not None:
        detail = f"{_points(p.gain_low)} to {_points(p.gain_high)}"
    return Cell(f"{_points(p.gain_of_doubling)}", detail)


def _points(change: float) -> str:
    """Such as "+1.2"; no sign at zero."""
    text = f"{change * 100:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def end_gain_cell(curve: FittedCurve) -> Cell:
    """What twice the largest n measured would gain."""
    end = curve.gain_at_end
    if end is None:
        return Cell(MISSING)
    at = f"from n = {count_of(end.n_samples)}"
    return Cell(_points(end.gain), f"{_points(end.low)} to {_points(end.high)}\n{at}")


def family_cell(curve: FittedCurve) -> Cell:
    """The heaviest family with its weight, the others beneath; what weakens the curve."""
    if curve.family is None:
        return missing(wording.STATUS["one_point"])
    ranked = sorted(curve.weights.items(), key=lambda item: -item[1])
    own = next((weight for name, weight in ranked if name == curve.family), None)
    others = [(name, w) for name, w in ranked if name != curve.family and round(w, 2) > 0]
    said = [f"{whole_percent(w)} {family_name(name)}" for name, w in others[:MOST_FAMILIES]]
    if len(others) > MOST_FAMILIES:
        said.append(wording.MORE_FAMILIES.format(count=len(others) - MOST_FAMILIES))
    details = [", ".join(said)]
    if curve.status != "fitted":
        details.insert(0, wording.STATUS.get(curve.status, curve.status.replace("_", " ")))
    weight = "" if own is None else f"{whole_percent(own)} "
    return Cell(f"{weight}{family_name(curve.family)}", "\n".join(filter(None, details)) or None)


def family_name(family: str) -> str:
    """A family as a person reads it."""
    return family.replace("_", " ")


def ceiling_cell(curve: FittedCurve) -> Cell:
    """The limit of the heaviest family in percent, and the interval of all families."""
    low, high = curve.ceiling_low, curve.ceiling_high
    detail = None if low is None or high is None else f"{low * 100:.0f} to {high * 100:.0f}"
    if curve.ceiling is None:
        return Cell(MISSING, detail)
    return Cell(f"{curve.ceiling * 100:.1f}", detail)


def saturation_cell(curve: FittedCurve) -> Cell:
    """Where on its axis no doubling gains half a point any more."""
    if not curve.over_n:
        return landmark_cell(None if curve.status in NEVER_CLIMBED else curve.saturates_at)
    return landmark_cell(saturation_n(curve))


def peak_cell(curve: FittedCurve) -> Cell:
    """The best place on its axis, where accuracy falls after it."""
    return landmark_cell(curve.peak_n if curve.over_n else curve.peak_at)


def landmark_cell(n: float | None) -> Cell:
    """An n, or a dash."""
    return Cell(MISSING if n is None else count_of(n))


def fall_cell(curve: FittedCurve) -> Cell:
    """The chance that a curve falls after its best measured point."""
    fall = curve.fall
    if fall is None:
        return Cell(MISSING)
    said = wording.PROVEN if fall.proven else wording.UNPROVEN
    span = f"n {count_of(fall.from_n)} to {count_of(fall.to_n)}"
    return Cell(f"{whole_percent(fall.probability)}", f"{span}\n{said}")
