"""Saved counts: files that `planner measure --counts` wrote, which measuring adds up itself."""

from __future__ import annotations

from planner.ingest.logs.reading import Reading
from planner.ingest.logs.shape import footer
from planner.ingest.logs.sources import SourceFile

SUFFIX = ".counts.parquet"
"""How a file of saved counts ends."""
SCHEMA = "planner.counts/1"
"""What its Parquet metadata says under `schema`."""


def sniff(file: SourceFile, head: bytes) -> bool:
    """Whether a file is one of saved counts, by its name or its metadata."""
    if file.name.endswith(SUFFIX):
        return True
    return head.startswith(b"PAR1") and SCHEMA.encode() in footer(file.path)


def read(files: list[SourceFile], reading: Reading) -> None:
    """Hands the files on: their rows are outcomes, not records."""
    reading.saved += files
    for file in files:
        reading.progress(file.size)
