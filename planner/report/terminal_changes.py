"""Two plans or scenarios compared, in the terminal."""

from __future__ import annotations

from planner.domain.plan_changes import LineChange, PlanChanges, PlanObserved
from planner.report.console import say, stdout, table
from planner.report.page import MISSING, Cell, Column
from planner.units import format_usd

TITLE = {
    "limit": "What was asked for",
    "assumption": "What was assumed",
    "result": "What came out",
    "allocation": "Who answers what (shares)",
}

LONGEST = 28
"""Characters of a value that are shown; --json has all."""


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
    if found.lines:
        headings = (
            Column("", number=False),
            Column("Before", number=False),
            Column("After", number=False),
            Column("Decision", number=False),
            Column("Accuracy, points"),
            Column("$ a day"),
        )
        told = [_line(line) for line in found.lines]
        table(console, "What each line of the scenario does by itself", headings, told, (40,))


def _line(line: LineChange) -> tuple[Cell, ...]:
    decision = "another" if line.decision_changed else "the same"
    if line.reason is not None:
        decision = "not by itself"
    points, usd = line.accuracy_points, line.usd_per_day
    return (
        Cell(line.key),
        Cell(_short(line.before)),
        Cell(_short(line.after)),
        Cell(decision, line.reason or line.changes_to or ""),
        Cell(MISSING if points is None else f"{points:+.2f}"),
        Cell(MISSING if usd is None else f"{'-' if usd < 0 else '+'}{format_usd(abs(usd))}"),
    )


def _short(text: str | None) -> str:
    if text is None:
        return MISSING
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


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
