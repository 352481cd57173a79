"""The page as a PDF, by WeasyPrint: no browser, the same bytes twice. An extra: `[pdf]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.domain.answer import Answer
    from planner.domain.curves import ReportedCurves
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans

INSTALL = "pip install 'inference-planner[pdf]'"
PANGO = "on Debian and Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0"
STYLE = """
noscript, .how:empty { display: none !important; }
.tiles, .pictures, .pictures.alone { display: block !important; }
.tile { display: inline-block !important; width: 33mm; margin-right: 1.5mm;
  vertical-align: top; }
.tile span { display: block; }
.pictures figure { display: inline-block !important; width: 88mm; vertical-align: top; }
.pictures.alone figure { width: 125mm; }
.pictures .how { margin-bottom: 3mm; }
.strip div { display: inline-block !important; margin-right: 5mm; }
.strip dt, .strip dd { display: inline !important; }
.strip { display: block !important; margin-top: 3mm; }
.strip dt { margin-right: 1.5mm; }
.live-figure { width: 140mm; }
"""
"""What WeasyPrint lays out otherwise than browsers: grids of as many columns as fit. Marked as
important, for the page's own style goes before what is given beside it.
"""


def render(found: Answer | PlanAnswer | Plans | ReportedCurves) -> bytes:
    """The printed page. Raises InputError where WeasyPrint or what it draws with is absent."""
    from planner.report.formats.html import render as html

    return printed(html(found))


def printed(page: str) -> bytes:
    """A page of HTML as PDF; nothing is fetched.

    Raises InputError where WeasyPrint or Pango is missing.
    """
    try:
        import weasyprint
    except ImportError as error:
        raise InputError(
            Problem("a PDF report", f"WeasyPrint is not installed ({error})", remedy=INSTALL)
        ) from error
    except OSError as error:
        raise InputError(
            Problem("a PDF report", f"WeasyPrint cannot load Pango: {error}", remedy=PANGO)
        ) from error
    style = weasyprint.CSS(string=STYLE)
    document = weasyprint.HTML(string=page, url_fetcher=_refused)
    written: bytes = document.write_pdf(stylesheets=[style])
    return written


def _refused(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"the page holds everything; {url[:60]} is not fetched")
