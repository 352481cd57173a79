"""planner price: one configuration alone."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli import ask
from planner.cli._common import Debug, Json, Models, Profile, Quiet, guarded, print_json


def command(
    model: Annotated[str, typer.Argument(help="Name of a model card: llama-3-8b.")],
    method: Annotated[str, typer.Argument(help="majority_vote, best_of_n, ...")] = "greedy",
    n: Annotated[float, typer.Option("-n", min=1, help="Samples, beams or rollouts.")] = 1.0,
    depth: Annotated[float, typer.Option("--depth", min=1, help="Revisions or steps.")] = 1.0,
    width: Annotated[float, typer.Option("--width", min=1, help="Branches per beam.")] = 1.0,
    lookahead_steps: Annotated[
        float | None,
        typer.Option("--lookahead-steps", min=0, help="Steps that lookahead rolls ahead, k."),
    ] = None,
    verifier: Annotated[
        str | None, typer.Option("--verifier", help="Name of a verifier's card.")
    ] = None,
    gpus: Annotated[int | None, typer.Option("--gpus", min=1, help="GPUs of a replica.")] = None,
    accelerator: ask.Accelerator = None,
    price: ask.Price = None,
    prompt_tokens: ask.PromptTokens = None,
    output_tokens: ask.OutputTokens = None,
    engine_efficiency: ask.Efficiency = None,
    weights: ask.Weights = None,
    prefix_sharing: ask.PrefixSharing = None,
    profile: Profile = None,
    models: Models = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """What one query of a model and method takes: tokens, FLOPs, GPU-seconds, memory."""
    with guarded(debug):
        from planner import pipeline
        from planner.cost.settings import settings_from_text
        from planner.report.terminal_price import print_price

        found = pipeline.price(
            model,
            method,
            n=n,
            depth=depth,
            width=width,
            lookahead_steps=lookahead_steps,
            verifier=verifier,
            gpus=gpus,
            settings=settings_from_text(
                accelerator=accelerator,
                price=price,
                prompt_tokens=prompt_tokens,
                output_tokens=output_tokens,
                engine_efficiency=engine_efficiency,
                weights=weights,
                prefix_sharing=prefix_sharing,
            ),
            profile=profile,
            models=models,
        )
        if json:
            print_json(found)
        else:
            print_price(found, quiet=quiet)
