"""planner report: a saved answer, plan or curves, a scenario or observations, to a page."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import Debug, Draws, Models, Seed, guarded, say

DRAWS = 400


def remade_by(source: Path, output: Path, draws: int, seed: int) -> str:
    """The command that makes the page again."""
    more = [f"--draws={draws}"] if draws != DRAWS else []
    more += [f"--seed={seed}"] if seed else []
    return shlex.join(["planner", "report", str(source), *more, "-o", str(output)])


def command(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SCENARIO|JSON|CSV",
            help="Scenario TOML, the JSON of `ask`, `solve` or `fit`, or an observations CSV.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The page: .html or .json.")
    ] = Path("report.html"),
    models: Models = None,
    draws: Draws = DRAWS,
    seed: Seed = 0,
    debug: Debug = False,
) -> None:
    """Write the page for the meeting."""
    with guarded(debug):
        from planner import pipeline
        from planner._files import keep_inputs
        from planner.report import write_report

        keep_inputs(output, [source])
        found = pipeline.open_for_report(
            source,
            models=models,
            draws=draws,
            seed=seed,
            command=remade_by(source, output, draws, seed),
        )
        write_report(found, output)
        say(f"wrote {output}")
