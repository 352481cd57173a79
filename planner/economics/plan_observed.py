"""A plan held against what production shows, and whether it is time to plan again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from planner.domain.observation import Observation
from planner.domain.plan import AllocationRow, PlanAnswer
from planner.domain.plan_changes import PlanObserved, Seen
from planner.units import format_percent

Z90 = 1.6448536269514722
"""Standard normal quantile at .95."""
MIX_MOVES = 0.05
"""Share of a class's queries by which a bucket may differ from the plan."""
TOKENS_MOVE = 0.1
"""Part by which tokens may differ where the plan has no range for them."""
TOKENS = "generated tokens of a sample"


def plan_observed(
    plan: PlanAnswer, rows: Sequence[Observation], spent_usd_per_day: float | None = None
) -> PlanObserved:
    """Accuracies, mix, tokens and dollars as planned and as seen.

    A figure is off where its 90% intervals, planned and seen, do not meet; one that is off is
    reason to plan again.
    """
    figures, matched, unmatched = [], [], []
    for row in rows:
        cells = _cells(plan, row)
        if not cells:
            where = f"{row.question_set}, {row.bucket}"
            unmatched.append(f"{row.model} {row.method} @{row.n_samples} on {where}")
            continue
        matched.append(row)
        figures.append(_accuracy(row, cells))
        if row.output_tokens:
            figures += _tokens(plan, row)
    figures += _mix(plan, matched)
    if spent_usd_per_day is not None and plan.cost_usd_per_day is not None:
        figures.append(_spent(plan, plan.cost_usd_per_day, spent_usd_per_day))
    off = [one.name for one in figures if one.off]
    return PlanObserved(
        sentence=_sentence(figures, off),
        plan_again=bool(off),
        figures=tuple(figures),
        unmatched=tuple(unmatched),
    )


def _cells(plan: PlanAnswer, row: Observation) -> list[AllocationRow]:
    """Rows of the plan that an observation is about; its bucket may be all of a class."""
    names = {row.question_set, row.bucket}
    return [
        cell
        for cell in plan.allocation
        if (cell.model, cell.method, cell.verifier, cell.n_samples)
        == (row.model, row.method, row.verifier, row.n_samples)
        and (cell.query_class in names or len(_classes(plan)) == 1)
        and (row.bucket in (cell.bucket, "all", cell.query_class) or cell.bucket == "all")
    ]


def _classes(plan: PlanAnswer) -> set[str]:
    return {cell.query_class for cell in plan.allocation}


def _accuracy(row: Observation, cells: Sequence[AllocationRow]) -> Seen:
    weights = [cell.share * (cell.queries_per_day or 1.0) for cell in cells]

    def mean(values: Sequence[float]) -> float:
        pairs = zip(weights, values, strict=True)
        return math.fsum(w * v for w, v in pairs) / math.fsum(weights)

    low = mean([c.accuracy if c.accuracy_low is None else c.accuracy_low for c in cells])
    high = mean([c.accuracy if c.accuracy_high is None else c.accuracy_high for c in cells])
    seen_low, seen_high = _binomial(row.accuracy, row.n_questions)
    place = cells[0].query_class if row.bucket == "all" else row.bucket
    return _seen(
        "accuracy",
        f"accuracy of {cells[0].option} on {place}",
        (mean([c.accuracy for c in cells]), low, high),
        (row.accuracy, seen_low, seen_high),
        "accuracy",
    )


def _binomial(p: float, count: int) -> tuple[float, float]:
    """90% interval of a share (Wilson 1927, JASA 22:209)."""
    z2 = Z90**2 / count
    middle = (p + z2 / 2) / (1 + z2)
    half = Z90 * math.sqrt(p * (1 - p) / count + z2 / (4 * count)) / (1 + z2)
    return middle - half, middle + half


def _tokens(plan: PlanAnswer, row: Observation) -> Iterator[Seen]:
    """The length of a sample against the assumption that names its bucket or model, else all."""
    named = [a for a in plan.assumptions if a.name.startswith(TOKENS)]
    fits = [a for a in named if a.name.endswith((row.bucket, row.model))]
    of = next(iter(fits or [a for a in named if a.name == TOKENS]), None)
    if of is None or not isinstance(of.value, float) or not row.output_tokens:
        return
    exact = of.low is None or of.high is None or of.low == of.high
    low = of.value * (1 - TOKENS_MOVE) if exact else of.low
    high = of.value * (1 + TOKENS_MOVE) if exact else of.high
    assert low is not None
    assert high is not None
    seen = row.output_tokens
    yield _seen(
        "tokens",
        f"{TOKENS} of {row.model} on {row.bucket}",
        (of.value, low, high),
        (seen, seen, seen),
        "tokens",
    )


def _mix(plan: PlanAnswer, rows: Sequence[Observation]) -> Iterator[Seen]:
    """Share of each bucket of a class, where all of its buckets were seen.

    Rows of a bucket that count the same number of queries are of the same ones: n and options
    that were tried on them. Others are of other queries, as options have that share a bucket.
    """
    for name in dict.fromkeys(cell.query_class for cell in plan.allocation):
        cells = [cell for cell in plan.allocation if cell.query_class == name]
        planned = {cell.bucket: cell.queries_per_day or 0.0 for cell in cells}
        mine = [row for row in rows if row.question_set == name or len(_classes(plan)) == 1]
        counts: dict[str, set[int]] = {}
        for row in mine:
            if row.bucket in planned:
                counts.setdefault(row.bucket, set()).add(row.n_questions)
        seen = {bucket: sum(some) for bucket, some in counts.items()}
        total, count = math.fsum(planned.values()), sum(seen.values())
        if len(planned) < 2 or seen.keys() != planned.keys() or total == 0:
            continue
        for bucket, volume in planned.items():
            share, found = volume / total, seen[bucket] / count
            yield _seen(
                "mix",
                f"share of {bucket} in {name}",
                (share, share - MIX_MOVES, share + MIX_MOVES),
                (found, *_binomial(found, count)),
                "share",
            )


def _spent(plan: PlanAnswer, planned: float, spent: float) -> Seen:
    low = planned if plan.cost_usd_per_day_low is None else plan.cost_usd_per_day_low
    high = planned if plan.cost_usd_per_day_high is None else plan.cost_usd_per_day_high
    return _seen("cost", "cost", (planned, low, high), (spent, spent, spent), "USD a day")


def _seen(
    kind: str,
    name: str,
    planned: tuple[float, float, float],
    seen: tuple[float, float, float],
    unit: str,
) -> Seen:
    return Seen.model_validate(
        {
            "kind": kind,
            "name": name,
            "planned": planned[0],
            "low": planned[1],
            "high": planned[2],
            "seen": seen[0],
            "seen_low": seen[1],
            "seen_high": seen[2],
            "unit": unit,
            "off": seen[2] < planned[1] or seen[1] > planned[2],
        }
    )


def _sentence(figures: Sequence[Seen], off: Sequence[str]) -> str:
    if not figures:
        return "Nothing that was seen is part of the plan."
    if off:
        return f"Plan again: outside what the plan allows for: {'; '.join(off)}."
    share = format_percent(0.9, 0)
    return f"Keep the plan: every figure seen lies where the plan has it with {share}."
