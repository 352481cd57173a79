"""How sure a plan is, what choosing flatters, and what the router is worth, in sentences."""

from __future__ import annotations

from planner.domain.plan import OptimismBy, PlanAnswer
from planner.domain.routed import RouterValue
from planner.domain.uncertainty import HowSure, Regret
from planner.report.text import probability, whole_percent
from planner.units import format_percent, format_usd

SMALLEST = 5e-5
"""Accuracy under which a difference is not told: a two-hundredth of a point."""

_MEASURED: dict[OptimismBy, str] = {
    "halves": "choosing on one half of the questions and judging on the other",
    "simulation": "simulation",
}


def sure_sentences(plan: PlanAnswer) -> tuple[str, ...]:
    """One sentence a fact, in the order in which a reader asks."""
    found = []
    if plan.optimism is not None and plan.optimism > SMALLEST:
        found.append(
            f"Choosing among noisy estimates flatters: {100 * plan.optimism:.2g} points of optimism"
            f" are taken off the accuracy, by {_MEASURED[plan.optimism_by or 'simulation']}."
        )
    if plan.how_sure is not None:
        found += _sure(plan.how_sure)
    if plan.router_value is not None:
        found += _router(plan.router_value)
    return tuple(found)


def _sure(sure: HowSure) -> list[str]:
    found = []
    for row in sure.floors:
        of = "all queries" if row.query_class is None else row.query_class
        wanted = "" if sure.wanted is None else f", {whole_percent(sure.wanted)} wanted"
        chance = probability(row.probability)
        found.append(
            f"The floor of {format_percent(row.floor)} for {of} holds with {chance}{wanted}."
        )
    if sure.risk is not None:
        worst = f"mean regret of the worst {whole_percent(1 - (sure.level or 0.9))} of the draws"
        least = worst if sure.risk == "cvar" else "regret of the worst draw"
        found.append(f"Chosen for the least {least}, not for the central case alone.")
    if sure.regret:
        told = "; ".join(_regret(row, sure) for row in sure.regret)
        found.append(
            f"Regret against the best plan of each of {sure.draws} draws, mean and mean of the"
            f" worst {whole_percent(1 - (sure.level or 0.9))}: {told}."
        )
    if sure.best_in:
        this, others = sure.best_in[0], sure.best_in[1:]
        best = (
            f"; most often better: {others[0].plan} ({whole_percent(others[0].share)})"
            if others
            else ""
        )
        found.append(f"No other plan is better in {whole_percent(this.share)} of the draws{best}.")
    return found


def _regret(row: Regret, sure: HowSure) -> str:
    if sure.unit == "accuracy":
        return f"{row.label} {100 * row.mean:.2g} and {100 * row.cvar:.2g} points"
    per = " a correct answer" if sure.unit == "usd_per_correct" else " a day"
    return f"{row.label} {format_usd(row.mean)} and {format_usd(row.cvar)}{per}"


def _router(value: RouterValue) -> list[str]:
    plans = (
        ("with a perfect router", value.perfect),
        ("with this one", value.this),
        ("with none", value.none),
    )
    told = "; ".join(
        f"{name} {format_percent(plan.accuracy)} for {format_usd(plan.cost_usd_per_day)} a day"
        for name, plan in plans
        if plan is not None
    )
    found = [f"A router tells how hard a query is before it is answered. By estimates: {told}."]
    if value.basis == "known":
        found[0] += " This one is taken as perfect."
    elif value.better_usd_per_day is not None and value.better_accuracy is not None:
        usd, points = max(value.better_usd_per_day, 0.0), 100 * max(value.better_accuracy, 0.0)
        found.append(
            f"A perfect router would be worth {format_usd(usd)} a day at the accuracy of this one,"
            f" or {points:.2g} points."
        )
    return found
