"""planner init: a scenario and a CSV to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import Debug, Json, Quiet, guarded, print_json, say, suggest


def command(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to write into.")
    ] = Path(),
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write a scenario and a CSV that work at once and are there to be edited."""
    with guarded(debug):
        from planner.ingest.template import init_scenario

        written = init_scenario(directory)
        if json:
            print_json({"schema": "planner.init/1", "written": [str(path) for path in written]})
            return
        if quiet:
            return
        for path in written:
            say(f"wrote {path}")
        scenario = next(path for path in written if path.suffix == ".toml")
        suggest("solve", scenario)
