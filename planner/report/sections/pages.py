"""From an answer, a plan or curves to a page: which sections there are, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from planner.domain.answer import Answer
from planner.domain.curves import ReportedCurves
from planner.domain.plan import PlanAnswer
from planner.domain.plans import Plans
from planner.domain.report import SectionName
from planner.report import wording, wording_curves, wording_plan
from planner.report.page import Block, Page, Remark, Section, Sentences
from planner.report.sections import answer as headline
from planner.report.sections import (
    basis,
    changes,
    checks,
    curve_basis,
    curve_surface,
    curve_table,
    curves,
    fitted,
    flops,
    frontier,
    insights,
    made,
    mix,
    multiples,
    next_plan,
    options,
    over_time,
    parity,
    plan,
    plan_proof,
    plan_tiles,
    quality,
    side_by_side,
    sizes,
    tornado,
    volume,
    what_if,
    words,
)
from planner.report.text import Sides
from planner.units import format_count, format_usd


def page_of(found: Answer | PlanAnswer | Plans | ReportedCurves) -> Page:
    """The page of whatever a verb gave back."""
    if isinstance(found, Answer):
        return answer_page(found)
    if isinstance(found, Plans):
        return side_by_side.plans_page(found)
    return plan_page(found) if isinstance(found, PlanAnswer) else curves_page(found)


def answer_page(answer: Answer) -> Page:
    """The page of an answer, in the order in which it is read."""
    sides = Sides(answer)
    live = what_if.section(answer.what_if)
    money = over_time.section(answer.over_time, answer.human)
    hangs = tornado.section(answer.tornado_of, answer.tornado)
    winners = tornado.winners_section(answer.winner_map, sides.of)
    sections = [
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
        *([] if hangs is None else [hangs]),
        *([] if winners is None else [winners]),
        basis.next_section(answer),
        checks.answer_section(answer),
        basis.warnings_section(answer),
        basis.assumptions_section(answer),
        made.quality_section(answer),
        basis.sources_section(answer),
    ]
    told = _with_words([_with_warnings(section, answer) for section in sections])
    asked = () if answer.title is None else (("Question", answer.question),)
    return Page(
        title=answer.title or answer.question,
        strip=(*asked, *headline.strip(answer)),
        headline=answer.answer,
        tone=headline.tone(answer),
        sections=_wished(told, answer.sections),
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
    """The page of a plan alone, in the order in which it is read."""
    letters = {curve.label: curve.side for curve in answer.curves}
    found = (
        plan.answer_section(answer),
        what_if.section(answer.what_if),
        _of("plan", plan.allocation_blocks(answer)),
        changes.section(answer, plan.beside_blocks(answer))
        or _of("changes", plan.beside_blocks(answer)),
        curves.plan_section(answer),
        frontier.section(answer),
        over_time.section(answer.over_time, answer.human),
        tornado.section(answer.tornado_of, answer.tornado),
        tornado.winners_section(answer.winner_map, letters.get, letters.values()),
        _of("why", [*plan.why_blocks(answer), Sentences(plan_proof.proof(answer), bullets=True)]),
        next_plan.section(answer),
        checks.plan_section(answer),
        basis.warnings_section(answer) if answer.status == "infeasible" else None,
        basis.assumptions_section(answer),
        made.quality_section(answer),
        made.sources_section(answer),
    )
    title = wording.PLAN_TITLE
    if answer.made is not None and answer.made.title:
        title = answer.made.title
    return Page(
        title=title,
        strip=plan_strip(answer),
        headline=plan.headline(answer),
        tone=plan_tiles.tone(answer),
        sections=_wished(
            _with_words([section for section in found if section is not None]),
            () if answer.made is None else answer.made.sections,
        ),
        data=answer.model_dump(mode="json", by_alias=True),
        file_name="plan.json",
    )


def _wished(sections: Sequence[Section], names: Sequence[SectionName]) -> tuple[Section, ...]:
    """The sections that the scenario names, in its order; all of them where it names none."""
    if not names:
        return tuple(sections)
    by_key = {section.key: section for section in sections}
    return tuple(by_key[name] for name in names if name in by_key)


def _with_words(sections: list[Section]) -> list[Section]:
    """The sections with one before the last that explains their words."""
    explained = words.section(sections)
    return sections if explained is None else [*sections[:-1], explained, sections[-1]]


def _of(key: str, blocks: list[Block]) -> Section | None:
    """A section of these blocks; None where there are none."""
    if not blocks:
        return None
    return Section(key, wording_plan.TITLE[key], wording_plan.LEAD.get(key, ""), tuple(blocks))


def plan_strip(answer: PlanAnswer) -> tuple[tuple[str, str], ...]:
    """Facts of the run that a reader of a printed page asks for."""
    volume_text = (
        wording.NOT_STATED
        if answer.queries_per_day is None
        else f"{format_count(answer.queries_per_day)} queries a day"
    )
    facts = [("Volume", volume_text), ("Aim", wording.OBJECTIVE[answer.objective])]
    if answer.budget_usd_per_day is not None:
        facts.append(("Budget", f"{format_usd(answer.budget_usd_per_day)} a day"))
    facts.append(("Prices as of", answer.prices_as_of or wording.NOT_STATED))
    if answer.made is not None:
        facts += [
            ("Planner", answer.version),
            ("Seed", str(answer.seed)),
            ("Draws", format_count(answer.draws)),
        ]
    return tuple(facts)


def curves_page(found: ReportedCurves) -> Page:
    """The page of fitted curves."""
    told = [curve_surface.section(found), sizes.section(found)]
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
            *(part for part in told if part is not None),
            quality.section(found),
            curve_basis.warnings_section(found),
            curve_basis.sources_section(found),
        ),
        data=found.to_json(),
        file_name="curves.json",
    )
