"""planner next: which measurement would change the decision."""

from __future__ import annotations

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
from planner.cli._progress import timed


def command(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario TOML.")],
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="USD", help="The most that measuring may cost: '$2,000'."),
    ] = None,
    cost_per_question: Annotated[
        str | None,
        typer.Option(
            "--cost-per-question",
            metavar="USD",
            help="Of writing and grading one question, beside what answering it costs: 1.50.",
        ),
    ] = None,
    profile: Profile = None,
    models: Models = None,
    draws: Draws = 400,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Rank the measurements worth buying before the plan is carried out."""
    with guarded(debug):
        from planner import pipeline
        from planner.report import terminal_next

        answer = timed(pipeline.next_measurements, "comparing plans", quiet or json)(
            scenario,
            budget_usd=pipeline.dollars("--budget", budget),
            cost_per_question_usd=pipeline.dollars("--cost-per-question", cost_per_question) or 0.0,
            profile=profile,
            models=models,
            draws=draws,
            seed=seed,
        )
        if json:
            print_json(answer.model_dump(mode="json", by_alias=True))
        else:
            terminal_next.print_next(answer, quiet=quiet)
        warn_of_old_prices(answer.prices_as_of, quiet)
