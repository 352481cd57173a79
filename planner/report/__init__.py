"""Reports: an answer, a plan or curves as a page, as JSON, and in the terminal.

`sections` turns them into the frozen models of `page`; `formats` lays them out; `charts`
draws; `wording` holds every fixed word.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from planner._files import write_atomic
from planner.errors import InputError, Problem
from planner.report.formats import csv, html, json, markdown, pdf

if TYPE_CHECKING:
    from planner.domain.answer import Answer
    from planner.domain.curves import ReportedCurves
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans

FORMATS: dict[str, Callable[[Answer | PlanAnswer | Plans | ReportedCurves], str | bytes]] = {
    ".html": html.render,
    ".pdf": pdf.render,
    ".md": markdown.render,
    ".csv": csv.render,
    ".json": json.render,
}
"""What writes a file, by its suffix."""


def write_report(found: Answer | PlanAnswer | Plans | ReportedCurves, path: Path) -> None:
    """Write an answer, a plan or fitted curves in the format that the file's suffix names.

    The file is written beside its place and then moved: a reader never sees half a page, and
    an error leaves the old page as it was. Raises InputError where the suffix is not known, the
    folder is missing, or the file cannot be written.
    """
    render = FORMATS.get(path.suffix.lower())
    if render is None:
        known = ", ".join(FORMATS)
        raise InputError(
            Problem(
                str(path),
                "a report is written in the format that the file's suffix names",
                value=path.suffix or "no suffix",
                remedy=f"end the name in one of: {known}",
            )
        )
    if not path.parent.is_dir():
        raise InputError(
            Problem(
                str(path),
                "the folder does not exist",
                value=str(path.parent),
                remedy="make it first, or name another place",
            )
        )
    write_atomic(path, render(found))
