"""The scenario TOML: read, checked, its paths resolved against its own folder."""

from __future__ import annotations

from pathlib import Path

from pydantic_core import ErrorDetails

from planner.domain.nearest import nearest
from planner.domain.scenario import Scenario
from planner.errors import InputError, Problem
from planner.ingest._toml_lines import KeyPath
from planner.ingest.measured_json import read_measured
from planner.ingest.toml_file import TomlFile, pattern, read_toml, validated

LATER_KEYS = frozenset(
    {
        "candidates[].depth",
        "candidates[].width",
        "candidates[].thinking_tokens",
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
    return scenario_of(read_toml(path), path.parent)


def scenario_of(file: TomlFile, folder: Path) -> Scenario:
    """The scenario of a file's values, with paths from `folder`; raises as `read_scenario`."""
    scenario = validated(Scenario, file, _worded)
    found = tuple(folder / given for given in scenario.data.observations)
    _all_there(file, found)
    data = scenario.data.model_copy(update={"observations": found})
    transfer = scenario.transfer
    if transfer.pilot is not None:
        # Whether it is there is told by the reader of observations.
        transfer = transfer.model_copy(update={"pilot": folder / transfer.pilot})
    read = scenario.model_copy(update={"data": data, "transfer": transfer})
    given = scenario.router.confusion
    if not isinstance(given, Path):
        return read
    router = scenario.router.model_copy(update={"confusion": _confusion(folder / given)})
    # Validated again: its rows have to name the buckets.
    return Scenario.model_validate(dict(read) | {"router": router})


def _confusion(path: Path) -> dict[str, dict[str, float]]:
    """P(told | true) from the file that `planner measure` wrote beside its observations."""
    if not path.is_file():
        remedy = "write a table, or the obs.meta.json of `planner measure --partition agreement`"
        raise InputError(Problem(str(path), "there is no such file", "confusion", remedy=remedy))
    found = read_measured(path).router
    if len(found) != 1:
        what = f"it has the confusion of {len(found)} question sets, not of one"
        remedy = "measure with --partition agreement or verifier, one question set at a time"
        raise InputError(Problem(str(path), what, "router", remedy=remedy))
    matrix = found[0]
    return {
        true: dict(zip(matrix.predicted_buckets, row, strict=True))
        for true, row in zip(matrix.true_buckets, matrix.share, strict=True)
    }


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
