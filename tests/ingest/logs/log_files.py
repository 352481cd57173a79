"""Logs as tests write them, and what a reader makes of them."""

from __future__ import annotations

import csv
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import zstandard

from planner.errors import Problem
from planner.ingest.logs.reading import Faults, LogOptions, Reading, RowWriter
from planner.ingest.logs.sources import SourceFile, expand

if TYPE_CHECKING:
    import duckdb

Read = Callable[[list[SourceFile], Reading], None]


@dataclass
class Outcome:
    """What a reader made of logs."""

    rows: list[dict[str, str]]
    """Records, without their blank cells."""
    faults: Faults
    notes: dict[str, str]
    """Message of each code."""
    progress: int

    @property
    def problems(self) -> list[Problem]:
        return self.faults.problems

    @property
    def only(self) -> Problem:
        assert len(self.problems) == 1, [str(p) for p in self.problems]
        return self.problems[0]

    def column(self, name: str) -> list[str | None]:
        return [row.get(name) for row in self.rows]


def outcome(read: Read, paths: Sequence[Path], folder: Path, **options: Any) -> Outcome:
    """Reads the logs at `paths`; `folder` takes what the reader writes."""
    folder.mkdir(exist_ok=True)
    unreadable: list[Problem] = []
    files = expand(paths, unreadable.append)
    assert not unreadable
    told = []
    rows = RowWriter(folder / "rows.csv")
    reading = Reading(
        options=LogOptions(**options),
        faults=Faults(skip_bad=True),
        rows=rows,
        folder=folder,
        connection=cast("duckdb.DuckDBPyConnection", None),
        progress=told.append,
    )
    try:
        read(files, reading)
    finally:
        rows.close()
    with rows.path.open(encoding="utf-8", newline="") as stream:
        found = [{k: v for k, v in row.items() if v != ""} for row in csv.DictReader(stream)]
    notes = {note.code: note.message for note in reading.notes.values()}
    return Outcome(found, reading.faults, notes, sum(told))


_PACK: dict[int, Callable[[bytes], bytes]] = {
    0: lambda data: data,
    8: lambda data: zlib.compress(data, wbits=-15),
    93: lambda data: zstandard.ZstdCompressor().compress(data),
}


def zip_of(members: Mapping[str, bytes] | Sequence[tuple[str, bytes]], method: int = 93) -> bytes:
    """A ZIP archive, its members packed by `method` (0 stored, 8 deflate, 93 Zstandard)."""
    pairs = list(members.items()) if isinstance(members, Mapping) else members
    body, directory = bytearray(), bytearray()
    for name, data in pairs:
        raw, packed, at = name.encode(), _PACK[method](data), len(body)
        shared = struct.pack(
            "<5H3I2H", 63, 1 << 11, method, 0, 0, zlib.crc32(data), len(packed), len(data),
            len(raw), 0,
        )  # fmt: skip
        body += b"PK\x03\x04" + shared + raw + packed
        # Version made by; after the shared fields: comment, disk, attributes, place.
        directory += b"PK\x01\x02" + struct.pack("<H", 63) + shared
        directory += struct.pack("<3H2I", 0, 0, 0, 0, at) + raw
    end = struct.pack("<4H2IH", 0, 0, len(pairs), len(pairs), len(directory), len(body), 0)
    return bytes(body + directory + b"PK\x05\x06" + end)
