"""Best of n with a real checker: unit tests, a proof assistant; the first sample that passes.

Of a question on which one sample is right with probability p, a checker passes a sample with

    s = p (1 - fn) + (1 - p) fp

(fp its false-positive, fn its false-negative rate). Samples are checked one after another:

    accuracy(p) = p (1 - fn) sum_{k<n} (1 - s)^k + p fn (1 - s)^(n-1)
    checks(p)   = sum_{k<n} (1 - s)^k

The first term is the first that passes, and it is right; the second is the fallback where none
passes: the last sample, that a false negative may have failed. Averaged over p: of each question
where that is known, else over a Beta distribution, as coverage is (beta-binomial: Schaeffer et al.
2025, arXiv:2502.17578). False positives end the gain: Stroebl et al. 2024, arXiv:2411.17501.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.curves.curve import Curve
from planner.options.candidate import Candidate

Array = NDArray[np.float64]

NODES = 48
"""Of the quadrature over a Beta distribution: exact for n up to twice as many."""
SPREADS = (1e-3, 1e5)
"""Least and greatest alpha + beta that are told apart."""


@dataclass(frozen=True)
class Checker:
    """A program that says whether an answer is right, with its errors."""

    usd_per_check: float
    false_positive_rate: float
    """Share of wrong answers that pass."""
    false_negative_rate: float
    """Share of right answers that do not."""


@dataclass(frozen=True)
class Checked:
    """What a checker makes of n samples."""

    accuracy: Array
    checks: Array
    """Samples that are checked until one passes, expected."""


def checked(p: Array, n: int, checker: Checker) -> Checked:
    """Accuracy and checks where one sample is right with probability p, in the shape of p."""
    fp, fn = checker.false_positive_rate, checker.false_negative_rate
    s = p * (1.0 - fn) + (1.0 - p) * fp
    fails = np.clip(1.0 - s, 0.0, 1.0)
    none = fails**n
    # Of s next to 0 every sample is checked.
    tiny = s < 1e-12
    checks = np.where(tiny, float(n), (1.0 - none) / np.where(tiny, 1.0, s))
    accuracy = p * (1.0 - fn) * checks + p * fn * fails ** (n - 1)
    return Checked(np.asarray(accuracy), np.asarray(checks))


def checked_over_beta(alpha: Array, beta: Array, n: int, checker: Checker) -> Checked:
    """The same averaged over p ~ Beta(alpha, beta), each (draw,)."""
    p, weight = beta_nodes(alpha, beta)
    each = checked(p, n, checker)
    return Checked((each.accuracy * weight).sum(axis=1), (each.checks * weight).sum(axis=1))


def beta_nodes(alpha: Array, beta: Array) -> tuple[Array, Array]:
    """(nodes, weights), each (draw, node), of the Gauss quadrature of Beta(alpha, beta).

    Golub and Welsch 1969 (doi:10.1090/S0025-5718-69-99647-1): eigenvalues of the Jacobi matrix of
    the orthogonal polynomials on [0, 1], squares of the first components of its eigenvectors.
    """
    a, b = (np.asarray(beta) - 1.0)[:, None], (np.asarray(alpha) - 1.0)[:, None]
    k = np.arange(1, NODES, dtype=np.float64)[None, :]
    total = a + b
    diagonal = np.empty((len(a), NODES))
    diagonal[:, :1] = (b - a) / (total + 2.0)
    diagonal[:, 1:] = (b**2 - a**2) / ((2 * k + total) * (2 * k + total + 2.0))
    # At k = 1 the factor k + a + b stands above and below: it is cancelled by hand.
    rest = np.where(k == 1, 1.0 / (total + 3.0), (k + total) / (2 * k + total - 1.0))
    rest = np.where(k == 1, rest, rest / (2 * k + total + 1.0))
    square = 4.0 * k * (k + a) * (k + b) * rest / (2 * k + total) ** 2
    matrix = np.zeros((len(a), NODES, NODES))
    place = np.arange(NODES)
    matrix[:, place, place] = diagonal
    matrix[:, place[1:], place[:-1]] = np.sqrt(np.maximum(square, 0.0))
    x, vectors = np.linalg.eigh(matrix)
    return np.clip((1.0 + x) / 2.0, 0.0, 1.0), vectors[:, 0, :] ** 2


def beta_of(one: Array, many: Array, n: float) -> tuple[Array, Array]:
    """(alpha, beta) of the Beta whose mean is `one` and whose coverage at n is `many`, (draw,).

    Between one (all questions alike at most) and 1 - (1 - one)^n (all alike): found by bisection
    in the log of alpha + beta, in which coverage rises.
    """
    from scipy.special import betaln

    mean = np.clip(one, 1e-9, 1.0 - 1e-9)
    low, high = (np.full_like(mean, np.log(edge)) for edge in SPREADS)
    for _ in range(60):
        middle = (low + high) / 2
        alpha, beta = np.exp(middle) * mean, np.exp(middle) * (1.0 - mean)
        under = -np.expm1(betaln(alpha, beta + n) - betaln(alpha, beta)) < many
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    spread = np.exp((low + high) / 2)
    return spread * mean, spread * (1.0 - mean)


def checked_candidate(coverage: Candidate, label: str) -> Candidate:
    """A candidate whose curves are coverage, as one that a class's checker picks for.

    What its answers are worth depends on the checker: `with_checker` says it.
    """
    return replace(coverage, method="checked_best_of_n", label=label, picks_by_checker=True)


def with_checker(
    candidate: Candidate, n: int, mix: Mapping[str, float], checker: Checker
) -> Checked:
    """Accuracy and checks (draw,) of a query of a mix at n.

    Where coverage was measured, its curve is taken times what the checker's errors leave of it by
    the Beta distribution that has its first and last point. Where best of n with a checker was
    measured itself, accuracy is as measured, and only the checks are computed so.
    """
    rows = candidate.supply.draws.rows
    accuracy, checks = np.zeros(rows), np.zeros(rows)
    for bucket, share in mix.items():
        if share <= 0:
            continue
        curve = candidate.curves[bucket]
        one, many, last = _ends(curve)
        alpha, beta = beta_of(one, many, last)
        found = checked_over_beta(alpha, beta, n, checker)
        value = curve.accuracy([float(n)])[:, 0]
        if candidate.picks_by_checker:
            perfect = checked_over_beta(alpha, beta, n, Checker(0.0, 0.0, 0.0)).accuracy
            value = value * found.accuracy / np.maximum(perfect, 1e-12)
        accuracy += share * np.clip(value, 0.0, 1.0)
        checks += share * found.checks
    return Checked(accuracy, checks)


def _ends(curve: Curve) -> tuple[Array, Array, float]:
    """(first, last, n of the last) measured accuracies; of a single point all questions alike."""
    first, last = float(curve.n_measured[0]), float(curve.n_measured[-1])
    one = curve.measured[:, 0]
    if first > 1.0:
        one = curve.accuracy([1.0])[:, 0] if curve.fitted is not None else one / first
    return one, curve.measured[:, -1], max(last, 2.0)
