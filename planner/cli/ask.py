"""planner ask: a question in words, answered."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

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
    say,
    warn_of_old_prices,
)
from planner.cli._progress import timed

Scenario = Annotated[
    Path | None,
    typer.Option("--scenario", metavar="TOML", help="Scenario whose workload and supply serve."),
]
Report = Annotated[
    Path | None,
    typer.Option("--report", "-o", metavar="HTML", help="Write the page for the meeting."),
]
OutputTokens = Annotated[
    str | None,
    typer.Option("--output-tokens", help="Generated tokens of one sample: 300, or 250..350."),
]
PromptTokens = Annotated[
    str | None, typer.Option("--prompt-tokens", help="Prompt tokens of a query: 200, or 150..300.")
]
Accelerator = Annotated[
    str | None, typer.Option("--accelerator", help="Card name: h100-sxm, a100-80gb-sxm, ...")
]
Price = Annotated[
    str | None, typer.Option("--price", help="Rent of one GPU: '$2.50/h', or 2..3.5.")
]
Efficiency = Annotated[
    str | None,
    typer.Option(
        "--engine-efficiency", help="Kernel time over the serving engine's time: 0.35..0.8."
    ),
]
Utilisation = Annotated[
    str | None, typer.Option("--utilisation", help="Of a replica at the peak: 0.7.")
]
Weights = Annotated[
    str | None,
    typer.Option("--weights", help="Format of every model's weights: bf16, fp8, fp8-row, int4."),
]
PrefixSharing = Annotated[
    str | None,
    typer.Option(
        "--prefix-sharing",
        metavar="true|false",
        help="false: GPUs read the prompt with every sample and keep a copy for each.",
    ),
]
Matters = Annotated[
    float,
    typer.Option("--matters", min=0, max=1, help="Smallest cost gain that matters, as a fraction."),
]
Pool = Annotated[
    str, typer.Option("--pool", help="Models of the best plan: 'named' or 'all' measured.")
]
CriterionOption = Annotated[
    str,
    typer.Option(
        "--criterion", help="What decides: cost_at_equal_accuracy or accuracy_at_equal_cost."
    ),
]
FromScratch = Annotated[
    bool,
    typer.Option("--train-from-scratch", help="Charge training: ask from which volume it pays."),
]


def remade_by(arguments: list[str], report: Path | None) -> str:
    """The command that makes the page again, as it was typed; with --report where it had none."""
    more = [] if report is not None else ["--report", "report.html"]
    return shlex.join(["planner", *arguments, *more])


def command(
    question: Annotated[
        str, typer.Argument(help='Such as "7B+PRM or 34B greedy at 1M queries/day".')
    ],
    data: Data = None,
    scenario: Scenario = None,
    report: Report = None,
    output_tokens: OutputTokens = None,
    prompt_tokens: PromptTokens = None,
    accelerator: Accelerator = None,
    price: Price = None,
    engine_efficiency: Efficiency = None,
    utilisation: Utilisation = None,
    weights: Weights = None,
    prefix_sharing: PrefixSharing = None,
    profile: Profile = None,
    matters: Matters = 0.05,
    criterion: CriterionOption = "cost_at_equal_accuracy",
    pool: Pool = "named",
    train_from_scratch: FromScratch = False,
    models: Models = None,
    draws: Draws = 1000,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Answer a question such as "7B+PRM or 34B greedy at 1M queries/day"."""
    with guarded(debug):
        from planner import pipeline
        from planner._files import keep_inputs
        from planner.cost.settings import settings_from_text
        from planner.report import terminal, write_report

        keep_inputs(report, (*(data or ()), scenario))
        answer = timed(pipeline.ask, "answering", quiet or json)(
            question,
            data=data or [],
            scenario=scenario,
            settings=settings_from_text(
                output_tokens=output_tokens,
                prompt_tokens=prompt_tokens,
                accelerator=accelerator,
                price=price,
                engine_efficiency=engine_efficiency,
                utilisation=utilisation,
                weights=weights,
                prefix_sharing=prefix_sharing,
            ),
            profile=profile,
            matters=matters,
            criterion=criterion,
            pool=pool,
            train_from_scratch=train_from_scratch,
            models=models,
            draws=draws,
            seed=seed,
            command=remade_by(sys.argv[1:], report),
        )
        if report is not None:
            write_report(answer, report)
        if json:
            print_json(answer.to_json())
        else:
            terminal.print_answer(answer, quiet=quiet)
            if report is not None:
                say(f"The page: {report}")
        warn_of_old_prices(answer.prices_as_of, quiet)
        if answer.meets_wishes is False:
            raise typer.Exit(1)
