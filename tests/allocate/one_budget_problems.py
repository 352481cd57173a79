"""Random problems with one budget, and the exact answers that solvers are judged by."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from planner.allocate.problem import API_FLEET, Problem

ACCURACY_PARTS = 40
"""Accuracies of the random problems are whole fortieths."""


def random_problem(rng: np.random.Generator, *, whole: bool) -> Problem:
    """Small integer costs, with fixed costs, forbidden cells, limits and ties in the mixture."""
    shape = n_classes, n_options = int(rng.integers(1, 5)), int(rng.integers(1, 6))
    n_models = int(rng.integers(1, 4))
    model = rng.integers(0, n_models, n_options)
    usd = rng.integers(0, 12, shape).astype(float)
    queries = rng.integers(0 if rng.random() < 0.1 else 1, 6, n_classes).astype(float)
    most = int((usd.max(axis=1) * queries).sum())
    fixed = rng.integers(0, 10, int(model.max()) + 1).astype(float)
    allowed = rng.random(shape) < (0.8 if rng.random() < 0.5 else 1.0)
    allowed[np.arange(n_classes), rng.integers(0, n_options, n_classes)] = True
    return Problem(
        queries_per_day=queries,
        accuracy=rng.integers(0, ACCURACY_PARTS + 1, shape) / ACCURACY_PARTS,
        allowed=allowed,
        gpu_s=np.zeros(shape),
        direct_usd=usd,
        flop=np.zeros(shape),
        fleet=np.full(n_options, API_FLEET),
        model=model,
        model_fixed_usd_per_day=fixed if rng.random() < 0.6 else None,
        budget_usd_per_day=float(rng.integers(0, max(most, 2))),
        max_models=int(rng.integers(1, 3)) if rng.random() < 0.4 else None,
        whole=whole,
    )


def brute_force(problem: Problem) -> tuple[Fraction, Fraction] | None:
    """(mean accuracy, dollars a day) of the best whole plan, of equal ones the cheapest.

    Every choice of options is tried, in fractions. None where none fits the budget.
    """
    options = [np.flatnonzero(row).tolist() for row in problem.allowed]
    gain = [[_gain(problem, c, o) for o in range(len(problem.model))] for c in range(len(options))]
    usd = [[_usd(problem, c, o) for o in range(len(problem.model))] for c in range(len(options))]
    fixed = [_fixed(problem, m) for m in range(problem.n_models)]
    model = problem.model.tolist()
    most = problem.n_models if problem.max_models is None else problem.max_models
    best: tuple[Fraction, Fraction] | None = None
    for choice in itertools.product(*options):
        models = {model[o] for o in choice}
        cost = sum(row[o] for row, o in zip(usd, choice, strict=True))
        cost += sum(fixed[m] for m in models)
        if len(models) <= most and cost <= _budget(problem):
            accuracy = sum(row[o] for row, o in zip(gain, choice, strict=True))
            if best is None or (accuracy, -cost) > (best[0], -best[1]):
                best = accuracy, cost
    return best


def exact_split(problem: Problem) -> Fraction | None:
    """Best mean accuracy where classes may be split: a linear program solved in fractions.

    For every set of models: each class's hull by the textbook scan, all edges by slope, and the
    last one in part. None where no set fits the budget.
    """
    best: Fraction | None = None
    for models in _sets(problem):
        left = _budget(problem) - sum(_fixed(problem, m) for m in models)
        hulls = [_hull(problem, c, models) for c in range(len(problem.queries_per_day))]
        if not all(hulls):
            continue
        left -= sum(hull[0][0] for hull in hulls)
        if left < 0:
            continue
        gain = sum(hull[0][1] for hull in hulls)
        edges = sorted(
            ((b[1] - a[1]) / (b[0] - a[0]), b[0] - a[0])
            for hull in hulls
            for a, b in itertools.pairwise(hull)
        )
        for slope, width in reversed(edges):
            spent = min(width, left)
            gain, left = gain + slope * spent, left - spent
        best = gain if best is None else max(best, gain)
    return best


def _hull(problem: Problem, c: int, models: tuple[int, ...]) -> list[tuple[Fraction, Fraction]]:
    points = sorted(
        {
            (_usd(problem, c, o), _gain(problem, c, o))
            for o in np.flatnonzero(problem.allowed[c])
            if problem.model[o] in models
        },
        key=lambda point: (point[0], -point[1]),
    )
    hull: list[tuple[Fraction, Fraction]] = []
    for cost, gain in points:
        if hull and gain <= hull[-1][1]:
            continue
        while len(hull) > 1:
            (c0, g0), (c1, g1) = hull[-2:]
            if (g1 - g0) * (cost - c0) > (gain - g0) * (c1 - c0):
                break
            hull.pop()
        hull.append((cost, gain))
    return hull


def _sets(problem: Problem) -> Iterator[tuple[int, ...]]:
    most = problem.n_models if problem.max_models is None else problem.max_models
    for size in range(1, min(most, problem.n_models) + 1):
        yield from itertools.combinations(range(problem.n_models), size)


def _gain(problem: Problem, c: int, o: int) -> Fraction:
    accuracy = Fraction(round(float(problem.accuracy[c, o]) * ACCURACY_PARTS), ACCURACY_PARTS)
    queries = [Fraction(q) for q in problem.queries_per_day.tolist()]
    # A workload without queries weighs its classes alike.
    return accuracy * (queries[c] / sum(queries) if sum(queries) else Fraction(1, len(queries)))


def _usd(problem: Problem, c: int, o: int) -> Fraction:
    return Fraction(float(problem.direct_usd[c, o])) * Fraction(float(problem.queries_per_day[c]))


def _fixed(problem: Problem, m: int) -> Fraction:
    fixed = problem.model_fixed_usd_per_day
    return Fraction(0) if fixed is None else Fraction(float(fixed[m]))


def _budget(problem: Problem) -> Fraction:
    return Fraction(float(problem.budget_usd_per_day or 0.0))
