"""What `planner measure` found, in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from planner.domain.measured import Measured, VerifierBucket
from planner.domain.observation import ALL, Observation
from planner.report.console import say, stdout, table
from planner.report.page import MISSING, Cell, Column
from planner.report.text import plus_minus
from planner.units import format_count, format_percent

MOST_ROWS = 24
"""Rows of a table; more are named by their number."""
MOST_COLUMNS = 8
Z90 = 1.645
"""Standard errors to either side of a 90% interval."""
QUALITY = (
    Column("Verifier", number=False),
    Column("Samples"),
    Column("AUC"),
    Column("Calibration error"),
    Column("False positives"),
    Column("False negatives"),
)


def print_measured(rows: Sequence[Observation], measured: Measured, *, quiet: bool = False) -> None:
    """Accuracies of whole question sets, the verifiers' quality, and what could not be had."""
    console = stdout()
    groups: dict[Cell, dict[int, Observation]] = {}
    for row in rows:
        if row.bucket == ALL:
            groups.setdefault(_name(row), {})[row.n_samples] = row
    shown = dict(list(groups.items())[:MOST_ROWS])
    ns = sorted({n for at in shown.values() for n in at})
    ns = ns if len(ns) <= MOST_COLUMNS else [*ns[: MOST_COLUMNS - 1], ns[-1]]
    columns = (Column("Accuracy", number=False), *(Column(f"n = {format_count(n)}") for n in ns))
    body = [(name, *(_accuracy(at.get(n)) for n in ns)) for name, at in shown.items()]
    table(console, "", columns, body)
    more = len(groups) - len(shown)
    rest = f" {more} more are in the CSV." if more else ""
    say(console, f"± is half of the 90% interval, in points.{rest}")
    if measured.verifier_quality:
        console.print()
        table(console, "", QUALITY, [_quality(q) for q in measured.verifier_quality[:MOST_ROWS]])
    if quiet:
        return
    say(console, f"* {_partition(measured)}")
    for why, count in Counter(r.why for r in measured.not_measured).items():
        first = next(r.what for r in measured.not_measured if r.why == why)
        others = f" (and {count - 1} more)" if count > 1 else ""
        say(console, f"! not measured: {first}{others}: {why}", "yellow")
    for left in measured.left_out:
        what = (
            "the rest" if left.rows is None else "1 row" if left.rows == 1 else f"{left.rows} rows"
        )
        say(console, f"! left out: {what} of {left.where}: {left.why}", "yellow")
    for note in measured.notes:
        say(console, f"* {note}")


def _name(row: Observation) -> Cell:
    """Model and method of a row, its axes, and where it was measured."""
    axes = "".join(
        f", {value:g} {unit}"
        for value, unit in (
            (row.thinking_tokens, "thinking tokens"),
            (row.depth, "deep"),
            (row.width, "wide"),
        )
        if value is not None
    )
    by = f", by {row.verifier}" if row.verifier else ""
    warm = f", temperature {row.temperature:g}" if row.temperature is not None else ""
    name = f"{row.model} {row.method.replace('_', ' ')}{axes}"
    return Cell(name, f"{row.question_set}{by}{warm}")


def _partition(measured: Measured) -> str:
    of_set: dict[str, list[str]] = {}
    for bucket in measured.partition.buckets[:12]:
        of_set.setdefault(bucket.question_set, []).append(f"{bucket.bucket} {bucket.questions}")
    if not of_set:
        return measured.partition.sentence
    alone = len({bucket.question_set for bucket in measured.partition.buckets}) == 1
    told = (("" if alone else f"{name}: ") + ", ".join(buckets) for name, buckets in of_set.items())
    return f"{measured.partition.sentence} Questions: {'; '.join(told)}."


def _accuracy(row: Observation | None) -> Cell:
    if row is None:
        return Cell(MISSING)
    half = Z90 * (row.accuracy_se or 0.0)
    return Cell(plus_minus(row.accuracy, row.accuracy - half, row.accuracy + half))


def _quality(q: VerifierBucket) -> tuple[Cell, ...]:
    bucket = "" if q.bucket == ALL else f", {q.bucket}"

    def share(value: float | None) -> Cell:
        return Cell(MISSING if value is None else format_percent(value))

    return (
        Cell(q.verifier, f"{q.model} on {q.question_set}{bucket}"),
        Cell(format_count(q.samples)),
        Cell(MISSING if q.auc is None else f"{q.auc:.3f}"),
        Cell(MISSING if q.calibration_error is None else f"{q.calibration_error:.3f}"),
        share(q.false_positive_rate),
        share(q.false_negative_rate),
    )
