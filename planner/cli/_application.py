"""The command line, put together from its subcommands."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"planner {version('inference-planner')}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Decides how to spend compute on inference."""


def with_commands(commands: Sequence[str]) -> typer.Typer:
    """The command line with these subcommands."""
    app = typer.Typer(
        name="planner",
        help="Measured accuracy in, a defensible spending decision out.",
        no_args_is_help=True,
        rich_markup_mode=None,  # drawing help with rich costs 0.3 s at every start
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in commands:
        app.command(name)(import_module(f"planner.cli.{name}").command)
    return app
