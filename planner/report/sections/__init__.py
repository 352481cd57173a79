"""From an answer, a plan or curves to a page: which sections there are, and in which order."""

from __future__ import annotations

from dataclasses import replace

from planner.domain.answer import Answer
from planner.domain.curves import ReportedCurves
from planner.domain.plan import PlanAnswer
from planner.report import wording, wording_curves
from planner.report.page import Page, Remark, Section
from planner.report.sections import answer as headline
from planner.report.sections import (
    basis,
    curve_basis,
    curve_table,
    curves,
    fitted,
    flops,
    insights,
    mix,
    multiples,
    options,
    over_time,
    parity,
    plan,
    quality,
    sizes,
    volume,
    what_if,
)
from planner.report.text import Sides
from planner.units import format_count


def page_of(found: Answer | PlanAnswer | ReportedCurves) -> Page:
    """The page of whatever a verb gave back."""
    if isinstance(found, Answer):
        return answer_page(found)
    return plan_page(found) if isinstance(found, PlanAnswer) else curves_page(found)


def answer_page(answer: Answer) -> Page:
    """The page of an answer, in the order in which it is read."""
    sides = Sides(answer)
    live = what_if.section(answer.what_if)
    money = over_time.section(answer.over_time, answer.human)
    sections = (
        headline.section(answer, sides),
        *([] if live is None else [live]),
        options.section(answer, sides),
        parity.section(answer, sides),
        curves.section(answer, sides),
        volume.section(answer, sides),
        *([] if money is None else [money]),
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
    live = what_if.section(answer.what_if)
    money = over_time.section(answer.over_time, answer.human)
    return Page(
        title=wording.PLAN_TITLE,
        strip=(("Volume", volume_text), ("Aim", wording.OBJECTIVE[answer.objective])),
        headline=plan.headline(answer),
        tone="open" if answer.status == "infeasible" else "good",
        sections=(
            plan.section(answer, None),
            *([] if money is None else [money]),
            *([] if live is None else [live]),
            basis.warnings_section(answer),
            basis.assumptions_section(answer),
        ),
        data=answer.model_dump(mode="json", by_alias=True),
        file_name="plan.json",
    )


def curves_page(found: ReportedCurves) -> Page:
    """The page of fitted curves."""
    told = sizes.section(found)
    # Charts and sentences speak of samples; the other axes have their tables.
    over_n = found.model_copy(update={"curves": found.along("n_samples")})
    elsewhere = bool(found.curves) and not over_n.curves
    return Page(
        title=fitted.title(found),
        strip=fitted.strip(found),
        headline=wording_curves.ALONG_ONLY if elsewhere else insights.headline(over_n),
        tone="plain",
        sections=(
            *([] if elsewhere else [fitted.section(over_n), multiples.section(over_n)]),
            curve_table.section(found),
            *([] if told is None else [told]),
            quality.section(found),
            curve_basis.warnings_section(found),
            curve_basis.sources_section(found),
        ),
        data=found.to_json(),
        file_name="curves.json",
    )
