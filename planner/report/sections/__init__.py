"""From an answer or a plan to a page: which sections there are, and in which order."""

from __future__ import annotations

from dataclasses import replace

from planner.domain.answer import Answer
from planner.domain.plan import PlanAnswer
from planner.report import wording
from planner.report.page import Page, Remark, Section
from planner.report.sections import answer as headline
from planner.report.sections import basis, curves, flops, mix, options, parity, plan, volume
from planner.report.text import Sides
from planner.units import format_count


def answer_page(answer: Answer) -> Page:
    """The page of an answer, in the order in which it is read."""
    sides = Sides(answer)
    sections = (
        headline.section(answer, sides),
        options.section(answer, sides),
        parity.section(answer, sides),
        curves.section(answer, sides),
        volume.section(answer, sides),
        mix.section(answer, sides),
        flops.section(answer, sides),
        plan.section(answer.best_plan, answer.best_plan_sentence),
        basis.next_section(answer),
        basis.warnings_section(answer),
        basis.assumptions_section(answer),
        basis.sources_section(answer),
    )
    return Page(
        title=answer.question,
        strip=headline.strip(answer),
        headline=answer.answer,
        tone=headline.tone(answer),
        sections=tuple(_with_warnings(section, answer) for section in sections),
        data=answer.to_json(),
    )


def _with_warnings(section: Section, answer: Answer) -> Section:
    """Puts each warning beside what it weakens, before the numbers."""
    beside = tuple(
        Remark(w.message, w.code)
        for w in answer.warnings
        if wording.WARNING_SECTION.get(w.code) == section.key
    )
    return replace(section, blocks=beside + section.blocks)


def plan_page(answer: PlanAnswer) -> Page:
    """The page of a plan alone."""
    volume_text = (
        wording.NOT_STATED
        if answer.queries_per_day is None
        else f"{format_count(answer.queries_per_day)} queries a day"
    )
    return Page(
        title=wording.PLAN_TITLE,
        strip=(("Volume", volume_text), ("Aim", wording.OBJECTIVE[answer.objective])),
        headline=plan.headline(answer),
        tone="open" if answer.status == "infeasible" else "good",
        sections=(
            plan.section(answer, None),
            basis.warnings_section(answer),
            basis.assumptions_section(answer),
        ),
        data=answer.model_dump(mode="json", by_alias=True),
    )
