"""Text from files reaches terminals, pages, pictures, tables and databases as text alone."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from commands import planner
from typer.testing import CliRunner

from planner._resources import bundled
from planner.cli import application
from planner.domain.plan import PlanAnswer
from planner.errors import printable
from planner.ingest.formulas import inert, meant
from planner.ingest.observations_csv import read_observations
from planner.ingest.saved import read_saved
from planner.measure.written import REQUIRED
from planner.notebook.shown import shown_plan
from planner.report.sections import frontier

SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"'><img src=x onerror=alert(2)>"
FORMULA = "=HYPERLINK(A1)"
TEMPLATE = "{{7*7}}${7*7}]]>--></style></svg></script>"
NAMES = (f"a {SCRIPT}", f"b {IMAGE}", f"{FORMULA} {TEMPLATE}")


class Page(HTMLParser):
    """Elements and attributes of a page, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self.inside &= tag != "script"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts.append(data)


def sound(text: str) -> None:
    """Nothing of a payload has become an element, an attribute or a script."""
    page = Page(text)
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert not any(attrs.get("src") == "x" for _, attrs in page.tags)
    assert not any(script.strip().startswith("alert(") for script in page.scripts)
    assert not any(
        (value or "").lower().startswith("javascript:")
        for _, attrs in page.tags
        for value in attrs.values()
    )
    assert "alert(1)" in text  # the payload is there, as text


def run(*words: object, code: int = 0) -> str:
    done = CliRunner().invoke(application(), [str(word) for word in words])
    assert done.exit_code == code, done.output
    assert "\x1b" not in done.output
    return done.output


def written_observations(folder: Path) -> Path:
    path = folder / "obs.csv"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((*REQUIRED, "params_b", "source"))
    for i, name in enumerate(NAMES):
        for n, accuracy in ((1, 0.3 + i / 20), (8, 0.5 + i / 20), (64, 0.55 + i / 20)):
            cells = [name, "majority_vote", f"set {TEMPLATE}", f"hard {IMAGE}", n, accuracy, 200]
            writer.writerow([*cells, 7, f"javascript:alert(3) {SCRIPT}"])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@pytest.fixture
def observations(tmp_path: Path) -> Path:
    return written_observations(tmp_path)


def test_a_name_in_observations_becomes_a_script_of_the_page(
    observations: Path, tmp_path: Path
) -> None:
    curves, page = tmp_path / "curves.json", tmp_path / "page.html"
    told = run("fit", observations, "--draws", 20, "--at", "1,8", "-o", curves)
    assert SCRIPT in told
    assert {c["model"] for c in json.loads(curves.read_text("utf-8"))["curves"]} == set(NAMES)
    run("report", curves, "-o", page)
    sound(page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def hostile_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """plan.json whose scenario, card and observations hold payloads wherever they hold text."""
    folder = tmp_path_factory.mktemp("hostile")
    observations = written_observations(folder)
    card = (bundled("models") / "llms" / "mistral-7b-v0.1.toml").read_text(encoding="utf-8")
    card = card.replace('"mistral-7b-v0.1"', '"mine"').replace("Mistral 7B v0.1", f"M {SCRIPT}")
    card = card.replace('"mistralai/Mistral-7B-v0.1", "Mistral-7B"', '"mine-too"')
    card = card.replace("Public config.json", f"{SCRIPT} Public config.json")
    mine = folder / "models" / "llms" / "mine.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text(card, encoding="utf-8")
    text = observations.read_text(encoding="utf-8")
    observations.write_text(text.replace(NAMES[0], "mine"), encoding="utf-8")
    scenario = folder / "scenario.toml"
    scenario.write_text(
        f"""\
title = '''{SCRIPT} {IMAGE}'''
[data]
observations = ["obs.csv"]
[workload]
volume = "1M queries/day"
prompt_tokens = 200
output_tokens = 300
[[workload.classes]]
name = '''class {SCRIPT}'''
share = 1.0
mix = {{ {json.dumps(f"hard {IMAGE}")} = 1.0 }}
[[candidates]]
model = "mine"
methods = ["majority_vote"]
[[candidates]]
model = {json.dumps(NAMES[2])}
methods = ["majority_vote"]
[[supply]]
accelerator = "h100-sxm"
price = "$2.50/h"
[budget]
usd_per_day = 5000
""",
        encoding="utf-8",
    )
    plan = folder / "plan.json"
    more = ("--models", folder / "models", "--draws", 20, "--tornado")
    run("solve", scenario, *more, "-o", plan)
    assert FORMULA in plan.read_text("utf-8")
    return plan


def test_a_name_in_a_scenario_or_card_becomes_a_script_of_the_page(
    hostile_plan: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    run("report", hostile_plan, "-o", page)
    text = page.read_text(encoding="utf-8")
    sound(text)
    for script in Page(text).scripts:
        assert "<script" not in script
        assert "<!--" not in script


def test_a_control_character_in_a_saved_plan_reaches_its_page(
    hostile_plan: Path, tmp_path: Path
) -> None:
    saved, page = tmp_path / "plan.json", tmp_path / "page.html"
    text = hostile_plan.read_text(encoding="utf-8")
    text = re.sub(r"alert\([12]\)", r"\g<0>\\u001b]0;x\\u0007\\uffff", text)
    saved.write_text(text, encoding="utf-8")
    done = planner("report", saved, "-o", page, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    drawn = page.read_text(encoding="utf-8")
    sound(drawn)
    assert r"alert(2)\x1b]0;x\x07\uffff" in drawn


def test_a_saved_plan_that_answers_nothing_is_a_defect(hostile_plan: Path, tmp_path: Path) -> None:
    saved = json.loads(hostile_plan.read_text(encoding="utf-8"))
    (tmp_path / "plan.json").write_text(json.dumps(saved | {"allocation": []}), encoding="utf-8")
    run("report", tmp_path / "plan.json", "-o", tmp_path / "page.html")


@pytest.mark.parametrize("cost", [0.0, -5.0])
def test_a_plan_or_baseline_that_costs_nothing_has_no_frontier(cost: float) -> None:
    points = [
        {"budget_usd_per_day": usd, "accuracy": usd / 100, "cost_usd_per_day": usd}
        for usd in (10.0, 20.0)
    ]
    told = {
        "status": "optimal", "status_sentence": "s", "objective": "accuracy", "accuracy": 0.1,
        "cost_usd_per_day": cost, "frontier": points,
        "baseline": {"label": "free", "accuracy": 0.1, "cost_usd_per_day": cost},
    }  # fmt: skip
    assert frontier.section(PlanAnswer.model_validate(told)) is not None


def test_a_name_becomes_a_script_of_a_notebook(hostile_plan: Path) -> None:
    plan = read_saved(hostile_plan)
    assert isinstance(plan, PlanAnswer)
    shown = shown_plan(plan)._repr_html_()
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;" in shown


def test_a_name_becomes_markup_of_a_markdown_report(hostile_plan: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    run("report", hostile_plan, "-o", report)
    text = report.read_text(encoding="utf-8")
    assert "alert(1)" in text
    assert not re.search(r"(?<!\\)<\s*(script|img|svg|style)", text, re.IGNORECASE)
    assert not re.search(r"(?<!\\)\]\(\s*javascript:", text)


def test_a_name_becomes_a_formula_of_a_csv_report(hostile_plan: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    run("report", hostile_plan, "-o", report)
    rows = list(csv.reader(io.StringIO(report.read_text(encoding="utf-8"))))
    cells = [cell for row in rows for cell in row]
    assert any(FORMULA in cell for cell in cells)
    formulas = [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [cell for cell in formulas if not is_number(cell)] == []


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_a_name_is_changed_in_a_policy(hostile_plan: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    run("export", hostile_plan, "--to", "policy", "-o", policy)
    told = json.loads(policy.read_text("utf-8"))
    assert f"class {SCRIPT}" in json.dumps(told)


def test_a_log_steers_the_terminal_or_a_spreadsheet(tmp_path: Path) -> None:
    log, output = tmp_path / "log\x1b[31m.jsonl", tmp_path / "obs.csv"
    records = [
        {"model": model, "problem_id": f"p{i}", "sample": j, "correct": (i + j) % 2, "answer": "1"}
        for model in ("=1+1", "m\x1b[2Jx")
        for i in range(4)
        for j in range(2)
    ]
    log.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    for more in ((), ("--json",)):
        told = run("measure", log, "-o", output, "--question-set", "+set", *more)
        assert "\x1b" not in told
    rows = list(csv.reader(io.StringIO(output.read_text(encoding="utf-8"))))
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row
    )
    found = read_observations(output)
    assert "=1+1" in {row.model for row in found.rows}
    assert {row.question_set for row in found.rows} == {"+set"}
    assert found.replicates  # the measured file beside it still fits


def test_a_file_name_steers_the_terminal(tmp_path: Path) -> None:
    done = planner("check", "no\x1b[31m\u202esuch.csv", "--quiet", cwd=tmp_path)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert r"no\x1b[31m\u202esuch.csv" in done.stderr


def test_a_letter_that_the_terminal_lacks_is_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "é×.csv").write_text("model\n", encoding="utf-8")
    done = planner("check", "é×.csv", cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="1")
    assert done.returncode == 2
    assert r"\xe9\xd7.csv:1" in done.stderr


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-x", "@sum", "'=1+1", "''-", "it's", "'", "", "a"])
def test_a_cell_does_not_come_back_as_it_was(cell: str) -> None:
    assert meant(inert(cell)) == cell
    assert not inert(cell).startswith(("=", "+", "-", "@"))


def test_what_can_be_seen_is_changed() -> None:
    assert printable("38.3 ± 2.1% é 漢字\nnext") == "38.3 ± 2.1% é 漢字\nnext"
    assert printable("a\x1b]0;x\x07\ud800\u202e\tb\u00a0c") == "a\\x1b]0;x\\x07\\ud800\\u202e b c"
