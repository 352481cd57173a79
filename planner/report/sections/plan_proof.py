"""What a plan aims at, and how sure it is that no other is better."""

from __future__ import annotations

from planner.domain.plan import PlanAnswer
from planner.domain.routed import RouterRow
from planner.report import wording
from planner.report.sections.plan_why import objective_text
from planner.report.sections.sure import sure_sentences
from planner.report.text import usd_per_query
from planner.units import (
    format_count,
    format_flop,
    format_percent,
    format_seconds,
    format_usd,
)

SMALLEST_GAP = 1e-4
"""A relative distance to the bound below this is the solver's rounding."""
BROKEN = "Broken"
"""How a check begins that found something."""


def proof(plan: PlanAnswer) -> tuple[str, ...]:
    """What the plan aims at and how sure it is that none is better."""
    limits = [
        f"{format_usd(plan.budget_usd_per_day)} a day" if plan.budget_usd_per_day else "",
        f"{format_flop(plan.budget_flop_per_day)} a day" if plan.budget_flop_per_day else "",
        f"{format_flop(plan.budget_eflop_per_day)} a day, memory-aware"
        if plan.budget_eflop_per_day
        else "",
        f"{format_count(plan.budget_kwh_per_day)} kWh a day" if plan.budget_kwh_per_day else "",
        f"{plan.budget_gpus} GPUs" if plan.budget_gpus else "",
    ]
    named = ", ".join(limit for limit in limits if limit)
    found = [
        f"Aim: {wording.OBJECTIVE[plan.objective]}" + (f" ({named})." if named else "."),
        _status(plan),
    ]
    if plan.gap is not None:
        bound = "" if plan.bound is None else objective_text(plan, plan.bound)
        bound = f"; no plan can pass {bound}" if bound else ""
        gap = "none" if plan.gap < SMALLEST_GAP else format_percent(plan.gap, 2)
        found.append(f"Distance to the best possible: {gap}{bound}.")
    if plan.router is not None:
        found.append(_router(plan.router))
    found += sure_sentences(plan)
    # The check from the printed numbers is told among the reasons; this one only beside none.
    if plan.feasibility and (plan.checked is None or plan.feasibility.startswith(BROKEN)):
        found.append(plan.feasibility)
    if plan.shadow_price_accuracy_per_usd_per_day:
        points = plan.shadow_price_accuracy_per_usd_per_day * 100 * 100
        found.append(
            f"Another $100 a day would buy about {points:.2g} points of accuracy, were GPUs"
            " divisible."
        )
    return tuple(found)


def _status(plan: PlanAnswer) -> str:
    if plan.status == "infeasible":
        return f"Status: {wording.STATUS[plan.status]}."
    by = "" if plan.solver is None else f" {wording.SOLVED_BY[plan.solver]}"
    return f"Status: {wording.STATUS[plan.status]}. {plan.status_sentence}{by}"


def _router(row: RouterRow) -> str:
    reads = "" if row.model is None else f" {row.model} handles {row.tokens:.0f} tokens a query,"
    usd, day = usd_per_query(row.cost_usd_per_query), format_usd(row.cost_usd_per_day)
    return (
        f"Telling how hard a query is:{reads} {format_flop(row.flop_per_query)} and"
        f" {format_seconds(row.gpu_s_per_query)} of GPU time; {usd} a query on full GPUs, {day} a"
        f" day for {format_count(row.queries_per_day)} queries. It is in the figures above."
    )
