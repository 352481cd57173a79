"""Markdown for a pull request or a chat: the page without its charts, whose numbers it keeps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.domain.answer import Answer
    from planner.domain.curves import ReportedCurves
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans
    from planner.report.page import Block, Cell, Live, Page, Section, Table, Tile

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def render(found: Answer | PlanAnswer | Plans | ReportedCurves) -> str:
    """The page of an answer, a plan or fitted curves as Markdown."""
    from planner.report.sections.pages import page_of

    return render_page(page_of(found))


def render_page(page: Page) -> str:
    """Headline first, then every section. Text is escaped: a label cannot become a link or HTML."""
    facts = " · ".join(f"{escaped(name)}: {escaped(value)}" for name, value in page.strip)
    parts = [f"# {escaped(page.title)}", f"**{escaped(page.headline)}**", facts]
    for section in page.sections:
        parts += _section(section)
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _section(section: Section) -> list[str]:
    from planner.report.page import Live

    moved = any(isinstance(block, Live) for block in section.blocks)
    lead = "" if moved else escaped(section.lead)
    parts = [f"## {escaped(section.title)}", lead]
    for block in section.blocks:
        parts += _block(block)
    return parts


def _block(block: Block) -> list[str]:
    from planner.report.page import Command, Live, Pictures, Remark, Sentences, Table, Tiles

    match block:
        case Table():
            return [_table(block)]
        case Pictures():
            return [
                text
                for picture in block.pictures
                for text in (f"**{escaped(picture.title)}**", _table(picture.numbers))
            ]
        case Tiles():
            return ["\n".join(_tile(tile) for tile in block.tiles)]
        case Sentences():
            mark = "- " if block.bullets else ""
            return ["\n".join(f"{mark}{escaped(text)}" for text in block.texts)]
        case Remark():
            remedy = f" What to do: {escaped(block.remedy)}." if block.remedy else ""
            return [f"> {escaped(block.text)}{remedy}"]
        case Command():
            # A fence longer than any run of backticks within.
            longest = max(map(len, re.findall(r"`+", block.text)), default=0)
            fence = "`" * max(longest + 1, 3)
            return [f"{fence}\n{block.text}\n{fence}"]
        case Live():
            return [_live(block), escaped(block.verdict), escaped(block.break_even)]


def _live(block: Live) -> str:
    """The sliders' table where the page was made."""
    lines = [
        ["Line", "Dollars a day", "A correct answer", "Accuracy", "GPUs"],
        ["---", *["---:"] * 4],
    ]
    lines += [
        [escaped(row.label), f"{row.figures['usd']} ({row.figures['usd-range']})",
         row.figures["correct"], f"{row.figures['accuracy']} ({row.figures['accuracy-range']})",
         row.figures["gpus"]]
        for row in block.rows
    ]  # fmt: skip
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _tile(tile: Tile) -> str:
    detail = escaped(tile.detail.replace("\n", "; "))
    return f"- {escaped(tile.label)}: **{escaped(tile.value)}** {detail}".rstrip()


def _table(table: Table) -> str:
    heads = [escaped(column.title) or " " for column in table.columns]
    marks = ["---:" if column.number else "---" for column in table.columns]
    lines = [heads, marks, *([_cell(cell) for cell in row] for row in table.rows)]
    drawn = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{escaped(table.caption)}:\n\n{drawn}" if table.caption else drawn


def _cell(cell: Cell) -> str:
    detail = f" ({escaped(cell.detail)})" if cell.detail else ""
    return (escaped(cell.text) or " ") + detail
