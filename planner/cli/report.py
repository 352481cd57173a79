"""planner report: a saved answer, plan or curves, a scenario or observations, to a page."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import (
    Debug,
    Draws,
    Json,
    Models,
    Quiet,
    Seed,
    guarded,
    print_json,
    say,
)

DRAWS = 400


def remade_by(
    sources: Sequence[Path], output: Path, draws: int, seed: int, measure_next: bool = False
) -> str:
    """The command that makes the page again."""
    more = ["--next"] if measure_next else []
    more += [f"--draws={draws}"] if draws != DRAWS else []
    more += [f"--seed={seed}"] if seed else []
    return shlex.join(["planner", "report", *map(str, sources), *more, "-o", str(output)])


def command(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SCENARIO|JSON|CSV...",
            help="Scenario TOML, the JSON of `ask`, `solve` or `fit`, or an observations CSV."
            " Several scenarios or plans stand side by side.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The page: .html, .pdf, .md, .csv or .json."
        ),
    ] = Path("report.html"),
    charts: Annotated[
        Path | None,
        typer.Option("--charts", metavar="DIR", help="Write each chart as a PNG into a folder."),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Show it when it is written.")] = False,
    measure_next: Annotated[
        bool,
        typer.Option(
            "--next", help="Of a scenario: also what measuring is worth, as `next` tells (seconds)."
        ),
    ] = False,
    models: Models = None,
    draws: Draws = DRAWS,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write the page for the meeting."""
    with guarded(debug):
        from planner import pipeline
        from planner._files import keep_inputs
        from planner.report import write_report

        keep_inputs(output, sources)

        again = remade_by(sources, output, draws, seed, measure_next)
        found = (
            pipeline.open_side_by_side(
                sources, models=models, draws=draws, seed=seed, command=again
            )
            if len(sources) > 1
            else pipeline.open_for_report(
                sources[0],
                models=models,
                draws=draws,
                seed=seed,
                measure_next=measure_next,
                command=again,
            )
        )
        write_report(found, output)
        pictures: list[Path] = []
        if charts is not None:
            from planner.report.formats.png import write_charts

            pictures = write_charts(found, charts)
        if json:
            written = [str(path) for path in (output, *pictures)]
            print_json({"schema": "planner.report/1", "written": written})
        elif not quiet:
            say(f"wrote {output}")
            if charts is not None:
                say(f"wrote {len(pictures)} charts into {charts}")
        if show:
            import webbrowser

            webbrowser.open(output.resolve().as_uri())
