"""Two plans compared, in the terminal."""

from __future__ import annotations

from planner.domain.plan_changes import PlanChanges, PlanObserved
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


def print_observed(found: PlanObserved) -> None:
    """Whether to plan again, and each figure as planned and as seen."""
    console = stdout()
    say(console, found.sentence, "bold")
    console.print()
    columns = (
        Column("", number=False),
        Column("Planned"),
        Column("Seen"),
        Column("Unit", number=False),
        Column("", number=False),
    )
    rows = [
        (
            Cell(one.name),
            Cell(f"{one.planned:,.5g}", f"{one.low:,.5g} to {one.high:,.5g}"),
            Cell(f"{one.seen:,.5g}", f"{one.seen_low:,.5g} to {one.seen_high:,.5g}"),
            Cell(one.unit),
            Cell("off" if one.off else ""),
        )
        for one in found.figures
    ]
    if rows:
        table(console, "", columns, rows, (64,))
    for name in found.unmatched:
        say(console, f"! not part of the plan: {name}", "yellow")


def _cell(value: float | str | None) -> Cell:
    if value is None:
        return Cell(MISSING)
    return Cell(value if isinstance(value, str) else f"{value:,.5g}")
