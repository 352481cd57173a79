"""The parities of an answer, for the mix and by difficulty bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from planner.ask.judge import Contender, Judgement, cost_of, crossings, is_scalable
from planner.domain.answer import Parity, ParityBucket
from planner.domain.draws import CENTRAL
from planner.domain.money_answer import ParityWindow
from planner.domain.observation import ALL
from planner.economics.parity import Crossing, accuracy_parity, cost_parity


def parities(
    sides: Sequence[Contender],
    judgement: Judgement,
    buckets: Sequence[str],
    labels: Sequence[str],
    mix: Mapping[str, float],
) -> tuple[Parity, Parity, tuple[ParityWindow, ...]] | None:
    """(accuracy parity, cost parity, windows) of the first side that could have another n.

    A side that names its n is not judged at a parity, but a reader should know it: 64 samples may
    be asked about where 4 are enough. None where no side but the reference has a curve.
    """
    side = next(
        (
            i
            for i, each in enumerate(sides)
            if i != judgement.reference and is_scalable(each.candidate)
        ),
        None,
    )
    if side is None:
        return None
    small, reference = Contender(sides[side].candidate, None), sides[judgement.reference]
    against = labels[judgement.reference]
    at_accuracy, at_cost = crossings(small, reference, mix)
    accuracy = _parity(
        at_accuracy,
        side,
        against,
        tuple(_accuracy_bucket(small, reference, b, against) for b in buckets),
    )
    cost = _parity(
        at_cost,
        side,
        against,
        tuple(_cost_bucket(small, reference, b) for b in buckets),
    )
    nominal, full = _flop_parities(small, reference)
    by_token = small.candidate.metered or reference.candidate.metered
    currency = "dollars of a full fleet" if by_token else "GPU time"
    cost = cost.model_copy(
        update={"flop_nominal": nominal, "flop_full": full, "currency": currency}
    )
    name = small.candidate.label
    in_all = _window(ALL, at_accuracy, at_cost, name, against)
    by_bucket = (_bucket_window(small, reference, b, name, against) for b in buckets)
    return accuracy, cost, (in_all, *(window for window in by_bucket if window is not None))


def _window(
    bucket: str, accuracy: Crossing, cost: Crossing, name: str, against: str
) -> ParityWindow:
    """The n from an accuracy parity up to a cost parity; a cost that is never reached is no end."""
    from_n, to_n = accuracy.quantile(0.5), cost.quantile(0.5)
    exists = np.isfinite(accuracy.n) & (accuracy.n <= cost.n)
    is_open = from_n is not None and (to_n is None or from_n <= to_n)
    share = float(exists[1:].mean())
    chance = f"{share:.0%} of the draws"
    where = "" if bucket == ALL else f"On {bucket} alone: "
    costs = "no more at any n measured" if to_n is None else f"as much at {to_n:.1f}"
    if from_n is None:
        said = (
            f"no n at which {name} wins on both, for in most draws it is not as accurate as"
            f" {against} at any n measured; it wins in {chance}."
        )
    elif is_open:
        end = "every larger n measured" if to_n is None else f"{to_n:.1f}"
        said = (
            f"from {from_n:.1f} samples to {end} {name} is at least as accurate as {against} and"
            f" costs no more; such an n exists in {chance}."
        )
    else:
        said = (
            f"no n at which {name} wins on both: it is as accurate as {against} from"
            f" {from_n:.1f} samples on and costs {costs}; such an n exists in {chance}."
        )
    sentence = f"{where}{said}" if where else f"{said[0].upper()}{said[1:]}"
    return ParityWindow(
        bucket=bucket, from_n=from_n, to_n=to_n, open=is_open, share_of_draws=share,
        sentence=sentence,
    )  # fmt: skip


def _bucket_window(
    small: Contender, reference: Contender, bucket: str, name: str, against: str
) -> ParityWindow | None:
    """The window on one bucket; None where one of the two was not measured by it."""
    if bucket not in reference.candidate.curves or len(small.candidate.measured_n(bucket)) < 2:
        return None
    if bucket not in small.candidate.curves:
        return None
    accuracy, cost = crossings(small, reference, {bucket: 1.0})
    return _window(bucket, accuracy, cost, name, against)


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
    cost, spent = cost_of(small.candidate, reference.candidate, mix)
    crossing = cost_parity(cost, spent([reference.n])[:, 0], small.grid)
    return _bucket(bucket, crossing)


def _flop_parities(small: Contender, reference: Contender) -> tuple[float | None, float | None]:
    """Cost parity in FLOPs: as papers count them, and with prompts and attention (central)."""
    assert reference.n is not None
    if None in (small.candidate.generator, reference.candidate.generator):
        return None, None
    nominal = reference.candidate.flop_units(reference.n) / small.candidate.flop_units(1)
    target = reference.candidate.flop([reference.n])[[CENTRAL], 0]
    full = cost_parity(lambda n: small.candidate.flop(n)[[CENTRAL]], target, small.grid)
    found = float(full.n[CENTRAL])
    return nominal, found if np.isfinite(found) else None
