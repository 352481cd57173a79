"""The example pages of reports/samples, made from what ships: `make samples` writes them anew."""

from __future__ import annotations

import json
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from planner import pipeline
from planner.domain.answer import Answer
from planner.domain.plan import PlanAnswer
from planner.domain.plans import Plans
from planner.ingest.template import init_scenario
from planner.report.formats.html import render

QUESTION = "7B+PRM or 34B greedy at 1M queries/day"
DRAWS = 100
BUDGETS = {"low": 600, "base": 1500, "high": 4000}
VERSION = "of the repository"
Kept = TypeVar("Kept", Answer, PlanAnswer, Plans)
SAMPLES = Path(__file__).resolve().parents[2] / "reports" / "samples"


def pages() -> dict[str, str]:
    """The pages by name: a question, a scenario, three scenarios side by side."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return {
                "question.html": render(as_kept(asked())),
                "scenario.html": render(as_kept(planned())),
                "side-by-side.html": render(as_kept(side_by_side())),
            }
        finally:
            os.chdir(here)


def asked() -> Answer:
    """The example question."""
    command = f"planner ask '{QUESTION}' --draws={DRAWS} --report question.html"
    return pipeline.ask(QUESTION, draws=DRAWS, command=command)


def planned() -> PlanAnswer:
    """What `planner init` writes, solved."""
    init_scenario(Path("tutor"))
    path = Path("tutor/scenario.toml")
    command = f"planner report {path} --next --draws={DRAWS} -o scenario.html"
    found = pipeline.open_for_report(path, draws=DRAWS, measure_next=True, command=command)
    assert isinstance(found, PlanAnswer)
    return found


def side_by_side() -> Plans:
    """The same at three budgets."""
    text = Path("tutor/scenario.toml").read_text(encoding="utf-8")
    paths = []
    for name, usd in BUDGETS.items():
        paths.append(Path("tutor") / f"{name}.toml")
        wish = f"usd_per_day = {usd}"
        paths[-1].write_text(text.replace("usd_per_day = 1500", wish), encoding="utf-8")
    command = f"planner report {' '.join(map(str, paths))} --draws={DRAWS} -o side-by-side.html"
    return pipeline.open_side_by_side(paths, draws=DRAWS, command=command)


def as_kept(found: Kept) -> Kept:
    """Without the folder in which it was made, and the version, which every commit changes."""
    text = json.dumps(found.model_dump(mode="json", by_alias=True))
    text = text.replace(f"{Path.cwd()}/", "")
    text = text.replace(json.dumps(version("inference-planner")), json.dumps(VERSION))
    return type(found).model_validate_json(text)


def main() -> None:
    """Writes the pages."""
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for name, page in pages().items():
        (SAMPLES / name).write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
