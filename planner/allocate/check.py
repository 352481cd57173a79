"""Reads a printed plan again, in fractions, and trusts nothing that made it.

It takes the plan's JSON and the limits that were asked for, and no array of the solver. Printed
numbers have 9 significant digits: a limit is compared with the printed number as it stands,
without tolerance; a sum of printed numbers may differ from a printed total by their rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from planner.domain.scenario import Scenario
from planner.domain.why import Check
from planner.units import jsonable

ROUNDING = Fraction(1, 10**8)
"""Relative error of a number that is printed with 9 digits, and of a share of 1e-9 left out."""
BUDGETS = {
    "cost_usd_per_day": "budget_usd_per_day",
    "flop_per_day": "budget_flop_per_day",
    "eflop_per_day": "budget_eflop_per_day",
    "kwh_per_day": "budget_kwh_per_day",
}
"""Total of a plan -> what it may be at most."""

Rows = Sequence[Mapping[str, Any]]
Found = tuple[str, bool]


@dataclass(frozen=True)
class Limits:
    """What was asked for beside the budgets, in the words of the scenario."""

    floors: Mapping[str, float]
    """Class -> least mean accuracy."""
    overall: float | None = None
    caps_s: Mapping[str, float] | None = None
    """Class -> longest p95."""
    max_models: int | None = None
    whole: bool = False
    shares: tuple[tuple[str, frozenset[str], frozenset[str], float, float], ...] = ()
    """(name, options' labels, classes, least, most) of every limit of shares."""

    @classmethod
    def of(
        cls, scenario: Scenario, whole: bool, max_models: int | None,
        called: Mapping[str, frozenset[str]],
    ) -> Limits:  # fmt: skip
        """A scenario's limits. called: option label -> every name that a share limit may use."""
        classes = scenario.workload.classes
        every = frozenset(c.name for c in classes)
        # Floors that hold in a share of the draws are no matter of the printed estimates.
        drawn = scenario.uncertainty is not None and scenario.uncertainty.floor_holds_in is not None
        return cls(
            floors={
                c.name: c.min_accuracy for c in classes if c.min_accuracy is not None and not drawn
            },
            overall=None if drawn else scenario.constraints.min_accuracy,
            caps_s={
                c.name: c.max_latency_p95_s for c in classes if c.max_latency_p95_s is not None
            },
            max_models=max_models,
            whole=whole,
            shares=tuple(
                (
                    limit.of,
                    frozenset(label for label, names in called.items() if limit.of in names),
                    frozenset(limit.classes) or every,
                    0.0 if limit.min is None else limit.min,
                    1.0 if limit.max is None else limit.max,
                )
                for limit in scenario.constraints.share
            ),
        )


def check_plan(plan: Mapping[str, Any], limits: Limits) -> Check:
    """Whether the printed numbers of a plan keep every requirement.

    plan: as `planner.plan/1` prints it. Checked are: the shares of each class and bucket, that the
    rows add up to cost and accuracy, each budget, each floor, latencies, models and shares.
    """
    printed = jsonable(plan)
    rows = printed["allocation"]
    found = [
        *_sums(printed, rows),
        *_budgets(printed),
        *_floors(rows, limits),
        *_kept(rows, limits),
    ]
    broken = tuple(what for what, kept in found if not kept)
    return Check(ok=not broken, checked=tuple(what for what, _ in found), broken=broken)


def exact(number: float | int) -> Fraction:
    """A printed decimal as the fraction that it is."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def _close(a: Fraction, b: Fraction) -> bool:
    return abs(a - b) <= ROUNDING * max(abs(a), abs(b), Fraction(1, 10**12))


def _answered(rows: Rows) -> Fraction:
    return sum((_queries(row) for row in rows), Fraction(0))


def _queries(row: Mapping[str, Any]) -> Fraction:
    return exact(row["share"]) * exact(row["queries_per_day"])


def _accuracy(rows: Rows) -> Fraction:
    total = _answered(rows)
    return sum((_queries(row) * exact(row["accuracy"]) for row in rows), Fraction(0)) / total


def _sums(plan: Mapping[str, Any], rows: Rows) -> Iterator[Found]:
    parts: dict[tuple[str, str], Fraction] = {}
    for row in rows:
        key = (row["query_class"], row["bucket"])
        parts[key] = parts.get(key, Fraction(0)) + exact(row["share"])
    yield "shares add up to 1", all(_close(total, Fraction(1)) for total in parts.values())
    yield "every query is answered", _close(_answered(rows), exact(plan["queries_per_day"]))
    spent = sum((_queries(row) * exact(row["cost_usd_per_query"]) for row in rows), Fraction(0))
    spent += exact(plan["fixed_usd_per_day"] or 0)
    yield "rows add up to the cost", _close(spent, exact(plan["cost_usd_per_day"]))
    estimated = exact(plan["accuracy"]) + exact(plan["optimism"] or 0)
    yield "rows add up to the accuracy", _close(_accuracy(rows), estimated)


def _budgets(plan: Mapping[str, Any]) -> Iterator[Found]:
    for total, budget in BUDGETS.items():
        if plan[budget] is not None:
            known = plan[total] is not None
            yield budget, known and exact(plan[total]) <= exact(plan[budget])
    if plan["budget_gpus"] is not None:
        yield "budget_gpus", sum(row["gpus"] for row in plan["fleet"]) <= plan["budget_gpus"]


def _floors(rows: Rows, limits: Limits) -> Iterator[Found]:
    for name, floor in limits.floors.items():
        own = [row for row in rows if row["query_class"] == name]
        reached = _accuracy(own)
        yield f"accuracy of {name}", reached >= exact(floor) - ROUNDING
    if limits.overall is not None:
        yield "accuracy", _accuracy(rows) >= exact(limits.overall) - ROUNDING
    for name, cap_s in (limits.caps_s or {}).items():
        slow = [row["latency_p95_s"] for row in rows if row["query_class"] == name]
        yield f"p95 of {name}", all(s is not None and exact(s) <= exact(cap_s) for s in slow)


def _kept(rows: Rows, limits: Limits) -> Iterator[Found]:
    if limits.max_models is not None:
        kept = {row[model] for row in rows for model in ("model", "then_model")} - {None}
        yield "models kept", len(kept) <= limits.max_models
    if limits.whole:
        yield "no class is split", all(row["share"] == 1 for row in rows)
    for name, options, classes, least, most in limits.shares:
        own = [row for row in rows if row["query_class"] in classes]
        share = _answered([row for row in own if row["option"] in options]) / _answered(own)
        yield f"share of {name}", (exact(least) - ROUNDING <= share <= exact(most) + ROUNDING)
