"""Where two sides cost the same over the horizon: volume, rent, tokens, n and date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from planner.domain.draws import CENTRAL
from planner.domain.money_answer import BreakEvenOf, CostCrossing
from planner.economics import money
from planner.economics.break_even import Crossings, crossings
from planner.economics.cash import ON_THE_MARKET
from planner.economics.months import Array, Months
from planner.economics.parity import Crossing
from planner.economics.paths import Path
from planner.options import Candidate
from planner.units import format_count, format_percent, format_usd

VOLUMES = np.geomspace(1e2, 1e11, 181)
"""Queries a day searched for a break-even: twenty a decade."""
FACTORS = np.geomspace(1 / 16, 16, 33)
"""Of today's rent, and of today's tokens: four a doubling."""
Found = tuple[CostCrossing | None, str]


@dataclass(frozen=True)
class Pair:
    """Two ways of serving the same queries; the second is the reference."""

    one: Path
    other: Path
    labels: tuple[str, str]
    n_grid: Array | None
    """Sample counts that the first could have; None where it has one only."""

    @property
    def months(self) -> Months:
        """Over which both are costed."""
        return self.one.months

    @cached_property
    def volumes(self) -> Crossings:
        """Volumes of today at which the two cost the same over the horizon."""
        return crossings(self.one.present_usd, self.other.present_usd, VOLUMES)

    @property
    def cheaper_today(self) -> str:
        """At the workload's own figures, central case."""
        one, other = self.one.present_usd()[CENTRAL], self.other.present_usd()[CENTRAL]
        return self.labels[0] if one <= other else self.labels[1]


def break_evens(pair: Pair) -> dict[BreakEvenOf, Found]:
    """Every break-even of a pair, or why there is none."""
    ways: dict[BreakEvenOf, Callable[[Pair], Found]] = {
        "volume": by_volume,
        "rent": _by_rent,
        "tokens": _by_tokens,
        "n": _by_n,
    }
    found = {of: way(pair) for of, way in ways.items()}
    return found | {
        "date": _by_date(pair, discounted=True),
        "date_undiscounted": _by_date(pair, discounted=False),
    }


def by_volume(pair: Pair) -> Found:
    """The volume of today from which the other way is the cheaper one."""
    told = _told(pair.volumes, pair, "queries/day")
    if told is None:
        low, high = format_count(VOLUMES[0]), format_count(VOLUMES[-1])
        return None, f"{pair.cheaper_today} costs less at every volume from {low} to {high} a day."
    return told, _sentence(told, pair, "queries a day", format_count)


def _by_rent(pair: Pair) -> Found:
    candidates = (pair.one.candidate, pair.other.candidate)
    rented = [c for c in candidates if _rents(c)]
    if not rented:
        return None, "Neither side runs on GPUs that are rented at a market price."
    if _rent_is_all(pair):
        return None, "Both sides pay nothing but the rent of the same GPUs: it moves both alike."
    supply = rented[0].supply
    found = crossings(partial(_rented_at, pair.one), partial(_rented_at, pair.other), FACTORS)
    told = _told(found, pair, "$/GPU-hour", supply.usd_per_gpu_hour)
    if told is None:
        return None, f"{pair.cheaper_today} costs less at a sixteenth and at 16 times today's rent."
    return told, _sentence(told, pair, "a GPU-hour of rent", format_usd)


def _rent_is_all(pair: Pair) -> bool:
    one, other = pair.one.candidate, pair.other.candidate
    supply = one.supply
    alike = one.fleet is not None and other.fleet is not None and supply is other.supply
    trained = bool(pair.one.capex_usd.any() or pair.other.capex_usd.any())
    beside = trained or supply.terms.fleet_usd_per_day > 0
    return alike and not beside and all(block.kind in ON_THE_MARKET for block in supply.blocks)


def _rents(candidate: Candidate) -> bool:
    blocks = candidate.supply.blocks if candidate.fleet is not None else ()
    return any(block.kind in ON_THE_MARKET for block in blocks)


def _rented_at(path: Path, factors: Array) -> Array:
    """Worth today of a path at multiples of today's rent, (draw, v)."""
    paths = (replace(path, candidate=_at_rent(path.candidate, k)) for k in _columns(factors))
    return np.column_stack([at.present_usd() for at in paths])


def _at_rent(candidate: Candidate, factor: Array) -> Candidate:
    if candidate.fleet is None:
        return candidate
    blocks = tuple(
        replace(
            block,
            usd_per_gpu_hour=block.usd_per_gpu_hour * factor,
            whole_usd_per_gpu_hour=block.whole_usd_per_gpu_hour * factor,
        )
        if block.kind in ON_THE_MARKET
        else block
        for block in candidate.supply.blocks
    )
    return replace(candidate, supply=replace(candidate.supply, blocks=blocks))


def _by_tokens(pair: Pair) -> Found:
    one = pair.one
    if one.candidate.usd_per_answer is not None:
        return None, f"{pair.labels[0]} is paid by the answer, whatever its length."
    today = _tokens(one)
    other = pair.other.present_usd()[:, None]
    volume = np.array([one.queries_per_day])

    def costs(factors: Array) -> Array:
        paths = (replace(one, candidate=_at_tokens(one.candidate, k)) for k in _columns(factors))
        return one.worth_usd(np.column_stack([path.load for path in paths]), volume)

    found = crossings(costs, lambda k: np.broadcast_to(other, (len(other), k.shape[-1])), FACTORS)
    told = _told(found, pair, "generated tokens a sample", today)
    if told is None:
        low, high = format_count(today[CENTRAL] / 16, 2), format_count(today[CENTRAL] * 16, 2)
        return None, f"{pair.cheaper_today} costs less from {low} to {high} tokens a sample."
    name = f"generated tokens a sample of {pair.labels[0]}"
    return told, _sentence(told, pair, name, format_count)


def _tokens(path: Path) -> Array:
    """(draw,) generated tokens of one sample, mean of the mix."""
    known = path.candidate.output_tokens
    rest = known.get("all", next(iter(known.values())))
    return np.asarray(sum(share * known.get(b, rest) for b, share in path.mix.items()))


def _at_tokens(candidate: Candidate, factor: Array) -> Candidate:
    longer = {bucket: tokens * factor for bucket, tokens in candidate.output_tokens.items()}
    return replace(candidate, output_tokens=longer)


def _by_n(pair: Pair) -> Found:
    if pair.n_grid is None:
        return None, f"{pair.labels[0]} has one number of samples only."
    other = pair.other.present_usd()[:, None]
    rows = len(other)

    able = replace(pair.one, able=np.ones(rows, dtype=bool))
    volume = np.array([able.queries_per_day])

    def costs(n: Array) -> Array:
        paths = (replace(able, n=np.broadcast_to(column, (rows,))) for column in _columns(n))
        return able.worth_usd(np.column_stack([path.load for path in paths]), volume)

    found = crossings(costs, lambda n: np.broadcast_to(other, (rows, n.shape[-1])), pair.n_grid)
    told = _told(found, pair, "samples")
    most = format_count(pair.n_grid[-1])
    if told is None:
        one = costs(np.ones((rows, 1)))
        name = pair.labels[0 if one[CENTRAL, 0] <= other[CENTRAL, 0] else 1]
        return None, f"With whole replicas {name} costs no more at any n from 1 to {most}."
    return told, _sentence(told, pair, "samples a query", _samples)


def _by_date(pair: Pair, *, discounted: bool) -> Found:
    """The end of the month from which the way that is paid more for up front is ahead for good."""
    first, second = pair.one, pair.other
    dear_first = first.capex_usd[CENTRAL] > second.capex_usd[CENTRAL]
    same = bool(first.capex_usd[CENTRAL] == second.capex_usd[CENTRAL])
    if same:
        dear_first = pair.cheaper_today == pair.labels[0]
    invested, rival = (first, second) if dear_first else (second, first)
    gain = rival.cash().total - invested.cash().total
    # A way that does not do what is asked is never ahead, and never holds another up.
    gain = np.where(rival.able[:, None], gain, 1.0)
    gain = np.where(invested.able[:, None], gain, -1.0)
    label = pair.labels[0 if dear_first else 1]
    return paid_back(label, gain, pair.months, discounted=discounted)


def paid_back(label: str, gain: Array, months: Months, *, discounted: bool) -> Found:
    """When the dollars that a way gains on another, (draw, month + 1), have added up for good."""
    worth = gain * months.discount if discounted else gain
    how = "discounted" if discounted and months.rate.any() else "undiscounted"
    horizon = f"{months.horizon_days:.0f} days"
    if not (worth[CENTRAL] < 0).any():
        return None, f"{label} costs less from the first month on: nothing has to be paid back."
    crossing = Crossing(money.payback_period(worth))
    if crossing.share_of_draws == 0:
        return None, f"{label} is not paid back within {horizon}, {how}, in any draw."
    median, low, high = (crossing.quantile(q) for q in (0.5, 0.05, 0.95))
    told = CostCrossing(
        unit="months",
        median=median,
        low=low,
        high=high,
        share_of_draws=crossing.share_of_draws,
        ahead_beyond=label,
        median_date=_end_of(months, median),
        low_date=_end_of(months, low),
        high_date=_end_of(months, high),
    )
    chance = format_percent(crossing.share_of_draws, 0)
    if median is None:
        return told, f"{label} is paid back within {horizon}, {how}, in only {chance} of the draws."
    return told, (
        f"{label} is paid back by {told.median_date} ({median:.0f} months, {how}; 90% interval"
        f" {low:.0f} to {_or_never(high)}), in {chance} of the draws."
    )


def _end_of(months: Months, count: float | None) -> str | None:
    return None if count is None else months.first_day(int(count)).isoformat()


def _or_never(months: float | None) -> str:
    return "never within the horizon" if months is None else f"{months:.0f}"


def _columns(points: Array) -> list[Array]:
    """Points (v,) or (draw, v) one after the other: a number for all draws, or (draw,)."""
    return [points[..., i] for i in range(points.shape[-1])]


def _told(
    found: Crossings, pair: Pair, unit: str, scale: Array | float = 1.0
) -> CostCrossing | None:
    """The crossings as they stand in the answer, times `scale`; None where no draw crosses."""
    one = found.mostly_one
    crossing = Crossing(found.ahead_beyond(one).n * scale)
    if crossing.share_of_draws == 0:
        return None
    several = found.count[CENTRAL] > 1
    central = float((found.first * scale)[CENTRAL]) if several else None
    return CostCrossing(
        unit=unit,
        median=crossing.quantile(0.5),
        low=crossing.quantile(0.05),
        high=crossing.quantile(0.95),
        share_of_draws=crossing.share_of_draws,
        ahead_beyond=pair.labels[0 if one else 1],
        crossings=int(found.count[CENTRAL]),
        first=central,
    )


def _sentence(told: CostCrossing, pair: Pair, unit: str, write: Callable[[float], str]) -> str:
    ahead = told.ahead_beyond
    behind = next((label for label in pair.labels if label != ahead), ahead)
    chance = format_percent(told.share_of_draws, 0)
    if told.median is None:
        return (
            f"{ahead} costs less than {behind} beyond some number of {unit} in only {chance} of the"
            " draws."
        )
    high = "beyond what was searched" if told.high is None else write(told.high)
    low = write(told.low) if told.low is not None else "under"
    said = (
        f"{ahead} costs less than {behind} from about {write(told.median)} {unit} up (90% interval"
        f" {low} to {high}), in {chance} of the draws."
    )
    if told.crossings > 1 and told.first is not None:
        said += (
            f" Whole replicas make the two change places {told.crossings} times, from"
            f" {write(told.first)} on."
        )
    return said


def _samples(n: float) -> str:
    return f"{n:.1f}"
