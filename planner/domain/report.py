"""What a scenario wants of its page."""

from __future__ import annotations

from typing import Literal

from planner.domain.base import Strict

SectionName = Literal[
    "answer", "what-if", "options", "parity", "plan", "changes", "curves", "frontier", "volume",
    "over_time", "mix", "flops", "tornado", "winners", "why", "next", "checks", "warnings",
    "assumptions", "quality", "words", "sources",
]  # fmt: skip
"""Those of plans and of answers; a page leaves out what it has not."""


class ReportWish(Strict):
    """Title of a plan's or an answer's page, and which sections it has, in which order."""

    title: str | None = None
    """Instead of the scenario's."""
    sections: tuple[SectionName, ...] = ()
    """Empty: all there are, in the order in which they are read."""
