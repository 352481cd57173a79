"""The frontier in FLOPs, and what it says."""

from __future__ import annotations

from planner.domain.answer import Answer, FlopStep
from planner.report import wording
from planner.report.charts import flops as chart
from planner.report.charts import svg
from planner.report.page import Block, Cell, Column, LegendEntry, Picture, Pictures, Section, Table
from planner.report.text import Sides
from planner.units import format_count, format_percent

COLUMNS = (
    Column("Option", number=False),
    Column("FLOPs, times the reference"),
    Column("FLOPs, in 2e9 a token"),
    Column("Accuracy"),
    Column("Samples n"),
    Column("Verifier", number=False),
)


def section(answer: Answer, sides: Sides) -> Section:
    """The sentence first: it is what a reader came for."""
    lead = answer.flop_frontier_sentence or wording.LEAD["flops"]
    blocks: tuple[Block, ...] = ()
    if answer.flop_frontier:
        legend = [LegendEntry(name, side=side) for side, name in _models(answer, sides)]
        legend += [
            LegendEntry("no verifier", mark="point"),
            LegendEntry("with a verifier", mark="diamond"),
        ]
        blocks = (Pictures((_picture(answer, sides),), tuple(legend)),)
    return Section("flops", wording.TITLE["flops"], lead, blocks)


def _models(answer: Answer, sides: Sides) -> list[tuple[int, str]]:
    titles = {option.model: option.model_title for option in answer.options}
    return sorted((side, titles[model]) for model, side in sides.of_model.items())


def _picture(answer: Answer, sides: Sides) -> Picture:
    steps = sorted(answer.flop_frontier, key=lambda step: step.times_reference)
    parity = answer.parity_n_accuracy
    reference = parity.reference if parity is not None else answer.options[-1].label
    first, last = steps[0], steps[-1]
    alt = (
        f"{_words(first)}; {_words(last)}. {wording.LEAD['flops']}"
        " In between the steps are in the table."
    )
    markup = svg.draw(
        chart.flop_chart(steps, sides.of_model, reference), "chart-flops", wording.FLOP_PICTURE, alt
    )
    rows = tuple(_row(step, sides) for step in steps)
    how = f"{wording.FLOP_HOW} {wording.LEAD['flops']}"
    return Picture("chart-flops", wording.FLOP_PICTURE, how, alt, markup, Table(COLUMNS, rows))


def _words(step: FlopStep) -> str:
    return (
        f"{step.label} reaches {format_percent(step.accuracy)} at"
        f" {format_count(step.times_reference)} times the reference's FLOPs"
    )


def _row(step: FlopStep, sides: Sides) -> tuple[Cell, ...]:
    return (
        Cell(step.label, side=sides.of_model.get(step.model)),
        Cell(f"{format_count(step.times_reference)}×"),
        Cell(format_count(step.flop_units, 6)),
        Cell(format_percent(step.accuracy)),
        Cell(str(step.n_samples)),
        Cell(step.verifier or "none"),
    )
