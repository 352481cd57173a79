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
    Models,
    Profile,
    Quiet,
    Seed,
    guarded,
    print_json,
    warn_of_old_prices,
)
from planner.cli.ask import Weights
from planner.errors import InputError, Problem

Budget = Annotated[
    str | None,
    typer.Option(
        "--budget", help="Dollars a day unless a unit is given: 500, '$15k/month', '1e20 FLOP/day'."
    ),
]


def command(
    scenario: Annotated[
        Path | None, typer.Argument(metavar="SCENARIO", help="Scenario TOML.")
    ] = None,
    options: Annotated[
        Path | None,
        typer.Option(
            "--options",
            metavar="CSV",
            help="A bare option table instead: query_class, queries_per_day, option, model,"
            " accuracy, cost_usd.",
        ),
    ] = None,
    budget: Budget = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="One option a class: no splitting.")
    ] = False,
    max_models: Annotated[
        int | None, typer.Option("--max-models", min=1, help="Most models kept.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="JSON", help="Write the plan.")
    ] = None,
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
        from planner.cost.terms import settings_from_text
        from planner.report import terminal

        if (scenario is None) == (options is None):
            raise InputError(
                Problem(
                    "planner solve",
                    "give a scenario or --options, one of them",
                    remedy="planner init writes a scenario to start from",
                )
            )
        if options is not None:
            plan = pipeline.solve_table(options, budget=budget, whole=whole, max_models=max_models)
        else:
            assert scenario is not None
            plan = pipeline.solve(
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
            )
        if output is not None:
            pipeline.save_json(output, plan.model_dump(mode="json", by_alias=True))
        if json:
            print_json(plan.model_dump(mode="json", by_alias=True))
        else:
            terminal.print_plan(plan, quiet=quiet)
        warn_of_old_prices(plan.prices_as_of, quiet)
        if plan.status == "infeasible":
            raise typer.Exit(1)
