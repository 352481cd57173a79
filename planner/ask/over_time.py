"""CAPEX against OPEX of the sides of a question: what each costs month by month, and in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.ask.break_evens import Pair, break_evens
from planner.ask.judge import Contender, Judgement, is_scalable
from planner.domain.draws import CENTRAL, interval90
from planner.domain.money_answer import CostMonth, CostOverTime, CostPath, CostVolume
from planner.economics.cash import Cash
from planner.economics.months import Array, Months
from planner.economics.paths import Path
from planner.units import format_percent, format_usd

VOLUMES = np.geomspace(1e3, 1e8, 31)
"""Queries a day of the chart."""
POINTS_PER_DOUBLING = 6
"""Of n, in the search for the n of the same cost."""


def side_paths(
    sides: Sequence[Contender],
    judgement: Judgement,
    mix: Mapping[str, float],
    queries_per_day: float,
    months: Months,
    capex_usd: Sequence[Array],
) -> list[Path]:
    """Each side at its n, or in each draw at its accuracy-parity n; at its largest measured n where
    it has none.
    """
    found = []
    for i, side in enumerate(sides):
        rows = side.candidate.supply.draws.rows
        n, able = np.full(rows, float(side.n or side.n_max)), np.ones(rows, dtype=bool)
        if side.n is None:
            parity = judgement.parity_accuracy[i].n
            able = np.isfinite(parity)
            n = np.where(able, parity, n)
        found.append(Path(side.candidate, n, able, mix, queries_per_day, months, capex_usd[i]))
    return found


def pair_of(
    paths: Sequence[Path], sides: Sequence[Contender], reference: int, labels: Sequence[str]
) -> Pair | None:
    """The first side that is not the reference, and the reference; None of one side."""
    if len(paths) < 2:
        return None
    first = next(i for i in range(len(paths)) if i != reference)
    names = (labels[first], labels[reference])
    return Pair(paths[first], paths[reference], names, _n_grid(sides[first]))


def cost_over_time(
    paths: Sequence[Path], labels: Sequence[str], pair: Pair | None, sunk: Sequence[str]
) -> CostOverTime:
    """Every path's dollars over the months, and where those of a pair cost the same."""
    cash = [path.cash() for path in paths]
    found = {
        **told_months(paths[0].months),
        "paths": tuple(
            cost_path(path, side, labels[side], cash[side]) for side, path in enumerate(paths)
        ),
        "by_month": by_month(paths, labels, cash),
        "by_volume": _by_volume(paths, labels),
        "sunk": tuple(sunk),
        **({} if pair is None else _compared(pair)),
    }
    told = CostOverTime(**found)
    return told.model_copy(update={"sentences": sentences(told)})


def told_months(months: Months) -> dict[str, Any]:
    """The terms as fields of the answer."""
    return {
        "start": months.start,
        "horizon_days": months.horizon_days,
        "growth_per_year": months.growth_per_year,
        "price_decline_per_year": months.price_decline_per_year,
        "discount_per_year": months.discount_per_year,
    }


def _n_grid(side: Contender) -> Array | None:
    if not is_scalable(side.candidate):
        return None
    most = max(side.candidate.measured_n())
    points = max(2, round(np.log2(most) * POINTS_PER_DOUBLING) + 1)
    return np.geomspace(1.0, most, points)


def cost_path(path: Path, side: int, label: str, cash: Cash) -> CostPath:
    """The figures of one way."""
    months = path.months
    present = months.present_value(cash.total)
    low, high = interval90(present)
    n = float(path.n[CENTRAL])
    accuracy = float(path.candidate.accuracy([n], path.mix)[CENTRAL, 0])
    answers = path.queries_per_day * months.volume[CENTRAL] @ months.weight_days[CENTRAL]
    training = float(path.capex_usd[CENTRAL])
    sunk = 0.0 if path.candidate.fleet is None else float(
        path.candidate.supply.sunk_usd_per_day[CENTRAL]
    )  # fmt: skip
    return CostPath(
        label=label,
        side=side,
        n_samples=n,
        share_of_draws=float(path.able[1:].mean()),
        training_usd=training,
        gpus_bought_usd=float(cash.capex[CENTRAL].sum()) - training,
        opex_usd=float(cash.opex[CENTRAL].sum()),
        residual_usd=float(cash.residual[CENTRAL].sum()),
        total_usd=float(cash.total[CENTRAL].sum()),
        present_usd=float(present[CENTRAL]),
        present_usd_low=low,
        present_usd_high=high,
        equivalent_usd_per_day=float(months.equivalent_per_day(present)[CENTRAL]),
        usd_per_correct=float(present[CENTRAL] / (answers * accuracy)) if accuracy > 0 else None,
        sunk_usd_per_day=sunk or None,
    )


def by_month(
    paths: Sequence[Path], labels: Sequence[str], cash: Sequence[Cash]
) -> tuple[CostMonth, ...]:
    """Dollars and GPUs of every month, central case."""
    months = paths[0].months
    gpus = [path.served().gpus[CENTRAL] for path in paths]
    # What is bought as a month begins is that month's; what is sold at its end too.
    usd = [c.capex[CENTRAL, :-1] + c.opex[CENTRAL, 1:] - c.residual[CENTRAL, 1:] for c in cash]
    worth = [np.cumsum(c.total[CENTRAL] * months.discount[CENTRAL]) for c in cash]
    return tuple(
        CostMonth(
            begins=months.first_day(m),
            queries_per_day=paths[0].queries_per_day * float(months.volume[CENTRAL, m]),
            usd={label: float(paid[m]) for label, paid in zip(labels, usd, strict=True)},
            gpus={label: int(count[m]) for label, count in zip(labels, gpus, strict=True)},
            present_usd_so_far={
                label: float(w[m + 1]) for label, w in zip(labels, worth, strict=True)
            },
        )
        for m in range(months.count)
    )


def _by_volume(paths: Sequence[Path], labels: Sequence[str]) -> tuple[CostVolume, ...]:
    days = float(paths[0].months.weight_days[CENTRAL].sum())
    worth = [path.present_usd(VOLUMES)[CENTRAL] / days for path in paths]
    return tuple(
        CostVolume(
            queries_per_day=float(volume),
            equivalent_usd_per_day={
                label: float(usd[i])
                for label, usd in zip(labels, worth, strict=True)
                if np.isfinite(usd[i])
            },
        )
        for i, volume in enumerate(VOLUMES)
    )


def _compared(pair: Pair) -> dict[str, Any]:
    """Which of a pair costs less, what it saves, and every break-even."""
    one, other = pair.one.present_usd(), pair.other.present_usd()
    wins = float((one < other)[1:].mean()), float((other < one)[1:].mean())
    cheaper = 0 if wins[0] >= wins[1] else 1
    both = np.isfinite(one) & np.isfinite(other)
    saved = (other - one)[both] if cheaper == 0 else (one - other)[both]
    figures: dict[str, Any] = {}
    if both[1:].any():
        low, middle, high = np.quantile(saved[int(both[CENTRAL]) :], [0.05, 0.5, 0.95])
        figures = {
            "saved_usd": float(middle), "saved_usd_low": float(low), "saved_usd_high": float(high)
        }  # fmt: skip
    evens = break_evens(pair)
    return figures | {
        "compared": pair.labels,
        "cheaper": pair.labels[cheaper],
        "probability_cheaper": wins[cheaper],
        "break_evens": {of: told for of, (told, _) in evens.items()},
        "break_even_sentences": {of: said for of, (_, said) in evens.items()},
    }


def sentences(told: CostOverTime) -> tuple[str, ...]:
    """What it comes to, what is paid up front, and what was left out."""
    each = "; ".join(_costs(path) for path in told.paths)
    found = [f"{terms(told)}: {each}."]
    if told.cheaper is not None and told.saved_usd is not None:
        low, high = format_usd(told.saved_usd_low or 0.0), format_usd(told.saved_usd_high or 0.0)
        chance = format_percent(told.probability_cheaper or 0.0, 0)
        found.append(
            f"{told.cheaper} costs less in {chance} of the draws: it saves"
            f" {format_usd(told.saved_usd)} ({low} to {high}), worth today."
        )
    if told.sunk:
        found.append(f"Taken as spent in any case and left out: {'; '.join(told.sunk)}.")
    return tuple(found)


def terms(told: CostOverTime) -> str:
    """The horizon and what moves in it, such as "Over 24 months from 2027-03-01 (...)"."""
    months = told.horizon_days * 12 / 365
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
    return f"Over {months:.3g} months from {told.start} ({', '.join(parts)})"


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
    return (
        f"{path.label} costs {format_usd(path.present_usd)} ({low} to {high}),"
        f" {format_usd(path.equivalent_usd_per_day)} a day{capex}"
    )
