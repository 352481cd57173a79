"""What fitted curves are called on a page: short, and each differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from planner.domain.curves import FittedCurve, Series
from planner.domain.method import METHODS
from planner.report.text import bucket_name
from planner.units import format_count


def method_name(method: str) -> str:
    """A method as a person says it."""
    known = METHODS.get(method)
    return known.label if known else method.replace("_", " ")


def axes(curve: FittedCurve) -> str:
    """What sets a curve apart beyond model, method and verifier; "" where nothing does."""
    facts = (
        (curve.thinking_tokens, "{} thinking tokens"),
        (curve.depth, "depth {}"),
        (curve.width, "width {}"),
        (curve.temperature, "temperature {}"),
    )
    return ", ".join(
        words.format(format_count(value, 9)) for value, words in facts if value is not None
    )


def fixed_n(curve: FittedCurve) -> str:
    """The n of a curve along another axis; "" of one along n."""
    if curve.over_n or not curve.n_measured:
        return ""
    return f"n = {format_count(curve.n_measured[0], 9)}"


def series_names(curves: Iterable[FittedCurve]) -> dict[Series, str]:
    """A name of each series; the axes only where model, method and verifier do not suffice."""
    found = {curve.series: curve for curve in curves}
    shared = Counter(_short(curve) for curve in found.values())
    return {
        series: _short(curve) if shared[_short(curve)] == 1 else _long(curve)
        for series, curve in found.items()
    }


def _short(curve: FittedCurve) -> str:
    by = f" by {curve.verifier}" if curve.verifier else ""
    return f"{curve.model} {method_name(curve.method)}{by}"


def _long(curve: FittedCurve) -> str:
    return ", ".join(filter(None, (_short(curve), axes(curve))))


def place_name(question_set: str, bucket: str) -> str:
    """Question set and bucket, each said once."""
    return question_set if bucket == question_set else f"{question_set}, {bucket_name(bucket)}"


def many(count: int, noun: str) -> str:
    """Such as "1 curve" or "2 curves"."""
    return f"{format_count(count)} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str], noun: str, most: int) -> str:
    """The names, or how many they are where they are more than `most`."""
    if len(names) > most:
        return many(len(names), noun)
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
