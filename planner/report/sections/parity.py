"""The two parities, the window between them, and what else decides by volume."""

from __future__ import annotations

from planner.domain.answer import Answer, BreakEven, Parity, ParityBucket
from planner.report import wording
from planner.report.charts import parity as chart
from planner.report.charts import style, svg
from planner.report.page import (
    Block,
    Cell,
    Column,
    LegendEntry,
    Picture,
    Pictures,
    Section,
    Sentences,
    Table,
    missing,
)
from planner.report.text import Sides, parity_span, samples, whole_percent
from planner.units import format_count

COLUMNS = (
    Column("Traffic", number=False),
    Column("As accurate from n ="),
    Column("in share of draws"),
    Column("Costs the same at n ="),
    Column("in share of draws"),
)


def section(answer: Answer, sides: Sides) -> Section:
    """Both parities with a chart, or the sentence that says why there are none."""
    accuracy, cost = answer.parity_n_accuracy, answer.parity_n_cost
    blocks: list[Block] = []
    lead = answer.parities_reason or ""
    if accuracy is not None and cost is not None:
        name = sides.names.get(accuracy.side, style.side_letter(accuracy.side))
        lead = wording.LEAD["parity"].format(side=name, reference=accuracy.reference)
        numbers = _numbers(accuracy, cost)
        blocks += [Pictures((_picture(accuracy, cost, numbers),), _legend(sides))]
        blocks += _flops(cost)
    if answer.parity_windows:
        said = tuple(window.sentence for window in answer.parity_windows)
        blocks.append(Sentences(said, bullets=len(said) > 1))
    blocks.append(Sentences(_by_volume(answer)))
    return Section("parity", wording.TITLE["parity"], lead, tuple(blocks))


def _legend(sides: Sides) -> tuple[LegendEntry, ...]:
    return tuple(LegendEntry(name, side=side) for side, name in sorted(sides.names.items()))


def _picture(accuracy: Parity, cost: Parity, numbers: Table) -> Picture:
    window = None
    said = ""
    if accuracy.median is not None and cost.median is not None:
        window = (accuracy.median, cost.median)
        letter = style.side_letter(accuracy.side)
        opens = accuracy.median < cost.median
        said = wording.WINDOW.format(letter=letter) if opens else wording.NO_WINDOW
    how = wording.PARITY_HOW.format(window=said).strip()
    alt = (
        f"As accurate as {accuracy.reference} from n = {_said(accuracy)}; costs the same at"
        f" n = {_said(cost)}. {said}"
    )
    drawn = chart.parity_chart(_spans(accuracy, cost), accuracy.side, window)
    markup = svg.draw(drawn, "chart-parity", wording.PARITY_PICTURE, alt)
    reasons = dict.fromkeys(
        f"{b.bucket}: {b.reason}" for b in accuracy.by_bucket if b.median is not None and b.reason
    )
    note = "; ".join(reasons) or None
    return Picture("chart-parity", wording.PARITY_PICTURE, how, alt, markup, numbers, note)


def _said(parity: Parity | ParityBucket) -> str:
    middle = "–" if parity.median is None else samples(parity.median)
    return f"{middle} (90% interval {parity_span(parity.low, parity.high)})"


def _spans(accuracy: Parity, cost: Parity) -> list[chart.Span]:
    rows: list[tuple[str, str, Parity | ParityBucket]] = [
        (wording.WHOLE, wording.ACCURATE, accuracy),
        (wording.WHOLE, wording.COSTS, cost),
    ]
    for bucket in _buckets(accuracy, cost):
        for kind, parity in ((wording.ACCURATE, accuracy), (wording.COSTS, cost)):
            rows += [(bucket, kind, b) for b in parity.by_bucket if b.bucket == bucket]
    return [
        chart.Span(
            group, kind, row.median, row.low, row.high,
            None if row.median is not None else _why(row),
        )
        for group, kind, row in rows
    ]  # fmt: skip


def _buckets(accuracy: Parity, cost: Parity) -> list[str]:
    return list(dict.fromkeys(b.bucket for b in (*accuracy.by_bucket, *cost.by_bucket)))


def _why(row: Parity | ParityBucket) -> str:
    reason = row.reason if isinstance(row, ParityBucket) else None
    return reason or wording.NO_PARITY_MEDIAN


def _numbers(accuracy: Parity, cost: Parity) -> Table:
    rows = [(Cell(wording.WHOLE), *_cells(accuracy), *_cells(cost))]
    for bucket in _buckets(accuracy, cost):
        left = next((b for b in accuracy.by_bucket if b.bucket == bucket), None)
        right = next((b for b in cost.by_bucket if b.bucket == bucket), None)
        if left is not None or right is not None:
            rows.append((Cell(bucket), *_cells(left), *_cells(right)))
    return Table(COLUMNS, tuple(rows))


def _cells(row: Parity | ParityBucket | None) -> tuple[Cell, Cell]:
    if row is None:
        return missing(wording.NOT_BY_BUCKET), missing(wording.NOT_BY_BUCKET)
    share = Cell(whole_percent(row.share_of_draws))
    if row.median is None:
        return missing(_why(row)), share
    detail = parity_span(row.low, row.high)
    reason = row.reason if isinstance(row, ParityBucket) else None
    return Cell(samples(row.median), f"{detail}; {reason}" if reason else detail), share


def _flops(cost: Parity) -> list[Block]:
    said = []
    if cost.flop_nominal is not None:
        said.append(f"{cost.flop_nominal:.2f} as papers count them (generated tokens only)")
    if cost.flop_full is not None:
        said.append(f"{cost.flop_full:.2f} with prompts and attention")
    if not said:
        return []
    text = f"In FLOPs instead of GPU time, it costs the same at n = {', and '.join(said)}."
    return [Sentences((text,))]


def _by_volume(answer: Answer) -> tuple[str, ...]:
    found = list(break_evens(answer))
    if answer.second_fleet_reason:
        found.append(answer.second_fleet_reason)
    return tuple(found)


def break_evens(answer: Answer) -> tuple[str, ...]:
    """The break-even volume of each pair of sides with its interval, or why there is none."""
    first = _break_even(answer.break_even_queries_per_day, answer.break_even_reason)
    others = answer.other_break_evens
    if not others or answer.over_time is None:
        return (f"Break-even volume: {first}",)
    told = [(answer.over_time.compared, first)]
    told += [(pair.compared, _break_even(pair.queries_per_day, pair.reason)) for pair in others]
    return tuple(f"Break-even volume of {' and '.join(names)}: {said}" for names, said in told)


def _break_even(value: BreakEven | None, reason: str | None) -> str:
    if value is None:
        return f"none. {reason or wording.NO_BREAK_EVEN}"
    share = f"it exists in {whole_percent(value.share_of_draws)} of the draws"
    if value.median is None:
        return f"none in most draws; {share}."
    low = "–" if value.low is None else format_count(value.low)
    high = "–" if value.high is None else format_count(value.high)
    return f"{format_count(value.median)} queries a day ({low} to {high}); {share}."
