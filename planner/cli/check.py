"""planner check: every problem with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import Debug, Json, Quiet, guarded, print_json, print_notes, say
from planner.errors import InputError, Problem


def command(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, TOML or JSON files.")
    ],
    observed: Annotated[
        list[Path] | None,
        typer.Option(
            "--observed",
            metavar="PATH",
            help="Hold a plan.json against these: observations, or logs as `measure` reads them; "
            "again for more.",
        ),
    ] = None,
    spent: Annotated[
        str | None, typer.Option("--spent", help="For --observed: what a day costs: '$640/day'.")
    ] = None,
    question_set: Annotated[
        str | None,
        typer.Option(
            "--question-set",
            metavar="NAME",
            help="For --observed: query class of logs that name none.",
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Validate files, with the line of every problem; or hold a plan against what is seen."""
    with guarded(debug):
        from planner import pipeline

        if observed:
            _observed(files, observed, spent, question_set, json)
            return
        reports = [pipeline.check(path) for path in files]
        if json:
            print_json(
                {"schema": "planner.check/1", "files": [report.to_json() for report in reports]}
            )
        else:
            for report in reports:
                say(report.summary, error=bool(report.problems))
                print_notes(list(report.notes), quiet)
        if any(report.problems for report in reports):
            raise typer.Exit(2)


def _observed(
    files: list[Path],
    observed: list[Path],
    spent: str | None,
    question_set: str | None,
    json: bool,
) -> None:
    from planner import pipeline
    from planner.report import terminal_changes

    if len(files) != 1:
        raise InputError(
            Problem("--observed", "it goes with one plan", remedy="check plan.json --observed PATH")
        )
    usd = pipeline.usd_per_day("--spent", spent)
    found = pipeline.observed_plan(files[0], observed, usd, question_set)
    if json:
        print_json(found.model_dump(mode="json", by_alias=True))
    else:
        terminal_changes.print_observed(found)
    if found.plan_again:
        raise typer.Exit(1)
