"""The strip above the page, the headline and the tiles beneath it."""

from __future__ import annotations

from planner.domain.answer import UNDECIDED, Answer, AnswerOption
from planner.report import wording
from planner.report.charts.style import side_letter
from planner.report.page import Block, Section, Sentences, Tile, Tiles, Tone
from planner.report.sections.tiles import Beside, Figures, figure_tiles
from planner.report.text import Sides, probability
from planner.units import format_count

POINT, PART = 0.01, 0.05
"""Smallest differences that count: those by which an answer is judged unless it is told others."""


def strip(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Facts of the run that a reader of a printed page asks for."""
    facts = [
        ("Volume", f"{format_count(answer.queries_per_day)} queries a day"),
        ("Measured on", answer.question_set),
        ("Prices as of", answer.prices_as_of or wording.NOT_STATED),
        ("Planner", answer.version or wording.NOT_STATED),
        ("Seed", str(answer.seed)),
        ("Draws", format_count(answer.draws)),
    ]
    return tuple(facts)


def tone(answer: Answer) -> Tone:
    """How the headline is set: an open question is not shown as a win."""
    return "open" if answer.winner == UNDECIDED else "good"


def section(answer: Answer, sides: Sides) -> Section:
    """Five numbers of the side ahead beside those of the other, then what to know next."""
    compared = _compared(answer)
    blocks: list[Block] = []
    lead = ""
    if compared is not None:
        own, other = compared
        blocks.append(Tiles((*_tiles(own, other, sides), *_chance(answer))))
        lead = _lead(own, other)
        if any("@" in option.label for option in answer.options):
            lead = f"{lead} {wording.SAMPLES}"
    if answer.explanation:
        blocks.append(Sentences(answer.explanation, bullets=True))
    return Section("answer", wording.TITLE["answer"], lead, tuple(blocks))


def _compared(answer: Answer) -> tuple[AnswerOption, AnswerOption | None] | None:
    """The rows at which the side ahead and what it is held against are judged.

    The other is the side that the rest is held against, or the first where that one is ahead.
    """
    # The first row of a side is the one it is judged at.
    rows = {option.side: option for option in reversed(answer.options)}
    if not rows:
        return None
    ahead = answer.sides.index(answer.leader) if answer.leader in answer.sides else min(rows)
    held = None if answer.what_if is None else answer.what_if.reference
    others = [side for side in sorted(rows, key=lambda side: side != held) if side != ahead]
    return rows.get(ahead, rows[min(rows)]), rows[others[0]] if others else None


def _tiles(own: AnswerOption, other: AnswerOption | None, sides: Sides) -> list[Tile]:
    if other is None:
        return figure_tiles(_figures(own), None)
    name = side_letter(other.side) if len(sides.names) > 1 else other.label
    beside = Beside(_figures(other), name, POINT, PART, wording.FULL)
    return figure_tiles(_figures(own), beside)


def _figures(row: AnswerOption) -> Figures:
    return Figures(
        accuracy=row.accuracy,
        usd_per_day=row.cost_usd_per_day,
        usd_per_correct=row.cost_usd_per_correct,
        latency_p95_s=row.latency_p95_s,
        accuracy_ends=(row.accuracy_low, row.accuracy_high),
        usd_ends=(row.cost_usd_per_day_low, row.cost_usd_per_day_high),
    )


def _chance(answer: Answer) -> list[Tile]:
    if len(answer.sides) < 2:
        return []
    said = f"that {answer.leader} is ahead, judged by {wording.CRITERION[answer.criterion]}"
    if answer.probability_winner_on_traffic is not None:
        said += f"; {probability(answer.probability_winner_on_traffic)} {wording.ON_TRAFFIC}"
    return [Tile("Probability", probability(answer.probability_winner), said, tone(answer))]


def _lead(own: AnswerOption, other: AnswerOption | None) -> str:
    """Whose the tiles are, and what stands beside them."""
    if other is None:
        return wording.OF_ONE.format(own=own.label)
    role = "" if other.role == "asked" else f" ({wording.ROLE[other.role]})"
    mine = "" if own.role == "asked" else f" ({wording.ROLE[own.role]})"
    return wording.OF_TWO.format(
        letter=side_letter(own.side), own=own.label, mine=mine,
        other_letter=side_letter(other.side), other=other.label, role=role,
    )  # fmt: skip
