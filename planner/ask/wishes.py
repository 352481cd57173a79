"""What the question asked for beside the comparison, and which side keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.domain.answer import AnswerOption
from planner.units import format_percent, format_seconds, format_usd


@dataclass(frozen=True)
class Wishes:
    """Limits that the question names; None: not named."""

    budget_usd_per_day: float | None = None
    min_accuracy: float | None = None
    max_latency_p95_s: float | None = None

    @property
    def any(self) -> bool:
        """True where a limit was named."""
        return any(limit is not None for limit in vars(self).values())


def broken_by(row: AnswerOption, wishes: Wishes) -> list[str]:
    """The limits that an option breaks in the central case, in words; empty where it keeps all."""
    found = []
    budget, floor, cap = wishes.budget_usd_per_day, wishes.min_accuracy, wishes.max_latency_p95_s
    if budget is not None and row.cost_usd_per_day > budget:
        found.append(f"costs {format_usd(row.cost_usd_per_day)} a day, over {format_usd(budget)}")
    if floor is not None and row.accuracy < floor:
        found.append(f"is {format_percent(row.accuracy)} accurate, under {format_percent(floor)}")
    if cap is not None and row.latency_p95_s is None:
        found.append("promises no latency: no price list says how fast it is")
    elif cap is not None and row.latency_p95_s is not None and row.latency_p95_s > cap:
        found.append(
            f"takes {format_seconds(row.latency_p95_s)} (p95, busy fleet), over"
            f" {format_seconds(cap)}"
        )
    return found


def sides_that_keep(rows: Sequence[AnswerOption], wishes: Wishes) -> set[int]:
    """Sides of which an option, as asked or at equal accuracy, keeps every limit."""
    return {row.side for row in rows if row.role != "cost parity" and not broken_by(row, wishes)}


def broken_sentence(rows: Sequence[AnswerOption], wishes: Wishes) -> str:
    """Which limit each option breaks, for a question whose limits no side keeps."""
    said = [
        f"{row.label} {' and '.join(broken_by(row, wishes))}"
        for row in rows
        if row.role != "cost parity"
    ]
    return f"No side meets what was asked: {'; '.join(said)}."
