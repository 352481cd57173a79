"""Reads measured times of inference: step times, tables of tokens a second, vLLM's results."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from planner.domain.calibration import Measurements, Phase, StepTime, Throughput
from planner.domain.card import ModelCard
from planner.domain.cardbook import CardBook
from planner.domain.nearest import did_you_mean
from planner.domain.weights import WeightFormat, weight_format
from planner.errors import InputError, Note, Problem
from planner.ingest._cells import CellError, Number
from planner.ingest._table import Columns, Problems, Record, read_table
from planner.ingest._text import Text, read_text
from planner.ingest.shapes_csv import (
    COUNTED,
    MOE_COLUMNS,
    SHAPE_COLUMNS,
    has_shape,
    read_shapes,
    refuse,
    shape_of,
    unknown_model,
)
from planner.ingest.throughputs import Given, read_throughput_table, read_vllm_result

PHASES: Mapping[str, Phase] = {"decode": "decode", "prefill": "prefill"}
VERIFIER_PREFIX = "prm-"
"""Of a model that scores every position: its rows are prefill passes."""
STEPS = Columns(
    required=("model", "phase", "batch", "prompt_or_context_tokens", "seconds_median"),
    optional=(
        "device",
        "peak_memory_bytes",
        "weight_dtype",
        "tensor_parallel",
        *SHAPE_COLUMNS,
        *MOE_COLUMNS,
    ),
    ignored=frozenset({"framework", "params_b", "seconds_p10", "seconds_p90", "reps", "repeat"})
    | COUNTED,
)
WHOLE = Number(low=1, whole=True, required=True)
POSITIVE = Number(low=0, above_low=True, required=True)


@dataclass
class _Found:
    """What has been read so far."""

    book: CardBook
    given: Given
    shapes: dict[str, ModelCard]
    steps: list[StepTime] = field(default_factory=list)
    throughputs: list[Throughput] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=dict)
    """Device as written -> where it stood first."""
    notes: list[Note] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)


def read_measurements(
    files: Sequence[Path], book: CardBook, shapes: Sequence[Path] = (), given: Given | None = None
) -> Measurements:
    """Everything that was measured in the files.

    files: CSV of step times (columns of STEPS), CSV of tokens a second, or JSON of vLLM's
    benchmark_serving, told apart by what is in them. shapes: CSVs of shapes of models without a
    card; they go before cards. given: what a result of an engine does not say.

    Raises InputError with the problems of a file, a model that has neither card nor shape, or
    steps of several devices.
    """
    found = _Found(book, given or Given(), {})
    for path in shapes:
        known, digest = read_shapes(path)
        found.shapes |= known
        found.digests[str(path)] = digest
    for path in files:
        _read(path, found)
    if not found.steps and not found.throughputs:
        raise InputError(
            Problem(
                ", ".join(map(str, files)),
                "no row can be used",
                remedy="; ".join(note.message for note in found.notes) or "give a row to fit to",
            )
        )
    newest = max(path.stat().st_mtime for path in files)
    return Measurements(
        steps=tuple(found.steps),
        throughputs=tuple(found.throughputs),
        shapes=found.shapes,
        accelerator=_device(found),
        date=dt.datetime.fromtimestamp(newest, tz=dt.UTC).date().isoformat(),
        digests=found.digests,
        notes=tuple(found.notes),
    )


def _read(path: Path, found: _Found) -> None:
    text = read_text(path)
    found.digests[str(path)] = text.sha256
    if text.text.lstrip().startswith("{"):
        row, card = read_vllm_result(text, found.book, found.given)
        found.throughputs.append(row)
        found.shapes.setdefault(row.model, card)
    elif "seconds_median" in text.text.partition("\n")[0]:
        _read_steps(text, found)
    else:
        table = read_throughput_table(text, found.book, found.given)
        wanted = _wanted(found)
        kept = [r for r in table.rows if wanted in (None, r.accelerator)]
        if others := len(table.rows) - len(kept):
            what = f"{others} row{'s' * (others > 1)} left out: not measured on {wanted}"
            found.notes.append(Note("row_left_out", f"{text.name}: {what}"))
        found.throughputs += kept
        found.shapes |= {name: c for name, c in table.cards.items() if name not in found.shapes}
        found.notes += table.notes


def _read_steps(text: Text, found: _Found) -> None:
    problems = Problems(text.name)
    table = read_table(text, STEPS, problems)
    problems.raise_any()
    unknown: dict[str, Problem] = {}
    for record in table.records:
        row = _step(record, problems)
        if row is None:
            continue
        found.steps.append(row)
        if record.cells.get("device"):
            found.devices.setdefault(record.cells["device"], row.place)
        name = shape_name(row.model)
        if name not in found.shapes and name not in unknown:
            _find_shape(name, row.place, record, problems, found, unknown)
        _check_experts(record, found.shapes.get(name), problems)
    problems.raise_any()
    refuse(list(unknown.values()))


def shape_name(model: str) -> str:
    """The name under which a measured model's shape is known."""
    return model.removeprefix(VERIFIER_PREFIX)


def _step(record: Record, problems: Problems) -> StepTime | None:
    before = problems.count
    cells = record.cells
    phase = PHASES.get(cells["phase"])
    if phase is None:
        problems.add(
            record.line, "there is no such phase", "phase", cells["phase"], "decode or prefill"
        )
    weights = _weights(record, problems)
    batch = _number(record, "batch", WHOLE, problems)
    tokens = _number(record, "prompt_or_context_tokens", WHOLE, problems)
    seconds = _number(record, "seconds_median", POSITIVE, problems)
    memory = _number(record, "peak_memory_bytes", POSITIVE, problems, blank=None)
    gpus = _number(record, "tensor_parallel", WHOLE, problems, blank=1)
    if problems.count > before or phase is None or weights is None:
        return None
    verifier = cells["model"].startswith(VERIFIER_PREFIX)
    return StepTime(
        model=cells["model"],
        verifier=verifier,
        phase="prefill" if verifier else phase,
        batch=int(batch or 1),
        tokens=int(tokens or 1),
        seconds=float(seconds or 0),
        peak_memory_byte=None if memory is None else float(memory),
        weights=weights,
        gpus=int(gpus or 1),
        place=f"{problems.name}:{record.line}",
    )


def _weights(record: Record, problems: Problems) -> WeightFormat | None:
    cell = record.cells.get("weight_dtype") or "bf16"
    try:
        return weight_format(cell)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        problems.add(record.line, what, "weight_dtype", cell, remedy)
        return None


def _number(
    record: Record, name: str, kind: Number, problems: Problems, blank: float | None = None
) -> float | int | None:
    cell = record.cells.get(name, "")
    if not cell:
        if name in STEPS.required:
            problems.add(record.line, "the cell is empty", name, remedy="write a number")
        return blank
    try:
        return kind.read(cell, Counter())
    except CellError as error:
        problems.add(record.line, error.what, name, cell, error.remedy)
        return None


def _find_shape(
    name: str,
    place: str,
    record: Record,
    problems: Problems,
    found: _Found,
    unknown: dict[str, Problem],
) -> None:
    """A model's shape from the row's own columns, else from its card."""
    if has_shape(record):
        shape = shape_of(record, problems)
        if shape is not None:
            found.shapes[name] = shape
        return
    try:
        found.shapes[name] = found.book.shape_of(found.book.model(name))
    except InputError:
        unknown[name] = unknown_model(place, name, did_you_mean(name, found.book.llms))


def _check_experts(record: Record, shape: ModelCard | None, problems: Problems) -> None:
    """Experts in a row must be those of the shape that is found for its model."""
    cell = record.cells.get("experts", "")
    if shape is None or not cell.isdigit():
        return
    known = shape.experts or 0
    if int(cell) != known:
        what = f"the shape known for this model has {known or 'no'} experts"
        remedy = "name the model otherwise, or give its shape with --shapes"
        problems.add(record.line, what, "experts", cell, remedy)


def _wanted(found: _Found) -> str | None:
    """The card that the user names."""
    name = found.given.accelerator
    return None if name is None else found.book.accelerator(name).name


def _device(found: _Found) -> str | None:
    """The card of the one device on which steps were measured."""
    if found.given.accelerator is not None:
        return _wanted(found)
    cards: dict[str, str] = {}
    problems: list[Problem] = []
    for device, place in found.devices.items():
        try:
            cards.setdefault(found.book.accelerator(device).name, place)
        except InputError as error:
            known = error.problems[0].remedy
            problems.append(
                Problem(place, "no accelerator card has this name", "device", device, known)
            )
    refuse(problems)
    if len(cards) > 1:
        names = ", ".join(cards)
        raise InputError(
            Problem(
                next(iter(cards.values())),
                "steps were measured on several devices, and a profile is of one",
                column="device",
                value=names,
                remedy="give the rows of one device, or say which with --accelerator",
            )
        )
    return next(iter(cards), None)
