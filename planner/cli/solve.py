"""planner solve: a scenario, or a bare table of options, to a plan."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import (
    Debug,
    Draws,
    Json,
    MaxModels,
    Models,
    Options,
    Profile,
    Quiet,
    Scenario,
    Seed,
    Whole,
    guarded,
    one_of,
    print_json,
    say,
    suggest,
    warn_of_old_prices,
)
from planner.cli._progress import timed
from planner.cli.ask import Weights

Budget = Annotated[
    str | None,
    typer.Option(
        "--budget", help="Dollars a day unless a unit is given: 500, '$15k/month', '1e20 FLOP/day'."
    ),
]


def command(
    scenario: Scenario = None,
    options: Options = None,
    budget: Budget = None,
    whole: Whole = False,
    max_models: MaxModels = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="JSON", help="Write the plan.")
    ] = None,
    tornado: Annotated[
        bool,
        typer.Option("--tornado", help="Also which inputs the plan hangs on (in the JSON)."),
    ] = False,
    measure_next: Annotated[
        bool, typer.Option("--next", help="Also what to measure first, as `next` tells (seconds).")
    ] = False,
    weights: Weights = None,
    profile: Profile = None,
    models: Models = None,
    draws: Draws = 400,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Choose model, method and samples for each query class under a budget."""
    with guarded(debug):
        from planner import pipeline
        from planner._files import keep_inputs
        from planner.cost.settings import settings_from_text
        from planner.report import terminal

        one_of(scenario, options, "planner solve")
        keep_inputs(output, (scenario, options))
        if options is not None:
            plan = pipeline.solve_table(options, budget=budget, whole=whole, max_models=max_models)
        else:
            assert scenario is not None
            plan = timed(pipeline.solve, "planning", quiet or json)(
                scenario,
                budget=budget,
                whole=whole,
                max_models=max_models,
                settings=settings_from_text(weights=weights),
                profile=profile,
                models=models,
                draws=draws,
                seed=seed,
                for_page=json or output is not None,
                command=shlex.join(["planner", *sys.argv[1:]]),
                tornado=tornado,
                measure_next=measure_next,
            )
        if output is not None:
            pipeline.save_json(output, plan.model_dump(mode="json", by_alias=True))
        if json:
            print_json(plan.model_dump(mode="json", by_alias=True))
        else:
            terminal.print_plan(plan, quiet=quiet)
            if output is not None:
                say(f"wrote {output}")
                suggest("report", output, "-o", "plan.html")
        warn_of_old_prices(plan.prices_as_of, quiet)
        if plan.status == "infeasible":
            raise typer.Exit(1)
