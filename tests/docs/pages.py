"""Pages of the documentation as programs: their blocks are files, commands and what these print.

    ```csv title="obs.csv"     a file that the reader saves under this name
    ```sh                      commands, a line each; what ends in `# exit code 1` has that one
    ```python                  statements; the names of earlier blocks of the page are there
    ```text                    lines that the commands so far have printed; `...` stands for others
    ```diff title="x.py"       a change of the project's own code (docs/extending.md)

Commands run in this process, in one folder a page: starting the interpreter and the numerics
anew for each would take most of the time.
"""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent.parent
PAGES = (
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((PROJECT / "docs").rglob("*.md")),
)
FENCE = re.compile(r'^```(\w*)(?: title="([^"]+)")?[^\n]*\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FEW_DRAWS = "60"
DRAWN = {"ask", "compare", "fit", "frontier", "next", "report", "solve"}
"""Commands whose time is that of their draws."""
EXIT_CODE = re.compile(r"# exit code (\d)\b")


def name_of(page: Path) -> str:
    """A page's place in the project: docs/tutorial.md."""
    return page.relative_to(PROJECT).as_posix()


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    language: str
    title: str
    text: str
    line: int

    @property
    def commands(self) -> list[str]:
        """Its lines, continued ones put together."""
        joined = self.text.replace("\\\n", " ")
        return [line for line in joined.splitlines() if line.strip() and line[0] != "#"]


def blocks(page: Path, language: str | None = None) -> list[Block]:
    """All blocks of a page, or those of one language."""
    text = page.read_text(encoding="utf-8")
    found = (
        Block(match[1], match[2] or "", match[3], text.count("\n", 0, match.start()) + 1)
        for match in FENCE.finditer(text)
    )
    return [block for block in found if language in (None, block.language)]


def texts(page: Path, language: str) -> list[str]:
    """What stands in the blocks of a language."""
    return [block.text for block in blocks(page, language)]


def prose(page: Path) -> str:
    """A page without its blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def planner(words: list[str], folder: Path) -> tuple[int, str, str]:
    """The command in this process: its exit code, what it printed, and its errors."""
    from planner.cli import app

    out, err = io.StringIO(), io.StringIO()
    code = 0
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        try:
            app(words, prog_name="planner")
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
    return code, out.getvalue(), err.getvalue()


@dataclass
class Reader:
    """Someone who does what a page says, in a folder of their own."""

    folder: Path
    printed: str = ""
    """All that commands and statements have printed."""
    names: dict[str, Any] = field(default_factory=dict)
    """What the statements have bound."""
    quick: bool = False
    """Few draws: for pages that quote nothing that depends on them."""

    def follow(self, page: Path) -> None:
        """Does all of a page, from top to bottom."""
        for block in blocks(page):
            self.do(block, f"{name_of(page)}:{block.line}")

    def do(self, block: Block, where: str) -> None:
        """Saves, runs or compares one block."""
        if block.title:
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            for line in block.commands:
                self.run(line, where)
        elif block.language == "python":
            out = io.StringIO()
            with chdir(self.folder), redirect_stdout(out):
                exec(compile(block.text, where, "exec"), self.names)
            self.printed += out.getvalue()
        elif block.language == "text":
            missing = [line for line in block.text.splitlines() if not self.has_printed(line)]
            assert missing == [], (
                f"{where}: not printed\n" + "\n".join(missing) + (f"\nprinted was\n{self.printed}")
            )
        else:
            raise AssertionError(
                f"{where}: a block of {block.language or 'no language'} does what?"
            )

    def run(self, line: str, where: str) -> None:
        """Runs a command of the planner; holds any other against what the project has."""
        told = EXIT_CODE.search(line)
        program, *words = shlex.split(line, comments=True)
        if program != "planner":
            assert not elsewhere(program, words), f"{where}: {line}: {elsewhere(program, words)}"
            return
        if self.quick and words[0] in DRAWN and "--draws" not in words:
            words += ["--draws", FEW_DRAWS]
        code, out, err = planner(words, self.folder)
        assert code == (int(told[1]) if told else 0), f"{where}: {line}\n{out}{err}"
        self.printed += out + err

    def has_printed(self, line: str) -> bool:
        """Whether a line was printed; its `...` stand for anything, white space does not count."""
        rest = squeezed(self.printed)
        for part in filter(None, map(squeezed, line.split("..."))):
            _, found, rest = rest.partition(part)
            if not found:
                return False
        return True


def squeezed(text: str) -> str:
    """Text with one space wherever there was white space or a rule."""
    return " ".join(re.sub(r"[─]+", " ", text).split())


def elsewhere(program: str, words: list[str]) -> str:
    """What is wrong with a command that is not the planner's; '' where it would do its work."""
    if program == "make":
        targets = re.findall(
            r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
        )
        unknown = [word for word in words if "=" not in word and word not in targets]
        return f"the Makefile has no {', '.join(unknown)}" if unknown else ""
    if program in {"python3", ".venv/bin/pip", "."}:
        return ""  # the tutorial's way to install: `.ci/wheel` does the same and follows it then
    if program == "pip" and words[0] == "install":
        extras = re.findall(r"inference-planner\[(\w+)\]", " ".join(words))
        declared = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
        unknown = [extra for extra in extras if f"\n{extra} = [" not in declared]
        return f"pyproject.toml has no extra {', '.join(unknown)}" if unknown else ""
    return "nothing runs it"


def mentions(page: Path) -> Iterator[str]:
    """Commands of the planner named within the text: `planner solve --whole`."""
    yield from re.findall(r"`(planner [^`]+)`", prose(page))
