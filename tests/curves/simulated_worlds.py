"""Simulated measurements of known curves, and how often the planner's intervals hold the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.curves import FAMILIES, fit_curves
from planner.curves.families import Family, Kind
from planner.curves.families.base import Array
from planner.curves.select import families_for
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations
from planner.measure.replicates import Correlation

MEASURED = 2.0 ** np.arange(7)
BETWEEN = np.array([1.0, 2.0, 3.0, 8.0, 24.0, 64.0])
BEYOND = np.array([512.0])
METHOD = {
    "coverage": "oracle_best_of_n",
    "vote": "majority_vote",
    "pick": "best_of_n",
    "depth": "revision",
    "thinking": "long_cot",
}
OWN = {"coverage": 0.9, "vote": 0.9, "pick": 0.5, "depth": 1e-9, "thinking": 1e-9}
"""Correlation of a curve's own error between n and 2n."""

TRUTHS: dict[str, tuple[Sequence[float], Sequence[float]]] = {
    "constant": ([0.1], [0.9]),
    "log_linear": ([0.1, 0.01], [0.4, 0.08]),
    "power_law": ([0.1, 0.02, 0.2], [0.5, 0.25, 1.2]),
    "hill": ([0.1, 0.02, 1.0], [0.5, 0.25, 60.0]),
    "vote_limit": ([0.1, -0.03, 0.02], [0.6, 0.12, 0.8]),
    "logistic": ([0.4, 1.0, 0.3], [0.95, 60.0, 1.2]),
    "two_level_vote": ([0.2, 0.55, 0.2], [0.85, 0.9, 0.47]),
    "imperfect_verifier": ([0.1, 0.2, 0.005], [0.5, 1.0, 0.08]),
    "exponentiated_power_law": ([0.5, 0.1], [3.0, 0.7]),
    "beta_binomial": ([0.1, 0.5], [1.5, 20.0]),
    "heavy_tail": ([0.4, 1.0, 0.3], [0.95, 60.0, 1.5]),
    "revision_chain": ([0.1, -0.03, 0.02], [0.6, 0.12, 0.8]),
    "overthinking": ([0.1, 0.2, 0.005], [0.5, 1.0, 0.08]),
}
"""Lowest and highest parameters of a family's truths."""


@dataclass(frozen=True)
class World:
    """A true curve, and what a benchmark of `questions` questions says of it."""

    kind: Kind
    family: Family
    theta: Array
    questions: int
    seen: Array

    def truth(self, n: Array) -> Array:
        return self.family.value(n, self.theta)


def worlds(kind: Kind, count: int, rng: np.random.Generator) -> Iterator[World]:
    """Worlds with families drawn with equal frequency, accuracies within .05 and .95."""
    noise = _noise(kind)
    offered = families_for(kind)
    for i in range(count):
        family = offered[i % len(offered)]
        while True:
            theta = rng.uniform(*TRUTHS[family.name])
            if family.name == "constant":
                theta = np.array([theta[0], 0.0])
            value = family.value(np.r_[MEASURED, BEYOND], theta)
            if value.min() >= 0.05 and value.max() <= 0.95:
                break
        questions = int(rng.choice([200, 500, 1000]))
        p = value[: len(MEASURED)]
        error = (noise @ rng.normal(size=len(MEASURED))) * np.sqrt(p * (1 - p) / questions)
        seen = np.clip(np.round((p + error) * questions), 0, questions) / questions
        yield World(kind, family, theta, questions, seen)


def _noise(kind: Kind) -> Array:
    """Square root of the correlation of the errors along a curve."""
    methods = Correlation().methods
    apart = np.abs(np.subtract.outer(np.log2(MEASURED), np.log2(MEASURED)))
    return np.linalg.cholesky(methods + (1 - methods) * OWN[kind] ** apart)


def at(kind: Kind, n: float) -> dict[str, Any]:
    """The axes of a row at position n."""
    if kind == "depth":
        return {"n_samples": 1, "depth": round(n - 1)}
    if kind == "thinking":
        return {"n_samples": 1, "thinking_tokens": round(1000 * (n - 1))}
    return {"n_samples": round(n)}


def held(some: Sequence[World], draws: int = 200) -> tuple[Array, Array]:
    """Whether the 90% interval holds the truth, (world, n) at BETWEEN and at BEYOND."""
    rows = [
        Observation(
            model="m",
            method=METHOD[world.kind],
            verifier="prm" if world.kind == "pick" else None,
            question_set=f"set {i}",
            bucket=ALL,
            accuracy=float(y),
            n_questions=world.questions,
            **at(world.kind, n),
        )
        for i, world in enumerate(some)
        for n, y in zip(MEASURED, world.seen, strict=True)
    ]
    book = fit_curves(Observations(tuple(rows), ("",) * len(rows), {}), Draws(draws))
    hits = []
    for world, curve in zip(some, book.along or book.values(), strict=True):
        n = np.r_[BETWEEN, BEYOND]
        low, high = np.quantile(curve.accuracy(n)[1:], [0.05, 0.95], axis=0)
        truth = world.truth(n)
        hits.append((low <= truth) & (truth <= high))
    found = np.array(hits)
    return found[:, : len(BETWEEN)], found[:, len(BETWEEN) :]


def table(
    some: Sequence[World], inside: Array, beyond: Array
) -> list[tuple[str, int, float, float]]:
    """(family, worlds, share held inside the data, and at BEYOND) by family."""
    rows = []
    for name in FAMILIES:
        of = np.array([world.family.name == name for world in some])
        if of.any():
            rows.append((name, int(of.sum()), float(inside[of].mean()), float(beyond[of].mean())))
    return rows
