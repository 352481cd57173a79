"""The version is that of the tag, and there is one without tags and without git."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEVELOPMENT = re.compile(r"0\.1\.0\.dev1\+g[0-9a-f]+")


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """What the version is told from, in a folder that is no repository."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(project / name, tmp_path)
    return tmp_path


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def version(folder: Path) -> str:
    command = [sys.executable, "-m", "hatchling", "version"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_tag_is_the_version_and_no_other_tag_is(copy: Path) -> None:
    git(copy, "init")
    git(copy, "add", ".")
    git(copy, "commit", "-m", "first")
    git(copy, "tag", "serving-7")
    assert DEVELOPMENT.fullmatch(version(copy))  # a fresh clone without tags of versions
    git(copy, "tag", "v1.2.0")
    assert version(copy) == "1.2.0"
    git(copy, "commit", "--allow-empty", "-m", "second")
    assert version(copy).startswith("1.2.1.dev1+g")


def test_an_sdist_keeps_its_version_and_a_bare_copy_says_that_it_knows_none(copy: Path) -> None:
    assert version(copy) == "0.1.0.dev0"
    (copy / "PKG-INFO").write_text(
        "Metadata-Version: 2.4\nName: inference-planner\nVersion: 1.2.0\n", encoding="utf-8"
    )
    assert version(copy) == "1.2.0"
