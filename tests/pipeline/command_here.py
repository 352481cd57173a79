"""The command within the test's own process: starting one and loading the numerics costs seconds.

`tests/trust`, `tests/measure/test_measure_command.py` and `tests/layout` start processes.
"""

from __future__ import annotations

from contextlib import chdir
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from typer.testing import CliRunner

from planner.cli import app


@dataclass(frozen=True)
class Done:
    """What a process would have left."""

    returncode: int
    stdout: str
    stderr: str


def called(*words: object, cwd: Path) -> Done:
    """The command in a folder."""
    with chdir(cwd):
        found = CliRunner().invoke(app, [str(word) for word in words])
    return Done(found.exit_code, found.stdout, found.stderr)


@cache
def answered(*words: str) -> Done:
    """`planner ask`, of no file but those that are named in full: each question once."""
    return called("ask", *words, cwd=Path("/"))
