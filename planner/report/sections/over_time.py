"""CAPEX against OPEX: what each way costs over time and over volume, and where they meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from planner.ask.ways import span_of
from planner.domain.answer import VolumePoint
from planner.domain.money_answer import (
    BreakEvenOf,
    CostCrossing,
    CostMonth,
    CostOverTime,
    CostPath,
    HumanCompared,
    PairOverTime,
)
from planner.report import wording
from planner.report.charts import over_time as chart
from planner.report.charts import svg
from planner.report.charts import volume as volumes
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
from planner.report.text import number_cell, samples, span, usd_per_query, whole_percent
from planner.units import format_count, format_usd

MOST_ROWS = 16
"""Months in a table: enough to read off, few enough to print."""
MEETING = (
    Column("They cost the same", number=False),
    Column("at"),
    Column("In share of draws"),
    Column("Cheaper beyond it", number=False),
)
NAMES: dict[BreakEvenOf, str] = {
    "volume": "at a volume, queries a day",
    "date": "after so many months, discounted",
    "date_undiscounted": "after so many months, undiscounted",
    "rent": "at a rent, $ a GPU-hour",
    "tokens": "at so many generated tokens a sample",
    "n": "at so many samples a query",
}
WRITE: dict[BreakEvenOf, Callable[[float], str]] = {"rent": format_usd, "n": "{:.1f}".format}


def section(told: CostOverTime | None, people: Sequence[HumanCompared] = ()) -> Section | None:
    """The section of an answer or a plan; None where nothing was told over time."""
    if told is None:
        return None
    blocks: list[Block] = [Pictures(_pictures(told), _legend(told)), _totals(told)]
    blocks += [
        _meeting(pair, told)
        for pair in _pairs(told)
        if any(found is not None for found in pair.break_evens.values())
    ]
    beside = (person.sentence for person in people)
    said = (*map(begun, (*told.sentences, *said_of_meeting(told))), *beside)
    blocks.append(Sentences(said, bullets=True))
    return Section(
        "over_time", wording.TITLE["over_time"], wording.LEAD["over_time"], tuple(blocks)
    )


def said_of_meeting(told: CostOverTime) -> tuple[str, ...]:
    """Every break-even in a sentence, or why there is none, each once."""
    said = [line for pair in _pairs(told) for line in pair.break_even_sentences.values()]
    return tuple(dict.fromkeys(said))


def _pairs(told: CostOverTime) -> tuple[PairOverTime, ...]:
    return (told, *told.other_pairs)


def told_in_short(told: CostOverTime | None, people: Sequence[HumanCompared]) -> tuple[str, ...]:
    """For the terminal: what it comes to, the break-evens that there are, and people."""
    beside = tuple(person.sentence for person in people)
    if told is None:
        return beside
    there = (
        pair.break_even_sentences[of]
        for pair in _pairs(told)
        for of, found in pair.break_evens.items()
        if found is not None
    )
    return (*map(begun, (*told.sentences, *there)), *beside)


def begun(sentence: str) -> str:
    """A sentence that begins with `the plan` as sentences begin; names stay as they are written."""
    return f"T{sentence[1:]}" if sentence.startswith("the ") else sentence


def _legend(told: CostOverTime) -> tuple[LegendEntry, ...]:
    return tuple(LegendEntry(path.label, side=path.side) for path in told.paths)


def _pictures(told: CostOverTime) -> tuple[Picture, ...]:
    first = _over_months(told)
    return (first, _over_volume(told)) if _moves(told) and told.by_volume else (first,)


def _moves(told: CostOverTime) -> bool:
    """Whether the whole horizon is more than its days times one of them."""
    volumes_seen = {round(month.queries_per_day, 6) for month in told.by_month}
    paid_once = any(path.training_usd or path.gpus_bought_usd for path in told.paths)
    return len(volumes_seen) > 1 or paid_once


def _over_months(told: CostOverTime) -> Picture:
    lines = [
        chart.MoneyLine(
            path.side,
            (path.training_usd, *(m.present_usd_so_far[place] for m in told.by_month)),
        )
        for place, path in enumerate(told.paths)
    ]
    date = told.break_evens.get("date")
    alt = " ".join(
        f"{path.label}: {format_usd(path.training_usd)} up front,"
        f" {format_usd(path.present_usd)} by the end."
        for path in told.paths
    )
    markup = svg.draw(
        chart.money_chart(lines, None if date is None else date.median),
        "chart-over-time", wording.MONEY_PICTURE, alt,
    )  # fmt: skip
    return Picture(
        "chart-over-time", wording.MONEY_PICTURE, wording.MONEY_HOW, alt, markup, _months(told)
    )


def _months(told: CostOverTime) -> Table:
    every = -(-len(told.by_month) // MOST_ROWS)
    columns = (
        Column("Month from", whole=True),
        Column("Queries a day"),
        *(Column(path.label) for path in told.paths),
    )
    rows = tuple(_month(month) for month in told.by_month[::every])
    return Table(columns, rows)


def _month(month: CostMonth) -> tuple[Cell, ...]:
    cells = []
    for usd, gpus, worth in zip(month.usd, month.gpus, month.present_usd_so_far, strict=True):
        so_far = f"{format_usd(worth)} so far"
        detail = f"{gpus} GPUs; {so_far}" if gpus else so_far
        cells.append(Cell(format_usd(usd), detail))
    return (Cell(month.begins), Cell(format_count(month.queries_per_day)), *cells)


def _over_volume(told: CostOverTime) -> Picture:
    points = [
        VolumePoint(
            queries_per_day=point.queries_per_day,
            cost_usd_per_day={
                path.label: usd
                for path, usd in zip(told.paths, point.equivalent_usd_per_day, strict=True)
                if usd is not None
            },
            gpus={},
        )
        for point in told.by_volume
    ]
    lines = {path.label: volumes.Line(path.label, path.side, 0) for path in told.paths}
    today = told.by_month[0].queries_per_day
    ends = (points[0], points[-1])
    alt = " ".join(
        f"{label}: "
        + ", ".join(
            f"{format_usd(p.cost_usd_per_day[label])} a day from {format_count(p.queries_per_day)}"
            " queries a day"
            for p in ends
            if label in p.cost_usd_per_day
        )
        + "."
        for label in lines
    )
    markup = svg.draw(
        volumes.volume_chart(points, lines, today), "chart-over-volume", wording.SPREAD_PICTURE, alt
    )
    columns = (Column("Queries a day at the start"), *(Column(label) for label in lines))
    every = -(-len(points) // MOST_ROWS)
    rows = tuple(
        (
            Cell(format_count(p.queries_per_day)),
            *(number_cell(p.cost_usd_per_day.get(label), format_usd) for label in lines),
        )
        for p in points[::every]
    )
    return Picture(
        "chart-over-volume", wording.SPREAD_PICTURE, wording.SPREAD_HOW, alt, markup,
        Table(columns, rows),
    )  # fmt: skip


def _totals(told: CostOverTime) -> Table:
    """CAPEX, OPEX and what they come to, a column a way."""
    columns = (Column("", number=False), *(Column(path.label) for path in told.paths))
    rows: tuple[tuple[str, Callable[[CostPath], Cell]], ...] = (
        ("Training, paid up front", lambda p: Cell(format_usd(p.training_usd))),
        ("GPUs bought", lambda p: Cell(format_usd(p.gpus_bought_usd))),
        ("Running: rent, tokens, power, people", lambda p: Cell(format_usd(p.opex_usd))),
        ("Less what the GPUs still fetch", lambda p: Cell(format_usd(p.residual_usd))),
        ("In all", lambda p: Cell(format_usd(p.total_usd))),
        ("In all, worth today", _present),
        ("The same, by the day", lambda p: Cell(format_usd(p.equivalent_usd_per_day))),
        (
            "A correct answer",
            lambda p: number_cell(p.usd_per_correct, usd_per_query, reason=wording.NONE_CORRECT),
        ),
    )
    if any(path.n_samples is not None for path in told.paths):
        rows = (("Samples a query (n), on average", _samples), *rows)
    return Table(
        columns,
        tuple((Cell(name), *(write(path) for path in told.paths)) for name, write in rows),
        caption=f"Dollars of {span_of(told)} from {told.start}",
    )


def _samples(path: CostPath) -> Cell:
    """Real-valued at a parity: a mix of the two whole n beside it."""
    return number_cell(path.n_samples, lambda n: f"{n:.0f}" if n == round(n) else samples(n))


def _present(path: CostPath) -> Cell:
    return number_cell(path.present_usd, format_usd, path.present_usd_low, path.present_usd_high)


def _meeting(pair: PairOverTime, told: CostOverTime) -> Table:
    rows = tuple(
        (Cell(NAMES[of]), *_crossing(of, found))
        for of, found in pair.break_evens.items()
        if found is not None
    )
    which = " and ".join(pair.compared) if told.other_pairs else "the first two"
    return Table(MEETING, rows, caption=f"Where {which} cost the same over the whole horizon")


def _crossing(of: BreakEvenOf, found: CostCrossing) -> tuple[Cell, Cell, Cell]:
    write = WRITE.get(of, format_count)
    share, ahead = Cell(whole_percent(found.share_of_draws)), Cell(found.ahead_beyond)
    if found.median is None:
        return missing("not in most draws"), share, ahead
    detail = span(found.low, found.high, write)
    if detail is None and found.low is not None and found.high is None:
        detail = f"{write(found.low)} to {wording.UNSEEN}"
    if found.crossings > 1 and found.first is not None:
        detail = f"{detail or ''}; {found.crossings} times, first at {write(found.first)}"
    return Cell(write(found.median), detail), share, ahead
