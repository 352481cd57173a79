"""planner export: a plan as what a serving team runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import Debug, Json, Quiet, guarded, print_json, say


def command(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The JSON of `solve` or `ask`.")],
    to: Annotated[str, typer.Option("--to", help="policy: class and bucket to model and n.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="JSON", help="File to write.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write the routing of a plan as JSON; without -o on stdout."""
    with guarded(debug):
        from planner import pipeline
        from planner._files import keep_inputs

        keep_inputs(output, [plan])
        policy = pipeline.export(plan, to).model_dump(mode="json", by_alias=True)
        if output is not None:
            pipeline.save_json(output, policy)
        if output is None or json:
            print_json(policy)
        elif not quiet:
            say(f"wrote {output}\nThe reader in docs/policy.md routes by it.")
