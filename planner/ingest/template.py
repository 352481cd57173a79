"""The folder that `planner init` writes: a scenario and observations that work at once."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from planner._files import write_atomic
from planner._resources import bundled
from planner.errors import InputError, Problem
from planner.ingest.fixtures import DEFAULT_FIXTURE, fixture_path
from planner.ingest.schemas import schema_of

OBSERVATIONS = "observations.csv"
SCHEMA = "scenario.schema.json"
WRITTEN = ("scenario.toml", OBSERVATIONS, SCHEMA, "README.md")
"""Names of the files, in the order in which they are written."""

_MODELS = frozenset({"llemma-7b-sft-levels-1-3", "llemma-34b-sft-levels-1-3"})
_VERIFIERS = frozenset({"", "llemma-7b-prm-levels-1-3", "llemma-34b-prm-levels-1-3"})
_METHODS = frozenset({"greedy", "majority_vote", "weighted_vote"})
_QUESTION_SET = "MATH-500"


def init_scenario(directory: Path) -> list[Path]:
    """Writes scenario.toml with its data, schema and README.md into a folder, made where needed.

    Raises InputError, and writes nothing, where one of them is there already.
    """
    targets = [directory / name for name in WRITTEN]
    there = [path for path in targets if path.exists() or path.is_symlink()]
    if there:
        raise InputError(
            [
                Problem(str(path), "it is there already", remedy="name another folder, or move it")
                for path in there
            ],
            "nothing was written, for nothing is overwritten",
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            Problem(
                str(directory),
                f"the folder cannot be made: {error.strerror or error}",
                remedy="name a folder that you may write to",
            )
        ) from None
    written: list[Path] = []
    try:
        for path in targets:
            write_atomic(path, _content(path.name))
            written.append(path)
    except BaseException:
        # Half a template would stand in the way of the next attempt.
        for path in written:
            path.unlink()
        raise
    return targets


def _content(name: str) -> str:
    if name == OBSERVATIONS:
        return _first_observations()
    if name == SCHEMA:
        return json.dumps(schema_of("scenario"), indent=1) + "\n"
    template = bundled("reports") / "templates" / "init" / name
    return template.read_text(encoding="utf-8")


def _first_observations() -> str:
    """The rows of the default fixture that the scenario uses, with their sources."""
    rows = csv.reader(io.StringIO(fixture_path(DEFAULT_FIXTURE).read_text(encoding="utf-8")))
    header = next(rows)
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        if (
            cells["model"] in _MODELS
            and cells["verifier"] in _VERIFIERS
            and cells["method"] in _METHODS
            and cells["question_set"] == _QUESTION_SET
        ):
            writer.writerow(row)
    return kept.getvalue()
