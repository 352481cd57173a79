"""The formats of observations.

A new one: write `planner/ingest/x.py` with a `sniff` and a `read`, and a line in IMPORTERS. Every
verb that takes observations then takes files of it.
"""

from __future__ import annotations

from pathlib import Path

from planner.domain.observation import Observations
from planner.ingest import observations_csv
from planner.ingest.importer import Importer

IMPORTERS: dict[str, Importer] = {
    "observations_csv": Importer(
        name="observations_csv",
        label="observations CSV",
        sniff=observations_csv.sniff,
        read=observations_csv.read_observations,
    ),
}
"""Every format that is read, by its name; the first that knows a file reads it."""
HEAD_BYTES = 4096
"""Beginning of a file that a format is known by."""


def importer_of(path: Path) -> Importer | None:
    """The format of a file; None where it looks like none of them, or is no file to look into."""
    if not path.is_file():
        return None  # a pipe can be read only once
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES).decode("utf-8-sig", errors="replace")
    except OSError:
        return None
    return next((one for one in IMPORTERS.values() if one.sniff(head)), None)


def read_observed(path: Path) -> Observations:
    """Reads observations of whatever format.

    Raises InputError with every problem of the file; one of no known format is told what an
    observations CSV is.
    """
    found = importer_of(path)
    return found.read(path) if found is not None else observations_csv.read_observations(path)
