"""The floors import only downward, and every module is short, described and declared."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

import planner

PACKAGE = Path(planner.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 320
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"
IMPORT_NAMES = {"vl-convert-python": "vl_convert"}
# Not declared, for it comes with what is: the types of pydantic's errors, the string that jinja2
# does not escape again, and the errors of Java that pyspark hands on.
PART_OF_ANOTHER = {"pydantic_core": "pydantic", "markupsafe": "jinja2", "py4j": "pyspark"}


def lint_imports(directory: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the copy of the package in a directory."""
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=directory,
        env={"PYTHONPATH": str(directory), "PATH": "", "COLUMNS": "200", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def top_level_imports(tree: ast.AST) -> Iterator[str]:
    """First part of the name of every module that a file imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def short(path: Path) -> str:
    """Name of a module below the package."""
    return path.relative_to(PACKAGE).as_posix()


def test_no_floor_imports_from_above(project: Path) -> None:
    done = lint_imports(project)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_from_above_would_be_caught(project: Path, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "planner", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(project / "pyproject.toml", tmp_path)
    (tmp_path / "planner" / "domain" / "upward.py").write_text("import planner.cli\n")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert "planner.domain.upward" in done.stdout


def test_a_new_floor_must_be_given_a_place(project: Path, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "planner", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(project / "pyproject.toml", tmp_path)
    (tmp_path / "planner" / "cellar.py").write_text("")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert "cellar" in done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=short)
def test_a_module_says_what_it_is_for(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


@pytest.mark.parametrize("module", MODULES, ids=short)
def test_a_module_is_short_enough_to_be_read(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {module.parent for module in MODULES}
    assert [short(f) for f in sorted(folders) if not (f / "__init__.py").is_file()] == []


def test_everything_imported_is_declared(project: Path) -> None:
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    extras = declared["project"]["optional-dependencies"].values()
    lines = [*declared["project"]["dependencies"], *chain.from_iterable(extras)]
    names = {re.split(r"[<>=!~;\[ ]", line)[0] for line in lines}
    allowed = {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in names}
    allowed |= {part for part, whole in PART_OF_ANOTHER.items() if whole in names}
    allowed |= {"planner", *sys.stdlib_module_names}
    undeclared = {
        f"{short(module)} imports {name}"
        for module in MODULES
        for name in top_level_imports(ast.parse(module.read_text(encoding="utf-8")))
        if name not in allowed
    }
    assert undeclared == set()
