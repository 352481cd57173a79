"""What every command shares: its options, its errors, its way of printing."""

from __future__ import annotations

import json
import os
import shlex
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from planner.errors import InputError, PlannerError, Problem, printable

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on stdout, nothing else.")
]
Seed = Annotated[
    int, typer.Option("--seed", help="Seed of the random draws: same seed, same bytes.")
]
Draws = Annotated[int, typer.Option("--draws", min=20, max=100_000, help="Random draws.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no notes.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback on errors.")]
Models = Annotated[
    Path | None,
    typer.Option(
        "--models",
        metavar="DIR",
        help="Folder of your own cards, which override by name; else ./models.",
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME|FILE",
        help="Measured efficiencies: an accelerator card, or what planner calibrate wrote.",
    ),
]
Data = Annotated[
    list[Path] | None,
    typer.Option("--data", metavar="CSV", help="Observations CSV; may be given several times."),
]
Scenario = Annotated[Path | None, typer.Argument(metavar="SCENARIO", help="Scenario TOML.")]
Options = Annotated[
    Path | None,
    typer.Option(
        "--options",
        metavar="CSV",
        help="A bare option table instead: query_class, queries_per_day, option, model,"
        " accuracy, cost_usd.",
    ),
]

Whole = Annotated[bool, typer.Option("--whole", help="One option a class: no splitting.")]
MaxModels = Annotated[int | None, typer.Option("--max-models", min=1, help="Most models kept.")]

EXIT_INTERRUPTED = 130
EXIT_DEFECT = 70
"""Neither wrong input nor an infeasible question: the planner itself is wrong (EX_SOFTWARE)."""


@contextmanager
def guarded(debug: bool) -> Iterator[None]:
    """Turns an error into its message and exit code; a traceback only with --debug."""
    try:
        try:
            yield
        finally:
            # What is still in the buffer can fail too: a full disk, a reader that has gone.
            sys.stdout.flush()
    except PlannerError as error:
        if debug:
            traceback.print_exc()
        else:
            say(f"planner: {error}", error=True)
        raise typer.Exit(error.exit_code) from None
    except BrokenPipeError:
        _abandon_stdout()
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _end_stopped()
    except OSError as error:
        _abandon_stdout()
        if debug:
            traceback.print_exc()
        place = f"{error.filename}: " if error.filename else ""
        say(f"planner: {place}{error.strerror or error}", error=True)
        raise typer.Exit(2) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        if debug:
            raise
        _end_unexpected(error)


def _end_unexpected(error: Exception) -> NoReturn:
    if _was_stopped(error):
        _end_stopped()
    say(
        f"planner: this should not happen ({type(error).__name__}: {error})\n"
        f"    -> {_what_helps(error)}",
        error=True,
    )
    raise typer.Exit(EXIT_DEFECT) from None


def _end_stopped() -> NoReturn:
    print("planner: stopped", file=sys.stderr)
    raise typer.Exit(EXIT_INTERRUPTED) from None


def _was_stopped(error: BaseException | None) -> bool:
    """Python turns a Ctrl-C that comes while a class is made into a RuntimeError caused by it."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _what_helps(error: Exception) -> str:
    # A disk that was full when a module was first imported: Python keeps the part it could write.
    if isinstance(error, EOFError) and "marshal data" in str(error):
        return "a byte-code file of Python is cut short: delete the __pycache__ folders"
    return "it is a defect of the planner: report it with what --debug prints"


def _abandon_stdout() -> None:
    """Lets what is left in the buffer go: python would complain once more when it closes stdout."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def one_of(scenario: Path | None, options: Path | None, command: str) -> None:
    """Raises InputError unless a scenario or a bare table is given, and not both."""
    if (scenario is None) == (options is None):
        raise InputError(
            Problem(
                command,
                "give a scenario or --options, one of them",
                remedy="planner init writes a scenario to start from",
            )
        )


def print_json(value: dict[str, Any]) -> None:
    """One object on stdout, numbers to 9 significant digits."""
    from planner.units import json_text

    text = json_text(value)
    sys.stdout.write("".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text))
    sys.stdout.write("\n")


def _escaped(character: str) -> str:
    """As JSON writes it in ASCII: a terminal must not be steered by what a file holds."""
    return json.dumps(character)[1:-1]


def say(text: str, error: bool = False) -> None:
    """A line on stdout, or on stderr; what would steer a terminal is shown as an escape."""
    print(printable(text), file=sys.stderr if error else sys.stdout)


def suggest(*words: str | Path) -> None:
    """Tells the next command, as it can be pasted into a shell."""
    say(f"next: {shlex.join(['planner', *map(str, words)])}")


def warn_of_old_prices(read: str | None, quiet: bool) -> None:
    """Says on stderr that the prices of the cards are old today; answers do not ask the clock."""
    import datetime as dt

    from planner.domain.prices import STALE_DAYS, stale

    if quiet or not read:
        return
    if stale(dt.date.fromisoformat(read), dt.datetime.now(tz=dt.UTC).date()):
        print(
            f"note: list prices were read on {read}, more than {STALE_DAYS} days ago; add newer"
            " ones: planner cards prices --import",
            file=sys.stderr,
        )


def print_notes(notes: list[str], quiet: bool) -> None:
    """Notes go to stderr, so that stdout can be piped."""
    if not quiet:
        for note in notes:
            say(f"note: {note}", error=True)
