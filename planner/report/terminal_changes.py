"""Two plans compared, in the terminal."""

from __future__ import annotations

from planner.domain.plan_changes import PlanChanges
from planner.report.console import say, stdout, table
from planner.report.page import MISSING, Cell, Column

TITLE = {
    "limit": "What was asked for",
    "assumption": "What was assumed",
    "result": "What came out",
    "allocation": "Who answers what (shares)",
}


def print_changes(found: PlanChanges) -> None:
    """The sentence, and the lines that differ."""
    console = stdout()
    say(console, found.sentence, "bold")
    console.print()
    columns = (
        Column("", number=False),
        Column("Before"),
        Column("After"),
        Column("Unit", number=False),
    )
    for kind, title in TITLE.items():
        rows = [
            (Cell(one.name.replace("_", " ")), _cell(one.before), _cell(one.after), Cell(one.unit))
            for one in found.changes
            if one.kind == kind
        ]
        if rows:
            table(console, title, columns, rows, (64,))


def _cell(value: float | str | None) -> Cell:
    if value is None:
        return Cell(MISSING)
    return Cell(value if isinstance(value, str) else f"{value:,.5g}")
