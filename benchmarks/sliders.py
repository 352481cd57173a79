"""Speed of the page's sliders: 100 moves of each in the machine's Chromium.

    python benchmarks/sliders.py

A move is everything between the event and the page as it stands after it: figures, verdict,
probability, break-even, cost lines with their bands. It may take 16 ms, a frame.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from planner import pipeline
from planner.report import write_report

CHROMIUM = Path("/usr/bin/chromium")
QUESTION = "7B+PRM or 34B greedy at 1M queries/day"
FRAME_MS = 16.0
MOVES = """key => {
  const slider = document.querySelector(`[data-key="${key}"]`);
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const times = [];
  for (let k = 0; k < 120; k++) {
    slider.value = low + (high - low) * (k % 100) / 99;
    const start = performance.now();
    slider.dispatchEvent(new Event('input'));
    times.push(performance.now() - start);
  }
  return times.slice(20).sort((a, b) => a - b);
}"""
"""The first twenty are not counted: the engine compiles the script while it runs."""


def main() -> None:
    """Prints the median and the 95th percentile of the moves of each slider."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        sys.exit(f"no browser: {CHROMIUM} is missing (Debian: apt-get install chromium)")
    answer = pipeline.ask(QUESTION)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        path = Path(folder) / "page.html"
        write_report(answer, path)
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(path.as_uri())
        keys = tab.evaluate(
            "[...document.querySelectorAll('#sliders input')].map(s => s.dataset.key)"
        )
        print(f"{'slider':<8}{'median ms':>12}{'p95 ms':>12}  of 100 moves, {answer.draws} draws")
        for key in keys:
            times = tab.evaluate(MOVES, key)
            slow = "" if times[94] < FRAME_MS else f"  over {FRAME_MS:g} ms"
            print(f"{key:<8}{times[49]:>12.1f}{times[94]:>12.1f}{slow}")
        browser.close()


if __name__ == "__main__":
    main()
