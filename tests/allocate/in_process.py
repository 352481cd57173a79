"""The command line within the test's own process: a start of Python costs a second."""

from __future__ import annotations

from dataclasses import dataclass

from typer.testing import CliRunner

from planner.cli import application


@dataclass(frozen=True)
class Done:
    """What a process would have left."""

    returncode: int
    stdout: str
    stderr: str


def called(command: str, *words: str) -> Done:
    run = CliRunner().invoke(application(), [command, *words])
    return Done(run.exit_code, run.stdout, run.stderr)
