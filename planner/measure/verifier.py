"""How well a verifier's scores tell right samples from wrong ones, by bucket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.domain.measured import CalibrationBin, VerifierBucket
from planner.domain.observation import ALL
from planner.measure.samples import ProblemSamples
from planner.measure.table import Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

THRESHOLD = 0.5
"""Score from which a sample passes, unless the user says another."""
BINS = 10
"""Ranges of the score in which the share of right samples is compared with it."""
MOST_SCORES = 1 << 20
"""Different scores kept apart; more are put together with their neighbours."""


class ScoreTable:
    """Samples by score: how many were right, how many wrong, of each bucket."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[Array, Array, Array]] = {}

    def add(self, samples: ProblemSamples, buckets: Sequence[str | None], weight: float) -> None:
        """The scored samples of problems and the bucket of each; every sample counts `weight`."""
        import numpy as np

        assert samples.score is not None
        scored = samples.there & ~np.isnan(samples.score)
        named = np.array([b or "" for b in buckets], dtype=object)
        for bucket in sorted({b for b in named.tolist() if b}):
            inside = scored & (named == bucket)[:, None]
            right = samples.correct[inside]
            self._merge(bucket, samples.score[inside], right * weight, (1.0 - right) * weight)

    def _merge(self, bucket: str, score: Array, right: Array, wrong: Array) -> None:
        import numpy as np

        if bucket in self._of:
            before = self._of[bucket]
            score, right, wrong = (
                np.concatenate(pair) for pair in zip(before, (score, right, wrong), strict=True)
            )
        values, place = np.unique(score, return_inverse=True)
        if len(values) > MOST_SCORES:
            # Neighbours in rank are put together: each keeps the score of the first of them.
            step = -(-len(values) // MOST_SCORES)
            place = place // step
            values = values[::step]
        right_of = np.bincount(place, right, minlength=len(values)).astype(np.float64)
        wrong_of = np.bincount(place, wrong, minlength=len(values)).astype(np.float64)
        self._of[bucket] = (values, right_of, wrong_of)

    def quality(self, series: Series, verifier: str, threshold: float) -> list[VerifierBucket]:
        """One row a bucket, the whole first."""
        order = sorted(self._of, key=lambda bucket: (bucket != ALL, bucket))
        return [
            _quality(series, verifier, bucket, threshold, *self._of[bucket]) for bucket in order
        ]


def auc(right: Array, wrong: Array) -> float | None:
    """Chance that a right sample is scored above a wrong one, ties counting half.

    right and wrong, shape (score,), count the samples of each score, by rising score. None
    where one kind is missing.
    """
    total = right.sum() * wrong.sum()
    below = wrong.cumsum() - wrong / 2.0
    return float((right * below).sum() / total) if total > 0 else None


def _quality(
    series: Series,
    verifier: str,
    bucket: str,
    threshold: float,
    score: Array,
    right: Array,
    wrong: Array,
) -> VerifierBucket:
    passes = score >= threshold
    probabilities = len(score) > 0 and bool(score[0] >= 0.0 and score[-1] <= 1.0)
    bins = _calibration(score, right, wrong) if probabilities else ()
    samples = float((right + wrong).sum())
    error = sum(b.samples * abs(b.score - b.correct) for b in bins) / samples if bins else None
    return VerifierBucket(
        question_set=series.question_set,
        model=series.model,
        verifier=verifier,
        bucket=bucket,
        samples=round(samples),
        auc=auc(right, wrong),
        calibration_error=error,
        false_positive_rate=_share(wrong[passes].sum(), wrong.sum()),
        false_negative_rate=_share(right[~passes].sum(), right.sum()),
        threshold=threshold,
        calibration=tuple(bins),
    )


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _calibration(score: Array, right: Array, wrong: Array) -> list[CalibrationBin]:
    import numpy as np

    place = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    both = right + wrong
    bins = []
    for i in np.unique(place).tolist():
        inside = place == i
        count = float(both[inside].sum())
        bins.append(
            CalibrationBin(
                score=float((score * both)[inside].sum() / count),
                correct=float(right[inside].sum() / count),
                samples=round(count),
            )
        )
    return bins
