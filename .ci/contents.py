"""Looks into an sdist and its wheel: what has to be there, what must not, and their metadata.

Usage: contents.py PROJECT DIST DIST
"""

from __future__ import annotations

import re
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

NEEDED = (
    "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml",
    "mkdocs.yml", "requirements.lock", "planner/py.typed", "tests/conftest.py", "docs/index.md",
    ".ci/run",
)  # fmt: skip
"""Of the sdist: what it takes to build, test and document the project from it."""
UNWANTED = re.compile(r"\.pyc$|(^|/)(\.venv|\.git|build|dist|\.hypothesis|__pycache__)/")
MACHINE = re.compile(rb"/(?:home|root|tmp|Users)/[a-z]")


def main(project: Path, sdist: Path, wheel: Path) -> list[str]:
    """Everything that is wrong, a line each."""
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
        top = names[0].partition("/")[0]
        inside = {name.removeprefix(f"{top}/") for name in names}
        info = archive.extractfile(f"{top}/PKG-INFO")
        source = Parser().parsestr(info.read().decode() if info else "")
    wrong = [f"the sdist lacks {name}" for name in NEEDED if name not in inside]
    with zipfile.ZipFile(wheel) as packed:
        shipped = packed.namelist()
        folder = next(name for name in shipped if name.endswith(".dist-info/METADATA"))
        built = Parser().parsestr(packed.read(folder).decode())
        folder = folder.rpartition("/")[0]
        licences = {name for name in shipped if name.startswith(f"{folder}/licenses/")}
        wrong += [
            f"the wheel holds a path of a machine: {name}"
            for name in shipped
            if name.endswith((".py", ".toml")) and MACHINE.search(packed.read(name))
        ]
    wrong += [f"not to be shipped: {name}" for name in [*inside, *shipped] if UNWANTED.search(name)]
    expected = {f"{folder}/licenses/{name}" for name in declared["license-files"]}
    if licences != expected:
        wrong.append(f"licence files are {sorted(licences)}, not {sorted(expected)}")
    return wrong + metadata(declared, source, built)


def metadata(declared: dict[str, object], source: Message, built: Message) -> list[str]:
    """What the sdist and the wheel say of themselves, against pyproject.toml."""
    wrong = [
        f"{field} is {source[field]!r} in the sdist and {built[field]!r} in the wheel"
        for field in ("Name", "Version", "Requires-Python", "License-Expression")
        if source[field] != built[field] or not built[field]
    ]
    told = {
        "Name": declared["name"],
        "Requires-Python": declared["requires-python"],
        "License-Expression": declared["license"],
        "Summary": declared["description"],
    }
    wrong += [f"{key} is {built[key]!r}, not {value!r}" for key, value in told.items()
              if built[key] != value]  # fmt: skip
    if not str(built.get_payload()).startswith("# Inference planner"):
        wrong.append("the wheel's description is not the README")
    print(f"{built['Name']} {built['Version']}")
    return wrong


if __name__ == "__main__":
    paths = [Path(word) for word in sys.argv[1:]]
    archives = sorted(paths[1:], key=lambda path: path.suffix)  # .gz, .whl
    found = main(paths[0], *archives)
    if found:
        sys.exit("\n".join(found))
