"""planner train: training and inference compute chosen together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli._common import Debug, Draws, Json, Models, Quiet, Seed, guarded, print_json, say
from planner.cli._progress import timed

RANGE = "one number, or a range low..high"


def _share(flag: str, what: str) -> Any:
    return typer.Option(flag, help=f"{what}: {RANGE}.")


def command(
    inference_tokens: Annotated[
        str,
        typer.Option(
            "--inference-tokens",
            metavar="TOKENS",
            help="Tokens read and generated over the model's life, at one sample a query: 1e13.",
        ),
    ],
    law: Annotated[
        str,
        typer.Option(
            "--law",
            help="hoffmann, sardana, besiroglu; a CSV of runs (params, train_tokens, loss); or a"
            " TOML or JSON of coefficients.",
        ),
    ] = "besiroglu",
    quality_of: Annotated[
        str | None,
        typer.Option("--quality-of", metavar="SIZE", help="Of a Chinchilla-optimal model: 30B."),
    ] = None,
    loss: Annotated[str | None, typer.Option("--loss", help="The loss to reach: 1.95.")] = None,
    accuracy: Annotated[
        str | None, typer.Option("--accuracy", help="The accuracy to reach, by --link: 0.6.")
    ] = None,
    link: Annotated[
        Path | None,
        typer.Option(
            "--link",
            metavar="CSV",
            help="Your scored models: model, bucket, accuracy, n_questions, and loss, or params and"
            " train_tokens.",
        ),
    ] = None,
    bucket: Annotated[
        str | None, typer.Option("--bucket", help="The bucket of --link that counts.")
    ] = None,
    train_budget: Annotated[
        str | None,
        typer.Option("--train-budget", metavar="FLOP", help="With --token-budget: 1e22."),
    ] = None,
    token_budget: Annotated[
        str | None,
        typer.Option(
            "--token-budget",
            metavar="FLOP",
            help="Of inference, for each token served, all samples together: '140 GFLOP'.",
        ),
    ] = None,
    drop_highest: Annotated[
        int,
        typer.Option("--drop-highest", min=0, help="Runs of the highest losses to leave out."),
    ] = 0,
    larger: Annotated[
        str | None,
        typer.Option("--larger", metavar="TIMES", help="Weigh inference against a larger model."),
    ] = None,
    verifier_factor: Annotated[
        str | None,
        typer.Option(
            "--verifier-factor",
            help="For --larger: inference FLOPs with the verifier over those without. 1.",
        ),
    ] = None,
    dollars: Annotated[
        bool, typer.Option("--dollars", help="The optimum in dollars as well.")
    ] = False,
    train_on: Annotated[
        str | None, typer.Option("--train-on", metavar="GPU", help="For --dollars: h100-sxm.")
    ] = None,
    serve_on: Annotated[
        str | None, typer.Option("--serve-on", metavar="GPU", help="For --dollars: as --train-on.")
    ] = None,
    train_price: Annotated[
        str | None, typer.Option("--train-price", help="Rent of a training GPU: '$2.50/h'.")
    ] = None,
    serve_price: Annotated[
        str | None, typer.Option("--serve-price", help="Rent of a serving GPU: '$2.50/h'.")
    ] = None,
    train_peak: Annotated[
        str | None, typer.Option("--train-peak", help="'312 TFLOP/s' in place of the card's.")
    ] = None,
    serve_peak: Annotated[
        str | None, typer.Option("--serve-peak", help="'624 TFLOP/s' in place of the card's.")
    ] = None,
    train_mfu: Annotated[str | None, _share("--train-mfu", "Share of the peak in training")] = None,
    prefill_mfu: Annotated[
        str | None, _share("--prefill-mfu", "Share of the peak in reading prompts")
    ] = None,
    decode_mfu: Annotated[
        str | None, _share("--decode-mfu", "Share of the peak in generating")
    ] = None,
    prompt_share: Annotated[
        str | None,
        typer.Option("--prompt-share", help="Share of the inference tokens that are read: 0.25."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="JSON", help="Write the answer.")
    ] = None,
    models: Models = None,
    draws: Draws = 400,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Choose a model's size and training tokens with what serving it will take."""
    with guarded(debug):
        from planner import pipeline
        from planner._files import keep_inputs
        from planner.economics.training.dollars import DollarFlags
        from planner.report import terminal_training

        flags = DollarFlags(
            train_on=train_on,
            serve_on=serve_on,
            train_price=train_price,
            serve_price=serve_price,
            train_peak=train_peak,
            serve_peak=serve_peak,
            train_mfu=train_mfu,
            prefill_mfu=prefill_mfu,
            decode_mfu=decode_mfu,
            prompt_share=prompt_share,
        )
        # A term of the dollar optimum asks for it.
        wanted = dollars or flags != DollarFlags()
        keep_inputs(output, (link, Path(law)))
        answer = timed(pipeline.train, "fitting", quiet or json)(
            inference_tokens=inference_tokens,
            law=law,
            quality_of=quality_of,
            loss=loss,
            accuracy=accuracy,
            link=link,
            bucket=bucket,
            train_budget=train_budget,
            token_budget=token_budget,
            drop_highest=drop_highest,
            larger=larger,
            verifier_factor=verifier_factor,
            dollars=flags if wanted else None,
            models=models,
            draws=draws,
            seed=seed,
        )
        if output is not None:
            pipeline.save_json(output, answer.model_dump(mode="json", by_alias=True))
        if json:
            print_json(answer.model_dump(mode="json", by_alias=True))
        else:
            terminal_training.print_training(answer, quiet=quiet)
            if output is not None:
                say(f"wrote {output}")
