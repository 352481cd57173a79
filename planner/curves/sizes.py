"""Accuracy across model sizes: a logistic regression that predicts a size not measured.

logit(accuracy) = bucket + a ln(parameters) + b ln(n) + c ln(parameters) ln(n), binomial over
questions; without the last two where all were measured at one n. Sizes measured on the same
questions err together: where resamples of the questions are known, standard errors are clustered
by question,

    cov = A^-1 X' Q S Q X A^-1,   A = X' Q diag(p (1 - p)) X,

with S the covariance of the accuracies over the resamples, Q the questions of each row on its
diagonal, X the design and p the fitted accuracies. Rows of single problems are clustered by
problem. Means over a question set without resamples have no more clusters than coefficients, and
take their standard errors from the over-dispersion, which is reported. How far to trust a
prediction is told by leaving each size out in turn. Source: McCullagh and Nelder 1989, Generalized
Linear Models; Liang and Zeger 1986, Biometrika 73, 13 (cluster-robust errors).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.curves.families.base import Array
from planner.domain.observation import Observation
from planner.errors import InputError, Problem

REACH = 2.0
"""How far beyond the sizes measured a prediction goes without being asked to extrapolate."""
SIZES = 3
"""Fewest sizes of which one can be left out and a slope still be fitted."""
Z90 = 1.6448536269514722


@dataclass(frozen=True)
class SizePrediction:
    """Accuracy of a size that was not measured."""

    accuracy: float
    low: float
    """90% interval of the mean, over-dispersion and the spread between sizes included."""
    high: float
    extrapolated: bool
    factor: float
    """How far beyond the sizes measured; 1 between them."""
    n_factor: float
    """How far beyond the sample counts measured; 1 between them."""


@dataclass(frozen=True)
class Design:
    """The columns of the regression."""

    buckets: tuple[str, ...]
    n_varies: bool
    """False where all rows have one n, of which nothing can then be told."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the coefficients."""
        of_n = ("ln n", "ln params x ln n") if self.n_varies else ()
        return (*self.buckets, "ln params", *of_n)

    def row(self, params_b: float, n: float, bucket: str) -> Array:
        """One row, shape (coefficient,)."""
        size, samples = math.log(params_b), math.log(n)
        of_n = (samples, size * samples) if self.n_varies else ()
        return np.array([*(float(bucket == name) for name in self.buckets), size, *of_n])

    def rows(self, rows: Sequence[Observation]) -> Array:
        """Shape (row, coefficient)."""
        return np.stack([self.row(float(r.params_b or 0.0), r.n_samples, r.bucket) for r in rows])


@dataclass(frozen=True)
class SizeModel:
    """The fitted regression."""

    design: Design
    coefficients: Array
    covariance: Array
    """Cluster-robust, or of the over-dispersed binomial."""
    clustered: bool
    dispersion: float
    """Pearson's chi-squared by degree of freedom: above 1, more scatter than sampling has."""
    sizes_b: tuple[float, ...]
    n_measured: tuple[int, ...]
    left_out_errors: dict[float, float]
    """Mean absolute error, in accuracy, of each size predicted from the others."""
    left_out_logit: float
    """The same on the logit scale, mean over sizes: the sum of errors over that of p (1 - p)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the coefficients."""
        return self.design.names

    @property
    def buckets(self) -> tuple[str, ...]:
        """Measured, in the order of the rows."""
        return self.design.buckets

    @property
    def left_out_error(self) -> float:
        """Mean of `left_out_errors`; 0 where no size could be left out."""
        return float(np.mean(list(self.left_out_errors.values()) or [0.0]))

    def predict(
        self, params_b: float, n: float, bucket: str, *, extrapolate: bool = False
    ) -> SizePrediction:
        """Accuracy of a model of params_b billion parameters at n samples.

        Raises InputError for a bucket that was not measured, for another n where all rows have
        one, and for a size more than REACH times beyond those measured unless told to extrapolate.
        """
        factor = _beyond(params_b, self.sizes_b)
        n_factor = _beyond(n, self.n_measured)
        problems = []
        if bucket not in self.buckets:
            remedy = f"measured are {', '.join(self.buckets)}"
            what = "no size was measured on this bucket"
            problems.append(Problem("sizes", what, value=bucket, remedy=remedy))
        if n_factor > 1.0 and not self.design.n_varies:
            what = f"all sizes were measured at n = {self.n_measured[0]} only"
            problems.append(Problem("sizes", what, value=f"n = {n:g}"))
        if factor > REACH and not extrapolate:
            low, high = self.sizes_b[0], self.sizes_b[-1]
            problems.append(
                Problem(
                    "sizes",
                    f"{factor:.1f} times beyond the sizes measured ({low:g} to {high:g} billion)",
                    value=f"{params_b:g} billion parameters",
                    remedy="measure a size nearer to it, or give --extrapolate",
                )
            )
        if problems:
            raise InputError(problems)
        row = self.design.row(params_b, n, bucket)
        middle = float(row @ self.coefficients)
        spread = math.sqrt(max(float(row @ self.covariance @ row), 0.0))
        # What leaving a size out was off by is part of what a size not measured may be off by.
        sd = math.hypot(spread, self.left_out_logit * math.sqrt(math.pi / 2))
        low, high = (_logistic(middle + side * Z90 * sd) for side in (-1.0, 1.0))
        return SizePrediction(_logistic(middle), low, high, factor > 1.0, factor, n_factor)


def fit_sizes(
    rows: Sequence[Observation],
    clusters: Sequence[object] | None = None,
    covariance: Array | None = None,
) -> SizeModel:
    """Fits rows of one method at several sizes and n; each must state params_b.

    `covariance` (row, row) is that of the accuracies over resamples of the questions, where it is
    known. `clusters` (by default question set and bucket) says which rows share their questions:
    give the problem of each row where the rows are single problems (n_questions the samples drawn).

    Raises InputError where fewer than SIZES sizes were measured, a row states none, a bucket is
    all right or all wrong, or the rows are too few for the coefficients.
    """
    _check(rows)
    counts = tuple(sorted({row.n_samples for row in rows}))
    design = Design(tuple(dict.fromkeys(row.bucket for row in rows)), len(counts) > 1)
    x = design.rows(rows)
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise InputError(
            Problem(
                "sizes",
                "the rows are too few: sizes and sample counts cannot be told apart",
                remedy="measure the sizes at the same two or more sample counts",
            )
        )
    labels = clusters or [(row.question_set, row.bucket) for row in rows]
    by_label = covariance is None and len(set(labels)) > 2 * x.shape[1]
    result = _glm(rows, x, labels if by_label else None)
    dispersion = float(result.pearson_chi2 / max(result.df_resid, 1))
    # A scatter below the binomial's is luck where the degrees of freedom are few.
    cov = np.asarray(result.cov_params(), dtype=np.float64) * (
        1.0 if by_label else max(dispersion, 1.0)
    )
    if covariance is not None:
        questions = np.array([row.n_questions for row in rows], dtype=np.float64)[:, None]
        bread = np.asarray(result.cov_params(), dtype=np.float64) @ (x * questions).T
        cov = bread @ covariance @ bread.T
    errors, logits = _left_out(rows, x)
    return SizeModel(
        design,
        np.asarray(result.params, dtype=np.float64),
        cov,
        by_label or covariance is not None,
        dispersion,
        tuple(sorted({float(row.params_b or 0.0) for row in rows})),
        counts,
        errors,
        float(np.mean(logits or [0.0])),
    )


def _left_out(rows: Sequence[Observation], x: Array) -> tuple[dict[float, float], list[float]]:
    """Mean absolute errors of sizes predicted from the others, in accuracy and on the logit scale.

    Only of sizes without which the others still tell all coefficients.
    """
    errors, logits = {}, []
    sizes = np.array([float(row.params_b or 0.0) for row in rows])
    accuracy = np.array([row.accuracy for row in rows])
    for size in np.unique(sizes):
        rest, out = np.flatnonzero(sizes != size), sizes == size
        if np.linalg.matrix_rank(x[rest]) < x.shape[1]:
            continue
        other = _glm([rows[int(i)] for i in rest], x[rest], None)
        told = 1.0 / (1.0 + np.exp(-(x[out] @ other.params)))
        off = np.abs(told - accuracy[out])
        errors[float(size)] = float(off.mean())
        # A small p leaves little room in accuracy for an error that a middle one would show.
        logits.append(float(off.sum() / np.maximum(told * (1.0 - told), 1e-6).sum()))
    return errors, logits


def _check(rows: Sequence[Observation]) -> None:
    unsized = [row for row in rows if row.params_b is None]
    problems = [
        Problem(
            "sizes",
            f"{row.model} does not say how many parameters it has",
            column="params_b",
            remedy="fill in params_b",
        )
        for row in {row.model: row for row in unsized}.values()
    ]
    sizes = sorted({row.params_b for row in rows if row.params_b is not None})
    if not problems and len(sizes) < SIZES:
        seen = ", ".join(f"{size:g}B" for size in sizes)
        problems.append(
            Problem(
                "sizes",
                "only 1 size was measured"
                if len(sizes) == 1
                else f"only {len(sizes)} sizes were measured",
                value=seen,
                remedy=f"a size not measured can be told from {SIZES} or more",
            )
        )
    for bucket in dict.fromkeys(row.bucket for row in rows):
        seen_here = {row.accuracy for row in rows if row.bucket == bucket}
        if seen_here in ({0.0}, {1.0}):
            what = "every size is all right here" if 1.0 in seen_here else "no size is ever right"
            remedy = "leave the bucket out: it tells nothing of size"
            problems.append(Problem("sizes", what, value=bucket, remedy=remedy))
    if problems:
        raise InputError(problems)


def _glm(rows: Sequence[Observation], x: Array, labels: Sequence[object] | None) -> Any:
    """The fitted statsmodels GLM; covariance of the plain binomial, or clustered by labels."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    right = np.array([[r.accuracy * r.n_questions, r.n_questions] for r in rows])
    counts = np.column_stack([right[:, 0], right[:, 1] - right[:, 0]])
    model = sm.GLM(counts, x, family=sm.families.Binomial())
    if labels is None:
        with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
            # As many rows as coefficients are fitted exactly, which looks like separation; buckets
            # all right or all wrong, which would be it, are refused before.
            warnings.simplefilter("ignore", PerfectSeparationWarning)
            return model.fit()
    code: NDArray[np.intp] = np.unique([str(label) for label in labels], return_inverse=True)[1]
    return model.fit(cov_type="cluster", cov_kwds={"groups": code})


def _beyond(value: float, measured: Sequence[float]) -> float:
    """How many times beyond the measured range; 1 within it."""
    return max(value / measured[-1], measured[0] / value, 1.0)


def _logistic(x: float) -> float:
    return float(0.5 * (1.0 + math.tanh(0.5 * x)))
