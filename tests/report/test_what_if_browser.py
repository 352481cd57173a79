"""The sliders in a real browser: their arithmetic against Python's, and what they remember."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.domain.answer import Answer
from planner.domain.plan import PlanAnswer
from planner.domain.what_if import WhatIf
from planner.economics.what_if import Figures, Moved, figures
from planner.report.formats.html import render
from planner.report.sections.what_if import break_even_text, verdict_text

ONE_IN_A_THOUSAND = 1e-3
READ = """() => {
  const place = (k, i) => document.querySelector(`[data-figure="${k}"][data-line="${i}"]`);
  const figures = ['usd', 'usd-range', 'correct', 'accuracy', 'accuracy-range', 'gpus'];
  const lines = document.querySelectorAll('[data-figure="usd"]').length;
  const verdict = document.getElementById('live-verdict');
  return {
    lines: Array.from({length: lines}, (_, i) => Object.fromEntries(
      figures.map(k => [k, place(k, i).dataset.value]))),
    verdict: {...verdict.dataset}, said: verdict.textContent,
    even: document.getElementById('live-even').dataset.value,
    evenSaid: document.getElementById('live-even').textContent,
    paths: [...document.querySelectorAll('#live-chart .curve')].map(p => p.getAttribute('d')),
  };
}"""


class Opened:
    """A page with sliders in a tab, and what the browser complained of."""

    def __init__(self, browser: Any, file: Path, found: Answer | PlanAnswer) -> None:
        assert found.what_if is not None
        self.found, self.what_if = found, found.what_if
        self.address = file.as_uri()
        file.write_text(render(found), encoding="utf-8")
        self.tab = browser.new_context(offline=True).new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.go("")

    def go(self, address_hash: str) -> None:
        self.tab.goto("about:blank")
        self.tab.goto(self.address + address_hash)

    def slide(self, key: str, place: float) -> None:
        self.tab.evaluate(
            """([key, place]) => { const s = document.querySelector(`[data-key="${key}"]`);
            s.value = place; s.dispatchEvent(new Event('input'));
            s.dispatchEvent(new Event('change')); }""",
            [key, place],
        )

    def shown(self) -> dict[str, Any]:
        read: dict[str, Any] = self.tab.evaluate(READ)
        return read


@pytest.fixture(scope="module")
def answer_page(browser: Any, asked: Answer, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return Opened(browser, tmp_path_factory.mktemp("answer") / "page.html", asked)


@pytest.fixture(scope="module")
def plan_page(
    browser: Any, planned: PlanAnswer, tmp_path_factory: pytest.TempPathFactory
) -> Opened:
    return Opened(browser, tmp_path_factory.mktemp("plan") / "page.html", planned)


@pytest.fixture(params=["answer_page", "plan_page"])
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    page: Opened = request.getfixturevalue(request.param)
    page.go("")
    yield page
    assert page.complaints == []
    assert {address.partition("#")[0] for address in page.requests} <= {page.address, "about:blank"}


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.split()]


def agree(shown: dict[str, Any], expected: Figures) -> None:
    """Every figure within a thousandth, every share of the draws exactly."""
    near = pytest.approx
    for got, line in zip(shown["lines"], expected.lines, strict=True):
        usd, right = line.usd_per_day, line.accuracy
        assert float(got["usd"]) == near(usd.central, rel=ONE_IN_A_THOUSAND)
        assert numbers(got["usd-range"]) == near([usd.low, usd.high], rel=ONE_IN_A_THOUSAND)
        assert float(got["correct"]) == near(line.usd_per_correct, rel=ONE_IN_A_THOUSAND)
        assert float(got["accuracy"]) == near(right.central, rel=ONE_IN_A_THOUSAND)
        assert numbers(got["accuracy-range"]) == near(
            [right.low, right.high], rel=ONE_IN_A_THOUSAND
        )
        assert int(got["gpus"]) == line.gpus
    verdict = shown["verdict"]
    assert int(verdict["leader"]) == expected.leader
    assert float(verdict["probability"]) == near(expected.probability, abs=1e-9)
    assert verdict["decided"] == str(expected.decided).lower()
    if expected.within_budget is not None:
        assert float(verdict["within"]) == near(expected.within_budget, abs=1e-9)
    assert expected.break_even is not None
    even = json.loads(shown["even"])
    assert even["share"] == near(expected.break_even.share_of_draws, abs=1e-9)
    for name in ("central", "median", "low", "high"):
        value = getattr(expected.break_even, name)
        assert even[name] == (None if value is None else near(value, rel=ONE_IN_A_THOUSAND))


def grid(page: WhatIf) -> Iterator[tuple[str, Moved]]:
    """Addresses of moved sliders, and the same for Python."""
    slid = next(i for i, line in enumerate(page.lines) if line.n_of is not None)
    line = page.lines[slid]
    few = (None, line.n_stops[1], line.n_stops[-1])
    for k, (volume, price, n) in enumerate(
        itertools.product((1e3, 2e5, 3.3e6, 1e8), (0.25, 1.0, 3.1), few)
    ):
        length, use = (0, 2, len(page.lengths) - 1)[k % 3], (None, 0.35, 0.9)[k % 3]
        words = [f"v={volume:.0f}", f"p={price:g}", f"t={length}"]
        words += [] if use is None else [f"u={use}"]
        words += [] if n is None else [f"n{slid}={n}"]
        same = line.parity_n is None and n == line.n_samples
        chosen = {} if n is None or same else {slid: n}
        yield "#" + "&".join(words), Moved(volume, price, length, use, chosen)


def test_the_browser_computes_what_python_does_at_every_place_of_the_sliders(
    opened: Opened,
) -> None:
    places = list(grid(opened.what_if))
    shown = opened.tab.evaluate(
        f"""(hashes) => {{ const read = {READ};
        return hashes.map(hash => {{ history.replaceState(null, '', hash);
          dispatchEvent(new HashChangeEvent('hashchange')); return read(); }}); }}""",
        [address for address, _ in places],
    )
    assert len(shown) == 36
    for (_, moved), got in zip(places, shown, strict=True):
        agree(got, figures(opened.what_if, moved))


def test_the_script_says_of_the_page_as_made_what_python_wrote(opened: Opened) -> None:
    start, shown = figures(opened.what_if), opened.shown()
    agree(shown, start)
    assert shown["said"] == verdict_text(opened.what_if, start)
    assert shown["evenSaid"] == break_even_text(opened.what_if, start)
    written = render(opened.found)
    for text in opened.tab.locator(".live [data-figure]").all_inner_texts():
        assert f">{text}</" in written


def test_every_slider_moves_something_and_writes_where_it_stands(opened: Opened) -> None:
    before = opened.shown()
    for slider in opened.tab.locator("#sliders input").all():
        key = slider.get_attribute("data-key")
        opened.tab.click("#start-again")
        outer = opened.tab.locator(f'[data-key="{key}"] + output')
        text = outer.inner_text()
        assert text
        for end in ("min", "max"):
            opened.slide(key, float(slider.get_attribute(end)))
            assert outer.inner_text() != text or opened.shown() == before
            assert f"{key}=" in opened.tab.evaluate("location.hash") or end == "min"
        assert opened.shown() != before
    opened.tab.click("#start-again")
    assert opened.shown() == before
    assert opened.tab.evaluate("location.hash") == ""


def test_the_address_brings_the_sliders_back(opened: Opened) -> None:
    for key, place in {"v": 5.7, "p": 0.6, "t": 3, "u": 0.5}.items():
        opened.slide(key, place)
    moved = opened.shown()
    kept = opened.tab.evaluate("location.hash")
    opened.go(kept)
    again = opened.shown()
    assert again["verdict"] == moved["verdict"]
    for now, was in zip(again["lines"], moved["lines"], strict=True):
        assert float(now["usd"]) == pytest.approx(float(was["usd"]), rel=1e-4)


@pytest.mark.parametrize(
    "forged",
    ["#v=abc&p=NaN", "#v=1e400&u=7&t=99&n0=-3", "#<script>alert(1)</script>", "#v=&n0=1e9&x=1"],
)
def test_a_forged_address_leaves_the_page_whole(opened: Opened, forged: str) -> None:
    opened.go(forged)
    for line in opened.shown()["lines"]:
        assert math.isfinite(float(line["usd"]))


def test_the_download_holds_the_numbers_of_the_page(opened: Opened) -> None:
    with opened.tab.expect_download() as started:
        opened.tab.click("#download")
    saved = json.loads(started.value.path().read_text(encoding="utf-8"))
    assert saved["schema"] == opened.found.schema_
    assert type(opened.found).model_validate(saved).what_if is not None
    assert started.value.suggested_filename in ("answer.json", "plan.json")
