"""Whether an answer would be another on smaller replicas, which a low volume may do with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from planner.ask.hangs_on import Case
from planner.ask.judge import Judgement, judge
from planner.domain.answer import AnswerOption
from planner.domain.draws import CENTRAL
from planner.errors import Note
from planner.options import Candidate, on_smaller_replicas
from planner.units import format_count, format_usd

LEAST = 1.0
"""Queries a day that the fewest replicas of any size serve."""


@dataclass(frozen=True)
class Smaller:
    """What smaller replicas make of an answer at its volume."""

    notes: tuple[Note, ...] = ()
    but: str | None = None
    """Half a sentence, where the winner would not be the winner; else None."""
    below: str | None = None
    """A sentence, where smaller replicas would pay at lower volumes only."""


def smaller_replicas(
    case: Case, judged: Judgement, rows: Sequence[AnswerOption], cap_s: float | None
) -> Smaller:
    """Sides that would cost less on smaller replicas, and whether the verdict then stands.

    Each side is looked at where it is judged. Volumes beside the question's keep the size that is
    cheapest when full, so that break-evens are those of fleets that have grown.
    """
    moved = list(case.sides)
    notes: list[Note] = []
    said: list[str] = []
    below: list[str] = []
    for i, side in enumerate(case.sides):
        row = next(row for row in rows if row.side == i)
        other = on_smaller_replicas(side.candidate, row.n_samples, case.mix, case.queries_per_day)
        if other is None:
            least = on_smaller_replicas(side.candidate, row.n_samples, case.mix, LEAST)
            below += [] if least is None else [_below(row, least)]
            continue
        slow_s = float(other.latency_s([row.n_samples], case.mix)[1][0])
        if cap_s is not None and slow_s > cap_s:
            continue
        moved[i] = replace(side, candidate=other)
        load = other.load([row.n_samples], case.mix)[:, 0]
        served = other.served(load, case.queries_per_day)
        gpus, usd = int(served.gpus[CENTRAL]), format_usd(float(served.usd_per_day[CENTRAL]))
        each = other.on_fleet.gpus_per_replica
        notes.append(
            Note(
                "smaller_replicas",
                f"At {format_count(case.queries_per_day)} queries a day {row.label} would cost"
                f" {usd} a day on {gpus} GPUs, replicas of {each}, in place of"
                f" {format_usd(row.cost_usd_per_day)} on {row.gpus}, replicas of"
                f" {row.gpus_per_replica}. All figures are of the replicas that are cheapest when"
                " full.",
            )
        )
        said.append(f"{row.label} would cost {usd} on smaller replicas")
    lower = f"Not in this: at low volume {' and '.join(below)}." if below else None
    if not notes or len(case.sides) < 2:
        return Smaller(tuple(notes), None, lower)
    anew = judge(
        moved, case.reference, case.queries_per_day, case.criterion, case.matters, case.mix
    ).verdict
    stands = anew.decided and anew.leader == judged.verdict.leader
    unsettled = judged.verdict.decided and not stands
    return Smaller(tuple(notes), " and ".join(said) if unsettled else None, lower)


def _below(row: AnswerOption, other: Candidate) -> str:
    each = other.on_fleet.gpus_per_replica
    gpus = each * other.supply.terms.min_replicas
    size = f"{each} GPU{'s' * (each > 1)}"
    return f"{row.label} would also run on replicas of {size}, {gpus} GPUs in all"
