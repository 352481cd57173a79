"""planner fit: observations to curves."""

from __future__ import annotations

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
    print_notes,
    say,
    suggest,
)


def command(
    observations: Annotated[
        list[Path], typer.Argument(metavar="OBS...", help="Observations CSV files.")
    ],
    at: Annotated[
        str, typer.Option("--at", help="Sample counts to predict at: 1,8,64.")
    ] = "1,2,4,8,16,32,64",
    families: Annotated[
        list[str] | None,
        typer.Option(
            "--families",
            metavar="NAME,...",
            help="Curve families in play: power_law,hill; all that a method allows by default.",
        ),
    ] = None,
    size: Annotated[
        list[str] | None,
        typer.Option(
            "--size",
            metavar="13B",
            help="A model size that was not measured, told from three or more that were; "
            "may be given several times.",
        ),
    ] = None,
    extrapolate: Annotated[
        bool,
        typer.Option(
            "--extrapolate", help="Allow --size more than twice beyond the sizes measured."
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="JSON", help="Write the curves with their draws."),
    ] = None,
    models: Models = None,
    draws: Draws = 400,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fit accuracy against samples for every model, method and bucket."""
    with guarded(debug):
        from planner import pipeline
        from planner._files import keep_inputs
        from planner.report import terminal_curves

        keep_inputs(output, observations)
        fitted = pipeline.fit(
            observations,
            at=pipeline.sample_counts(at),
            families=families or (),
            sizes=size or (),
            extrapolate=extrapolate,
            models=models,
            draws=draws,
            seed=seed,
        )
        if output is not None:
            pipeline.save_json(output, fitted.with_draws())
        if json:
            print_json(fitted.to_json())
        else:
            terminal_curves.print_curves(fitted.to_json(), quiet)
            print_notes([note.message for note in fitted.notes], quiet)
            if output is not None:
                say(f"wrote {output}")
                suggest("report", output)
