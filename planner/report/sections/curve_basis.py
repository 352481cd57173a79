"""What weakens fitted curves, what they were fitted to, and how to make their page again."""

from __future__ import annotations

from planner.domain.curves import CurveCaution, FittedCurves, ReportedCurves
from planner.report import wording_curves as wording
from planner.report.page import Block, Cell, Column, Command, Remark, Section, Sentences, Table

MOST_OF_A_CODE = 5
"""Warnings of one code; more are counted."""
FILES = (Column("File read", number=False), Column("SHA-256", number=False))


def warnings_section(fitted: FittedCurves) -> Section:
    """Warnings by kind, then the rows that no curve uses."""
    by_code: dict[str, list[CurveCaution]] = {}
    for warning in fitted.warnings:
        by_code.setdefault(warning.code, []).append(warning)
    blocks = [
        remark
        for code, several in by_code.items()
        for remark in _shown(code, [warning.message for warning in several])
    ]
    left = [wording.ROW_LEFT_OUT.format(where=r.where, why=r.why) for r in fitted.left_out]
    blocks += _shown("left_out", left)
    lead = wording.LEAD["warnings"] if blocks else wording.EMPTY
    return Section("warnings", wording.TITLE["warnings"], lead, tuple(blocks))


def _shown(code: str, messages: list[str]) -> list[Remark]:
    shown = [Remark(message, code) for message in messages[:MOST_OF_A_CODE]]
    more = len(messages) - len(shown)
    return [*shown, Remark(wording.MORE_OF_A_KIND.format(count=more), code)] if more else shown


def sources_section(reported: ReportedCurves) -> Section:
    """Digests of what was read, and the commands in order."""
    blocks: list[Block] = []
    if reported.inputs:
        rows = tuple((Cell(name), Cell(digest)) for name, digest in reported.inputs.items())
        blocks.append(Table(FILES, rows))
    if reported.commands:
        blocks.append(Sentences((wording.MADE_BY,)))
        blocks.append(Command("\n".join(reported.commands)))
    return Section("sources", wording.TITLE["sources"], wording.LEAD["sources"], tuple(blocks))
