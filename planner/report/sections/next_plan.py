"""What to measure before a plan is carried out."""

from __future__ import annotations

import shlex

from planner.domain.plan import PlanAnswer
from planner.domain.plan_next import NextRow, PlanNext
from planner.domain.tornado import TornadoBar
from planner.report import wording
from planner.report import wording_plan as words
from planner.report.page import Block, Cell, Column, Command, Section, Sentences, Table
from planner.report.text import number_cell, probability
from planner.units import format_count, format_usd

MOST_ROWS = 6
MEASURE, QUESTIONS = Column("Measure", number=False), Column("Questions")
CHANCE, GAIN = Column("Chance that the plan changes"), Column("Expected gain")
COST = Column("Cost")
INPUTS = (Column("Not known well enough", number=False), Column("How to know it", number=False))


def section(plan: PlanAnswer) -> Section | None:
    """What measuring is worth where that was asked for; else what the plan hangs on most.

    None where there is no plan, and over a bare table of options, which nothing is drawn for.
    """
    command = _command(plan)
    if plan.status == "infeasible" or (plan.next is None and not plan.draws):
        return None
    if plan.next is not None:
        lead, blocks = plan.next.advice, _worth(plan.next)
    else:
        lead, blocks = _hangs_on([bar for bar in plan.tornado if bar.changes_winner])
    if command is not None:
        said = words.NEXT_COMMAND if plan.next is None else words.NEXT_AGAIN
        blocks = [*blocks, Sentences((said,)), Command(command)]
    return Section("next", wording.TITLE["next"], lead, tuple(blocks))


def _command(plan: PlanAnswer) -> str | None:
    """What tells all measurements of the scenario; None where its file is not named."""
    scenario = next((name for name in plan.inputs if name.endswith(".toml")), None)
    if scenario is None:
        return None
    more = [f"--draws={plan.draws}"] if plan.draws != words.DRAWS else []
    more += [f"--seed={plan.seed}"] if plan.seed else []
    return shlex.join(["planner", "next", scenario, *more])


def _worth(found: PlanNext) -> list[Block]:
    if not found.rows:
        return []
    gains = any(row.expected_gain_usd is not None for row in found.rows)
    columns = (MEASURE, QUESTIONS, CHANCE, *([GAIN] if gains else []), COST)
    rows = tuple(_row(row, gains) for row in found.rows)
    return [Table(columns, rows), Sentences((words.NEXT_HOW,))]


def _row(row: NextRow, gains: bool) -> tuple[Cell, ...]:
    said = f"{words.BUY}; {row.why}" if row.buy else row.why
    return (
        Cell(row.what, said),
        number_cell(row.questions, format_count, reason=words.NO_QUESTIONS),
        Cell(probability(row.probability_changes_decision)),
        *([number_cell(row.expected_gain_usd, format_usd)] if gains else []),
        Cell(format_usd(row.cost_usd)),
    )


def _hangs_on(bars: list[TornadoBar]) -> tuple[str, list[Block]]:
    if not bars:
        return words.NEXT_STEADY, []
    rows = tuple((Cell(bar.input), Cell(words.HOW_TO_KNOW[bar.kind])) for bar in bars[:MOST_ROWS])
    return words.NEXT_LEAD, [Table(INPUTS, rows)]
