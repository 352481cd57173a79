"""Results as the verbs save them, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from readers import RECORDS

from planner import pipeline
from planner.ingest.template import init_scenario

QUESTION = "7B+PRM or 34B greedy at 1M queries/day"


@pytest.fixture(scope="session")
def saved_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with plan.json, answer.json, curves.json and obs.meta.json."""
    folder = tmp_path_factory.mktemp("saved")
    init_scenario(folder)
    plan = pipeline.solve(folder / "scenario.toml", budget="$2000/day", draws=20)
    pipeline.save_json(folder / "plan.json", plan.model_dump(mode="json", by_alias=True))
    pipeline.save_json(folder / "answer.json", pipeline.ask(QUESTION, draws=20).to_json())
    fitted = pipeline.fit([folder / "observations.csv"], at=(1, 8), draws=20)
    pipeline.save_json(folder / "curves.json", fitted.to_json())
    log = folder / "records.csv"
    log.write_text(RECORDS, encoding="utf-8")
    pipeline.measure([log], folder / "obs.csv")
    return folder
