"""planner compare: ask, spelled out; or two saved plans, line by line."""

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
from planner.errors import InputError, Problem


def command(
    first: Annotated[str, typer.Argument(help='One side: "7B+PRM". Or a plan.json.')],
    second: Annotated[str, typer.Argument(help='The other: "34B greedy", or plan.json.')],
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
    """Compare two options at a volume, as `ask "FIRST or SECOND at VOLUME"`; or two saved plans."""
    if Path(first).is_file() and Path(second).is_file():
        _plans(Path(first), Path(second), json, debug)
        return
    with guarded(debug):
        if volume is None:
            remedy = 'add --volume "1M queries/day", or name two plan files that are there'
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


def _plans(before: Path, after: Path, json: bool, debug: bool) -> None:
    with guarded(debug):
        from planner import pipeline
        from planner.report import terminal_changes

        found = pipeline.compare_plans(before, after)
        if json:
            print_json(found.model_dump(mode="json", by_alias=True))
        else:
            terminal_changes.print_changes(found)
