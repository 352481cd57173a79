"""Why a plan is as it is, in sentences: what else could be done, and what would change it."""

from __future__ import annotations

from planner.domain.plan import PlanAnswer
from planner.domain.why import Compared, RunnerUp, SameAccuracy, ShadowPrice
from planner.report.page import Cell, Column, Table
from planner.report.text import number_cell
from planner.units import format_count, format_flop, format_percent, format_usd

COMPARED = (
    Column("Instead", number=False),
    Column("Accuracy"),
    Column("Cost a day"),
    Column("Compute a day"),
    Column("GPUs, whole"),
    Column("Keeps every requirement", number=False),
)
MOST_ROWS = 8
"""Rows shown of the options that could answer everything; all stand in the JSON."""
_DAYS = 365
SMALLEST_PART = 1e-4
"""Part of the cost, or of the queries, under which a difference is not told."""


def objective_text(plan: PlanAnswer, value: float) -> str:
    """A value of the plan's objective with its unit."""
    if plan.objective == "accuracy":
        return format_percent(value)
    return format_usd(value) + (" a correct answer" if plan.objective == "cost_per_correct" else "")


def why(plan: PlanAnswer) -> tuple[str, ...]:
    """Sentences on value, baselines, savings, runners-up and shadow prices."""
    if plan.status == "infeasible":
        return ()
    found = [*_worth(plan), *_nothing_done(plan)]
    if uniform := _uniform(plan):
        found.append(
            f"The best one option for every query: {uniform.label},"
            f" {format_percent(uniform.accuracy)} correct for"
            f" {format_usd(uniform.cost_usd_per_day)} a day."
        )
    if plan.same_accuracy is not None:
        found += _same_accuracy(plan.same_accuracy)
    found += [_runner_up(plan, row) for row in plan.runners_up]
    found += [said for row in plan.shadow_prices if (said := _shadow(row))]
    if plan.checked is not None:
        broken = "; ".join(plan.checked.broken)
        found.append(
            f"Checked in fractions from the printed numbers: {len(plan.checked.checked)}"
            f" requirements, {'all kept' if plan.checked.ok else f'broken: {broken}'}."
        )
    return tuple(found)


def _uniform(plan: PlanAnswer) -> Compared | None:
    return next((row for row in plan.compared if row.kind == "uniform compute"), None)


def _worth(plan: PlanAnswer) -> list[str]:
    found = []
    if plan.net_value_usd_per_day is not None:
        found.append(f"Net value: {format_usd(plan.net_value_usd_per_day)} a day.")
    if plan.objective == "cost_per_correct" and plan.cost_usd_per_correct is not None:
        found.append(f"A correct answer costs {format_usd(plan.cost_usd_per_correct)}.")
    if plan.fixed_usd_per_day:
        found.append(
            f"Models and training take {format_usd(plan.fixed_usd_per_day)} a day of its cost."
        )
    return found


def _nothing_done(plan: PlanAnswer) -> list[str]:
    """What staying with today's allocation costs."""
    base, usd, accuracy = plan.baseline, plan.cost_usd_per_day, plan.accuracy
    if base is None or usd is None or accuracy is None or plan.queries_per_day is None:
        return []
    saved = (base.cost_usd_per_day - usd) * _DAYS
    correct = (accuracy - base.accuracy) * plan.queries_per_day
    dollars = f"{format_usd(abs(saved))} a year {'more than' if saved >= 0 else 'less than'}"
    if abs(saved) < SMALLEST_PART * usd * _DAYS:
        dollars = "as much as"
    answers = f"{format_count(abs(correct))} a day {'fewer' if correct >= 0 else 'more'}"
    if abs(correct) < SMALLEST_PART * plan.queries_per_day:
        answers = "as many"
    return [f"Doing nothing costs {dollars} the plan, and answers {answers} correctly."]


def _same_accuracy(same: SameAccuracy) -> list[str]:
    saved = []
    if same.flop_times_less and same.flop_per_day:
        saved.append(
            f"1/{same.flop_times_less:.3g} of the compute ({format_flop(same.flop_per_day)} a day)"
        )
    if same.usd_times_less and same.usd_per_day is not None:
        saved.append(
            f"1/{same.usd_times_less:.3g} of the dollars ({format_usd(same.usd_per_day)} a day)"
        )
    if not saved:
        return []
    reached = f"{same.label} for every query, {format_percent(same.accuracy)}"
    return [f"The same accuracy as {reached}, at {', or at '.join(saved)}, by telling them apart."]


def _runner_up(plan: PlanAnswer, row: RunnerUp) -> str:
    of = row.query_class if row.bucket == "all" else f"{row.query_class}, {row.bucket}"
    ways = []
    if row.wins_below_price_factor is not None:
        ways.append(f"at {format_percent(row.wins_below_price_factor, 0)} of its price")
    if row.wins_above_accuracy is not None:
        ways.append(f"at {format_percent(row.wins_above_accuracy)} accuracy")
    if row.wins_at_volume_factor is not None:
        ways.append(f"at {row.wins_at_volume_factor:g} times the volume")
    wins = (
        f"; it wins {' or '.join(ways)}" if ways else "; no change of its price or accuracy helps"
    )
    lost = objective_text(plan, row.objective_lost)
    if plan.objective == "accuracy":
        lost = f"{row.objective_lost * 100:.2g} points"
    return f"Runner-up for {of}: {row.option} instead of {row.chosen}, {lost} worse{wins}."


def _shadow(row: ShadowPrice) -> str | None:
    if row.value <= 0 or row.requirement == "usd_per_day":
        return None
    return f"Shadow price of {row.requirement}: {row.value:.3g} {row.unit}, were GPUs divisible."


def compared_table(plan: PlanAnswer) -> Table | None:
    """What else could be done, cheapest first; None where nothing could."""
    if not plan.compared:
        return None
    rows = tuple(_compared(row) for row in plan.compared[:MOST_ROWS])
    return Table(COMPARED, rows, caption="One option for every query instead")


def _compared(row: Compared) -> tuple[Cell, ...]:
    best = "the best such" if row.kind == "uniform compute" else None
    return (
        Cell(row.label, best),
        Cell(format_percent(row.accuracy)),
        Cell(format_usd(row.cost_usd_per_day)),
        number_cell(row.flop_per_day, format_flop),
        number_cell(row.gpus, format_count),
        Cell("yes" if row.feasible else "no"),
    )
