"""What ships, and what the lock files pin."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

LOCKS = ("requirements.lock", "requirements-dev.lock")
SPARK_LOCK = "requirements-spark.lock"
PRICES_LOCK = "requirements-prices.lock"
TOOL_LOCKS = ("requirements-docs.lock", "requirements-audit.lock")
VERSION = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def pinned(lock: str) -> set[str]:
    """Names of the distributions that a lock file pins."""
    return {name for name, _ in VERSION.findall(lock)}


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of the working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=project,
        capture_output=True,
        check=True,
        timeout=120,
    )
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_installs_one_package_and_nothing_beside_it(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"planner"}


def test_the_wheel_holds_every_module_and_all_bundled_data(
    wheel: zipfile.ZipFile, project: Path
) -> None:
    places = {
        "planner": "planner",
        "models": "planner/_data/models",
        "fixtures": "planner/_data/fixtures",
        "reports/templates": "planner/_data/reports/templates",
    }
    expected = {
        f"{shipped}/{path.relative_to(project / folder).as_posix()}"
        for folder, shipped in places.items()
        for path in (project / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert shipped == expected


def test_the_wheel_names_its_licence_its_types_and_its_command(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    info = next(name for name in names if name.endswith(".dist-info/METADATA")).rpartition("/")[0]
    assert "planner/py.typed" in names
    assert f"{info}/licenses/LICENSE" in names
    assert "planner = planner.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()
    assert "License-Expression: Apache-2.0" in wheel.read(f"{info}/METADATA").decode()


def test_data_folders_hold_no_code(project: Path) -> None:
    code = [path for folder in ("models", "fixtures") for path in (project / folder).rglob("*.py")]
    assert code == []


@pytest.mark.parametrize("name", [*LOCKS, SPARK_LOCK, PRICES_LOCK, *TOOL_LOCKS])
def test_a_lock_names_no_address(project: Path, name: str) -> None:
    lock = (project / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ?file", lock)


@pytest.mark.parametrize("name", [*LOCKS, SPARK_LOCK, PRICES_LOCK, *TOOL_LOCKS])
def test_everything_locked_is_pinned_and_hashed(project: Path, name: str) -> None:
    lock = (project / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", lock, flags=re.MULTILINE))
    assert len(entries) == len(pinned(lock)) > 10
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_covers_every_dependency(project: Path) -> None:
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    run, dev = (pinned((project / name).read_text(encoding="utf-8")) for name in LOCKS)
    needs = declared["project"]["dependencies"]
    tools = [need for need in declared["dependency-groups"]["dev"] if isinstance(need, str)]
    names = [{re.split(r"[<>=!~;\[ ]", need)[0] for need in group} for group in (needs, tools)]
    assert names[0] <= run
    assert names[1] <= dev
    assert run <= dev


def test_both_locks_pin_the_same_versions(project: Path) -> None:
    run, dev = (
        dict(VERSION.findall((project / name).read_text(encoding="utf-8"))) for name in LOCKS
    )
    assert {name: dev[name] for name in run} == run


@pytest.mark.parametrize("name", TOOL_LOCKS)
def test_tools_share_an_environment_with_what_is_developed(project: Path, name: str) -> None:
    dev, tools = (
        dict(VERSION.findall((project / lock).read_text(encoding="utf-8")))
        for lock in (LOCKS[1], name)
    )
    assert tools.keys() - dev.keys()
    assert {tool: tools[tool] for tool in tools.keys() & dev.keys()}.items() <= dev.items()


def test_the_lock_of_spark_adds_its_extra_and_changes_nothing_else(project: Path) -> None:
    dev, spark = (
        dict(VERSION.findall((project / name).read_text(encoding="utf-8")))
        for name in (LOCKS[1], SPARK_LOCK)
    )
    assert spark.keys() - dev.keys() == {"pyspark", "py4j"}
    assert {name: spark[name] for name in spark.keys() & dev.keys()}.items() <= dev.items()


def test_the_lock_of_prices_adds_its_extra_and_changes_nothing_else(project: Path) -> None:
    dev, prices = (
        dict(VERSION.findall((project / name).read_text(encoding="utf-8")))
        for name in (LOCKS[1], PRICES_LOCK)
    )
    assert "genai-prices" in prices.keys() - dev.keys()
    assert {name: prices[name] for name in prices.keys() & dev.keys()}.items() <= dev.items()
