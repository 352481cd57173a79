"""The page by axe-core, in the dark, in print, on a telephone, with scripts off."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from planner.domain.answer import Answer
from planner.domain.plan import PlanAnswer
from planner.report.formats.html import render

AXE = "axe-core@4.10.3"
AXE_SHA512 = (
    "Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg=="
)


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checker's script, fetched by npm and held to its digest; skips where it cannot be."""
    folder = tmp_path_factory.mktemp("axe")
    try:
        subprocess.run(
            ["npm", "pack", AXE], cwd=folder, check=True, capture_output=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"npm cannot fetch {AXE}: {error}")
    packed = next(folder.glob("*.tgz")).read_bytes()
    digest = base64.b64encode(hashlib.sha512(packed).digest()).decode()
    assert digest == AXE_SHA512, "not the package that was pinned"
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


@pytest.fixture(scope="module", params=["asked", "planned"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found: Answer | PlanAnswer = request.getfixturevalue(request.param)
    path = tmp_path_factory.mktemp(request.param) / "page.html"
    path.write_text(render(found), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Any, axe: str, file: Path, scheme: str) -> None:
    tab = browser.new_context(color_scheme=scheme, bypass_csp=True).new_page()
    tab.goto(file.as_uri())
    tab.evaluate(axe)
    found = tab.evaluate("axe.run()")
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20
    tab.context.close()


def test_charts_of_the_script_are_dark_in_the_dark(browser: Any, file: Path) -> None:
    colours = []
    for scheme in ("light", "dark"):
        tab = browser.new_context(color_scheme=scheme).new_page()
        tab.goto(file.as_uri())
        colours.append(
            tab.evaluate(
                "['body', '#live-chart .curve', '#live-chart .axes text'].map(s => {"
                " const c = getComputedStyle(document.querySelector(s));"
                " return [c.backgroundColor, c.stroke, c.fill]; })"
            )
        )
        tab.context.close()
    assert all(light != dark for light, dark in zip(*colours, strict=True))


def test_the_sliders_fit_a_telephone(browser: Any, file: Path) -> None:
    tab = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    tab.goto(file.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    widths = tab.evaluate(
        "[...document.querySelectorAll('#sliders input')].map(s => s.offsetWidth)"
    )
    assert all(200 < width < 360 for width in widths)
    tab.context.close()


def test_without_scripts_figures_chart_and_a_word_about_the_sliders_show(
    browser: Any, file: Path
) -> None:
    tab = browser.new_context(java_script_enabled=False).new_page()
    tab.goto(file.as_uri())
    assert not tab.locator("#sliders").is_visible()
    assert "$" in tab.locator('[data-figure="usd"][data-line="0"]').inner_text()
    assert tab.locator("#live-chart svg").is_visible()
    assert "Scripts are off" in tab.locator("#what-if").inner_text()
    tab.context.close()


def test_print_has_the_figures_and_not_the_sliders(browser: Any, file: Path) -> None:
    tab = browser.new_context().new_page()
    tab.goto(file.as_uri())
    tab.emulate_media(media="print")
    assert not tab.locator("#sliders").is_visible()
    assert tab.locator("#live-verdict").is_visible()
    assert not tab.locator("#download").is_visible()
    pdf = tab.pdf(prefer_css_page_size=True, print_background=True)
    assert 4 <= pdf.count(b"/Type /Page\n") <= 16
    tab.context.close()


def test_the_page_is_light_enough_for_mail(file: Path) -> None:
    assert file.stat().st_size < 1_500_000
