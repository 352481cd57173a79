"""The command line starts without the numerics, and the package hands its verbs on lazily."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import planner

SLOW = ("altair", "formulaic", "numpy", "pandas", "patsy", "scipy", "statsmodels", "vl_convert")

REPORT_LOADED = f"print('LOADED', *sorted(set({SLOW!r}) & set(sys.modules)))"
RUN_CLI = """
import sys
sys.argv[0] = "planner"
from planner.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""
COMMANDS = sorted(
    path.stem
    for path in (Path(planner.__file__).parent / "cli").glob("*.py")
    if not path.stem.startswith("_")
)


def slow_modules_loaded_by(code: str, *arguments: str) -> list[str]:
    """Names of the slow packages in a fresh interpreter after it ran the code."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\n{REPORT_LOADED}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    last_line = done.stdout.splitlines()[-1]
    assert last_line.startswith("LOADED"), done.stdout
    return last_line.split()[1:]


def test_importing_the_package_loads_no_numerics() -> None:
    assert slow_modules_loaded_by("import planner\nplanner.__version__") == []


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_the_bare_command_loads_no_numerics(arguments: list[str]) -> None:
    assert slow_modules_loaded_by(RUN_CLI, *arguments) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_loads_no_numerics(command: str) -> None:
    assert slow_modules_loaded_by(RUN_CLI, command, "--help") == []


def test_pricing_one_configuration_loads_only_what_it_needs() -> None:
    report = """
needless = {"planner.domain.plan", "planner.cost.supply", "planner.curves", "planner.options"}
needless |= {"planner.cli.solve", "rich"}
assert not needless & set(sys.modules), needless & set(sys.modules)
"""
    assert slow_modules_loaded_by(RUN_CLI + report, "price", "llemma-7b") == ["numpy"]


def test_the_probe_sees_numerics_where_there_are_some() -> None:
    assert "numpy" in slow_modules_loaded_by("import numpy")


def test_python_dash_m_planner_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "planner", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["planner", planner.__version__]


def test_the_version_can_be_compared_with_others() -> None:
    released = r"\d+(\.\d+)+((a|b|rc)\d+)?"
    assert re.fullmatch(rf"{released}(\.post\d+)?(\.dev\d+)?(\+[a-z0-9.]+)?", planner.__version__)


@pytest.mark.parametrize("verb", sorted(set(planner.__all__) - {"__version__"}))
def test_every_public_verb_can_be_called(verb: str) -> None:
    assert callable(getattr(planner, verb))
    assert verb in dir(planner)


def test_a_floor_does_not_hide_the_verb_of_its_name() -> None:
    code = "import planner.ask, importlib\nimportlib.import_module('planner.ask')\n"
    code += "from planner import ask\nassert callable(ask), ask\nassert callable(planner.ask)"
    slow_modules_loaded_by(code)


@pytest.mark.parametrize("name", ["asks", "pandas"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
        getattr(planner, name)
