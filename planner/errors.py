"""Every error the planner raises on purpose.

    PlannerError            what went wrong and what to do; exit code 1
    |-- InputError          something the user gave is wrong: every problem at once; exit code 2
    `-- InfeasibleError     the question is sound and has no answer; exit code 1

Anything else that escapes is a defect of the planner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_PROBLEMS_SHOWN = 20


def printable(text: str) -> str:
    """Text that a terminal only shows: what would steer it stands as a visible escape.

    Line ends stay; other white space becomes a space.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _escape(c) for c in text)


def _escape(character: str) -> str:
    return " " if character.isspace() else character.encode("unicode_escape").decode("ascii")


class PlannerError(Exception):
    """Base of all errors raised on purpose. The message says what to do next."""

    exit_code = 1


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where it stands, what is there, what should be."""

    where: str
    """File and line, or field path: `obs.csv:12`, `scenario.toml: budget.usd_per_day`."""
    what: str
    """One sentence in the user's words."""
    column: str | None = None
    """CSV column or field name, where there is one."""
    value: str | None = None
    """The value seen, as it was written."""
    remedy: str | None = None
    """What to write instead."""

    def __str__(self) -> str:
        place = self.where if self.column is None else f"{self.where}: column {self.column}"
        seen = "" if self.value is None else f" (saw {self.value!r})"
        remedy = "" if self.remedy is None else f"\n    -> {self.remedy}"
        return printable(f"{place}: {self.what}{seen}{remedy}")


class InputError(PlannerError):
    """Something the user gave is wrong. Carries every problem found, not only the first."""

    exit_code = 2

    def __init__(self, problems: Problem | Iterable[Problem], heading: str | None = None) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        count = len(self.problems)
        plural = "s" if count != 1 else ""
        self.heading = printable(heading or f"{count} problem{plural} in the input")
        lines = [f"  {problem}" for problem in self.problems[:MAX_PROBLEMS_SHOWN]]
        if count > MAX_PROBLEMS_SHOWN:
            lines.append(f"  ... and {count - MAX_PROBLEMS_SHOWN} more like these")
        super().__init__("\n".join([f"{self.heading}:", *lines]))


class InfeasibleError(PlannerError):
    """No plan meets every requirement. The message names the cheapest relaxation."""


@dataclass(frozen=True)
class Note:
    """Something the reader should know that is not an error: it travels to the page."""

    code: str
    message: str
