"""What is told of ways to serve over time: dollars by month and in all, in figures and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.domain.draws import CENTRAL, interval90
from planner.domain.money_answer import CostMonth, CostOverTime, CostPath, PairOverTime
from planner.economics.cash import Cash
from planner.economics.months import Array, Months
from planner.units import DAYS_PER_MONTH, format_percent, format_usd


@dataclass(frozen=True)
class Way:
    """One way of serving every query: an option, or the allocation of a plan."""

    label: str
    cash: Cash
    gpus: NDArray[np.int64]
    """(month,) whole GPUs, central case."""
    training_usd: Array
    """(draw,) paid before the first month; part of `cash`."""
    accuracy: float
    """Central case."""
    n_samples: float | None = None
    able: NDArray[np.bool_] | None = None
    """(draw,) whether it does what is asked; None: always."""
    sunk_usd_per_day: float = 0.0


def told_ways(
    ways: Sequence[Way], months: Months, queries_per_day: float, sunk: Sequence[str]
) -> dict[str, Any]:
    """Terms, figures and months of all ways, as fields of the answer."""
    return {
        "start": months.start.isoformat(),
        "horizon_days": months.horizon_days,
        "growth_per_year": months.growth_per_year,
        "price_decline_per_year": months.price_decline_per_year,
        "discount_per_year": months.discount_per_year,
        "paths": tuple(_path(way, side, months, queries_per_day) for side, way in enumerate(ways)),
        "by_month": _by_month(ways, months, queries_per_day),
        "sunk": tuple(sunk),
    }


def _path(way: Way, side: int, months: Months, queries_per_day: float) -> CostPath:
    cash = way.cash
    present = months.present_value(cash.total)
    low, high = interval90(present)
    answers = float(queries_per_day * months.volume[CENTRAL] @ months.weight_days[CENTRAL])
    training = float(way.training_usd[CENTRAL])
    return CostPath(
        label=way.label,
        side=side,
        n_samples=way.n_samples,
        share_of_draws=1.0 if way.able is None else float(way.able[1:].mean()),
        training_usd=training,
        gpus_bought_usd=float(cash.capex[CENTRAL].sum()) - training,
        opex_usd=float(cash.opex[CENTRAL].sum()),
        residual_usd=float(cash.residual[CENTRAL].sum()),
        total_usd=float(cash.total[CENTRAL].sum()),
        present_usd=float(present[CENTRAL]),
        present_usd_low=low,
        present_usd_high=high,
        equivalent_usd_per_day=float(months.equivalent_per_day(present)[CENTRAL]),
        usd_per_correct=(
            float(present[CENTRAL]) / (answers * way.accuracy) if way.accuracy > 0 else None
        ),
        sunk_usd_per_day=way.sunk_usd_per_day or None,
    )


def _by_month(ways: Sequence[Way], months: Months, queries_per_day: float) -> tuple[CostMonth, ...]:
    # What is bought as a month begins is that month's, and so is what is sold at its end.
    cash = [way.cash for way in ways]
    usd = [c.capex[CENTRAL, :-1] + c.opex[CENTRAL, 1:] - c.residual[CENTRAL, 1:] for c in cash]
    worth = [np.cumsum(c.total[CENTRAL] * months.discount[CENTRAL]) for c in cash]
    return tuple(
        CostMonth(
            begins=months.first_day(m).isoformat(),
            queries_per_day=queries_per_day * float(months.volume[CENTRAL, m]),
            usd=tuple(float(paid[m]) for paid in usd),
            gpus=tuple(int(way.gpus[m]) for way in ways),
            present_usd_so_far=tuple(float(total[m + 1]) for total in worth),
        )
        for m in range(months.count)
    )


def saved(labels: tuple[str, str], one: Array, other: Array) -> dict[str, Any]:
    """Which of two present values (draw,) is smaller, and by how much, as fields of the answer.

    inf where a way does not do what is asked: it loses that draw, and nothing is told to be saved.
    """
    wins = float((one < other)[1:].mean()), float((other < one)[1:].mean())
    cheaper = 0 if wins[0] >= wins[1] else 1
    found = {
        "compared": labels,
        "cheaper": labels[cheaper],
        "probability_cheaper": wins[cheaper],
    }
    both = np.isfinite(one) & np.isfinite(other)
    both[CENTRAL] = False
    if not both.any():
        return found
    less = (other - one)[both] if cheaper == 0 else (one - other)[both]
    low, middle, high = (float(q) for q in np.quantile(less, [0.05, 0.5, 0.95]))
    return found | {"saved_usd": middle, "saved_usd_low": low, "saved_usd_high": high}


def sentences(told: CostOverTime) -> tuple[str, ...]:
    """What it comes to, what is paid up front, and what was left out."""
    each = "; ".join(_costs(path) for path in told.paths)
    found = [f"{terms(told)}: {each}."]
    found += [
        _saved(pair, told) for pair in (told, *told.other_pairs) if pair.saved_usd is not None
    ]
    found += [
        f"{path.label} is as accurate in only {format_percent(path.share_of_draws, 0)} of the"
        " draws; it is costed at its largest n."
        for path in told.paths
        if path.share_of_draws < 1 / 2
    ]
    if told.unknown:
        found.append(f"Not known, and therefore left out: {'; '.join(told.unknown)}.")
    if told.sunk:
        found.append(f"Taken as spent in any case and left out: {'; '.join(told.sunk)}.")
    return tuple(found)


def _saved(pair: PairOverTime, told: CostOverTime) -> str:
    low, high = format_usd(pair.saved_usd_low or 0.0), format_usd(pair.saved_usd_high or 0.0)
    chance = format_percent(pair.probability_cheaper or 0.0, 0)
    other = next((label for label in pair.compared if label != pair.cheaper), None)
    than = f" than {other}" if told.other_pairs else ""
    # The middle case is what the table beside it subtracts to; the median over the draws is not.
    usd = {path.label: path.present_usd for path in told.paths}
    middle = sum(usd[label] if label != pair.cheaper else -usd[label] for label in pair.compared)
    moves = "saves" if middle >= 0 else "costs"
    return (
        f"{pair.cheaper} costs less{than} in {chance} of the draws: it {moves}"
        f" {format_usd(abs(middle))}{'' if middle >= 0 else ' more'} in the middle case, and saves"
        f" {format_usd(pair.saved_usd or 0.0)} in the median draw ({low} to {high}), worth today."
    )


def terms(told: CostOverTime) -> str:
    """The horizon and what moves in it, such as "Over 24 months from 2027-03-01 (...)"."""
    parts = [
        f"{what} {format_percent(rate.value, 0)} a year"
        for what, rate in (
            ("volume growing", told.growth_per_year),
            ("prices falling", told.price_decline_per_year),
            ("discounted at", told.discount_per_year),
        )
        if rate.value or not rate.exact
    ]
    if told.discount_per_year.exact and not told.discount_per_year.value:
        parts.append("undiscounted")
    return f"Over {span_of(told)} from {told.start} ({', '.join(parts)})"


def span_of(told: CostOverTime) -> str:
    """The horizon in words: "24 months", "134 days"."""
    months = told.horizon_days / DAYS_PER_MONTH
    whole = months > 1.5 and abs(months - round(months)) < 1e-6
    return f"{months:.0f} months" if whole else f"{told.horizon_days:.4g} days"


def _costs(path: CostPath) -> str:
    low, high = format_usd(path.present_usd_low or 0.0), format_usd(path.present_usd_high or 0.0)
    paid = [
        f"{format_usd(usd)} {what}"
        for what, usd in (
            ("of training up front", path.training_usd),
            ("of GPUs bought", path.gpus_bought_usd),
        )
        if usd
    ]
    capex = f", of it {' and '.join(paid)}" if paid else ""
    n = path.n_samples
    at = "" if n is None or n == round(n) else f" at n = {n:.1f}"
    return (
        f"{path.label}{at} costs {format_usd(path.present_usd)} ({low} to {high}),"
        f" {format_usd(path.equivalent_usd_per_day)} a day{capex}"
    )
