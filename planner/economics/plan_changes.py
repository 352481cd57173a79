"""Two plans compared line by line: what changed, and what it did to the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planner.domain.plan import Assumption, PlanAnswer
from planner.domain.plan_changes import Change, PlanChanges
from planner.units import format_percent, format_usd

SAME = 1e-6
"""Relative difference under which two numbers are one."""
LIMITS = {
    "budget_usd_per_day": "USD a day",
    "budget_flop_per_day": "FLOPs a day",
    "budget_eflop_per_day": "eFLOPs a day",
    "budget_kwh_per_day": "kWh a day",
    "budget_gpus": "GPUs",
    "queries_per_day": "queries a day",
    "objective": "",
}
RESULTS = {
    "status": "",
    "accuracy": "accuracy",
    "accuracy_low": "accuracy",
    "accuracy_high": "accuracy",
    "cost_usd_per_day": "USD a day",
    "cost_usd_per_correct": "USD a correct answer",
    "net_value_usd_per_day": "USD a day",
    "flop_per_day": "FLOPs a day",
    "capex_usd": "USD",
    "probability_beats_baseline": "probability",
}


def plan_changes(before: PlanAnswer, after: PlanAnswer) -> PlanChanges:
    """Everything that differs between two plans, inputs before results."""
    changes = (
        *_fields(before, after, "limit", LIMITS),
        *_assumptions(before.assumptions, after.assumptions),
        *_fields(before, after, "result", RESULTS),
        *_allocation(before, after),
    )
    options = options_of(before), options_of(after)
    changed = {k: set(v) for k, v in options[0].items()} != {
        k: set(v) for k, v in options[1].items()
    }
    return PlanChanges(
        sentence=_sentence(before, after, changes, changed),
        decision_changed=changed,
        changes=changes,
    )


def _fields(
    before: PlanAnswer, after: PlanAnswer, kind: str, names: Mapping[str, str]
) -> Iterator[Change]:
    for name, unit in names.items():
        one, other = getattr(before, name), getattr(after, name)
        if differ(one, other):
            told = {"kind": kind, "name": name, "before": one, "after": other, "unit": unit}
            yield Change.model_validate(told)


def _assumptions(before: tuple[Assumption, ...], after: tuple[Assumption, ...]) -> Iterator[Change]:
    first, second = ({row.name: row for row in rows} for rows in (before, after))
    for name in dict.fromkeys([*first, *second]):
        one, other = first.get(name), second.get(name)
        row = other or one
        assert row is not None
        was, now = _said(one), _said(other)
        if differ(was, now):
            yield Change(kind="assumption", name=name, before=was, after=now, unit=row.unit)


def _said(row: Assumption | None) -> float | str | None:
    """The value, with its range where it has one."""
    if row is None:
        return None
    if row.low is None or row.high is None or row.low == row.high:
        return row.value
    return f"{row.value:.6g} ({row.low:.6g} to {row.high:.6g})" if isinstance(
        row.value, float
    ) else row.value  # fmt: skip


def options_of(plan: PlanAnswer) -> dict[str, dict[str, float]]:
    """Option -> share, by query class and bucket ("class/bucket")."""
    found: dict[str, dict[str, float]] = {}
    for row in plan.allocation:
        place = row.query_class if row.bucket == "all" else f"{row.query_class}/{row.bucket}"
        shares = found.setdefault(place, {})
        shares[row.option] = shares.get(row.option, 0.0) + row.share
    return found


def _allocation(before: PlanAnswer, after: PlanAnswer) -> Iterator[Change]:
    first, second = options_of(before), options_of(after)
    for place in dict.fromkeys([*first, *second]):
        one, other = first.get(place, {}), second.get(place, {})
        for option in dict.fromkeys([*one, *other]):
            was, now = one.get(option), other.get(option)
            if differ(was, now):
                name = f"{option} for {place}"
                yield Change(kind="allocation", name=name, before=was, after=now, unit="share")


def differ(one: float | str | None, other: float | str | None) -> bool:
    """Whether two values are more than rounding apart."""
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) > SAME * max(abs(one), abs(other))
    return one != other


def _sentence(
    before: PlanAnswer, after: PlanAnswer, changes: tuple[Change, ...], changed: bool
) -> str:
    if not changes:
        return "The two plans are the same, to the last printed digit."
    causes = [one.name for one in changes if one.kind in ("assumption", "limit")]
    of = f"{len(causes)} inputs differ" if len(causes) != 1 else f"One input differs, {causes[0]}"
    did = "the decision is another" if changed else "the same options are chosen"
    if before.accuracy is None or after.accuracy is None:
        return f"{of}: {did}."
    cost = [format_usd(plan.cost_usd_per_day or 0.0) for plan in (before, after)]
    accuracy = [format_percent(plan.accuracy or 0.0) for plan in (before, after)]
    return (
        f"{of}: {did}; accuracy {accuracy[0]} to {accuracy[1]}, cost {cost[0]} to {cost[1]} a day."
    )
