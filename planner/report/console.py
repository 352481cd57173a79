"""How the terminal is written to: colour only where someone looks, nothing cut off elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from planner.errors import printable
from planner.report.page import Cell, Column

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDE = 4_000
"""Columns of a pipe or file: enough that no cell is folded."""

POINTS = ("* ", "! ")
"""How a line of a list begins: a fact, a warning."""


def stdout() -> Console:
    """Console on the current stdout. rich keeps to NO_COLOR by itself."""
    from rich.console import Console

    looked_at = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        highlight=False,
        markup=False,
        emoji=False,
        color_system="auto" if looked_at else None,
        width=None if looked_at else WIDE,
    )


def say(console: Console, text: str, style: str = "", width: int | None = None) -> None:
    """A line of text, wrapped at words on a terminal and, elsewhere, at `width` if given."""
    from rich.text import Text

    if console.is_terminal and text.startswith(POINTS):
        # What does not fit a line goes on beneath the words, not beneath the mark.
        lines = Text(printable(text[2:]), style=style).wrap(console, max(console.width - 2, 20))
        for mark, line in zip((text[:2], *["  "] * len(lines)), lines, strict=False):
            line.rstrip()
            console.print(Text(mark, style=style) + line)
        return
    width = None if console.is_terminal else width
    console.print(Text(printable(text), style=style if console.is_terminal else ""), width=width)


def table(
    console: Console,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    widest: Sequence[int | None] = (),
) -> None:
    """Rows under headings, numbers aligned right; a cell's detail stands on its second line.

    widest: characters of the first columns at which their cells are folded; None: never.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        title=Text(printable(title), style="bold") if title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1),
        show_edge=False,
    )
    for column, most in zip_longest(columns, widest):
        drawn.add_column(
            Text(printable(column.title)),
            justify="right" if column.number else "left",
            overflow="fold",
            max_width=most,
            no_wrap=column.whole,
        )
    for row in rows:
        drawn.add_row(*(_text(cell) for cell in row))
    console.print(drawn)
    console.print()


def _text(cell: Cell) -> Text:
    from rich.text import Text

    text = Text(printable(cell.text))
    if cell.detail:
        text.append("\n" + printable(cell.detail), style="dim")
    return text
