"""What was read of the observations, for whoever checks a result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from planner.domain.observation import Observations
from planner.domain.page_facts import DataRead


def data_read(observations: Observations, models: Iterable[str]) -> tuple[DataRead, ...]:
    """Rows read and used, by file."""
    kept = set(models)
    read, used = Counter[str](), Counter[str]()
    for row, place in zip(observations.rows, observations.places, strict=True):
        name = place.rpartition(":")[0]
        read[name] += 1
        used[name] += row.model in kept
    return tuple(
        DataRead(file=name, sha256=digest, rows=read[name], rows_used=used[name])
        for name, digest in observations.digests.items()
    )


def repaired(observations: Observations) -> tuple[str, ...]:
    """What was understood or repaired on reading, each once."""
    return tuple(dict.fromkeys(note.message for note in observations.notes))
