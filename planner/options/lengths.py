"""How long a model's samples are on each bucket: given, measured, or assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.cost.assumptions import P95_TO_MEAN, P95_TO_MEAN_THINKING
from planner.cost.supply import Supply
from planner.cost.terms import measured_row, thinking_row
from planner.curves.curve import Curve
from planner.domain.observation import ALL, Observation
from planner.domain.plan import Assumption

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SampleLengths:
    """Generated tokens of one sample, thinking included; by bucket, `all` serves the rest."""

    mean: dict[str, Array]
    """(draw,)"""
    p95_to_mean: dict[str, float]
    """95th percentile over the mean."""
    thinks: bool
    assumptions: tuple[Assumption, ...]


def sample_lengths(
    model: str,
    curves: Mapping[str, Curve],
    supply: Supply,
    others: Callable[[str], Iterable[Observation]],
    *,
    thinks: bool,
) -> SampleLengths:
    """Lengths by bucket: what the user gave, else what was measured, else the stated default.

    curves: of the method by bucket. Its own rows go first, then those of `others(bucket)`, the
    model's other methods: a sample is as long whether it is taken alone or voted on. A cap on
    thinking (`thinking_tokens`) is taken as used up where no length was measured, on top of the
    default answer. The 95th percentile is that of rows which give one, else the default for
    models that think or do not.
    """
    given = supply.terms.output_given
    cap = next((c.key.thinking_tokens for c in curves.values() if c.key.thinking_tokens), None)
    thinks = thinks or cap is not None
    tail = (P95_TO_MEAN_THINKING if thinks else P95_TO_MEAN).value
    assumed = supply.output(ALL, thinks=thinks and cap is None) + _unless_given(cap, given)
    mean, ratio, rows = {ALL: assumed}, {ALL: tail}, {}
    for bucket, curve in curves.items():
        found = _measured(curve.observations) or _measured(others(bucket))
        told = bool(given & {bucket, ALL})
        if found and not told:
            tokens = float(np.mean([row.output_tokens or 0.0 for row in found]))
            mean[bucket] = np.full(supply.draws.rows, tokens)
            row = measured_row(f"{model} on {bucket}" if bucket != ALL else model, tokens)
            rows[row.name] = row
        else:
            known = supply.output(bucket, thinks=thinks and cap is None)
            mean[bucket] = known + (0.0 if told else float(cap or 0))
            if thinks and cap is None and not told:
                row = thinking_row(supply.terms)
                rows[row.name] = row
        ratio[bucket] = _tail(found) or tail
    if ALL not in curves and len(mean) > 1:
        parts = [bucket for bucket in mean if bucket != ALL]
        mean[ALL] = np.asarray(np.mean([mean[bucket] for bucket in parts], axis=0))
        ratio[ALL] = float(np.mean([ratio[bucket] for bucket in parts]))
    return SampleLengths(mean, ratio, thinks, tuple(rows.values()))


def _unless_given(cap: int | None, given: frozenset[str]) -> float:
    return 0.0 if ALL in given else float(cap or 0)


def _measured(rows: Iterable[Observation]) -> list[Observation]:
    return [row for row in rows if row.output_tokens]


def _tail(rows: Iterable[Observation]) -> float | None:
    """Mean ratio of the 95th percentile to the mean; None where no row gives both."""
    ratios = [
        row.output_tokens_p95 / row.output_tokens
        for row in rows
        if row.output_tokens and row.output_tokens_p95
    ]
    return float(np.mean(ratios)) if ratios else None
