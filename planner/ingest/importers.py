"""The formats of observations.

A new one: write `planner/ingest/x.py` with a `sniff` and a `read`, and a line in IMPORTERS.
"""

from __future__ import annotations

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
"""Every format that is read, by its name."""
