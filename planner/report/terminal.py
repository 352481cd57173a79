"""Answers, plans, frontiers, curves and cards in the terminal."""

from __future__ import annotations

from planner.domain.answer import Answer, AnswerOption, Parity
from planner.domain.plan import Frontier, Knee, PlanAnswer
from planner.report import wording
from planner.report.console import say, stdout, table
from planner.report.page import MISSING, Cell, Column, missing
from planner.report.sections.over_time import told_in_short
from planner.report.sections.parity import break_evens
from planner.report.sections.plan import headline, supply_sentences
from planner.report.sections.plan_proof import proof
from planner.report.sections.plan_why import why
from planner.report.text import parity_span, plus_minus, probability, samples, whole_percent
from planner.units import format_percent, format_seconds, format_usd

__all__ = [
    "print_answer",
    "print_frontier",
    "print_plan",
]

OPTIONS = (
    Column("Option", number=False),
    Column("Accuracy"),
    Column("$ a day"),
    Column("$ a query"),
    Column("GPUs"),
    Column("p95"),
)
PARITIES = (
    Column("Samples n at which", number=False),
    Column("n"),
    Column("90% interval"),
    Column("Draws"),
)
PLAN = (
    Column("Queries", number=False),
    Column("Option", number=False),
    Column("Share"),
    Column("Accuracy"),
    Column("$ a query"),
    Column("95% within"),
)
FLEET = (
    Column("Model", number=False),
    Column("GPU", number=False),
    Column("Replicas"),
    Column("GPUs"),
    Column("In use"),
    Column("$ a day"),
)
FRONTIER = (
    Column("Budget, $ a day"),
    Column("Spent, $ a day"),
    Column("Accuracy"),
    Column("Options", number=False),
)
KNEES = (
    Column("Budget, $ a day"),
    Column("Accuracy"),
    Column("Points a $1,000"),
    Column("Options", number=False),
)


def print_answer(answer: Answer, quiet: bool = False) -> None:
    """The answer, its options and parities; with notes unless quiet."""
    console = stdout()
    say(console, answer.answer, "bold")
    console.print()
    table(console, "", OPTIONS, [_option(option) for option in answer.options])
    hardware = dict.fromkeys(option.accelerator or option.bought for option in answer.options)
    supply = f"Run on: {', '.join(hardware)}."
    say(console, f"{supply} ± is half of the 90% interval, in points; p95 is a latency.")
    console.print()
    accuracy, cost = answer.parity_n_accuracy, answer.parity_n_cost
    if accuracy is not None and cost is not None:
        rows = [
            _parity(f"as accurate as {accuracy.reference}", accuracy),
            _parity(f"costs the same as {cost.reference}, in {cost.currency}", cost),
        ]
        table(console, "", PARITIES, rows)
    elif answer.parities_reason:
        say(console, f"Parities: {answer.parities_reason}")
    if quiet:
        return
    said = [*answer.explanation, *break_evens(answer)]
    said += [window.sentence for window in answer.parity_windows[1:] if not window.open]
    said += told_in_short(answer.over_time, answer.human)
    if answer.best_plan_sentence:
        said.append(answer.best_plan_sentence)
    said += [f"Measure next: {m.what} ({m.why})." for m in answer.next[:1]]
    for text in said:
        say(console, f"* {text}")
    for warning in answer.warnings:
        say(console, f"! {warning.message}", "yellow")


def _option(option: AnswerOption) -> tuple[Cell, ...]:
    return (
        Cell(option.label, wording.ROLE[option.role]),
        Cell(plus_minus(option.accuracy, option.accuracy_low, option.accuracy_high)),
        Cell(
            format_usd(option.cost_usd_per_day),
            f"{format_usd(option.cost_usd_per_day_low)} to"
            f" {format_usd(option.cost_usd_per_day_high)}",
        ),
        Cell(format_usd(option.cost_usd_per_query)),
        Cell(str(option.gpus) if option.bought == "GPUs" else MISSING),
        Cell(MISSING if option.latency_p95_s is None else format_seconds(option.latency_p95_s)),
    )


def _parity(name: str, parity: Parity) -> tuple[Cell, ...]:
    middle = missing(None) if parity.median is None else Cell(samples(parity.median))
    return (
        Cell(name),
        Cell(middle.text),
        Cell(parity_span(parity.low, parity.high)),
        Cell(whole_percent(parity.share_of_draws)),
    )


def print_plan(plan: PlanAnswer, quiet: bool = False) -> None:
    """Allocation, fleet and proof of a plan; with the reason and a way out where there is none."""
    console = stdout()
    say(console, headline(plan), "bold")
    if plan.relaxation:
        say(console, f"What would help: {plan.relaxation}")
    console.print()
    if plan.allocation:
        rows = [
            (
                Cell(row.query_class, None if row.bucket == "all" else row.bucket),
                Cell(row.option),
                Cell(format_percent(row.share)),
                Cell(plus_minus(row.accuracy, row.accuracy_low, row.accuracy_high)),
                Cell(format_usd(row.cost_usd_per_query)),
                Cell(MISSING if row.latency_p95_s is None else format_seconds(row.latency_p95_s)),
            )
            for row in plan.allocation
        ]
        table(console, "", PLAN, rows)
    if plan.fleet:
        fleet = [
            (
                Cell(row.model, row.verifier),
                Cell(row.accelerator),
                Cell(str(row.replicas)),
                Cell(str(row.gpus)),
                Cell(whole_percent(row.utilisation)),
                Cell(format_usd(row.usd_per_day)),
            )
            for row in plan.fleet
        ]
        table(console, "", FLEET, fleet)
    for text in supply_sentences(plan):
        say(console, text)
    if plan.baseline is not None:
        base = plan.baseline
        accuracy = plus_minus(base.accuracy, base.accuracy_low, base.accuracy_high)
        cost = format_usd(base.cost_usd_per_day)
        say(console, f"Baseline: {base.label}, {accuracy} correct for {cost} a day.")
        if plan.probability_beats_baseline is not None:
            chance = probability(plan.probability_beats_baseline)
            say(console, f"The plan beats it with a probability of {chance}.")
    if not quiet:
        money = told_in_short(plan.over_time, plan.human)
        for text in (*why(plan), *proof(plan), *money):
            say(console, f"* {text}")
        for warning in plan.warnings:
            say(console, f"! {warning.message}", "yellow")


def print_frontier(frontier: Frontier, quiet: bool = False) -> None:
    """The best accuracy that each budget buys."""
    console = stdout()
    rows = [
        (
            Cell(format_usd(p.budget_usd_per_day)),
            Cell(format_usd(p.cost_usd_per_day)),
            Cell(plus_minus(p.accuracy, p.accuracy_low, p.accuracy_high)),
            Cell(", ".join(p.options) or MISSING),
        )
        for p in frontier.points
    ]
    table(console, "", FRONTIER, rows)
    if frontier.knees:
        console.print()
        table(console, "Knees: from each a dollar buys at most half as much", KNEES,
              [_knee(knee) for knee in frontier.knees])  # fmt: skip
    if frontier.gap is not None and not quiet:
        over = f" by {frontier.gap * 100:.2g} points or more" if frontier.gap else ""
        say(console, f"Proven: no plan lies above the frontier{over}.")
    if not quiet:
        for warning in frontier.warnings:
            say(console, f"! {warning.message}", "yellow")
    unspent = any(p.cost_usd_per_day < p.budget_usd_per_day * 0.999 for p in frontier.points)
    if unspent and not quiet:
        say(console, "* Whole GPUs leave part of some budgets unspent.")


def _knee(knee: Knee) -> tuple[Cell, ...]:
    """A row of the table of knees: the options that answer most queries stand first."""
    said = [f"{whole_percent(part.share)} {part.option}" for part in knee.options]
    return (
        Cell(format_usd(knee.budget_usd_per_day)),
        Cell(f"{knee.accuracy * 100:.1f}%"),
        Cell(f"{knee.accuracy_per_usd_per_day * 1e5:.3g}"),
        Cell(", ".join(said)),
    )
