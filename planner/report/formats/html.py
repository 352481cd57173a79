"""One self-contained HTML page: no request, readable with scripts off, in print and in mail."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

from planner.units import jsonable

if TYPE_CHECKING:
    import jinja2

    from planner.domain.answer import Answer
    from planner.domain.curves import ReportedCurves
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans
    from planner.report.page import Page


def render(found: Answer | PlanAnswer | Plans | ReportedCurves) -> str:
    """The page of an answer, a plan or fitted curves."""
    from planner.report.charts.style import unchecked
    from planner.report.sections.pages import page_of

    with unchecked():
        page = page_of(found)
    return render_page(page)


def render_page(page: Page) -> str:
    """Lays a page out. Everything is escaped but the charts, which are made here."""
    from markupsafe import Markup

    from planner.report.charts.style import side_letter

    environment = _environment()
    environment.globals["side_letter"] = side_letter
    environment.filters["drawn"] = Markup  # the charts alone: vega has escaped their text
    template = environment.get_template("page.html.jinja")
    script = _source("what_if.js")
    return template.render(
        page=page,
        style=Markup(_source("page.css")),
        data=embedded(page.data),
        script=Markup(f"\n{script}"),
        script_hash=_csp_hash(f"\n{script}"),
    )


def _csp_hash(script: str) -> str:
    """What a content security policy names an inline script by; any other script is refused."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def embedded(value: object) -> str:
    """JSON that cannot end the script element it stands in, nor open a comment."""
    from markupsafe import Markup

    text = json.dumps(jsonable(value), ensure_ascii=False, separators=(",", ":"))
    for dangerous in "<>&\u2028\u2029":
        text = text.replace(dangerous, f"\\u{ord(dangerous):04x}")
    return Markup(text)


def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(_source),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _source(name: str) -> str:
    from planner._resources import bundled

    return (bundled("reports") / "templates" / name).read_text(encoding="utf-8")
