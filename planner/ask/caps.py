"""A latency cap in a question: each side runs in the largest batch that keeps it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.ask.judge import contenders, judge
from planner.ask.rows import wanted_rows
from planner.domain.draws import CENTRAL
from planner.errors import Note
from planner.options import Candidate, FasterFleets
from planner.units import format_percent, format_seconds

if TYPE_CHECKING:
    from planner.ask.answer import Asked


def within_cap(asked: Asked) -> tuple[Asked, tuple[Note, ...]]:
    """The question with every side in a batch that meets its latency cap, and what that costs.

    The batch is chosen at the n that the side is judged at: as asked, or where it is as accurate
    as the reference. A side that no batch makes fast enough stays in its usual one.
    """
    cap_s = asked.wishes.max_latency_p95_s
    if cap_s is None:
        return asked, ()
    sides, reference = contenders(asked.sides)
    verdict = judge(
        sides, reference, asked.queries_per_day, asked.criterion, asked.matters, asked.mix
    )
    judged_at = {i: n for i, n, role in wanted_rows(sides, verdict) if role != "cost parity"}
    fleets, changed, notes = FasterFleets(), list(asked.sides), []
    for i, (candidate, n) in enumerate(asked.sides):
        if candidate.metered:
            continue
        faster = fleets.meeting(candidate, judged_at[i], asked.mix, cap_s)
        if faster is candidate or faster.latency_s([judged_at[i]], asked.mix)[1][0] > cap_s:
            continue
        before, after = (
            float(c.gpu_s([judged_at[i]], asked.mix)[CENTRAL, 0]) for c in (candidate, faster)
        )
        changed[i] = (faster, n)
        notes.append(
            Note(
                "batch_for_latency",
                f"{candidate.label} runs in batches of {_batch(faster)} instead of"
                f" {_batch(candidate)}, so that 95% are answered within {format_seconds(cap_s)}:"
                f" a query takes {format_percent(after / before - 1)} more GPU time.",
            )
        )
    return replace(asked, sides=tuple(changed)), tuple(notes)


def _batch(candidate: Candidate) -> int:
    return int(candidate.on_fleet.batch[CENTRAL])
