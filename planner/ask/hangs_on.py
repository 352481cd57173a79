"""Which inputs the winner of a question hangs on, and who wins at other volumes and prices.

Accuracies, traffic, volume and mix are moved to the ends of their ranges and the sides judged anew.
Prices, lengths and engines, which move every draw together, are read off the draws by regression of
the logarithm of the two costs' ratio, in which the parity has been found anew in each draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.ask.judge import Contender, judge
from planner.domain.answer import UNDECIDED, Criterion
from planner.domain.draws import CENTRAL
from planner.domain.ranges import Z80
from planner.domain.tornado import InputKind, TornadoBar, TornadoOf, WinnerMap
from planner.domain.transfer import Transfer
from planner.economics.tornado_ends import HIGH, LOW, MIX_RANGE, VOLUME_RANGE

Array = NDArray[np.float64]

Name = tuple[str, InputKind, str]
"""Input, kind, unit."""
MOST_RATIO = 100.0
"""Ratio of costs that stands for a side that cannot do it."""
VOLUMES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
PRICES = (0.25, 0.5, 1.0, 2.0, 4.0)
EDGE = 1e-6


@dataclass(frozen=True)
class Shifted(Contender):
    """A side whose accuracies are moved in logits."""

    logits: float = 0.0

    @cached_property
    def by_bucket(self) -> Mapping[str, Array]:
        """Accuracy on the grid by bucket, (draw, n)."""
        said = Contender(self.candidate, self.n).by_bucket
        return {bucket: _moved(values, self.logits) for bucket, values in said.items()}


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

    def compared(self) -> Array | None:
        """(draw, side) dollars a day at equal accuracy; None where that is not compared."""
        judged = judge(
            self.sides, self.reference, self.queries_per_day, self.criterion, self.matters, self.mix
        )
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
    bars = [*_judged_anew(case, pair, transfer, buckets), *_from_the_draws(case, usd, pair)]
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
    case: Case,
    pair: tuple[int, int],
    name: Name,
    ends: tuple[float, float],
    values: tuple[float, float],
    assumed_range: bool = False,
) -> TornadoBar:
    low, high = (_winner(case, pair, value) for value in values)
    return TornadoBar(
        input=name[0],
        kind=name[1],
        unit=name[2],
        low=ends[0],
        high=ends[1],
        assumed_range=assumed_range,
        value_low=float(np.exp(values[0])),
        value_high=float(np.exp(values[1])),
        winner_low=low,
        winner_high=high,
        changes_winner=low != high,
    )


def _judged_anew(
    case: Case, pair: tuple[int, int], transfer: Transfer, buckets: Sequence[str]
) -> Iterator[TornadoBar]:
    def central(other: Case) -> float:
        usd = other.compared()
        return float("nan") if usd is None else float(_log_ratio(usd, pair)[CENTRAL])

    for i in pair:
        said = _accuracy_of(case, i)
        ends = tuple(float(x) for x in np.quantile(said[1:], [LOW, HIGH]))
        if ends[1] - ends[0] <= 0:
            continue
        logits = [float(_logit(end) - _logit(said[CENTRAL])) for end in ends]
        values = [central(_with_shift(case, i, move)) for move in logits]
        name: Name = (f"accuracy of {case.labels[i]}", "accuracy", "accuracy")
        yield _bar(case, pair, name, (ends[0], ends[1]), (values[0], values[1]))
    sd = float(np.sqrt(2.0)) * transfer.option_sd_logit
    if sd > 0:
        values = [central(_with_shift(case, pair[0], z * sd)) for z in (-Z80, Z80)]
        told = f"traffic that suits {case.labels[pair[0]]} better than the questions did"
        bar = (-Z80 * sd, Z80 * sd)
        suited: Name = (told, "transfer", "logits")
        yield _bar(case, pair, suited, bar, (values[0], values[1]))
    volumes = [case.queries_per_day * factor for factor in VOLUME_RANGE]
    values = [central(replace(case, queries_per_day=volume)) for volume in volumes]
    asked: Name = ("volume", "volume", "queries a day")
    yield _bar(case, pair, asked, (volumes[0], volumes[1]), (values[0], values[1]), True)
    yield from _mixes(case, pair, buckets, central)


def _mixes(
    case: Case, pair: tuple[int, int], buckets: Sequence[str], central: Callable[[Case], float]
) -> Iterator[TornadoBar]:
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
        values.append(central(replace(case, mix=mix)))
    name: Name = (f"share of {easy}", "mix", "share")
    yield _bar(case, pair, name, (ends[0], ends[1]), (values[0], values[1]), True)


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


def _accuracy_of(case: Case, i: int) -> Array:
    """(draw,) accuracy of a side at its n, or halfway along its curve."""
    side = case.sides[i]
    return np.asarray(side.on_grid(case.mix)[:, len(side.grid) // 2])


def _with_shift(case: Case, i: int, logits: float) -> Case:
    sides = list(case.sides)
    sides[i] = Shifted(sides[i].candidate, sides[i].n, logits)
    return replace(case, sides=tuple(sides))


def _moved(p: Array, logits: float) -> Array:
    odds = np.exp(logits)
    return np.asarray(p * odds / (1.0 - p + p * odds))


def _logit(p: float) -> float:
    safe = min(max(p, EDGE), 1.0 - EDGE)
    return float(np.log(safe / (1.0 - safe)))


def _from_the_draws(case: Case, usd: Array, pair: tuple[int, int]) -> Iterator[TornadoBar]:
    """Prices, engines and lengths: the ratio of costs regressed on all of them at once."""
    inputs = _inputs(case, pair)
    if not inputs:
        return
    logs = np.log(np.column_stack([draws for _, draws in inputs]))
    x = logs - logs[CENTRAL]
    y = _log_ratio(usd, pair)
    # Accuracies move it too: with them in the regression their noise is not in the slopes.
    own = np.column_stack([_accuracy_of(case, i) for i in pair])
    own = own - own[CENTRAL]
    design = np.concatenate([np.ones((len(x), 1)), x, x**2, own, own**2], axis=1)[1:]
    slopes, *_ = np.linalg.lstsq(design, y[1:], rcond=1e-10)
    k = x.shape[1]
    for i, (name, draws) in enumerate(inputs):
        ends = tuple(float(v) for v in np.quantile(draws[1:], [LOW, HIGH]))
        at = [float(np.log(end)) - logs[CENTRAL, i] for end in ends]
        values = [float(y[CENTRAL] + slopes[1 + i] * v + slopes[1 + k + i] * v * v) for v in at]
        yield _bar(case, pair, name, (ends[0], ends[1]), (values[0], values[1]))


def _inputs(case: Case, pair: tuple[int, int]) -> list[tuple[Name, Array]]:
    """((name, kind, unit), (draw,)) of what varies in the two sides' costs."""
    found: dict[str, tuple[Name, Array]] = {}
    for i in pair:
        made = case.sides[i].candidate
        supply = made.supply
        rows = supply.draws.rows
        named: list[tuple[str, InputKind, str, Array]] = [
            ("utilisation at the peak", "utilisation", "share", supply.utilisation),
            *(
                (f"price of a GPU-hour, {block.kind}", "price", "USD per GPU-hour",
                 block.usd_per_gpu_hour)
                for block in supply.blocks
            ),
            *(
                (f"prompt tokens{'' if b == 'all' else f' on {b}'}", "tokens", "tokens", tokens)
                for b, tokens in supply.prompt_tokens.items()
            ),
            *(
                (f"generated tokens{'' if b == 'all' else f' on {b}'}", "tokens", "tokens", tokens)
                for b, tokens in made.output_tokens.items()
            ),
        ]  # fmt: skip
        if made.fleet is not None:
            efficiency = np.broadcast_to(made.fleet.engine_efficiency, (rows,))
            told = f"engine efficiency of {case.labels[i]}"
            named.append((told, "engine", "share", efficiency))
        for name, kind, unit, draws in named:
            if draws[1:].std() > 1e-9 * abs(draws[CENTRAL]) and (draws > 0).all():
                found.setdefault(name, ((name, kind, unit), draws))
    # Buckets that share one assumed length are one input.
    once = {draws.tobytes(): (name, draws) for name, draws in reversed(found.values())}
    return list(reversed(once.values()))


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
