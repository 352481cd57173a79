"""The page in a real browser; skips where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sample_curves import FALLING, RISING, page_of, rows

SAMPLES = Path(__file__).parents[2] / "reports" / "samples"


@pytest.fixture(scope="module")
def address(page: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(page, encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def curves_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("curves")
    name = "<script>alert(1)</script>"
    curves = [
        rows(model, points, bucket=bucket)
        for model, points in (
            ("a-model-of-a-rather-long-name-7b-instruct", RISING),
            (name, FALLING),
        )
        for bucket in ("all", "hard")
    ]
    page_of(folder, *curves)
    return (folder / "page.html").as_uri()


def opened(browser: Any, address: str, **context: Any) -> tuple[Any, list[str], list[str]]:
    tab = browser.new_context(**context).new_page()
    requests: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(address)
    return tab, requests, complaints


@pytest.fixture(params=["address", "curves_address"])
def any_address(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def test_the_browser_asks_for_nothing_and_complains_of_nothing(
    browser: Any, any_address: str
) -> None:
    _, requests, complaints = opened(browser, any_address)
    assert requests == [any_address]
    assert complaints == []


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_page_does_not_scroll_sideways(browser: Any, any_address: str, width: int) -> None:
    tab, _, _ = opened(browser, any_address, viewport={"width": width, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["question", "scenario", "side-by-side"])
def test_a_table_of_a_sample_page_is_cut_off_on_a_desk(browser: Any, name: str) -> None:
    tab, _, _ = opened(
        browser, (SAMPLES / f"{name}.html").as_uri(), viewport={"width": 1100, "height": 800}
    )
    cut = tab.evaluate(
        """[...document.querySelectorAll('.scroll')]
        .filter(s => !s.closest('details') && s.scrollWidth > s.clientWidth)
        .map(s => s.closest('section').id)"""
    )
    assert cut == []


def test_charts_fit_a_telephone(browser: Any, address: str) -> None:
    tab, _, _ = opened(browser, address, viewport={"width": 360, "height": 800})
    boxes = tab.evaluate(
        "[...document.querySelectorAll('.chart svg')].map(s => s.getBoundingClientRect().width)"
    )
    assert len(boxes) == 9
    assert all(250 < width <= 360 for width in boxes)


def test_everything_shows_with_scripts_off(browser: Any, address: str) -> None:
    tab, _, _ = opened(browser, address, java_script_enabled=False)
    assert tab.locator("h1").inner_text().startswith("Undecided")
    assert tab.locator(".chart svg").count() == 9


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_charts_stand_out_from_the_paper(
    browser: Any, any_address: str, scheme: str
) -> None:
    tab, _, _ = opened(browser, any_address, color_scheme=scheme)
    low = tab.evaluate(
        """() => {
        const light = c => {
          const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
            .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
          return .2126 * r + .7152 * g + .0722 * b; };
        const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        const under = e => { for (; e; e = e.parentElement) {
          const c = getComputedStyle(e).backgroundColor;
          if (!/^rgba.*, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255,255,255)'; };
        const found = [];
        const texts = 'h1, h2, p, th, td, small, .value, .letter, li';
        for (const e of document.querySelectorAll(texts)) {
          const got = ratio(light(getComputedStyle(e).color), light(under(e)));
          if (got < 4.5) found.push([e.tagName, e.textContent.slice(0, 30), got]); }
        for (const e of document.querySelectorAll('.chart text')) {
          const got = ratio(light(getComputedStyle(e).fill), light(under(e)));
          if (got < 3) found.push(['chart', e.textContent, got]); }
        return found; }"""
    )
    assert low == []


def test_it_prints_on_a_few_pages_of_a4(browser: Any, address: str) -> None:
    tab, _, _ = opened(browser, address)
    pdf = tab.pdf(prefer_css_page_size=True, print_background=True)
    assert 3 <= pdf.count(b"/Type /Page\n") <= 10
