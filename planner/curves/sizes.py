"""Accuracy across model sizes: a logistic regression that predicts a size not measured.

logit(accuracy) = bucket + a ln(parameters) + b ln(n) + c ln(parameters) ln(n), binomial over
questions. Rows of single problems err together where they are of one problem: standard errors are
then clustered by problem. Means over a question set have no more clusters than coefficients, and
take their standard errors from the over-dispersion, which is reported. How far to trust a
prediction is told by leaving each size out in turn. Source: McCullagh and Nelder 1989, Generalized
Linear Models; Liang and Zeger 1986, Biometrika 73, 13 (cluster-robust errors).
"""

from __future__ import annotations

import math
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
    """90 % interval of the mean, over-dispersion and the spread between sizes included."""
    high: float
    extrapolated: bool
    factor: float
    """How far beyond the sizes measured; 1 between them."""


@dataclass(frozen=True)
class SizeModel:
    """The fitted regression."""

    names: tuple[str, ...]
    """Of the coefficients."""
    coefficients: Array
    covariance: Array
    """Cluster-robust, or of the over-dispersed binomial."""
    clustered: bool
    dispersion: float
    """Pearson's chi-squared by degree of freedom: above 1, more scatter than sampling has."""
    sizes_b: tuple[float, ...]
    buckets: tuple[str, ...]
    left_out_errors: dict[float, float]
    """Mean absolute error, in accuracy, of each size predicted from the others."""

    def predict(
        self, params_b: float, n: float, bucket: str, *, extrapolate: bool = False
    ) -> SizePrediction:
        """Accuracy of a model of params_b billion parameters at n samples.

        Raises InputError for a bucket that was not measured, and for a size more than REACH times
        beyond those measured unless told to extrapolate.
        """
        low, high = self.sizes_b[0], self.sizes_b[-1]
        factor = max(params_b / high, low / params_b, 1.0)
        if bucket not in self.buckets:
            raise InputError(
                Problem(
                    "sizes",
                    "no size was measured on this bucket",
                    value=bucket,
                    remedy=f"measured are {', '.join(self.buckets)}",
                )
            )
        if factor > REACH and not extrapolate:
            raise InputError(
                Problem(
                    "sizes",
                    f"{factor:.1f} times beyond the sizes measured ({low:g} to {high:g} billion)",
                    value=f"{params_b:g} billion parameters",
                    remedy="measure a size nearer to it, or give --extrapolate",
                )
            )
        row = _row(params_b, n, bucket, self.buckets)
        middle = float(row @ self.coefficients)
        spread = math.sqrt(max(float(row @ self.covariance @ row), 0.0))
        # What leaving a size out was off by is part of what a size not measured may be off by.
        p = 1.0 / (1.0 + math.exp(-middle))
        off = float(np.mean(list(self.left_out_errors.values()) or [0.0])) * math.sqrt(math.pi / 2)
        sd = math.hypot(spread, off / max(p * (1.0 - p), 1e-6))
        ends = [1.0 / (1.0 + math.exp(-(middle + side * Z90 * sd))) for side in (-1.0, 1.0)]
        return SizePrediction(p, ends[0], ends[1], factor > 1.0, factor)


def fit_sizes(rows: Sequence[Observation], clusters: Sequence[object] | None = None) -> SizeModel:
    """Fits rows of one method at several sizes and n; each must state params_b.

    `clusters` (by default question set and bucket) says which rows share their questions: give the
    problem of each row where the rows are single problems (n_questions the samples drawn).

    Raises InputError where fewer than SIZES sizes were measured, or a row states none.
    """
    _check(rows)
    buckets = tuple(dict.fromkeys(row.bucket for row in rows))
    labels = clusters or [(row.question_set, row.bucket) for row in rows]
    sizes = sorted({float(row.params_b or 0.0) for row in rows})
    result = _glm(rows, labels, buckets)
    errors = {}
    for size in sizes:
        rest = [i for i, row in enumerate(rows) if row.params_b != size]
        if len(sizes) < SIZES or {rows[i].bucket for i in rest} != set(buckets):
            continue
        other = _glm([rows[i] for i in rest], [labels[i] for i in rest], buckets)
        out = [row for row in rows if row.params_b == size]
        told = 1.0 / (1.0 + np.exp(-(_design(out, buckets) @ other.params)))
        errors[size] = float(np.abs(told - [row.accuracy for row in out]).mean())
    return SizeModel(
        (*buckets, "ln params", "ln n", "ln params x ln n"),
        np.asarray(result.params, dtype=np.float64),
        np.asarray(result.cov_params(), dtype=np.float64),
        _enough(labels, len(buckets)),
        float(result.pearson_chi2 / max(result.df_resid, 1)),
        tuple(sizes),
        buckets,
        errors,
    )


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
    sizes = {row.params_b for row in rows} - {None}
    if not problems and len(sizes) < SIZES:
        problems.append(
            Problem(
                "sizes",
                f"only {len(sizes)} sizes were measured",
                remedy=f"a size not measured can be told from {SIZES} or more",
            )
        )
    if problems:
        raise InputError(problems)


def _row(params_b: float, n: float, bucket: str, buckets: Sequence[str]) -> Array:
    size, samples = math.log(params_b), math.log(n)
    levels = [float(bucket == name) for name in buckets]
    return np.array([*levels, size, samples, size * samples])


def _design(rows: Sequence[Observation], buckets: Sequence[str]) -> Array:
    return np.stack([_row(float(r.params_b or 0.0), r.n_samples, r.bucket, buckets) for r in rows])


def _glm(rows: Sequence[Observation], labels: Sequence[object], buckets: Sequence[str]) -> Any:
    """The fitted statsmodels GLM."""
    import statsmodels.api as sm

    right = np.array([[r.accuracy * r.n_questions, r.n_questions] for r in rows])
    counts = np.column_stack([right[:, 0], right[:, 1] - right[:, 0]])
    design = _design(rows, buckets)
    model = sm.GLM(counts, design, family=sm.families.Binomial())
    if not _enough(labels, len(buckets)):
        return model.fit(scale="X2")
    code: NDArray[np.intp] = np.unique([str(label) for label in labels], return_inverse=True)[1]
    return model.fit(cov_type="cluster", cov_kwds={"groups": code})


def _enough(labels: Sequence[object], buckets: int) -> bool:
    """True where there are more than twice as many clusters as coefficients."""
    return len(set(labels)) > 2 * (buckets + 3)
