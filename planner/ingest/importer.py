"""What an importer is: one file format, and how it becomes observations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from planner.domain.observation import Observations


@dataclass(frozen=True)
class Importer:
    """Reads one format."""

    name: str
    label: str
    """How a person says it."""
    sniff: Callable[[str], bool]
    """Whether the beginning of a file's text looks like this format."""
    read: Callable[[Path], Observations]
    """Reads a file; raises InputError with every problem of it."""
