"""The scenario TOML: read, checked, its paths resolved against its own folder."""

from __future__ import annotations

from pathlib import Path

from pydantic_core import ErrorDetails

from planner.domain.nearest import nearest
from planner.domain.scenario import Scenario
from planner.errors import InputError, Problem
from planner.ingest._toml_lines import KeyPath
from planner.ingest.toml_file import TomlFile, pattern, read_toml, validated

LATER_KEYS = frozenset(
    {
        "candidates[].depth",
        "candidates[].width",
        "candidates[].thinking_tokens",
        "router.confusion",
        "router.accuracy",
        "transfer",
    }
)
"""Keys of the scenario format that this version does not act on: refused, never ignored."""

_EXAMPLES = {
    "workload": 'write [workload] and below it volume = "1M queries/day"',
    "workload.volume": 'add volume = "1M queries/day"',
    "workload.classes[].name": 'add name = "homework"',
    "candidates": 'write [[candidates]], and below it model = "..." and methods = ["greedy"]',
    "candidates[].model": 'add model = "...", a name of the observations or of `planner cards`',
    "candidates[].methods": 'add methods = ["greedy", "majority_vote"]',
    "supply": 'write [[supply]], and below it accelerator = "h100-sxm" and price = "$2.50/h"',
    "baseline.option": 'add option = "34B greedy"',
}


def read_scenario(path: Path) -> Scenario:
    """Reads a scenario; the observations it names come back as paths from its own folder.

    Raises InputError with every problem: what is not TOML, unknown and misspelt keys, values out
    of bounds, shares that do not add up to 1, observations that are not there.
    """
    file = read_toml(path)
    scenario = validated(Scenario, file, _worded)
    found = tuple(path.parent / given for given in scenario.data.observations)
    _all_there(file, found)
    data = scenario.data.model_copy(update={"observations": found})
    return scenario.model_copy(update={"data": data})


def _worded(path: KeyPath, detail: ErrorDetails) -> tuple[str, str | None] | None:
    place = pattern(path)
    if detail["type"] == "extra_forbidden" and place in LATER_KEYS:
        return (
            "this key is not in this version of the planner",
            "remove it, for nothing would act on it",
        )
    if detail["type"] == "missing" and place in _EXAMPLES:
        return "this key is missing", _EXAMPLES[place]
    if detail["type"] == "too_short" and place in _EXAMPLES:
        return "it is empty", _EXAMPLES[place]
    return None


def _all_there(file: TomlFile, observations: tuple[Path, ...]) -> None:
    problems = []
    for position, path in enumerate(observations):
        if not path.exists():
            try:
                near = nearest(path.name, (other.name for other in path.parent.iterdir()))
            except OSError:
                near = None
            problems.append(
                Problem(
                    file.where(("data", "observations", position)),
                    "there is no such file; paths begin at the scenario's folder",
                    value=str(path),
                    remedy=f"did you mean {near}?" if near else "correct the path",
                )
            )
    if problems:
        raise InputError(problems, f"{file.name} cannot be used")
