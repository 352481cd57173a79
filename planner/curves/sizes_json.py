"""Sizes that were not measured, as a part of the JSON of `planner fit` (planner.curves/1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner.curves.size_groups import SizeGroup, size_groups
from planner.curves.sizes import SizeModel, fit_sizes
from planner.domain.cardbook import CardBook
from planner.domain.observation import Observations
from planner.errors import InputError, Problem
from planner.units import PARAMS_PER_B, format_count

CLUSTERED = "clustered by question: resamples of the questions are known for all sizes together"
NOT_CLUSTERED = (
    "not clustered by question: no one table of resamples (obs.meta.json, from `planner measure` of"
    " all sizes at once) holds these rows, so that errors shared by the sizes are not told apart"
)


@dataclass(frozen=True)
class SizeTerms:
    """What `planner fit --size` asks for."""

    sizes_b: tuple[float, ...]
    """Billions of parameters."""
    cards: CardBook
    """Say how large models are, and of which family."""
    extrapolate: bool = False


@dataclass(frozen=True)
class SizesTold:
    """Regressions over sizes with their predictions, and what could not be told."""

    sizes: tuple[dict[str, Any], ...] = ()
    refused: tuple[dict[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The part of planner.curves/1 that sizes are."""
        return {"sizes": list(self.sizes), "sizes_refused": list(self.refused)}


def tell_sizes(observations: Observations, at: Sequence[int], terms: SizeTerms) -> SizesTold:
    """Accuracies of sizes at the n of `at`, of every group of rows that allows it.

    Raises InputError where no group tells a size that was asked for, with each group's reason.
    """
    told: list[dict[str, Any]] = []
    refused: list[tuple[frozenset[float], Problem]] = []
    reached: set[float] = set()
    for group in size_groups(observations.rows, terms.cards):
        try:
            covariance = group.covariance(observations.replicates)
            _refuse_twins(group)
            model = fit_sizes(group.rows, covariance=covariance)
        except InputError as error:
            asked = frozenset(terms.sizes_b)
            refused += [(asked, replace(p, where=group.name)) for p in error.problems]
            continue
        predictions: list[dict[str, Any]] = []
        for size_b in terms.sizes_b:
            try:
                predictions += _predictions(model, size_b, at, terms.extrapolate)
            except InputError as error:
                asked = frozenset({size_b})
                refused += [(asked, replace(p, where=group.name)) for p in error.problems]
                continue
            reached.add(size_b)
        if predictions:
            told.append({**_group_json(group, model), "predictions": predictions})
    missing = set(terms.sizes_b) - reached
    if missing:
        names = ", ".join(size_text(size) for size in sorted(missing))
        raise InputError(
            _merged([problem for asked, problem in refused if asked & missing]),
            f"no accuracy of {names} can be told from what was measured",
        )
    why = tuple(
        {"where": p.where, "why": p.what + (f" ({p.value})" if p.value else "")}
        for p in dict.fromkeys(problem for _, problem in refused)
    )
    return SizesTold(tuple(told), why)


def size_text(params_b: float) -> str:
    """Such as "7B" or "160M"."""
    return format_count(params_b * PARAMS_PER_B, 4)


def _merged(problems: Sequence[Problem]) -> list[Problem]:
    """One problem for each reason, which names the first place and counts the others."""
    places: dict[tuple[str, str | None], list[Problem]] = {}
    for problem in problems:
        places.setdefault((problem.what, problem.remedy), []).append(problem)
    found = []
    for same in places.values():
        more = len({p.where for p in same}) - 1
        others = f" (and {more} more {'group' if more == 1 else 'groups'} of rows)" if more else ""
        found.append(replace(same[0], where=same[0].where + others))
    return found


def _refuse_twins(group: SizeGroup) -> None:
    twins = group.twins()
    if twins:
        raise InputError(
            Problem(
                group.name,
                "several models have one size: which of them the new size is like is not known",
                value="; ".join(" and ".join(pair) for pair in twins[:3]),
                remedy="fit a file with the rows of one model of each size",
            )
        )


def _predictions(
    model: SizeModel, size_b: float, at: Sequence[int], extrapolate: bool
) -> list[dict[str, Any]]:
    counts = at if model.design.n_varies else model.n_measured
    found = []
    for bucket in model.buckets:
        for n in counts:
            p = model.predict(size_b, n, bucket, extrapolate=extrapolate)
            found.append(
                {
                    "params_b": size_b,
                    "bucket": bucket,
                    "n_samples": n,
                    "accuracy": p.accuracy,
                    "low": p.low,
                    "high": p.high,
                    "measured": any(math.isclose(size_b, size) for size in model.sizes_b),
                    "extrapolated": p.extrapolated or p.n_factor > 1.0,
                    "extrapolation_factor": p.factor,
                    "n_extrapolation_factor": p.n_factor,
                }
            )
    return found


def _group_json(group: SizeGroup, model: SizeModel) -> dict[str, Any]:
    row = group.rows[0]
    errors = np.sqrt(np.maximum(np.diag(model.covariance), 0.0))
    return {
        "name": group.name,
        "family": group.family,
        "family_told_by": group.told_by,
        "method": row.method,
        "verifier": row.verifier,
        "question_set": row.question_set,
        "temperature": row.temperature,
        "depth": row.depth,
        "width": row.width,
        "thinking_tokens": row.thinking_tokens,
        "models": [{"model": name, "params_b": size} for name, size in group.models.items()],
        "n_measured": list(model.n_measured),
        "coefficients": [
            {"name": name, "value": float(value), "standard_error": float(error)}
            for name, value, error in zip(model.names, model.coefficients, errors, strict=True)
        ],
        "over_dispersion": model.dispersion,
        "clustered": model.clustered,
        "clustered_reason": CLUSTERED if model.clustered else NOT_CLUSTERED,
        "left_out": [
            {"params_b": size, "error": error} for size, error in model.left_out_errors.items()
        ],
        "left_out_error": model.left_out_error if model.left_out_errors else None,
    }
