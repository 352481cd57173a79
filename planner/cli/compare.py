"""planner compare: ask, spelled out."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli import ask
from planner.cli._common import Data, Debug, Draws, Json, Models, Profile, Quiet, Seed


def command(
    first: Annotated[str, typer.Argument(help='One side: "7B+PRM".')],
    second: Annotated[str, typer.Argument(help='The other: "34B greedy".')],
    volume: Annotated[str, typer.Option("--volume", help='"1M queries/day" or "40 qps".')],
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
    """Compare two options at a volume: the same as `ask "FIRST or SECOND at VOLUME"`."""
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
