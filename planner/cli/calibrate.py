"""planner calibrate: measured times to the profile of an accelerator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import (
    Debug,
    Json,
    Models,
    Profile,
    Quiet,
    guarded,
    print_json,
    say,
    suggest,
)

EXAMPLE = "7B+PRM or 34B greedy at 1M queries/day"
"""A question that the published measurements answer."""


def command(
    measured: Annotated[
        list[Path],
        typer.Argument(
            metavar="MEASURED...",
            help="Step times or tokens a second as CSV, or results of vLLM's benchmark as JSON.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="TOML", help="Write the profile."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Fit nothing: say how far a profile is from them.")
    ] = False,
    profile: Profile = None,
    shapes: Annotated[
        list[Path] | None,
        typer.Option("--shapes", metavar="CSV", help="Shapes of models that have no card."),
    ] = None,
    accelerator: Annotated[
        str | None,
        typer.Option("--accelerator", help="Card of the GPU, where the file does not name it."),
    ] = None,
    gpus: Annotated[
        int, typer.Option("--gpus", min=1, help="GPUs of a replica, where the file does not say.")
    ] = 1,
    weights: Annotated[
        str | None, typer.Option("--weights", help="Weight format, where the file does not say.")
    ] = None,
    prompt_tokens: Annotated[
        float | None,
        typer.Option("--prompt-tokens", min=1, help="Mean length, where the file does not say."),
    ] = None,
    output_tokens: Annotated[
        float | None,
        typer.Option("--output-tokens", min=1, help="Mean length, where the file does not say."),
    ] = None,
    models: Models = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fit the efficiencies of an accelerator or an engine to your own measurements."""
    with guarded(debug):
        from planner import pipeline
        from planner._files import keep_inputs
        from planner.cost.settings import settings_from_text
        from planner.ingest.throughputs import Given
        from planner.report import terminal_calibration

        keep_inputs(output, (*measured, *(shapes or ())))
        found = pipeline.calibrate(
            measured,
            output,
            check=check,
            profile=profile,
            shapes=shapes or [],
            given=Given(
                accelerator,
                prompt_tokens,
                output_tokens,
                settings_from_text(weights=weights).weights,
                gpus,
            ),
            models=models,
        )
        if json:
            print_json(found.model_dump(mode="json", by_alias=True))
            return
        terminal_calibration.print_calibration(found, quiet=quiet)
        if output is not None:
            say(f"wrote {output}")
            suggest("ask", EXAMPLE, "--profile", output)
        elif not check:
            say("nothing was written: add -o profile.toml to keep the profile")
