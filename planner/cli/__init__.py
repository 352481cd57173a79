"""The `planner` command: one file a subcommand, each a thin layer over `planner.pipeline`."""

from __future__ import annotations

import typer

from planner.cli import (
    ask,
    calibrate,
    cards,
    check,
    compare,
    fit,
    frontier,
    init,
    measure,
    price,
    report,
    solve,
    train,
)
from planner.cli import next as next_

app = typer.Typer(
    name="planner",
    help="Measured accuracy in, a defensible spending decision out.",
    no_args_is_help=True,
    rich_markup_mode=None,  # drawing help with rich costs 0.3 s at every start
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("ask")(ask.command)
app.command("compare")(compare.command)
app.command("init")(init.command)
app.command("check")(check.command)
app.command("measure")(measure.command)
app.command("fit")(fit.command)
app.command("solve")(solve.command)
app.command("frontier")(frontier.command)
app.command("next")(next_.command)
app.command("train")(train.command)
app.command("report")(report.command)
app.command("calibrate")(calibrate.command)
app.command("price")(price.command)
app.command("cards")(cards.command)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"planner {version('inference-planner')}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Decides how to spend compute on inference."""


def main() -> None:
    """Entry point of the `planner` command."""
    app()
