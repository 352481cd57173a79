"""Every chart of a page as a PNG of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from planner._files import write_atomic
from planner.errors import InputError, Problem
from planner.report.page import Live, Page, Pictures

if TYPE_CHECKING:
    from planner.domain.answer import Answer
    from planner.domain.curves import ReportedCurves
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans

SCALE = 2.0
"""Pixels a point: sharp on a slide."""


def write_charts(found: Answer | PlanAnswer | Plans | ReportedCurves, folder: Path) -> list[Path]:
    """Writes a PNG a chart, named by its place on the page; makes the folder.

    Raises InputError where the folder cannot be written.
    """
    import vl_convert

    from planner.report.sections.pages import page_of

    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for key, svg in drawn(page_of(found)):
            path = folder / f"{key}.png"
            write_atomic(path, vl_convert.svg_to_png(_on_paper(svg), scale=SCALE))
            written.append(path)
    except OSError as error:
        said = f"the charts cannot be written: {error.strerror or error}"
        remedy = "name a folder that you may write to"
        raise InputError(Problem(str(folder), said, remedy=remedy)) from error
    return written


def drawn(page: Page) -> Iterator[tuple[str, str]]:
    """(key, SVG) of every chart."""
    for section in page.sections:
        for block in section.blocks:
            if isinstance(block, Pictures):
                yield from ((p.key, p.svg) for p in block.pictures if p.svg)
            elif isinstance(block, Live):
                yield "chart-what-if", block.svg


def _on_paper(svg: str) -> str:
    """The chart on white: a dark slide would swallow its ink."""
    head, end, rest = svg.partition(">")
    return f'{head}{end}<rect width="100%" height="100%" fill="#ffffff"/>{rest}'
