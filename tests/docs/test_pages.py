"""Every command and snippet of the README and of docs/ runs, and prints what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from given import GIVEN
from pages import PAGES, PROJECT, Reader, blocks, mentions, name_of, prose

ELSEWHERE = {
    "docs/extending.md",  # changes the project's own code
    "docs/how-to-choose.md",
    "docs/money.md",
    "docs/next.md",
    "docs/notebook.md",
    "docs/report.md",
    "docs/supply.md",
    "docs/uncertainty.md",
}
"""Pages that have a test of their own: most hold parts of one scenario, to be put together."""
LANGUAGES = {"csv", "diff", "json", "jsonl", "python", "sh", "text", "toml"}
names = pytest.mark.parametrize("page", PAGES, ids=name_of)


def command_tree() -> dict[str, set[str]]:
    """The flags of every command of the planner."""
    import typer

    from planner.cli import app

    group: Any = typer.main.get_command(app)
    return {
        name: {flag for param in command.params for flag in (*param.opts, *param.secondary_opts)}
        for name, command in group.commands.items()
    } | {"": {"--help", "--version"}}


@pytest.mark.parametrize(
    "page", [page for page in PAGES if name_of(page) not in ELSEWHERE], ids=name_of
)
def test_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    GIVEN.get(name_of(page), lambda _: None)(tmp_path)
    Reader(tmp_path, quick=not blocks(page, "text")).follow(page)


@names
def test_a_page_has_no_block_that_nothing_runs(page: Path) -> None:
    strange = [(b.line, b.language) for b in blocks(page) if b.language not in LANGUAGES]
    assert strange == []
    loose = re.findall(r"^ *(?:\$ ?|    )(?:planner|python3?|pip) .*$", prose(page), re.MULTILINE)
    assert loose == [], "commands stand in ```sh"


@names
def test_a_page_names_no_command_and_no_flag_that_is_not_there(page: Path) -> None:
    tree = command_tree()
    for mention in mentions(page):
        _, *words = shlex.split(mention)
        command = words[0] if words and words[0] in tree else ""
        assert command or words[0].startswith("-"), mention
        flags = {word for word in words if word.startswith("--")} - {"--help"}
        assert flags <= tree[command], mention
    known = set.union(*tree.values())
    foreign = {"--help", "--engine", "--profile"}
    assert set(re.findall(r"`(--[a-z-]+)", prose(page))) <= known | foreign


@names
def test_a_page_links_to_what_is_there(page: Path) -> None:
    for linked in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose(page)):
        assert linked == "changelog.md" or (page.parent / linked).exists(), linked
    for named in re.findall(
        r"`((?:tests|planner|benchmarks|models|fixtures)/[\w./-]+)`", prose(page)
    ):
        place = PROJECT / named
        assert place.exists() or place.name.startswith("x."), named
