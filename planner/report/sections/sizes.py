"""Sizes that were not measured, told from those that were."""

from __future__ import annotations

from planner.domain.curves import FittedCurves
from planner.domain.fitted_sizes import FittedSizes, SizePoint
from planner.report import wording_curves as wording
from planner.report.page import MISSING, Block, Cell, Column, Remark, Section, Sentences, Table
from planner.report.size_facts import measured_sentence, refusals, reliability, size_text
from planner.report.text import bucket_name
from planner.units import format_count


def section(fitted: FittedCurves) -> Section | None:
    """One table a regression, with what its numbers are worth; None where no size was asked for."""
    blocks: list[Block] = []
    for sizes in fitted.sizes:
        blocks.append(_table(sizes))
        blocks.append(Sentences((measured_sentence(sizes), *reliability(sizes)), bullets=True))
    blocks += [Remark(text, "size_refused") for text in refusals(fitted.sizes_refused)]
    if not blocks:
        return None
    return Section("sizes", wording.TITLE["sizes"], wording.LEAD["sizes"], tuple(blocks))


def _table(sizes: FittedSizes) -> Table:
    ns = sorted({p.n_samples for p in sizes.predictions})
    rows: dict[tuple[float, str], dict[int, SizePoint]] = {}
    for p in sizes.predictions:
        rows.setdefault((p.params_b, p.bucket), {})[p.n_samples] = p
    columns = (
        Column("Size", number=False),
        Column("Bucket", number=False),
        *(Column(f"n = {format_count(n, 9)}") for n in ns),
    )
    drawn = tuple(
        (
            Cell(size_text(size_b) + wording.SIZE_MARK[next(iter(at.values())).measured]),
            Cell(bucket_name(bucket)),
            *(_accuracy(at.get(n)) for n in ns),
        )
        for (size_b, bucket), at in rows.items()
    )
    return Table(columns, drawn, wording.SIZES_OF.format(name=sizes.name))


def _accuracy(p: SizePoint | None) -> Cell:
    if p is None:
        return Cell(MISSING)
    mark = "*" if p.extrapolated else ""
    return Cell(f"{p.accuracy * 100:.1f}{mark}", f"{p.low * 100:.1f} to {p.high * 100:.1f}")
