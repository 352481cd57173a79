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
    peak_cell,
    saturation_cell,
)
from planner.report.curve_names import axes, fixed_n, place_name
from planner.report.page import Cell, Column
from planner.report.terminal_sizes import print_sizes
from planner.report.text import plus_minus
from planner.units import format_count

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
"""Columns of a line, where names and numbers allow it."""
NAME_WIDTH = 34
MOST_CURVES = 60
"""Curves in the terminal's tables; a page and the JSON have them all."""
MOST_OF_A_KIND = 3
"""Warnings of one kind; more are counted."""
BETWEEN = 3
"""Blanks between two columns."""
FACTS = (
    Column("Curve", number=False),
    Column("Family and weight", number=False),
    Column("Ceiling\n%"),
    Column("Saturates\nat"),
    Column("Peak\nat"),
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
    shown = found.curves[:MOST_CURVES]
    several = [c for c in shown if c.family is not None]
    alone = [c for c in shown if c.family is None]
    for axis in wording.ALONG:
        here = [c for c in several if c.axis == axis]
        if here:
            _along(console, wording.ACCURACY_HEADING[axis], here, accuracy_cell)
            table(console, "", FACTS, [_facts(c) for c in here], FACTS_WIDTH)
        if here and axis == "n_samples":
            _along(console, wording.GAIN_HEADING, here, gain_cell)
    if alone:
        table(console, "", ONE_POINT, [_point(c) for c in alone], (2 * NAME_WIDTH,))
    if not found.curves:
        say(console, wording.NO_CURVES)
    if len(found.curves) > MOST_CURVES:
        said = wording.MORE_CURVES.format(shown=MOST_CURVES, count=len(found.curves))
        say(console, said, width=WIDTH)
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


def _along(console: Console, heading: str, curves: Sequence[FittedCurve], write: Write) -> None:
    """A table of a number at each place of an axis; several where one would be too wide."""
    at = [{c.value_of(p): write(p) for p in c.predictions} for c in curves]
    places = sorted({place for cells in at for place in cells})
    titles = {
        place: wording.ALONG[curves[0].axis].format(value=format_count(place, 9))
        for place in places
    }
    empty = write(None)
    start = 0
    while start < len(places):
        stop, width = start, NAME_WIDTH
        while stop < len(places):
            place = places[stop]
            width += BETWEEN + _width(titles[place], [cells.get(place, empty) for cells in at])
            if width > WIDTH and stop > start:
                break
            stop += 1
        shown = places[start:stop]
        columns = (Column(heading, number=False), *(Column(titles[place]) for place in shown))
        rows = [
            (_name(c), *(cells.get(place, empty) for place in shown))
            for c, cells in zip(curves, at, strict=True)
        ]
        table(console, "", columns, rows, (NAME_WIDTH,))
        start = stop


def _width(title: str, cells: Sequence[Cell]) -> int:
    lines = [line for cell in cells for line in (cell.text, *(cell.detail or "").split("\n"))]
    return max(map(len, (title, *lines)))


def _facts(curve: FittedCurve) -> tuple[Cell, ...]:
    return (
        _name(curve),
        family_cell(curve),
        ceiling_cell(curve),
        saturation_cell(curve),
        peak_cell(curve),
        fall_cell(curve),
    )


def _name(curve: FittedCurve) -> Cell:
    verifier = f" by {curve.verifier}" if curve.verifier else ""
    whole = curve.bucket == ALL
    place = curve.question_set if whole else place_name(curve.question_set, curve.bucket)
    more = ", ".join(filter(None, (place, fixed_n(curve), axes(curve))))
    return Cell(f"{curve.model} {curve.method.replace('_', ' ')}{verifier}", more)


def _point(curve: FittedCurve) -> tuple[Cell, ...]:
    name, p = _name(curve), curve.predictions[0]
    return (
        Cell(f"{name.text}, {name.detail}"),
        Cell(format_count(p.n_samples, 9)),
        Cell(plus_minus(p.accuracy, p.low, p.high)),
    )
