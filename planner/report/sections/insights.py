"""What fitted curves say in words: what gains, what saturates, what falls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from planner.domain.curves import FittedCurve, FittedCurves
from planner.domain.observation import ALL
from planner.domain.pictured import CurvePoint
from planner.report import wording_curves as wording
from planner.report.curve_changes import (
    HALF_POINT,
    Names,
    accuracy,
    climbs,
    count_of,
    falls,
    gains,
    saturated,
    signed_points,
)
from planner.report.curve_names import listed, many, method_name, place_name, series_names
from planner.report.text import bucket_name, whole_percent

MOST_NAMES = 4
"""Names in a sentence; more are counted."""
MOST_N = 12
"""Sample counts in a sentence."""

Tell = Callable[[Sequence[FittedCurve], Names], str | None]


def headline(fitted: FittedCurves) -> str:
    """The strongest thing that the curves say."""
    if not fitted.curves:
        return wording.NO_CURVES
    changes = gains(fitted.curves)
    if not changes:
        return wording.ONE_POINTS
    best = changes[0]
    words = best.words(series_names(fitted.curves))
    if best.points < HALF_POINT:
        return wording.NO_GAIN.format(**words)
    said = wording.MOST_GAIN.format(**words)
    if best.overlap:
        said += wording.OVERLAP
    return said if best.curve.buyable else said + wording.CANNOT_BE_BOUGHT


def fitted_sentence(fitted: FittedCurves) -> str:
    """What was fitted: models, methods, question sets, buckets, and at which n."""
    curves = fitted.curves
    if not curves:
        return ""
    models = list(dict.fromkeys(c.model for c in curves))
    methods = list(dict.fromkeys(method_name(c.method) for c in curves))
    sets = list(dict.fromkeys(c.question_set for c in curves))
    buckets = list(dict.fromkeys(bucket_name(c.bucket) for c in curves))
    divided = (
        f", over {many(len(buckets), 'bucket')} ({listed(buckets, 'bucket', 8)})"
        if len(buckets) > 1
        else ""
    )
    verb = "was" if len(curves) == 1 else "were"
    return (
        f"{many(len(curves), 'curve')} of {listed(models, 'model', MOST_NAMES)}, by"
        f" {listed(methods, 'method', 6)}, {verb} fitted to accuracies on"
        f" {listed(sets, 'question set', MOST_NAMES)}{divided}, measured at n = {_ns(curves)}."
    )


def _ns(curves: Iterable[FittedCurve]) -> str:
    ns = sorted({n for curve in curves for n in curve.n_measured})
    if len(ns) > MOST_N:
        return f"{count_of(ns[0])} to {count_of(ns[-1])}"
    return listed([count_of(n) for n in ns], "sample count", MOST_N)


def insights(fitted: FittedCurves) -> tuple[str, ...]:
    """What a reader should know next, one sentence each."""
    curves = fitted.curves
    names = series_names(curves)
    said = [*_most_accurate(curves, names)]
    said += [text for tell in TOLD if (text := tell(curves, names)) is not None]
    return tuple(said)


def _most_accurate(curves: Sequence[FittedCurve], names: Names) -> list[str]:
    """The best of each question set as a whole; where there are many sets, of the first few."""
    best: dict[str, tuple[CurvePoint, FittedCurve]] = {}
    count: Counter[str] = Counter()
    for curve in curves:
        if curve.bucket != ALL or not curve.buyable or not curve.known():
            continue
        count[curve.question_set] += 1
        point = max(curve.known(), key=lambda p: p.accuracy)
        if curve.question_set not in best or point.accuracy > best[curve.question_set][0].accuracy:
            best[curve.question_set] = (point, curve)
    return [
        wording.BEST.format(
            question_set=question_set,
            name=names[curve.series],
            accuracy=accuracy(point),
            n=count_of(point.n_samples),
            flattered=wording.FLATTERED.format(count=count[question_set])
            if count[question_set] > 1
            else "",
        )
        for question_set, (point, curve) in list(best.items())[:MOST_NAMES]
    ]


def _by_bucket(curves: Sequence[FittedCurve], names: Names) -> str | None:
    """Where the curve that gains most gains most, and least."""
    changes = gains(curves)
    if not changes or changes[0].points < HALF_POINT:
        return None
    best = changes[0].curve
    parts = [
        part
        for part in gains(c for c in curves if c.bucket != ALL)
        if part.curve.series == best.series and part.curve.question_set == best.question_set
    ]
    if len(parts) < 2:
        return None
    most, least = parts[0], parts[-1]
    return wording.BY_BUCKET.format(
        name=names[best.series],
        most=most.curve.bucket,
        points_most=signed_points(most.points),
        least=least.curve.bucket,
        points_least=signed_points(least.points),
    )


def _falling(curves: Sequence[FittedCurve], names: Names) -> str | None:
    found = falls(curves)
    if not found:
        return wording.NO_FALLS if gains(curves) else None
    return wording.FALLS.format(
        count=f"{many(len(found), 'curve')} {'falls' if len(found) == 1 else 'fall'}",
        overlap=wording.OVERLAP if found[0].overlap else "",
        proof=_proof(found[0].curve),
        **found[0].words(names),
    )


def _proof(curve: FittedCurve) -> str:
    """Whether the fall of a curve is more than luck; "" where the draws do not say."""
    if curve.fall is None:
        return ""
    said = wording.FALL_PROVEN if curve.fall.proven else wording.FALL_UNPROVEN
    return said.format(share=whole_percent(curve.fall.probability))


def _saturating(curves: Sequence[FittedCurve], names: Names) -> str | None:
    found = saturated(curves)
    if not found:
        return None
    (n_first, first), (n_last, last) = found[0], found[-1]
    words = {
        "first": names[first.series],
        "n_first": count_of(n_first),
        "place_first": place_name(first.question_set, first.bucket),
    }
    if len(found) == 1:
        return wording.SATURATED_ONE.format(**words)
    return wording.SATURATED.format(
        count=f"{many(len(found), 'curve')} saturate",
        last=names[last.series],
        n_last=count_of(n_last),
        place_last=place_name(last.question_set, last.bucket),
        **words,
    )


def _rising(curves: Sequence[FittedCurve], names: Names) -> str | None:
    del names
    count = climbs(curves)
    return wording.RISING.format(count=_counted(count, "is", "are")) if count else None


def _with_status(status: str, sentence: str, one: str, several: str) -> Tell:
    def told(curves: Sequence[FittedCurve], names: Names) -> str | None:
        del names
        count = sum(curve.status == status for curve in curves)
        return sentence.format(count=_counted(count, one, several)) if count else None

    return told


def _counted(count: int, one: str, several: str) -> str:
    """Such as "2 curves show": the verb agrees."""
    return f"{many(count, 'curve')} {one if count == 1 else several}"


TOLD: tuple[Tell, ...] = (
    _by_bucket,
    _saturating,
    _rising,
    _falling,
    _with_status("flat", wording.FLAT, "shows", "show"),
    _with_status("two_points", wording.TWO_POINTS, "rests", "rest"),
    _with_status("one_point", wording.ONE_POINT, "is", "are"),
)
"""The sentences after the most accurate, in order."""
