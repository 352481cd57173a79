"""Results as the verbs save them, each made once, by who first asks for it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from readers import RECORDS

from planner import pipeline
from planner.ingest.template import init_scenario

QUESTION = "7B+PRM or 34B greedy at 1M queries/day"


def _plan(path: Path) -> None:
    init_scenario(path.parent)
    plan = pipeline.solve(path.with_name("scenario.toml"), budget="$2000/day", draws=20)
    pipeline.save_json(path, plan.model_dump(mode="json", by_alias=True))


def _answer(path: Path) -> None:
    pipeline.save_json(path, pipeline.ask(QUESTION, draws=20).to_json())


def _curves(path: Path) -> None:
    init_scenario(path.parent)
    fitted = pipeline.fit([path.with_name("observations.csv")], at=(1, 8), draws=20)
    pipeline.save_json(path, fitted.to_json())


def _measured(path: Path) -> None:
    log = path.with_name("records.csv")
    log.write_text(RECORDS, encoding="utf-8")
    pipeline.measure([log], path.with_name("obs.csv"))


MAKERS: dict[str, Callable[[Path], None]] = {
    "plan.json": _plan,
    "answer.json": _answer,
    "curves.json": _curves,
    "obs.meta.json": _measured,
}


@cache
def saved_file(name: str) -> bytes:
    """The bytes of a saved result."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        MAKERS[name](path)
        return path.read_bytes()
