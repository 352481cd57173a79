"""How good the data behind fitted curves are: buckets, verifiers, what is missing."""

from __future__ import annotations

from collections import Counter

from planner.domain.curves import DataQuality, ReportedCurves
from planner.domain.measured import Gap, Left, Measured, RouterConfusion, VerifierBucket
from planner.report import wording_curves as wording
from planner.report.curve_names import many
from planner.report.page import Block, Cell, Column, Section, Sentences, Table
from planner.report.text import bucket_name, number_cell, whole_percent
from planner.units import format_count, format_percent

BUCKETS = (
    Column("Question set", number=False),
    Column("Bucket", number=False),
    Column("Questions"),
)
VERIFIERS = (
    Column("Verifier", number=False),
    Column("Of samples by", number=False),
    Column("Bucket", number=False),
    Column("Samples"),
    Column("AUC"),
    Column("Calibration error"),
    Column("False positives"),
    Column("False negatives"),
)
GAPS = (
    Column("Verifier", number=False),
    Column("Of samples by", number=False),
    Column("n"),
    Column("Perfect verifier"),
    Column("Verifier"),
    Column("Majority vote"),
    Column("Missed, points"),
)


def section(reported: ReportedCurves) -> Section:
    """One part a file of observations; says so where nothing is known of it."""
    blocks = tuple(block for quality in reported.data_quality for block in _file(quality))
    if not blocks:
        blocks = (Sentences((wording.NO_FILES,)),)
    lead = wording.LEAD["quality"] if any(q.measured for q in reported.data_quality) else ""
    return Section("quality", wording.TITLE["quality"], lead, blocks)


def _file(quality: DataQuality) -> list[Block]:
    measured = quality.measured
    if measured is None:
        said = wording.NO_MEASURED_FILE.format(file=quality.file, reason=quality.reason)
        return [Sentences((said,))]
    blocks: list[Block] = [Sentences((_partition(quality.file, measured),))]
    if measured.partition.buckets:
        rows = tuple(
            (Cell(b.question_set), Cell(bucket_name(b.bucket)), Cell(format_count(b.questions)))
            for b in measured.partition.buckets
        )
        blocks.append(Table(BUCKETS, rows, wording.BUCKETS_CAPTION))
    if measured.verifier_quality:
        verifiers = tuple(_verifier(q) for q in measured.verifier_quality)
        blocks.append(Table(VERIFIERS, verifiers, wording.QUALITY_CAPTION))
    else:
        blocks.append(Sentences((wording.NO_VERIFIERS,)))
    if measured.gaps:
        blocks.append(Table(GAPS, tuple(map(_gap, measured.gaps)), wording.GAP_CAPTION))
    blocks += [_router(confusion) for confusion in measured.router]
    known = (*_not_measured(measured), *map(_left_out, measured.left_out), *measured.notes)
    if known:
        blocks.append(Sentences(known, bullets=True))
    return blocks


def _partition(file: str, measured: Measured) -> str:
    used = measured.partition
    said = [f"{file}:", used.sentence]
    if used.buckets:
        said.append(wording.DEPLOYABLE if used.deployable else wording.NOT_DEPLOYABLE)
    if used.router_samples:
        said.append(wording.ROUTER_SAMPLES.format(count=many(used.router_samples, "sample")))
    return " ".join(said)


def _verifier(q: VerifierBucket) -> tuple[Cell, ...]:
    return (
        Cell(q.verifier, f"threshold {q.threshold:g}"),
        Cell(q.model, f"on {q.question_set}"),
        Cell(bucket_name(q.bucket)),
        Cell(format_count(q.samples)),
        number_cell(q.auc, _three, reason=wording.ONE_KIND),
        number_cell(q.calibration_error, _three, reason=wording.NO_PROBABILITY),
        number_cell(q.false_positive_rate, format_percent, reason=wording.ONE_KIND),
        number_cell(q.false_negative_rate, format_percent, reason=wording.ONE_KIND),
    )


def _three(value: float) -> str:
    return f"{value:.3f}"


def _gap(gap: Gap) -> tuple[Cell, ...]:
    return (
        Cell(gap.verifier),
        Cell(gap.model, f"on {gap.question_set}"),
        Cell(format_count(gap.n_samples)),
        Cell(format_percent(gap.oracle)),
        Cell(format_percent(gap.verifier_picked)),
        number_cell(gap.vote, format_percent, reason=wording.NO_VOTE),
        Cell(f"{(gap.oracle - gap.verifier_picked) * 100:.1f}"),
    )


def _router(confusion: RouterConfusion) -> Table:
    columns = (
        Column("True bucket", number=False),
        *(Column(f"sent to {name}") for name in confusion.predicted_buckets),
    )
    rows = tuple(
        (Cell(name), *(Cell(whole_percent(share)) for share in shares))
        for name, shares in zip(confusion.true_buckets, confusion.share, strict=False)
    )
    caption = wording.ROUTER_CAPTION.format(question_set=confusion.question_set)
    return Table(columns, rows, caption)


def _not_measured(measured: Measured) -> list[str]:
    """Once for each reason, with the first that it holds for."""
    said = []
    for why, count in Counter(refusal.why for refusal in measured.not_measured).items():
        first = next(refusal.what for refusal in measured.not_measured if refusal.why == why)
        others = f" and {count - 1} more" if count > 1 else ""
        said.append(wording.NOT_MEASURED.format(what=first, others=others, why=why))
    return said


def _left_out(left: Left) -> str:
    rows = wording.THE_REST if left.rows is None else many(left.rows, "row")
    return wording.LEFT_OUT.format(rows=rows, where=left.where, why=left.why)
