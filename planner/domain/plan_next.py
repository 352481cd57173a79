"""What to measure before a plan is carried out, as its page tells it: part of planner.plan/1."""

from __future__ import annotations

from planner.domain.base import Strict


class NextRow(Strict):
    """One measurement."""

    what: str
    why: str
    buy: bool
    """Among those that are worth buying together."""
    questions: int | None = None
    probability_changes_decision: float
    expected_gain_usd: float | None = None
    """Over the horizon; None without a value per correct answer."""
    cost_usd: float


class PlanNext(Strict):
    """The most useful measurements first; `planner next` tells more of them."""

    advice: str
    """One sentence."""
    rows: tuple[NextRow, ...] = ()
