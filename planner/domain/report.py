"""What a scenario wants of its page."""

from __future__ import annotations

from typing import Literal

from planner.domain.base import Strict

SectionName = Literal[
    "answer", "what-if", "plan", "changes", "curves", "frontier", "over_time", "tornado",
    "winners", "why", "checks", "assumptions", "quality", "sources",
]  # fmt: skip


class ReportWish(Strict):
    """Title of the page, and which sections it has, in which order."""

    title: str | None = None
    """Instead of the scenario's."""
    sections: tuple[SectionName, ...] = ()
    """Empty: all there are, in the order in which they are read."""
