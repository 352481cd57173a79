"""The README's pictures of the example pages: `python tests/report/pictures.py` takes them anew.

The first screen of each page of reports/samples in the machine's Chromium, light, at the width of
a laptop's half: small enough for a README, large enough to read.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
PICTURES = {
    "question.html": "page.png",
    "scenario.html": "page_plan.png",
    "side-by-side.html": "page_side_by_side.png",
}
"""Sample to file in docs."""
WIDTH, HEIGHT = 1000, 1150


def main() -> None:
    """Takes the pictures."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        sys.exit(f"no browser: {CHROMIUM} is missing (Debian: apt-get install chromium)")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for sample, picture in PICTURES.items():
            tab.goto((PROJECT / "reports" / "samples" / sample).as_uri())
            tab.screenshot(path=PROJECT / "docs" / picture)
        browser.close()


if __name__ == "__main__":
    main()
