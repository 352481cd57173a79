"""planner check: every problem with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import Debug, Json, Quiet, guarded, print_json, print_notes, say


def command(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, TOML or JSON files.")
    ],
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Validate observations, scenarios and cards; name every problem with its line."""
    with guarded(debug):
        from planner import pipeline

        reports = [pipeline.check(path) for path in files]
        if json:
            print_json(
                {"schema": "planner.check/1", "files": [report.to_json() for report in reports]}
            )
        else:
            for report in reports:
                say(report.summary, error=bool(report.problems))
                print_notes(list(report.notes), quiet)
        if any(report.problems for report in reports):
            raise typer.Exit(2)
