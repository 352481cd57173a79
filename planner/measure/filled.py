"""Tables of outcomes, filled from logs, from a data frame or by Spark; open for a while."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.measure.frames import frame_outcomes
from planner.measure.logs import Steps, add_logs
from planner.measure.saved import add_saved
from planner.measure.table import OutcomeTable

if TYPE_CHECKING:
    from planner.domain.measured import Left
    from planner.errors import Note
    from planner.ingest.logs.reading import LogOptions


@dataclass(frozen=True)
class Filled:
    """A table of outcomes, and where they are from."""

    table: OutcomeTable
    inputs: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each file, by name; of no other source."""
    notes: tuple[Note, ...] = ()
    left_out: tuple[Left, ...] = ()
    counted: frozenset[str] = frozenset()
    """SHA-256 of the logs behind it, those of saved counts included."""


@contextmanager
def from_logs(
    paths: Sequence[Path],
    options: LogOptions,
    steps: Steps,
    memory: str,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Filled]:
    """The outcomes of files, folders and globs of logs; raises InputError as `read_logs` does."""
    from planner.ingest.logs.engine import enough
    from planner.ingest.logs.read import read_logs

    with enough(memory), read_logs(paths, options, memory, progress) as found:
        table = OutcomeTable(found.connection)
        if found.columns_present:
            add_logs(table, found.view, found.columns_present, steps, partial=found.partial)
        counted = add_saved(table, found.saved, found.inputs.values())
        yield Filled(table, found.inputs, found.notes, found.left_out, counted)


@contextmanager
def from_frame(frame: Any, options: LogOptions, steps: Steps, memory: str) -> Iterator[Filled]:
    """The outcomes of a data frame of records or counts; raises InputError with its problems."""
    from planner.ingest.logs.frame import lazy_frame, nothing_sound, read_frame
    from planner.ingest.logs.reading import Faults

    faults = Faults(options.skip_bad)
    with _empty(memory) as table:
        found = read_frame(lazy_frame(frame, table.connection), options, faults)
        faults.raise_any()
        if found is None:
            raise nothing_sound(faults)
        table.add_frame(frame_outcomes(found, steps))
        yield Filled(table, {}, found.notes, faults.left_out)


@contextmanager
def from_spark(
    paths: Sequence[str], options: LogOptions, steps: Steps, memory: str, master: str
) -> Iterator[Filled]:
    """The outcomes of tables that Spark reads; raises InputError with every problem of them."""
    from planner.ingest.logs.frame import nothing_sound
    from planner.ingest.logs.reading import Faults
    from planner.ingest.logs.spark import read_spark, spark_problems, spark_session

    faults = Faults(options.skip_bad)
    notes: dict[str, Note] = {}
    with _empty(memory) as table, spark_session(master) as session:
        found = list(read_spark(session, paths, options, faults))
        faults.raise_any()
        if not found:
            raise nothing_sound(faults)
        for samples in found:
            notes |= {note.message: note for note in samples.notes}
            with spark_problems("Spark", faults):
                table.add_frame(frame_outcomes(samples, steps))
        faults.raise_any()
        yield Filled(table, {}, tuple(notes.values()), faults.left_out)


@contextmanager
def _empty(memory: str) -> Iterator[OutcomeTable]:
    from planner.ingest.logs.engine import enough, open_engine

    with (
        enough(memory),
        tempfile.TemporaryDirectory(prefix="planner-") as folder,
        open_engine([], Path(folder).resolve(), memory) as connection,
    ):
        yield OutcomeTable(connection)
