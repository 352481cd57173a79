"""planner frontier: accuracy against budget."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli._common import (
    Debug,
    Draws,
    Json,
    MaxModels,
    Models,
    Options,
    Quiet,
    Scenario,
    Seed,
    Whole,
    guarded,
    one_of,
    print_json,
)
from planner.cli._progress import timed


def command(
    scenario: Scenario = None,
    options: Options = None,
    points: Annotated[
        int, typer.Option("--points", min=2, max=200, help="Budgets to solve for.")
    ] = 12,
    whole: Whole = False,
    max_models: MaxModels = None,
    models: Models = None,
    draws: Draws = 400,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """The most accuracy that each budget buys."""
    with guarded(debug):
        from planner import pipeline
        from planner.report import terminal

        one_of(scenario, options, "planner frontier")
        if options is not None:
            frontier = pipeline.frontier_table(
                options, points=points, whole=whole, max_models=max_models
            )
        else:
            assert scenario is not None
            frontier = timed(pipeline.frontier, "planning", quiet or json)(
                scenario,
                points=points,
                whole=whole,
                max_models=max_models,
                models=models,
                draws=draws,
                seed=seed,
            )
        if json:
            print_json(frontier.model_dump(mode="json", by_alias=True))
        else:
            terminal.print_frontier(frontier, quiet=quiet)
