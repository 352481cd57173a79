"""What telling the difficulty of queries costs in a plan, and what it is worth."""

from __future__ import annotations

from typing import Literal

from planner.domain.base import Strict


class RouterRow(Strict):
    """What telling the difficulty of queries takes; it is part of every figure of the plan."""

    signal: str
    model: str | None = None
    tokens: float
    """Tokens that the model reads and generates for a query."""
    queries_per_day: float
    """Queries whose difficulty has to be told."""
    flop_per_query: float
    gpu_s_per_query: float
    cost_usd_per_query: float
    """At the rent of a full fleet, with what is paid beside."""
    cost_usd_per_day: float


class Routed(Strict):
    """The best plan with one router."""

    accuracy: float
    """By the estimates, before optimism is taken off."""
    cost_usd_per_day: float


class RouterValue(Strict):
    """What telling the difficulty is worth: three plans of the same wishes."""

    basis: Literal["known", "confusion", "measured"]
    """`known`: this router errs nowhere; `confusion`: its errors are those of a matrix; `measured`:
    accuracies were measured by the buckets that it tells."""
    perfect: Routed | None
    """None where no plan keeps the wishes, or nothing says what a perfect router would know."""
    this: Routed | None
    none: Routed | None
    better_accuracy: float | None = None
    """Accuracy that a perfect router would add to this one's."""
    better_usd_per_day: float | None = None
    """Dollars a day that it would save at the accuracy of this one."""
