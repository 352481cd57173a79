"""What the words of a page mean, for a reader who meets them for the first time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from planner.report import wording, wording_words
from planner.report.page import Cell, Column, Section, Table

COLUMNS = (Column("Word", number=False), Column("What it means", number=False))


def section(sections: Iterable[Section]) -> Section | None:
    """The words that these sections use; None where they use none that needs telling."""
    text = "\n".join(_texts(tuple(sections)))
    rows = tuple(
        (Cell(word), Cell(meaning))
        for word, (pattern, meaning) in wording_words.WORDS.items()
        if re.search(pattern, text)
    )
    if not rows:
        return None
    lead = wording.LEAD["words"]
    return Section("words", wording.TITLE["words"], lead, (Table(COLUMNS, rows),))


def _texts(part: object) -> Iterator[str]:
    """Every text of a part of a page but the markup of its charts."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from _texts(inner)
    elif is_dataclass(part):
        for field in fields(part):
            if field.name != "svg":
                yield from _texts(getattr(part, field.name))
