"""What is worth measuring, in the terminal."""

from __future__ import annotations

from planner.domain.next import NextAnswer, ProposedMeasurement, Worth
from planner.report.console import say, stdout, table
from planner.report.page import MISSING, Cell, Column
from planner.units import format_count, format_percent, format_usd

CHANGES = "Changes\nthe plan"
"""On two lines: on a terminal of 80 columns the measurements need the room."""
MOST_ROWS = 6
"""Measurements and inputs that are shown; --json has more."""


def print_next(answer: NextAnswer, *, quiet: bool = False) -> None:
    """The advice, what could be measured, and which inputs the decision hangs on."""
    console = stdout()
    say(console, answer.advice, "bold")
    console.print()
    say(console, f"Decided as things stand: {answer.decision}.")
    say(console, everything(answer))
    console.print()
    if answer.measurements:
        columns = (
            Column("", number=False),
            Column("Measurement", number=False),
            Column("Questions"),
            Column(CHANGES),
            Column(gain_title(answer)),
            Column("Costs"),
        )
        rows = [_measurement(answer, i) for i in range(min(MOST_ROWS, len(answer.measurements)))]
        table(console, "", columns, rows, (None, 64))
    if answer.inputs:
        headings = (
            Column("Were it known exactly", number=False),
            Column(CHANGES),
            Column(gain_title(answer)),
        )
        known = [
            (Cell(one.input), Cell(format_percent(one.probability_changes_decision)), _gain(one))
            for one in answer.inputs[:MOST_ROWS]
        ]
        table(console, "", headings, known, (64,))
    if quiet:
        return
    if not answer.cost_per_question_usd:
        say(
            console,
            "* Questions cost what answering them costs; --cost-per-question adds what writing and"
            " grading one does.",
        )
    say(console, _compared(answer))
    for warning in answer.warnings:
        say(console, f"! {warning.message}", "yellow")


def _compared(answer: NextAnswer) -> str:
    if answer.plans == 1:
        return "* No other plan was the best in any draw that was solved."
    by = f" by {answer.decided_by}" if answer.decided_by else ""
    return f"* {answer.plans} plans were compared{by}, in {answer.draws} draws."


def everything(answer: NextAnswer) -> str:
    """The most that any measurement could do."""
    changes = format_percent(answer.everything.probability_changes_decision)
    said = f"Knowing everything would change it with a probability of {changes}"
    usd = answer.everything.expected_gain_usd
    if usd is None:
        return f"{said}; no worth of a correct answer is given, so that no gain in dollars is told."
    return f"{said}, and gain {format_usd(usd)} over {answer.horizon_days:.0f} days."


def gain_title(answer: NextAnswer) -> str:
    """Heading of the gains."""
    return "Gains" if answer.unit == "usd" else "Gains,\npoints"


def _measurement(answer: NextAnswer, position: int) -> tuple[Cell, ...]:
    row: ProposedMeasurement = answer.measurements[position]
    bought = "buy" if position in answer.buy else ""
    to = "" if row.changes_to is None else f"likeliest change: {row.changes_to}"
    suffice = ""
    if row.questions_suffice is not None and row.questions_suffice != row.questions:
        suffice = f"{format_count(row.questions_suffice)} tell nine tenths"
    return (
        Cell(bought),
        Cell(row.what, to),
        Cell(MISSING if row.questions is None else format_count(row.questions), suffice),
        Cell(format_percent(row.probability_changes_decision)),
        _gain(row),
        Cell(format_usd(row.cost_usd)),
    )


def _gain(worth: Worth) -> Cell:
    if worth.expected_gain_usd is not None:
        return Cell(format_usd(worth.expected_gain_usd))
    if worth.expected_gain is not None:
        return Cell(f"{100 * worth.expected_gain:.2f}")
    return Cell(MISSING)
