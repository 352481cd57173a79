"""The published JSON Schemas are those of the types, and what is written keeps to them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from planner import pipeline
from planner.cli import application
from planner.domain.training import TrainingAnswer
from planner.ingest.schemas import SCHEMAS, schema_of
from planner.ingest.template import init_scenario


def published(project: Path, name: str) -> dict[str, Any]:
    path = project / "docs" / "schemas" / f"{name}.schema.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def run(*words: object) -> str:
    done = CliRunner().invoke(application(), [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_published_schema_is_not_that_of_the_type(project: Path, name: str) -> None:
    """`python tests/trust/test_schemas.py` writes them anew."""
    assert published(project, name) == schema_of(name)
    Draft202012Validator.check_schema(schema_of(name))


def test_nothing_else_is_published(project: Path) -> None:
    names = {
        path.name.removesuffix(".schema.json") for path in (project / "docs/schemas").iterdir()
    }
    assert names == set(SCHEMAS)


def test_the_page_on_saved_files_leaves_out_a_schema_or_a_field_of_training(project: Path) -> None:
    text = (project / "docs" / "reference" / "files.md").read_text(encoding="utf-8")
    for name in SCHEMAS:
        assert f"[`planner.{name}/1`](../schemas/{name}.schema.json)" in text, name
    fields = set(TrainingAnswer.model_fields) - {"schema_"}
    bounds = {f"{name}_{end}" for name in fields for end in ("low", "high")}
    assert [name for name in fields - bounds if f"`{name}`" not in text] == []
    shared = sorted(name.removesuffix("_low") for name in fields & bounds if name.endswith("_low"))
    assert [name for name in shared if f"`{name}`" not in text.split("has an interval")[1]
            and f"`{name}_low`" not in text] == []  # fmt: skip


def test_fields_are_published_without_what_they_mean(project: Path) -> None:
    plan = published(project, "plan")
    assert "continuous relaxation" in str(
        plan["properties"]["shadow_price_accuracy_per_usd_per_day"]
    )
    row = plan["$defs"]["AllocationRow"]["properties"]
    assert row["share"]["description"] == "Share of the class and bucket's queries."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("plan")
    init_scenario(made)
    return made


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, Any]:
    """What the commands print or write, by the name of its schema."""
    scenario, plan = folder / "scenario.toml", folder / "plan.json"
    few = ("--draws", "20", "--quiet")
    run("solve", scenario, *few, "-o", plan)
    run("fit", folder / "observations.csv", *few, "--at", "1,8", "-o", folder / "curves.json")
    printed = {
        "answer": run("ask", "7B+PRM or 34B greedy at 1M queries/day", *few, "--json"),
        "frontier": run("frontier", scenario, *few, "--points", "3", "--json"),
        "training": run(
            *("train", "--inference-tokens", "1e13", "--quality-of", "30B", *few, "--json")
        ),
        "policy": run("export", plan, "--to", "policy"),
        "plan": plan.read_text(encoding="utf-8"),
        "curves": (folder / "curves.json").read_text(encoding="utf-8"),
    }
    return {name: json.loads(text[text.index("{") :]) for name, text in printed.items()}


def test_what_is_written_does_not_keep_to_its_schema(results: dict[str, Any]) -> None:
    for name, value in results.items():
        faults = list(Draft202012Validator(schema_of(name)).iter_errors(value))
        assert not faults, (name, [f"{list(f.path)}: {f.message[:200]}" for f in faults[:3]])


def test_a_result_is_not_known_to_check(results: dict[str, Any], tmp_path: Path) -> None:
    for name, value in results.items():
        if name == "policy":
            continue
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        found = pipeline.check(path)
        assert not found.problems, found.summary
        assert f"planner.{name}/1" in found.summary


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("planner.plan/2", "pip install -U"),
        ("planner.plan/0", "make it again"),
        ("planner.pln/1", "did you mean planner.plan/1"),
        ("other", "a result is one of"),
    ],
)
def test_a_file_of_another_version_does_not_say_what_to_do(
    tmp_path: Path, schema: str, said: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"schema": schema}), encoding="utf-8")
    assert said in pipeline.check(path).summary


SCENARIOS = """\
volume = "40 qps"
prompt_tokens = [150, 300]
output_tokens = { hard = "4k", easy = [100, 200, 300] }
"""


def test_the_schema_of_scenarios_refuses_what_the_planner_takes(folder: Path) -> None:
    text = (folder / "scenario.toml").read_text(encoding="utf-8")
    value = tomllib.loads(text)
    checker = Draft202012Validator(schema_of("scenario"))
    assert not list(checker.iter_errors(value))
    value["workload"] |= tomllib.loads(SCENARIOS)
    assert not list(checker.iter_errors(value))
    assert text.startswith("#:schema ./scenario.schema.json\n")
    written = json.loads((folder / "scenario.schema.json").read_text(encoding="utf-8"))
    assert written == schema_of("scenario")


@pytest.mark.parametrize("key", ["wrkload", "budgets"])
def test_the_schema_of_scenarios_takes_a_misspelt_key(folder: Path, key: str) -> None:
    value = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema_of("scenario")).iter_errors({**value, key: {}}))


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "docs" / "schemas"
    target.mkdir(exist_ok=True)
    for each in SCHEMAS:
        written = json.dumps(schema_of(each), indent=1) + "\n"
        (target / f"{each}.schema.json").write_text(written, encoding="utf-8")
