"""What the answer rests on: measurements to make, warnings, assumptions, sources."""

from __future__ import annotations

from planner.domain.answer import Answer, Measurement
from planner.domain.plan import Assumption, PlanAnswer
from planner.report import wording
from planner.report.page import (
    MISSING,
    Block,
    Cell,
    Column,
    Command,
    Remark,
    Section,
    Sentences,
    Table,
)
from planner.report.sections.checks import REMEDY, stale_days
from planner.report.text import number_cell, probability
from planner.units import format_count, format_usd, significant

NEXT = (
    Column("Measure", number=False),
    Column("On", number=False),
    Column("Questions"),
)
CHANCE, COST = Column("Chance that the answer changes"), Column("Cost")
ASSUMPTIONS = (
    Column("Assumption", number=False),
    Column("Value"),
    Column("80% range", whole=True),
    Column("Unit", number=False),
    Column("Source", number=False),
    Column("Date", number=False, whole=True),
)


def next_section(answer: Answer) -> Section:
    """Measurements, the most useful first."""
    if not answer.next:
        return Section("next", wording.TITLE["next"], wording.NO_NEXT)
    chance = any(m.probability_changes_decision is not None for m in answer.next)
    cost = any(m.cost_usd is not None for m in answer.next)
    columns = (*NEXT, *([CHANCE] if chance else []), *([COST] if cost else []))
    table = Table(columns, tuple(_measurement(m, chance, cost) for m in answer.next))
    return Section("next", wording.TITLE["next"], wording.LEAD["next"], (table,))


def _measurement(m: Measurement, chance: bool, cost: bool) -> tuple[Cell, ...]:
    bucket = "" if m.bucket == "all" else f", {m.bucket}"
    return (
        Cell(m.what, m.why),
        Cell(f"{m.question_set}{bucket}"),
        number_cell(m.questions, format_count, reason="as many as can be had"),
        *([number_cell(m.probability_changes_decision, probability)] if chance else []),
        *([number_cell(m.cost_usd, format_usd)] if cost else []),
    )


def warnings_section(answer: Answer | PlanAnswer) -> Section:
    """Every warning, also those already shown beside a number."""
    if not answer.warnings:
        return Section("warnings", wording.TITLE["warnings"], wording.NO_WARNINGS)
    blocks = tuple(Remark(w.message, w.code, REMEDY.get(w.code)) for w in answer.warnings)
    return Section("warnings", wording.TITLE["warnings"], wording.LEAD["warnings"], blocks)


def assumptions_section(answer: Answer | PlanAnswer) -> Section:
    """Every assumption with its range, source and date."""
    of_plan = isinstance(answer, PlanAnswer)
    by = wording.BY_KEY if of_plan else wording.BY_OPTION
    rows = tuple(
        _assumption(a, answer.prices_as_of, a.key if of_plan else a.flag)
        for a in answer.assumptions
    )
    dashes = wording.DASHES.format(by=by)
    # A key is two words, the table and its own: on one line they would not fit a page.
    columns = (*ASSUMPTIONS, Column("Change it with", number=False, whole=not of_plan))
    blocks: tuple[Block, ...] = (Table(columns, rows, dashes),) if rows else ()
    lead = wording.LEAD["assumptions"].format(by=by)
    return Section("assumptions", wording.TITLE["assumptions"], lead, blocks)


def _assumption(a: Assumption, prices_as_of: str | None, by: str | None) -> tuple[Cell, ...]:
    ranged = a.low is not None and a.high is not None
    return (
        Cell(a.name),
        Cell(plain(a.value)),
        Cell(f"{plain(a.low)} to {plain(a.high)}" if ranged else MISSING),
        Cell(a.unit or MISSING),
        Cell(a.source),
        Cell(a.date or MISSING, "stale" if stale_days(a, prices_as_of) else None),
        Cell(by or MISSING),
    )


def plain(value: float | str | None) -> str:
    """A number of any unit, or text as it is."""
    if isinstance(value, float | int):
        return format_count(significant(value, 4), 4)
    return str(value)


def sources_section(answer: Answer) -> Section:
    """Where the accuracies come from, the digests of what was read, the command."""
    blocks: list[Block] = []
    if answer.sources:
        blocks.append(Sentences(answer.sources, bullets=True))
    if answer.inputs:
        rows = tuple((Cell(name), Cell(digest)) for name, digest in answer.inputs.items())
        columns = (Column("File read", number=False), Column("SHA-256", number=False))
        blocks.append(Table(columns, rows))
    if answer.command:
        blocks.append(Command(answer.command))
    return Section("sources", wording.TITLE["sources"], wording.LEAD["sources"], tuple(blocks))
