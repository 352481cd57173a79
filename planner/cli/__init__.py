"""The `planner` command: one file a subcommand, each a thin layer over `planner.pipeline`."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer import Typer

COMMANDS = (
    "ask",
    "compare",
    "init",
    "check",
    "measure",
    "fit",
    "solve",
    "frontier",
    "next",
    "train",
    "report",
    "export",
    "calibrate",
    "price",
    "cards",
)
"""In the order of the help; each is the `command` of the file of its name."""

GARBAGE = 200_000
"""Objects made beyond those freed, before garbage is looked for: Python's 700 are made hundreds of
times while modules are read, and looking takes a tenth of a short command."""


def application(commands: Sequence[str] = COMMANDS) -> Typer:
    """The command line with these subcommands."""
    from planner.cli._application import with_commands

    return with_commands(commands)


def __getattr__(name: str) -> Typer:
    """`app`, the whole command line, made when it is asked for."""
    if name == "app":
        return application()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _leave_garbage() -> None:
    """What is left at the end goes with the process: nothing is looked through a last time.

    But where DuckDB was used: it complains on stderr of every object that is not let go.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()


def main() -> None:
    """Entry point of the `planner` command."""
    gc.set_threshold(GARBAGE)  # before anything large is read

    from planner.cli._common import EXIT_INTERRUPTED
    from planner.cli._interrupt import end_soon_after_ctrl_c

    atexit.register(_leave_garbage)
    # To look for plugins, pydantic reads what is known of every installed package: 0.03 s.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Matrices here are small: threads of BLAS cost more than they bring, and sums of one thread are
    # the same on machines of any number of cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal of another alphabet shows what it lacks as an escape.
            stream.reconfigure(errors="backslashreplace")
    end_soon_after_ctrl_c(EXIT_INTERRUPTED)
    typed = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    # Where the subcommand is known the others are not read: 0.05 s.
    application((typed,) if typed in COMMANDS else COMMANDS)()
