"""What a page is made of: frozen models without markup, which every output format lays out.

A page is a strip of facts and a list of sections; a section is a lead sentence and blocks in
reading order. Text in them is plain: escaping is the format's business. `Picture.svg` alone is
markup, and only `planner.report.charts` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

MISSING = "–"

Tone = Literal["plain", "good", "bad", "open"]


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    text: str
    detail: str | None = None
    """A second, smaller line: an interval, a reason."""
    side: int | None = None
    """Side of the question, whose colour and letter mark the cell."""


def missing(reason: str | None) -> Cell:
    """A cell for a number that does not exist, with the reason. Never a zero."""
    return Cell(MISSING, reason or "not known")


@dataclass(frozen=True)
class Column:
    """Heading of a table's column."""

    title: str
    number: bool = True
    """Aligned right, digits of one width."""
    whole: bool = False
    """Its cells are not broken over lines."""


@dataclass(frozen=True)
class Table:
    """Rows under headings."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str | None = None
    row_heads: bool = True
    """The first column names its row."""
    kind: ClassVar[str] = "table"


@dataclass(frozen=True)
class Picture:
    """A chart with all that a reader needs who cannot see it, or does not know how to read it."""

    key: str
    title: str
    how_to_read: str
    """Empty where another picture of the section says it already."""
    alt: str
    svg: str
    """Markup, ids already unique to the page; empty where there was nothing to draw."""
    numbers: Table
    note: str | None = None
    """What is missing from it, and why."""


@dataclass(frozen=True)
class Pictures:
    """Charts side by side, with one legend."""

    pictures: tuple[Picture, ...]
    legend: tuple[LegendEntry, ...] = ()
    kind: ClassVar[str] = "pictures"


@dataclass(frozen=True)
class LegendEntry:
    """A side of the question, or a way of drawing."""

    text: str
    side: int | None = None
    mark: Literal["side", "curve", "dashed", "dotted", "band", "point", "diamond"] = "side"


@dataclass(frozen=True)
class Tile:
    """One headline number."""

    label: str
    value: str
    detail: str = ""
    tone: Tone = "plain"
    side: int | None = None


@dataclass(frozen=True)
class Tiles:
    """Headline numbers, side by side."""

    tiles: tuple[Tile, ...]
    kind: ClassVar[str] = "tiles"


@dataclass(frozen=True)
class Sentences:
    """Paragraphs, or a list of points."""

    texts: tuple[str, ...]
    bullets: bool = False
    kind: ClassVar[str] = "sentences"


@dataclass(frozen=True)
class Remark:
    """Something that weakens the numbers beside it."""

    text: str
    code: str | None = None
    remedy: str | None = None
    """What to do about it."""
    kind: ClassVar[str] = "remark"


@dataclass(frozen=True)
class Command:
    """A line to type."""

    text: str
    kind: ClassVar[str] = "command"


@dataclass(frozen=True)
class Slider:
    """Something that a reader may move."""

    key: str
    """As in the address of the page: v, p, t, u, or n and the place of its line."""
    label: str
    low: float
    high: float
    step: float
    value: float
    text: str
    """Its value where the page was made."""


@dataclass(frozen=True)
class LiveRow:
    """One line of the sliders' table: texts by the name of the figure."""

    label: str
    side: int
    n_samples: str
    n_of: str
    """Whose n it is, where the line is of several options."""
    figures: dict[str, str]


@dataclass(frozen=True)
class Live:
    """Sliders, and the figures that they move as they stood where the page was made.

    The script of the page works from the draws in `Page.data`; without it these figures stay.
    """

    sliders: tuple[Slider, ...]
    rows: tuple[LiveRow, ...]
    verdict: str
    break_even: str
    svg: str
    held: str
    """What no slider moves."""
    load: str
    """Under which the answers were timed."""
    kind: ClassVar[str] = "live"


Block = Table | Pictures | Tiles | Sentences | Remark | Command | Live


@dataclass(frozen=True)
class Section:
    """A heading, a sentence that says what to see, and the blocks that show it."""

    key: str
    title: str
    lead: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Page:
    """Everything on a page."""

    title: str
    strip: tuple[tuple[str, str], ...]
    """Facts of the run: name and value."""
    headline: str
    tone: Tone
    sections: tuple[Section, ...]
    data: dict[str, object]
    """The answer or plan as plain data, embedded so that the page can be read by a program."""
    file_name: str = "answer.json"
    """What a browser saves the data as."""
