"""The options side by side: one column an option, one row a property."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from planner.domain.answer import Answer, AnswerOption
from planner.report import wording
from planner.report.page import Cell, Column, Section, Table, missing
from planner.report.text import Sides, number_cell, usd_per_query, whole_percent
from planner.units import format_flop, format_percent, format_seconds, format_usd

Property = tuple[str, Callable[[AnswerOption], Cell]]


def section(answer: Answer, sides: Sides) -> Section:
    """A property a row, so that any number of options can be compared by eye."""
    del sides
    columns = (
        Column("", number=False),
        *(Column(option.label) for option in answer.options),
    )
    rows = [_row(name, cell, answer.options) for name, cell in PROPERTIES]
    rows[ACCURACY_ROW + 1 : ACCURACY_ROW + 1] = _bucket_rows(answer.options)
    table = Table(columns, tuple(rows), caption=wording.INTERVALS)
    return Section("options", wording.TITLE["options"], wording.LEAD["options"], (table,))


def _row(
    name: str, cell: Callable[[AnswerOption], Cell], options: Sequence[AnswerOption]
) -> tuple[Cell, ...]:
    return _told_once(name, [cell(option) for option in options])


def _told_once(name: str, cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """A row; what would stand beneath each of its numbers alike stands beneath its name."""
    details = {cell.detail for cell in cells}
    if len(cells) < 2 or len(details) > 1 or None in details:
        return (Cell(name), *cells)
    return (Cell(name, details.pop()), *(replace(cell, detail=None) for cell in cells))


def _side(o: AnswerOption) -> Cell:
    return Cell(wording.ROLE[o.role], side=o.side)


def _samples(o: AnswerOption) -> Cell:
    return Cell(str(o.n_samples), wording.BASIS[o.basis])


def _accuracy(o: AnswerOption) -> Cell:
    return number_cell(o.accuracy, format_percent, o.accuracy_low, o.accuracy_high)


def _day(o: AnswerOption) -> Cell:
    return number_cell(
        o.cost_usd_per_day, format_usd, o.cost_usd_per_day_low, o.cost_usd_per_day_high
    )


def _query(o: AnswerOption) -> Cell:
    return number_cell(
        o.cost_usd_per_query, usd_per_query, o.cost_usd_per_query_low, o.cost_usd_per_query_high
    )


def _correct(o: AnswerOption) -> Cell:
    return number_cell(
        o.cost_usd_per_correct,
        usd_per_query,
        o.cost_usd_per_correct_low,
        o.cost_usd_per_correct_high,
        wording.NONE_CORRECT,
    )


def _last_point(o: AnswerOption) -> Cell:
    if o.last_point_usd_per_day is None:
        fewer = o.last_point_from_n is None
        return missing(wording.NO_FEWER if fewer else wording.NO_GAIN)
    return Cell(format_usd(o.last_point_usd_per_day), f"above n = {o.last_point_from_n}")


def _marginal(o: AnswerOption) -> Cell:
    how = "on a full fleet" if o.bought == "GPUs" else "billed by itself"
    return Cell(usd_per_query(o.marginal_cost_usd_per_query), how)


def _gpus(o: AnswerOption) -> Cell:
    if o.bought != "GPUs":
        return missing(o.bought)
    return Cell(f"{o.gpus} × {o.accelerator}", f"{o.gpus_low} to {o.gpus_high}")


def _replicas(o: AnswerOption) -> Cell:
    if o.bought != "GPUs":
        return missing(wording.NO_GPUS)
    per = f"{o.gpus_per_replica} GPU{'s' if o.gpus_per_replica != 1 else ''} each"
    return Cell(str(o.replicas), per)


def _gpu_seconds(o: AnswerOption) -> Cell:
    return number_cell(
        o.gpu_s_per_query,
        format_seconds,
        o.gpu_s_per_query_low,
        o.gpu_s_per_query_high,
        wording.BY_TOKEN,
    )


def _busy(o: AnswerOption) -> Cell:
    if o.utilisation is None:
        return missing(wording.NO_GPUS)
    return Cell(whole_percent(o.utilisation), "mean over the day")


def _verifier(o: AnswerOption) -> Cell:
    if o.verifier is None or o.verifier_share is None:
        return missing("has no verifier")
    return Cell(whole_percent(o.verifier_share), o.verifier)


def _flop(o: AnswerOption) -> Cell:
    return number_cell(o.flop_per_query, format_flop, reason=wording.NO_SIZE)


def _latency(seconds: float | None) -> Cell:
    if seconds is None:
        return missing(wording.NO_LATENCY)
    return Cell(format_seconds(seconds), wording.FULL)


def _batch(o: AnswerOption) -> Cell:
    reason = wording.BY_TOKEN if o.accelerator is None else wording.NOT_SAVED
    return number_cell(o.batch, str, reason=reason)


def _free(o: AnswerOption) -> Cell:
    most = o.same_gpus_up_to_n
    if most is None:
        return missing(wording.ONE_SAMPLE_ONLY if o.bought == "GPUs" else wording.NO_GPUS)
    return Cell(f"up to {most}", "more samples are free" if most > o.n_samples else "all in use")


def _idle(o: AnswerOption) -> Cell:
    if o.idle_s_per_query is None or o.idle_times_one_sample is None:
        return missing(wording.BY_TOKEN if o.accelerator is None else wording.NOT_SAVED)
    times = f"{o.idle_times_one_sample:.1f} times one sample"
    return Cell(format_seconds(o.idle_s_per_query), times if o.n_samples > 1 else None)


def _at_mean_load(o: AnswerOption) -> Cell:
    reason = wording.NOT_SAVED if o.latency_p95_s is not None else wording.NO_LATENCY
    return number_cell(o.latency_p95_at_mean_load_s, format_seconds, reason=reason)


def _capex(o: AnswerOption) -> Cell:
    return number_cell(o.capex_usd, format_usd, reason=o.capex_reason or wording.NO_CAPEX)


PROPERTIES: tuple[Property, ...] = (
    ("Why this option", _side),
    ("Samples a query (n)", _samples),
    ("Accuracy", _accuracy),
    ("Cost a day", _day),
    ("Cost a query, with idle time", _query),
    ("Cost a correct answer", _correct),
    ("Each of its last points, a day", _last_point),
    ("Cost of one more query", _marginal),
    ("GPUs, whole", _gpus),
    ("Replicas", _replicas),
    ("Batch of a replica", _batch),
    ("Samples these GPUs hold", _free),
    ("Time in use", _busy),
    ("GPU time a query", _gpu_seconds),
    ("Alone on an idle replica", _idle),
    ("Verifier's share of GPU time", _verifier),
    ("Compute a query", _flop),
    ("Half answered within", lambda o: _latency(o.latency_p50_s)),
    ("95% answered within", lambda o: _latency(o.latency_p95_s)),
    ("95% answered within, mean load", _at_mean_load),
    ("Paid up front (CAPEX)", _capex),
)

ACCURACY_ROW = next(i for i, (name, _) in enumerate(PROPERTIES) if name == "Accuracy")
"""Accuracies by bucket follow it."""


def _bucket_rows(options: Sequence[AnswerOption]) -> list[tuple[Cell, ...]]:
    names = dict.fromkeys(b.bucket for option in options for b in option.by_bucket)
    return [
        _told_once(f"Accuracy on {name}", [_bucket(option, name) for option in options])
        for name in names
    ]


def _bucket(option: AnswerOption, name: str) -> Cell:
    found = next((b for b in option.by_bucket if b.bucket == name), None)
    if found is None:
        return missing(wording.NOT_BY_BUCKET)
    cell = number_cell(
        found.accuracy, format_percent, found.accuracy_low, found.accuracy_high,
        found.reason or wording.NOT_BY_BUCKET,
    )  # fmt: skip
    if found.accuracy is None or found.reason is None:
        return cell
    return replace(cell, detail="; ".join(filter(None, (cell.detail, found.reason))))
