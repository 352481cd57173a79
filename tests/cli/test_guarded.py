"""What a user sees of an error, by its kind."""

from __future__ import annotations

import pytest
import typer

from planner.cli._common import EXIT_DEFECT, guarded
from planner.errors import InfeasibleError, InputError, Problem


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError(Problem("a.csv:2", "it is wrong")), 2),
        (InfeasibleError("nothing fits"), 1),
        (FileNotFoundError(2, "No such file", "a.csv"), 2),
        (ZeroDivisionError("float division by zero"), EXIT_DEFECT),
    ],
)
def test_every_error_is_a_message_and_never_a_traceback(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as left, guarded(debug=False):
        raise error
    told = capsys.readouterr()
    assert left.value.exit_code == code
    assert told.err.startswith("planner: ")
    assert "Traceback" not in told.err
    assert not told.out


def test_a_defect_shows_where_it_lies_with_debug() -> None:
    with pytest.raises(ZeroDivisionError), guarded(debug=True):
        raise ZeroDivisionError


def test_an_exit_code_chosen_by_a_command_stands() -> None:
    with pytest.raises(typer.Exit) as left, guarded(debug=False):
        raise typer.Exit(1)
    assert left.value.exit_code == 1
