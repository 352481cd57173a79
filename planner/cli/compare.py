"""planner compare: ask, spelled out; or two plans or scenarios, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli import ask
from planner.cli._common import (
    Data,
    Debug,
    Draws,
    Json,
    Models,
    Profile,
    Quiet,
    Seed,
    guarded,
    print_json,
)
from planner.cli._progress import timed
from planner.errors import InputError, Problem


def command(
    first: Annotated[
        str, typer.Argument(help='One side: "7B+PRM". Or a file: plan.json, scenario.toml.')
    ],
    second: Annotated[str, typer.Argument(help='The other: "34B greedy". Or a file.')],
    volume: Annotated[
        str | None,
        typer.Option("--volume", help='Of two sides: "1M queries/day" or "40 qps".'),
    ] = None,
    data: Data = None,
    report: ask.Report = None,
    output_tokens: ask.OutputTokens = None,
    prompt_tokens: ask.PromptTokens = None,
    accelerator: ask.Accelerator = None,
    price: ask.Price = None,
    weights: ask.Weights = None,
    profile: Profile = None,
    matters: ask.Matters = 0.05,
    models: Models = None,
    draws: Draws = 1000,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare two options at a volume, as `ask "FIRST or SECOND at VOLUME"`; or two files.

    Two saved plans are told line by line; scenarios are solved first, and every line that differs
    is tried by itself.
    """
    if Path(first).is_file() and Path(second).is_file():
        with guarded(debug):
            _files(Path(first), Path(second), models, profile, draws, seed, json, quiet)
        return
    with guarded(debug):
        if volume is None:
            remedy = 'add --volume "1M queries/day", or name two plans or scenarios that are there'
            raise InputError(Problem("--volume", "two options need a volume", remedy=remedy))
    ask.command(
        f"{first} or {second} at {volume}",
        data=data,
        report=report,
        output_tokens=output_tokens,
        prompt_tokens=prompt_tokens,
        accelerator=accelerator,
        price=price,
        weights=weights,
        profile=profile,
        matters=matters,
        models=models,
        draws=draws,
        seed=seed,
        json=json,
        quiet=quiet,
        debug=debug,
    )


def _files(
    before: Path,
    after: Path,
    models: Path | None,
    profile: str | None,
    draws: int,
    seed: int,
    json: bool,
    quiet: bool,
) -> None:
    from planner import pipeline
    from planner.report import terminal_changes

    found = timed(pipeline.compare_plans, "comparing", quiet or json)(
        before, after, models=models, profile=profile, draws=draws, seed=seed
    )
    if json:
        print_json(found.model_dump(mode="json", by_alias=True))
    else:
        terminal_changes.print_changes(found)
