"""The parities of an answer, for the mix and by difficulty bucket."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planner.ask.judge import Contender, Judgement
from planner.domain.answer import Parity, ParityBucket
from planner.domain.draws import CENTRAL
from planner.economics.parity import Crossing, accuracy_parity, cost_parity


def parities(
    sides: Sequence[Contender], judgement: Judgement, buckets: Sequence[str], labels: Sequence[str]
) -> tuple[Parity, Parity] | None:
    """(accuracy parity, cost parity) of the first side that names no n; None where all do."""
    side = next(iter(judgement.parity_accuracy), None)
    if side is None:
        return None
    small, reference = sides[side], sides[judgement.reference]
    against = labels[judgement.reference]
    accuracy = _parity(
        judgement.parity_accuracy[side],
        side,
        against,
        tuple(_accuracy_bucket(small, reference, b, against) for b in buckets),
    )
    cost = _parity(
        judgement.parity_cost[side],
        side,
        against,
        tuple(_cost_bucket(small, reference, b) for b in buckets),
    )
    nominal, full = _flop_parities(small, reference)
    return accuracy, cost.model_copy(update={"flop_nominal": nominal, "flop_full": full})


def _parity(
    crossing: Crossing, side: int, reference: str, by_bucket: tuple[ParityBucket, ...]
) -> Parity:
    return Parity(
        side=side,
        reference=reference,
        central=crossing.central,
        median=crossing.quantile(0.5),
        low=crossing.quantile(0.05),
        high=crossing.quantile(0.95),
        share_of_draws=crossing.share_of_draws,
        by_bucket=by_bucket,
    )


def _bucket(bucket: str, crossing: Crossing, reason: str | None = None) -> ParityBucket:
    return ParityBucket(
        bucket=bucket,
        median=crossing.quantile(0.5),
        low=crossing.quantile(0.05),
        high=crossing.quantile(0.95),
        share_of_draws=crossing.share_of_draws,
        reason=reason,
    )


def _none(bucket: str, reason: str) -> ParityBucket:
    return ParityBucket(
        bucket=bucket, median=None, low=None, high=None, share_of_draws=0.0, reason=reason
    )


def _accuracy_bucket(
    small: Contender, reference: Contender, bucket: str, against: str
) -> ParityBucket:
    if bucket not in small.candidate.curves:
        return _none(bucket, "not measured by this bucket")
    if len(small.candidate.measured_n(bucket)) < 2:
        return _none(bucket, "measured at one n only")
    values = small.by_bucket[bucket]
    if bucket in reference.candidate.curves:
        target = reference.by_bucket[bucket][:, 0]
        return _bucket(bucket, accuracy_parity(values, target, small.grid))
    stand_in = reference.candidate.stand_in
    if stand_in is None or bucket not in stand_in.curves:
        return _none(bucket, f"{against} was not measured by this bucket")
    # One sample of the same model: what is known of it on this bucket.
    target = stand_in.curves[bucket].accuracy([1.0])[:, 0]
    return _bucket(
        bucket,
        accuracy_parity(values, target, small.grid),
        f"against one sample of {reference.candidate.title}: {against} was not measured by bucket",
    )


def _cost_bucket(small: Contender, reference: Contender, bucket: str) -> ParityBucket:
    assert reference.n is not None
    mix = {bucket: 1.0}
    target = reference.candidate.gpu_s([reference.n], mix)[:, 0]
    crossing = cost_parity(lambda n: small.candidate.gpu_s(n, mix), target, small.grid)
    return _bucket(bucket, crossing)


def _flop_parities(small: Contender, reference: Contender) -> tuple[float | None, float | None]:
    """Cost parity in FLOPs: as papers count them, and with prompts and attention (central)."""
    assert reference.n is not None
    nominal = reference.candidate.flop_units(reference.n) / small.candidate.flop_units(1)
    target = reference.candidate.flop([reference.n])[[CENTRAL], 0]
    full = cost_parity(lambda n: small.candidate.flop(n)[[CENTRAL]], target, small.grid)
    found = float(full.n[CENTRAL])
    return nominal, found if np.isfinite(found) else None
