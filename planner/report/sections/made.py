"""The data behind a result, and how to make it again."""

from __future__ import annotations

from planner.domain.answer import Answer
from planner.domain.page_facts import DataRead, Made
from planner.domain.plan import PlanAnswer
from planner.report import wording
from planner.report import wording_plan as words
from planner.report.page import Block, Cell, Column, Command, Section, Sentences, Table
from planner.units import format_count

READ = (
    Column("File", number=False),
    Column("Rows read"),
    Column("Used here"),
    Column("Refused"),
)
DIGESTS = (Column("File read", number=False), Column("SHA-256", number=False))


def made_of(answer: Answer | PlanAnswer) -> Made | None:
    """How a result was made; None where it does not say."""
    if isinstance(answer, PlanAnswer):
        return answer.made
    return Made(
        command=answer.command,
        data=answer.data,
        repaired=answer.repaired,
        sources=answer.sources,
    )


def quality_section(answer: Answer | PlanAnswer) -> Section:
    """Rows read, used, refused, and what was repaired."""
    made = made_of(answer)
    if made is None or not made.data:
        return Section("quality", wording.TITLE["quality"], words.NO_DATA)
    rows = tuple(_read(file) for file in made.data)
    blocks: list[Block] = [Table(READ, rows)]
    if made.repaired:
        blocks.append(Sentences((f"{words.REPAIRED}:",)))
        blocks.append(Sentences(made.repaired, bullets=True))
    else:
        blocks.append(Sentences((words.NOTHING_REPAIRED,)))
    return Section("quality", wording.TITLE["quality"], wording.LEAD["quality"], tuple(blocks))


def _read(file: DataRead) -> tuple[Cell, ...]:
    return (
        Cell(file.file),
        Cell(format_count(file.rows, 9)),
        Cell(format_count(file.rows_used, 9), "of the models compared"),
        Cell("0"),
    )


def sources_section(answer: PlanAnswer) -> Section:
    """Where the accuracies come from, the digests of what was read, the command."""
    made = answer.made
    if made is None:
        return Section("sources", wording.TITLE["sources"], words.NO_DATA)
    blocks: list[Block] = []
    if made.sources:
        blocks.append(Sentences(made.sources, bullets=True))
    digests = answer.inputs or {file.file: file.sha256 for file in made.data}
    if digests:
        rows = tuple((Cell(name), Cell(digest)) for name, digest in digests.items())
        blocks.append(Table(DIGESTS, rows))
    if made.command:
        blocks.append(Command(made.command))
    return Section("sources", wording.TITLE["sources"], words.LEAD["made"], tuple(blocks))
