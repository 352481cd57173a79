"""The page: self-contained, complete, escaped, the same bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from sample_answer import LARGE, sample_answer, sample_fields, sample_plan

from planner.domain.answer import Answer
from planner.report.formats import html
from planner.report.wording import TITLE

VOID = {"meta", "br", "link", "img", "input", "hr"}
CHARTS = (
    "parity", "curve-0", "curve-1", "curve-2", "volume", "over-time", "over-volume", "mix", "flops",
)  # fmt: skip


class Reader(HTMLParser):
    """Text, elements and attributes as a browser would take them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.texts.append(data)


def words(page: str) -> str:
    return " ".join(" ".join(Reader(page).texts).split())


def test_every_element_is_closed_in_order(page: str) -> None:
    assert Reader(page).open == []
    assert page.startswith("<!DOCTYPE html>")


def test_nothing_on_the_page_reaches_outside(page: str) -> None:
    for tag, attributes in Reader(page).elements:
        for name, value in attributes.items():
            if name in {"src", "href", "xlink:href", "action", "data", "poster", "srcset"}:
                assert (value or "").startswith(("#", "data:")), (tag, name, value)
    assert set(re.findall(r"url\(([^)]{1})", page)) <= {"#"}
    assert "@import" not in page
    assert "<link" not in page


def test_the_policy_stops_requests_and_every_script_but_the_page_s_own(page: str) -> None:
    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policies = [a["content"] for _, a in Reader(page).elements if a.get("http-equiv")]
    assert len(policies) == 1
    assert policies[0].split("; ") == [
        *("default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"),
        *(f"script-src 'sha256-{digest}'", "base-uri 'none'", "form-action 'none'"),
    ]
    scripts = [a for tag, a in Reader(page).elements if tag == "script"]
    assert [script.get("type") for script in scripts] == ["application/json", None]
    assert not [a for _, a in Reader(page).elements if any(name.startswith("on") for name in a)]


@pytest.mark.parametrize("key", TITLE)
def test_section_stands_on_the_page(page: str, key: str) -> None:
    assert f'<section id="{key}"' in page


def test_sections_come_in_the_order_of_reading(page: str) -> None:
    assert re.findall(r'<section id="([^"]*)"', page) == list(TITLE)


def test_the_answer_comes_before_everything_else(page: str) -> None:
    assert page.index("<h1") < page.index("<section")
    assert sample_answer().answer in words(page)


@pytest.mark.parametrize("key", CHARTS)
def test_chart_has_title_alternative_text_and_its_numbers(page: str, key: str) -> None:
    (figure,) = re.findall(rf'<figure id="chart-{key}">.*?</figure>', page, re.DOTALL)
    (svg,) = re.findall(r"<svg xmlns.*</svg>", figure, re.DOTALL)
    root = ET.fromstring(svg)
    named = root.attrib["aria-labelledby"].split()
    told = {e.attrib["id"]: e.text for e in root.iter() if e.tag.endswith(("}title", "}desc"))}
    assert root.attrib["role"] == "img"
    assert all(told[name] for name in named)
    assert re.search(r"\d", told[f"chart-{key}-desc"] or ""), "says no number"
    assert "<figcaption><strong>" in figure
    assert len(re.findall(r"<tr>", figure)) > 2, "the numbers are not in a table"


def test_there_are_no_other_charts_and_no_id_twice(page: str) -> None:
    assert re.findall(r'<figure id="chart-([^"]*)"', page) == list(CHARTS)
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))


def test_the_page_is_small_enough_to_mail(page: str) -> None:
    assert len(page.encode()) < 1_500_000


def test_the_answer_can_be_read_back_from_the_page(page: str) -> None:
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)
    read = Answer.model_validate(json.loads(data))
    assert read.question == sample_answer().question
    assert len(read.options) == 3


def test_two_pages_of_one_process_are_the_same_bytes(page: str) -> None:
    assert html.render(sample_answer()) == page


def test_another_process_writes_the_same_bytes(page: str, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from sample_answer import sample_answer;"
        "from planner.report import write_report; write_report(sample_answer(), Path(sys.argv[1]))"
    )
    folder = Path(__file__).parent
    path = os.pathsep.join(map(str, (folder, folder.parent.parent)))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"}
    written = tmp_path / "page.html"
    subprocess.run([sys.executable, "-c", program, written], env=environment, check=True)
    assert written.read_text(encoding="utf-8") == page


PAYLOADS = (
    "<script>alert(1)</script>",
    '"\' onload=alert(1) x="',
    "]]></script><!--",
    "a & b &lt; {{ 7 * 7 }}",
    "</title></style></svg><img src=x>",
)


def poisoned(value: Any, payload: str, kept: frozenset[str], key: str = "") -> Any:
    """A copy with the payload after every text that is not a fixed word."""
    if isinstance(value, dict):
        fields = key in {"mix", "cost_usd_per_day", "gpus", "inputs"}
        return {
            (k + payload if fields else k): poisoned(v, payload, kept, k) for k, v in value.items()
        }
    if isinstance(value, list | tuple):
        return [poisoned(v, payload, kept, key) for v in value]
    return value + payload if isinstance(value, str) and key not in kept else value


FIXED_WORDS = frozenset({
    "schema", "criterion", "role", "basis", "status", "objective", "winner",
})  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_field_becomes_markup(page: str, payload: str) -> None:
    fields = poisoned(sample_fields(), payload, FIXED_WORDS)
    poisonous = html.render(Answer.model_validate(fields))
    plain, read = Reader(page), Reader(poisonous)
    assert read.open == []
    for tag in ("script", "img", "style", "svg", "section", "figure", "table", "title"):
        count = [t for t, _ in plain.elements].count(tag)
        assert [t for t, _ in read.elements].count(tag) == count, tag
    assert not [a for _, a in read.elements if any(name.startswith("on") for name in a)]
    assert payload in "".join(read.texts), "the text itself must still be shown"
    assert "49" not in re.findall(r"a & b &lt; (\S+)", "".join(read.texts))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_embedded_data_cannot_end_its_element(payload: str) -> None:
    data = str(html.embedded({"text": payload + "\u2028"}))
    assert not set("<>&\u2028") & set(data)
    assert json.loads(data) == {"text": payload + "\u2028"}


def test_a_template_that_misspells_a_name_fails() -> None:
    environment = html._environment()
    with pytest.raises(UndefinedError):
        environment.from_string("{{ page.titel }}").render(page={"title": "x"})
    assert environment.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"


def test_a_number_that_is_missing_is_a_dash_with_its_reason(page: str) -> None:
    reason = "Llemma 34B greedy was measured on the whole set only"
    assert re.search(rf"–<small>{reason}</small>", page)
    assert re.search(r"<small>the weights exist and the GPUs are rented.*?</th>", page)
    assert "None" not in words(page)
    assert "nan" not in words(page).split()


BARE: dict[str, Any] = {
    "explanation": [], "parity_n_cost": None, "parity_n_accuracy": None,
    "parities_reason": "both sides name their n", "winner_by_mix": [],
    "winner_by_mix_reason": "the questions were not split by difficulty", "cost_by_volume": [],
    "flop_frontier": [], "flop_frontier_sentence": None, "curves": [], "best_plan": None,
    "best_plan_sentence": None, "next": [], "assumptions": [], "warnings": [], "sources": [],
    "inputs": {}, "second_fleet_queries_per_day": None,
    "second_fleet_reason": "no volume up to 100M",
    "break_even_queries_per_day": {"median": None, "low": None, "high": None, "share_of_draws": 0},
}  # fmt: skip


def test_a_bare_answer_still_makes_a_page_that_says_what_is_missing() -> None:
    bare = words(html.render(sample_answer(**BARE)))
    for sentence in (
        "both sides name their n",
        "the questions were not split by difficulty",
        "no volume up to 100M",
        "No plan was made for this question.",
        "none in most draws",
    ):
        assert sentence in bare


def test_a_break_even_is_printed_with_its_interval() -> None:
    found = {"median": 2.1e6, "low": 1.2e6, "high": None, "share_of_draws": 0.83}
    text = words(html.render(sample_answer(**{**BARE, "break_even_queries_per_day": found})))
    assert "2.1M queries a day (1.2M to –); it exists in 83% of the draws." in text


def test_warnings_stand_beside_what_they_weaken_and_in_the_list() -> None:
    warning = {"code": "mix_assumed", "message": "The mix is assumed."}
    made = html.render(sample_answer(**{**BARE, "warnings": [warning]}))
    sections = dict(re.findall(r'<section id="([^"]*)"(.*?)</section>', made, re.DOTALL))
    holding = [key for key, text in sections.items() if "The mix is assumed." in text]
    assert holding == ["mix", "warnings"]


def test_a_plan_has_a_page_of_its_own() -> None:
    made = words(html.render(sample_plan()))
    assert "24.9% correct for $360 a day" in made
    assert f"Baseline: {LARGE}" in made
    assert "Status: proven best." in made


def test_an_infeasible_plan_names_the_way_out() -> None:
    plan = sample_plan().model_copy(
        update={
            "status": "infeasible", "accuracy": None, "cost_usd_per_day": None, "allocation": (),
            "fleet": (), "relaxation": "raise the budget to $412 a day",
        }
    )  # fmt: skip
    assert "raise the budget to $412 a day" in words(html.render(plan))
