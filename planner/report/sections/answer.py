"""The strip above the page, the headline and the tiles beneath it."""

from __future__ import annotations

from planner.domain.answer import UNDECIDED, Answer, AnswerOption
from planner.report import wording
from planner.report.page import Block, Section, Sentences, Tile, Tiles, Tone
from planner.report.text import Sides, probability, span
from planner.units import format_count, format_percent, format_usd


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
    """Probability first, then each side's headline numbers, then what to know next."""
    tiles = [
        Tile(
            "Probability",
            probability(answer.probability_winner),
            f"of the draws have {answer.leader} ahead, judged by"
            f" {wording.CRITERION[answer.criterion]}",
            tone(answer),
        )
    ]
    tiles += _side_tiles(answer, sides)
    blocks: list[Block] = [Tiles(tuple(tiles))]
    if answer.explanation:
        blocks.append(Sentences(answer.explanation, bullets=True))
    return Section("answer", wording.TITLE["answer"], wording.LEAD["answer"], tuple(blocks))


def _side_tiles(answer: Answer, sides: Sides) -> list[Tile]:
    tiles = []
    for side in sorted(sides.names):
        # The first row of a side is the one it is judged at.
        row = next((option for option in answer.options if option.side == side), None)
        if row is None:
            continue
        between = span(row.cost_usd_per_day_low, row.cost_usd_per_day_high, format_usd)
        usd = f"{between}, " if between else ""
        tiles.append(
            Tile(row.label, f"{format_usd(row.cost_usd_per_day)} a day",
                 f"{usd}on {gpus(row)}; {accuracy(row)} correct", side=side)
        )  # fmt: skip
    return tiles


def gpus(row: AnswerOption) -> str:
    """Such as "5 GPUs (h100-sxm)"."""
    if row.bought != "GPUs":
        return row.bought
    return f"{row.gpus} GPU{'s' if row.gpus != 1 else ''} ({row.accelerator})"


def accuracy(row: AnswerOption) -> str:
    """Such as "24.8% (21.6% to 28%)"."""
    low_high = span(row.accuracy_low, row.accuracy_high, format_percent)
    return f"{format_percent(row.accuracy)}" + (f" ({low_high})" if low_high else "")
