"""PDF, Markdown, CSV, PNG, and several scenarios side by side."""

from __future__ import annotations

import csv
import io
import re
import sys
import zlib
from pathlib import Path

import pytest
from sample_answer import sample_answer, sample_plan
from test_report_page import PAYLOADS, Reader, poisoned, words

from planner import pipeline
from planner.domain.plan import PlanAnswer
from planner.domain.plans import Plans
from planner.errors import InputError
from planner.ingest.scenario import read_scenario
from planner.report.formats import csv as csv_format
from planner.report.formats import html, markdown, pdf
from planner.report.formats.png import write_charts
from planner.report.page import Command, Page, Section, Tile, Tiles

FIXED = frozenset({"schema", "status", "objective", "basis", "prices_as_of", "date"})


def bare_page(*sections: Section) -> str:
    return html.render_page(Page("t", (), "h", "plain", sections, {}))


def inflated(document: bytes) -> list[bytes]:
    """The document and its compressed streams."""
    found = [document]
    for stream in re.findall(rb"stream\n(.*?)\nendstream", document, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return found


def test_a_pdf_is_of_several_pages_and_of_the_same_bytes_twice() -> None:
    pytest.importorskip("weasyprint", reason="the extra [pdf] is not installed", exc_type=OSError)
    lines = tuple(Command("one line\n" * 50) for _ in range(3))
    page = bare_page(Section("a", "A", "lead", lines))
    first = pdf.printed(page)
    assert first.startswith(b"%PDF-")
    # Pages stand in compressed objects; the tree of pages counts them.
    pages = [re.search(rb"/Count (\d+)", part) for part in inflated(first)]
    assert max(int(found[1]) for found in pages if found) >= 3
    assert pdf.printed(page) == first


def test_a_pdf_sets_tiles_and_charts_side_by_side_as_browsers_do() -> None:
    pytest.importorskip("weasyprint", reason="the extra [pdf] is not installed", exc_type=OSError)
    tiles = Tiles(tuple(Tile(f"Label {i}", "$1", "detail") for i in range(5)))
    # One below the other, five tiles fill most of a page.
    page = bare_page(*(Section(f"s{i}", "A", "", (tiles,)) for i in range(8)))
    counts = [re.search(rb"/Count (\d+)", part) for part in inflated(pdf.printed(page))]
    assert max(int(found[1]) for found in counts if found) <= 2


def test_a_pdf_fetches_nothing() -> None:
    with pytest.raises(ValueError, match="is not fetched"):
        pdf._refused("https://example.org/x.png")


def test_without_weasyprint_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(InputError, match=r"inference-planner\[pdf\]"):
        pdf.printed("<p>")


def test_without_pango_the_error_names_debian_s_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "weasyprint.py").write_text('raise OSError("cannot load libpango")')
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(InputError, match="apt install libpango"):
        pdf.printed("<p>")
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)


def test_markdown_keeps_headline_tables_and_numbers() -> None:
    text = markdown.render(sample_answer())
    assert text.startswith(f"# {sample_answer().question}\n\n**")
    assert "| ---: |" in text
    for line in (line for line in text.splitlines() if line.startswith("|")):
        assert line.endswith("|")
    assert "## What it rests on" in text


def test_a_label_cannot_become_markdown() -> None:
    assert markdown.escaped("a|b\n# [x](http://y) <b>") == r"a\|b \# \[x\](http://y) \<b\>"
    for payload in PAYLOADS:
        plan = PlanAnswer.model_validate(
            poisoned(sample_plan().model_dump(mode="json", by_alias=True), payload, FIXED)
        )
        assert not re.search(r"(?<!\\)<", markdown.render(plan))


def test_backticks_in_a_command_do_not_end_its_fence() -> None:
    block = markdown._block(Command("echo ```x```"))[0]
    assert block.startswith("````\n")
    assert block.endswith("\n````")


def test_csv_has_the_options_of_an_answer_and_the_shares_of_a_plan(planned: PlanAnswer) -> None:
    options = list(csv.DictReader(io.StringIO(csv_format.render(sample_answer()))))
    assert [row["label"] for row in options] == [o.label for o in sample_answer().options]
    shares = list(csv.DictReader(io.StringIO(csv_format.render(planned))))
    assert [float(row["share"]) for row in shares] == pytest.approx(
        [row.share for row in planned.allocation]
    )


def test_a_cell_that_a_spreadsheet_would_compute_is_text() -> None:
    answer = sample_answer()
    option = answer.options[0].model_copy(update={"label": "=HYPERLINK(1)"})
    text = csv_format.render(answer.model_copy(update={"options": (option,)}))
    assert next(csv.DictReader(io.StringIO(text)))["label"] == "'=HYPERLINK(1)"


def test_every_chart_becomes_a_picture_of_its_own(tmp_path: Path) -> None:
    written = write_charts(sample_answer(), tmp_path / "charts")
    assert len(written) == len(re.findall("<figure", html.render(sample_answer()))) == 9
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)


@pytest.fixture(scope="module")
def side_by_side(planned: PlanAnswer) -> Plans:
    dearer = planned.model_copy(update={"cost_usd_per_day": 9_999.0, "what_if": None})
    none = PlanAnswer(status="infeasible", status_sentence="No.", objective="accuracy",
                      relaxation="a budget of $7")  # fmt: skip
    base = planned.model_copy(update={"what_if": None})
    return Plans(names=("low", "<b>base</b>", "high"), plans=(none, base, dearer))


def test_scenarios_stand_side_by_side_with_what_each_costs(side_by_side: Plans) -> None:
    made = html.render(side_by_side)
    text = words(made)
    assert "low: no plan meets every requirement; <b>base</b>: " in text
    assert "$10,000" in text
    assert "a budget of $7" in text
    assert Reader(made).open == []
    assert "<b>base" not in made
    rows = list(csv.DictReader(io.StringIO(csv_format.render(side_by_side))))
    assert {row["scenario"] for row in rows} == {"<b>base</b>", "high"}
    assert "| low |" in markdown.render(side_by_side)


def test_only_plans_stand_side_by_side(tmp_path: Path) -> None:
    saved = tmp_path / "a.json"
    pipeline.save_json(saved, sample_answer().to_json())
    with pytest.raises(InputError, match="only plans stand side by side"):
        pipeline.open_side_by_side([saved, saved])


def test_a_scenario_chooses_the_title_and_the_sections_of_its_page(
    scenario: Path, planned: PlanAnswer
) -> None:
    path = scenario.parent / "board.toml"
    wish = '\n[report]\ntitle = "For the board"\nsections = ["plan", "answer"]\n'
    path.write_text(scenario.read_text(encoding="utf-8") + wish, encoding="utf-8")
    report = read_scenario(path).report
    assert planned.made is not None
    made = planned.made.model_copy(update={"title": report.title, "sections": report.sections})
    page = html.render(planned.model_copy(update={"made": made}))
    assert re.findall(r'<section id="([^"]*)"', page) == ["plan", "answer"]
    assert "<title>For the board</title>" in page


def test_a_section_that_is_not_there_is_refused_with_those_that_are(
    scenario: Path, tmp_path: Path
) -> None:
    path = tmp_path / "scenario.toml"
    wish = '\n[report]\nsections = ["plan", "tiles"]\n'
    path.write_text(scenario.read_text(encoding="utf-8") + wish, encoding="utf-8")
    with pytest.raises(InputError, match=r"report\.sections\[1\].*'frontier'"):
        read_scenario(path)
