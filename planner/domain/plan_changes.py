"""What differs between two plans: planner.changes/1."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from planner.domain.base import Strict


class Change(Strict):
    """One line: what it was, and what it is."""

    kind: Literal["assumption", "limit", "result", "allocation"]
    name: str
    before: float | str | None
    """None where the first plan does not have it."""
    after: float | str | None
    unit: str = ""


class LineChange(Strict):
    """A key that two scenarios have differently, and what it does by itself."""

    key: str
    """As it stands in the scenario: "supply[0].price"."""
    before: str | None
    """As it is written; None where the first scenario does not have it."""
    after: str | None
    decision_changed: bool | None = None
    """With this key alone changed in the first scenario; None where that cannot be planned."""
    changes_to: str | None = None
    """The options that answer instead."""
    accuracy_points: float | None = None
    """What it adds to the accuracy, in points, as plans are chosen on it."""
    usd_per_day: float | None = None
    """What it adds to the cost."""
    reason: str | None = None
    """Why it cannot be planned by itself."""


class PlanChanges(Strict):
    """Two plans line by line: what was assumed and asked, and what became of the decision."""

    schema_: Literal["planner.changes/1"] = Field(default="planner.changes/1", alias="schema")
    sentence: str
    decision_changed: bool
    """True where a class or bucket is answered by other options; shares may differ without."""
    changes: tuple[Change, ...] = ()
    lines: tuple[LineChange, ...] = ()
    """Of two scenarios: the keys that differ, each by itself."""


class Seen(Strict):
    """A figure of a plan beside what production shows."""

    kind: Literal["accuracy", "mix", "tokens", "cost"]
    name: str
    planned: float
    low: float
    high: float
    """What the plan allows for: its 90% interval, or the range of the assumption."""
    seen: float
    seen_low: float
    seen_high: float
    """90% interval of what was seen, by its sampling error."""
    unit: str
    off: bool
    """True where the two intervals do not meet."""


class PlanObserved(Strict):
    """A plan held against what is seen: planner.observed/1."""

    schema_: Literal["planner.observed/1"] = Field(default="planner.observed/1", alias="schema")
    sentence: str
    plan_again: bool
    figures: tuple[Seen, ...] = ()
    unmatched: tuple[str, ...] = ()
    """Rows that are no part of the plan."""
