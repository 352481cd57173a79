"""Which inputs the winner of a question hangs on, and who wins at other volumes and prices.

Each input is moved to the ends of its range, the others in the middle, and the sides are judged
anew there: parities, loads and whole replicas. All ends are judged at once, as rows of probes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.ask.judge import Contender, judge
from planner.ask.probes import Probe, accuracies, costs, on_rows, traffic, volumes
from planner.domain.answer import UNDECIDED, Criterion
from planner.domain.draws import CENTRAL
from planner.domain.tornado import TornadoBar, TornadoOf, WinnerMap
from planner.domain.transfer import Transfer
from planner.economics.tornado_ends import MIX_RANGE, VOLUME_RANGE

Array = NDArray[np.float64]

MOST_RATIO = 100.0
"""Ratio of costs that stands for a side that cannot do it."""
VOLUMES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
PRICES = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Case:
    """A question as it is judged."""

    sides: tuple[Contender, ...]
    labels: tuple[str, ...]
    reference: int
    queries_per_day: float
    criterion: Criterion
    matters: float
    mix: Mapping[str, float]

    def compared(self, queries_per_day: Array | None = None) -> Array | None:
        """(draw, side) dollars a day at equal accuracy; None where that is not compared.

        queries_per_day: (draw,) in place of the question's.
        """
        volume = self.queries_per_day if queries_per_day is None else queries_per_day
        judged = judge(self.sides, self.reference, volume, self.criterion, self.matters, self.mix)
        return judged.usd_per_day


def hangs_on(
    case: Case, usd: Array | None, transfer: Transfer, buckets: Sequence[str]
) -> tuple[TornadoOf | None, tuple[TornadoBar, ...]]:
    """The bars of a question, the widest first; none where costs at equal accuracy do not decide.

    usd: what `Case.compared` gave for the question itself. The value is the cost of the side that
    is cheaper in the middle case over that of the next.
    """
    if usd is None or usd.shape[1] < 2:
        return None, ()
    order = np.argsort(usd[CENTRAL], kind="stable")
    pair = (int(order[0]), int(order[1]))
    if not np.isfinite(usd[CENTRAL, list(pair)]).all():
        return None, ()
    probes = _probes(case, pair, transfer)
    usd_at = _judged_anew(case, probes)
    ratios = _log_ratio(usd_at, pair)
    bars = [
        _bar(case, pair, probe, (float(ratios[2 * j + 1]), float(ratios[2 * j + 2])))
        for j, probe in enumerate(probes)
    ]
    bars += _mixes(case, pair, buckets)
    first, second = (case.labels[i] for i in pair)
    what = f"cost of {first} over that of {second}, at equal accuracy"
    of = TornadoOf(value=float(np.exp(_log_ratio(usd, pair)[CENTRAL])), unit="ratio", what=what)
    return of, tuple(sorted(bars, key=lambda bar: -bar.width))


def _log_ratio(usd: Array, pair: tuple[int, int]) -> Array:
    """(draw,) log of the first side's cost over the second's, within MOST_RATIO."""
    most = np.log(MOST_RATIO)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.log(usd[:, pair[0]]) - np.log(usd[:, pair[1]])
    return np.asarray(np.nan_to_num(np.clip(ratio, -most, most)))


def _winner(case: Case, pair: tuple[int, int], log_ratio: float) -> str:
    saving = 1.0 - np.exp(-abs(log_ratio))
    if saving < case.matters:
        return UNDECIDED
    return case.labels[pair[0] if log_ratio < 0 else pair[1]]


def _bar(
    case: Case, pair: tuple[int, int], probe: Probe, values: tuple[float, float]
) -> TornadoBar:
    low, high = (_winner(case, pair, value) for value in values)
    return TornadoBar(
        input=probe.input,
        kind=probe.kind,
        unit=probe.unit,
        low=probe.ends[0],
        high=probe.ends[1],
        assumed_range=probe.assumed_range,
        value_low=float(np.exp(values[0])),
        value_high=float(np.exp(values[1])),
        winner_low=low,
        winner_high=high,
        changes_winner=low != high,
    )


def _probes(case: Case, pair: tuple[int, int], transfer: Transfer) -> list[Probe]:
    volume = case.queries_per_day
    ends = (volume * VOLUME_RANGE[0], volume * VOLUME_RANGE[1])
    first, mix = pair[0], case.mix
    found = [
        *accuracies(case.sides, case.labels, mix),
        *traffic(first, case.labels[first], mix, transfer.option_sd_logit),
        *costs(case.sides, case.labels, mix),
    ]
    asked = Probe(
        "volume", "volume", "queries a day", ends, volume=VOLUME_RANGE, assumed_range=True
    )
    return [*found, asked]


def _judged_anew(case: Case, probes: Sequence[Probe]) -> Array:
    """(row, side) dollars a day at equal accuracy on the rows of the probes."""
    moved = replace(case, sides=on_rows(case.sides, probes))
    usd = moved.compared(volumes(probes, case.queries_per_day))
    assert usd is not None
    return usd


def _mixes(case: Case, pair: tuple[int, int], buckets: Sequence[str]) -> Iterator[TornadoBar]:
    """A tenth of the traffic moved between the easiest and the hardest bucket."""
    shares = _shares(case, buckets)
    if shares is None:
        return
    middle = {b: float(_at_end(case.sides[case.reference], b)) for b in buckets}
    easy, hard = max(buckets, key=middle.__getitem__), min(buckets, key=middle.__getitem__)
    ends, values = [], []
    for sign in (-1.0, 1.0):
        moved = min(MIX_RANGE, shares[easy] if sign < 0 else shares[hard])
        mix = dict(shares) | {
            easy: shares[easy] + sign * moved,
            hard: shares[hard] - sign * moved,
        }
        ends.append(mix[easy])
        usd = _judged_anew(replace(case, mix=mix), ())
        values.append(float(_log_ratio(usd, pair)[CENTRAL]))
    told = Probe(f"share of {easy}", "mix", "share", (ends[0], ends[1]), assumed_range=True)
    yield _bar(case, pair, told, (values[0], values[1]))


def _shares(case: Case, buckets: Sequence[str]) -> dict[str, float] | None:
    """The mix by bucket: as asked, or as the question set's own; None where it is not known."""
    if len(buckets) < 2 or not all(
        side.candidate.covers(dict.fromkeys(buckets, 1.0)) for side in case.sides
    ):
        return None
    if set(case.mix) == set(buckets):
        return dict(case.mix)
    for side in case.sides:
        curves = [side.candidate.curves.get(bucket) for bucket in buckets]
        counts = [max(curve.n_questions) for curve in curves if curve is not None]
        if len(counts) == len(buckets):
            return {b: count / sum(counts) for b, count in zip(buckets, counts, strict=True)}
    return None


def _at_end(side: Contender, bucket: str) -> float:
    return float(side.by_bucket[bucket][CENTRAL, -1])


def winner_map(case: Case) -> WinnerMap | None:
    """Who wins at each volume and price; None where costs at equal accuracy do not decide.

    A price factor multiplies the rent of GPUs where another side is bought by the token; where all
    sides rent GPUs of one supply every price moves them alike, and one column says it.
    """
    apart = len({side.candidate.fleet is None for side in case.sides}) > 1
    factors = PRICES if apart else (1.0,)
    rented = np.array([side.candidate.fleet is not None for side in case.sides])
    winners, chances = [], []
    for volume in VOLUMES:
        usd = replace(case, queries_per_day=case.queries_per_day * volume).compared()
        if usd is None or usd.shape[1] < 2:
            return None
        row, chance = [], []
        for factor in factors:
            share = _shares_won(usd * np.where(rented, factor, 1.0))
            best = int(share.argmax())
            row.append(best if share[best] > 0 else -1)
            chance.append(float(share[best]))
        winners.append(tuple(row))
        chances.append(tuple(chance))
    return WinnerMap(
        volumes_per_day=tuple(case.queries_per_day * volume for volume in VOLUMES),
        price_factors=factors,
        winners=case.labels,
        winner=tuple(winners),
        probability=tuple(chances),
    )


def _shares_won(usd: Array) -> Array:
    """(side,) share of the draws in which each is cheapest by more than rounding."""
    order = np.sort(usd[1:], axis=1)
    clear = order[:, 0] < order[:, 1] * (1 - 1e-9)
    best = usd[1:].argmin(axis=1)
    return np.bincount(best[clear], minlength=usd.shape[1]) / len(best)
