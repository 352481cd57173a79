"""Several scenarios side by side: one table of figures, one chart, then each plan in short."""

from __future__ import annotations

from collections.abc import Callable

from planner.domain.plan import PlanAnswer
from planner.domain.plans import Plans
from planner.report import wording
from planner.report import wording_plan as words
from planner.report.charts import svg
from planner.report.charts.scenarios import Range, scenarios_chart
from planner.report.page import (
    Block,
    Cell,
    Column,
    Command,
    Page,
    Picture,
    Pictures,
    Section,
    Sentences,
    Table,
    missing,
)
from planner.report.sections import plan
from planner.report.text import number_cell, probability
from planner.units import format_count, format_flop, format_percent, format_seconds, format_usd

Figure = Callable[[PlanAnswer], Cell]


def plans_page(found: Plans) -> Page:
    """The page of several plans."""
    sections = [_table(found), *_charts(found)]
    sections += [
        _one(name, answer, i)
        for i, (name, answer) in enumerate(zip(found.names, found.plans, strict=True))
    ]
    if found.command:
        title = wording.TITLE["sources"]
        sections.append(Section("sources", title, words.LEAD["made"], (Command(found.command),)))
    return Page(
        title=words.SIDE_BY_SIDE,
        strip=(("Scenarios", ", ".join(found.names)),),
        headline=_headline(found),
        tone="plain",
        sections=tuple(sections),
        data=found.model_dump(mode="json", by_alias=True),
        file_name="plans.json",
    )


def _headline(found: Plans) -> str:
    said = [
        f"{name}: {format_percent(p.accuracy)} correct for {format_usd(p.cost_usd_per_day)} a day"
        if p.accuracy is not None and p.cost_usd_per_day is not None
        else f"{name}: {wording.STATUS[p.status]}"
        for name, p in zip(found.names, found.plans, strict=True)
    ]
    return "; ".join(said) + "."


def _table(found: Plans) -> Section:
    figures: tuple[tuple[str, Figure], ...] = (
        ("Queries a day", lambda p: number_cell(p.queries_per_day, format_count)),
        ("Budget a day", lambda p: number_cell(p.budget_usd_per_day, format_usd, reason="none")),
        ("Accuracy", lambda p: number_cell(p.accuracy, format_percent, p.accuracy_low,
                                           p.accuracy_high)),
        ("Cost a day", lambda p: number_cell(p.cost_usd_per_day, format_usd,
                                             p.cost_usd_per_day_low, p.cost_usd_per_day_high)),
        ("Cost a correct answer", lambda p: number_cell(_per_correct(p), format_usd)),
        ("Compute a day", lambda p: number_cell(p.flop_per_day, format_flop)),
        ("GPUs, whole", lambda p: number_cell(_gpus(p), format_count, reason="none is rented")),
        ("95% answered within", lambda p: number_cell(_latency(p), format_seconds)),
        ("Beats its baseline", _beats),
        ("Status", lambda p: Cell(wording.STATUS[p.status])),
    )  # fmt: skip
    columns = (Column("", number=False), *(Column(name) for name in found.names))
    rows = tuple((Cell(name), *(of(p) for p in found.plans)) for name, of in figures)
    return Section("compared", words.COMPARED, words.COMPARED_LEAD, (Table(columns, rows),))


def _per_correct(p: PlanAnswer) -> float | None:
    if p.cost_usd_per_day is None or not p.queries_per_day or not p.accuracy:
        return None
    return p.cost_usd_per_day / p.queries_per_day / p.accuracy


def _gpus(p: PlanAnswer) -> int | None:
    return sum(row.gpus for row in p.fleet) or None


def _latency(p: PlanAnswer) -> float | None:
    return max((r.latency_p95_s for r in p.allocation if r.latency_p95_s is not None), default=None)


def _beats(p: PlanAnswer) -> Cell:
    if p.probability_beats_baseline is None:
        return missing("no baseline")
    return Cell(probability(p.probability_beats_baseline), "of the draws")


def _charts(found: Plans) -> list[Section]:
    pairs = list(zip(found.names, found.plans, strict=True))
    usd = [
        Range(name, p.cost_usd_per_day, p.cost_usd_per_day_low, p.cost_usd_per_day_high)
        for name, p in pairs
        if p.cost_usd_per_day is not None
    ]
    right = [
        Range(name, p.accuracy, p.accuracy_low, p.accuracy_high)
        for name, p in pairs
        if p.accuracy is not None
    ]
    if not usd:
        return []
    pictures = tuple(
        _picture(key, title, rows, write)
        for key, title, rows, write in (
            ("chart-scenarios-usd", "Dollars a day", usd, format_usd),
            ("chart-scenarios-accuracy", "Accuracy", right, format_percent),
        )
    )
    return [Section("drawn", words.DRAWN, "", (Pictures(pictures),))]


def _picture(key: str, title: str, rows: list[Range], write: Callable[[float], str]) -> Picture:
    alt = " ".join(f"{row.name}: {write(row.value)}." for row in rows)
    markup = svg.draw(scenarios_chart(rows, title.lower(), write), key, title, alt)
    numbers = Table(
        (Column("Scenario", number=False), Column(title)),
        tuple((Cell(r.name), number_cell(r.value, write, r.low, r.high)) for r in rows),
    )
    return Picture(key, title, words.SCENARIOS_HOW, alt, markup, numbers)


def _one(name: str, answer: PlanAnswer, place: int) -> Section:
    blocks: list[Block] = [Sentences((plan.headline(answer),)), *plan.allocation_blocks(answer)]
    if answer.status == "infeasible":
        blocks = plan.first_blocks(answer)
    return Section(f"scenario-{place}", name, "", tuple(blocks))
