"""Fitted curves in the terminal: accuracies, what they tell, what twice the samples gain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from planner.domain.curves import FittedCurve, FittedCurves, Prediction
from planner.domain.observation import ALL
from planner.report import wording_curves as wording
from planner.report.console import say, stdout, table
from planner.report.curve_facts import (
    accuracy_cell,
    ceiling_cell,
    fall_cell,
    family_cell,
    gain_cell,
    landmark_cell,
    saturation_cell,
)
from planner.report.curve_names import axes, place_name
from planner.report.page import Cell, Column
from planner.report.terminal_sizes import print_sizes
from planner.report.text import plus_minus
from planner.units import format_count

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
"""Columns of a line, where names and numbers allow it."""
NAME_WIDTH = 34
MOST_OF_A_KIND = 3
"""Warnings of one kind; more are counted."""
BETWEEN = 3
"""Blanks between two columns."""
FACTS = (
    Column("Curve", number=False),
    Column("Family and weight", number=False),
    Column("Ceiling\n%"),
    Column("Saturates\nat n"),
    Column("Peak\nat n"),
    Column("Falls"),
)
FACTS_WIDTH = (NAME_WIDTH, 20)
ONE_POINT = (
    Column("Measured at one n only", number=False),
    Column("n"),
    Column("Accuracy"),
)

Write = Callable[[Prediction | None], Cell]


def print_curves(curves: Mapping[str, Any], quiet: bool = False) -> None:
    """The curves of `planner fit` (planner.curves/1); with what the words mean unless quiet."""
    found = FittedCurves.model_validate(curves)
    console = stdout()
    several = [c for c in found.curves if c.family is not None]
    alone = [c for c in found.curves if c.family is None]
    if several:
        _by_n(console, wording.ACCURACY_HEADING, several, accuracy_cell)
        rows = [
            (
                _name(c),
                family_cell(c),
                ceiling_cell(c),
                saturation_cell(c),
                landmark_cell(c.peak_n),
                fall_cell(c),
            )
            for c in several
        ]
        table(console, "", FACTS, rows, FACTS_WIDTH)
        _by_n(console, wording.GAIN_HEADING, several, gain_cell)
    if alone:
        table(console, "", ONE_POINT, [_point(c) for c in alone], (2 * NAME_WIDTH,))
    if not found.curves:
        say(console, wording.NO_CURVES)
    print_sizes(console, found, quiet=quiet)
    if not quiet and found.curves:
        beyond = any(p.extrapolated for c in several for p in c.predictions)
        read = wording.READ_CURVES if several else wording.READ_POINTS
        say(console, read + (wording.READ_BEYOND if beyond else ""), width=WIDTH)
        for text in _cautions(found.curves):
            say(console, f"! {text}", "yellow", width=WIDTH)


def _cautions(curves: Sequence[FittedCurve]) -> list[str]:
    """What weakens curves, each once; of one kind the first few."""
    by_code: dict[str, dict[str, None]] = {}
    for note in (note for curve in curves for note in curve.notes):
        by_code.setdefault(note.code, {})[note.message] = None
    said = []
    for messages in by_code.values():
        said += list(messages)[:MOST_OF_A_KIND]
        more = len(messages) - MOST_OF_A_KIND
        if more > 0:
            said.append(wording.MORE_CAUTIONS.format(count=more))
    return said


def _by_n(console: Console, heading: str, curves: Sequence[FittedCurve], write: Write) -> None:
    """A table of a number at each n; several where one would be too wide."""
    at = [{p.n_samples: write(p) for p in c.predictions} for c in curves]
    ns = sorted({n for cells in at for n in cells})
    empty = write(None)
    start = 0
    while start < len(ns):
        stop, width = start, NAME_WIDTH
        while stop < len(ns):
            width += BETWEEN + _width(ns[stop], [cells.get(ns[stop], empty) for cells in at])
            if width > WIDTH and stop > start:
                break
            stop += 1
        columns = (Column(heading, number=False), *(Column(_heading(n)) for n in ns[start:stop]))
        rows = [
            (_name(c), *(cells.get(n, empty) for n in ns[start:stop]))
            for c, cells in zip(curves, at, strict=True)
        ]
        table(console, "", columns, rows, (NAME_WIDTH,))
        start = stop


def _heading(n: int) -> str:
    return f"n = {format_count(n, 9)}"


def _width(n: int, cells: Sequence[Cell]) -> int:
    lines = [line for cell in cells for line in (cell.text, *(cell.detail or "").split("\n"))]
    return max(len(_heading(n)), *map(len, lines))


def _name(curve: FittedCurve) -> Cell:
    verifier = f" by {curve.verifier}" if curve.verifier else ""
    whole = curve.bucket == ALL
    place = curve.question_set if whole else place_name(curve.question_set, curve.bucket)
    more = ", ".join(filter(None, (place, axes(curve))))
    return Cell(f"{curve.model} {curve.method.replace('_', ' ')}{verifier}", more)


def _point(curve: FittedCurve) -> tuple[Cell, ...]:
    name, p = _name(curve), curve.predictions[0]
    return (
        Cell(f"{name.text}, {name.detail}"),
        Cell(format_count(p.n_samples, 9)),
        Cell(plus_minus(p.accuracy, p.low, p.high)),
    )
