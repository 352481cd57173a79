"""planner report: a saved answer or plan, or a scenario, to a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import Debug, Draws, Models, Seed, guarded


def command(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SCENARIO|JSON", help="Scenario TOML, or the JSON of `ask` or `solve`."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The page: .html or .json.")
    ] = Path("report.html"),
    models: Models = None,
    draws: Draws = 400,
    seed: Seed = 0,
    debug: Debug = False,
) -> None:
    """Write the page for the meeting."""
    with guarded(debug):
        from planner import pipeline
        from planner.report import write_report

        write_report(
            pipeline.open_for_report(source, models=models, draws=draws, seed=seed), output
        )
        typer.echo(f"wrote {output}")
