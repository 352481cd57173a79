"""The worked examples of docs/extending.md, applied to a copy of the project and run there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pages import PROJECT, Block, blocks

PAGE = PROJECT / "docs" / "extending.md"
FOLLOW = """
import sys
from pathlib import Path
import pages
import planner
assert Path(planner.__file__).is_relative_to(sys.argv[1]), planner.__file__
reader = pages.Reader(Path.cwd())
for block in pages.blocks(pages.PROJECT / "docs" / "extending.md"):
    if not block.title.startswith("planner/"):
        reader.do(block, f"docs/extending.md:{block.line}")
"""
CONTRACTS = (
    "tests/curves/test_curve_families.py::test_family_is_described",
    "tests/curves/test_curve_families.py::test_value_has_the_shapes_it_promises",
    "tests/curves/test_curve_families.py::test_ceiling_is_where_the_curve_goes",
    "tests/curves/test_curve_families.py::test_a_monotone_family_never_turns",
    "tests/cost/test_methods.py",
)
"""Tests that loop over a registry and need no more than a moment."""


def changed(text: str, block: Block) -> str:
    """A file after a change: each line without a sign is found, in order; the others are made."""
    lines, place = text.splitlines(), 0
    for line in block.text.splitlines():
        sign, told = line[:1], line[1:]
        if sign == "+":
            lines.insert(place, told)
            place += 1
            continue
        assert told in lines[place:], (
            f"docs/extending.md:{block.line}: {block.title} has no {told!r}"
        )
        place = lines.index(told, place)
        if sign == "-":
            del lines[place]
        else:
            place += 1
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with every example of the page in it."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(PROJECT / "planner", folder / "planner")
    for name in ("models", "fixtures", "reports", "pyproject.toml"):
        (folder / name).symlink_to(PROJECT / name)
    for block in blocks(PAGE):
        if block.title.startswith("planner/"):
            path = folder / block.title
            if block.language == "diff":
                block_text = changed(path.read_text(encoding="utf-8"), block)
            else:
                assert not path.exists(), f"{block.title} is there already"
                block_text = block.text
            path.write_text(block_text, encoding="utf-8")
    return folder


def run(copy: Path, cwd: Path, *words: str) -> None:
    paths = os.pathsep.join([str(copy), str(PAGE.parent.parent / "tests" / "docs")])
    done = subprocess.run(
        [sys.executable, *words],
        cwd=cwd, env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_example_works_as_it_stands(copy: Path, tmp_path: Path) -> None:
    run(copy, tmp_path, "-c", FOLLOW, str(copy))


def test_the_contract_tests_of_the_registries_hold_for_the_examples(
    copy: Path, tmp_path: Path
) -> None:
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "inverse_root or debate")
    run(copy, tmp_path, "-m", "pytest", "-c", str(PROJECT / "pyproject.toml"), *options,
        *(str(PROJECT / test) for test in CONTRACTS))  # fmt: skip


def test_every_row_of_the_table_has_its_example() -> None:
    kinds = ("families/", "methods/", "ingest/", "allocate/", "formats/", "models/")
    titles = [block.title for block in blocks(PAGE) if block.title]
    assert all(any(kind in title for title in titles) for kind in kinds)
