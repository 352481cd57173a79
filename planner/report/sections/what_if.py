"""The sliders, and the figures that they move as they stood where the page was made.

The page's script writes the same sentences; a test in a browser holds the two together.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner.domain.what_if import WhatIf
from planner.report import wording, wording_what_if
from planner.report.charts import svg
from planner.report.page import MISSING, Live, LiveRow, Section, Slider
from planner.report.text import probability
from planner.units import format_count, format_percent, format_seconds, format_usd, significant

if TYPE_CHECKING:
    from planner.economics.what_if import Figures

UTILISATION = (0.2, 0.95)
PRICE_DOUBLINGS = 2.0
"""The price slider goes to a quarter and to four times of what was taken."""


def section(page: WhatIf | None) -> Section | None:
    """The sliders of an answer or plan; None where it carries no draws."""
    if page is None:
        return None
    from planner.economics.what_if import figures
    from planner.report.charts.what_if import lines_chart

    found = figures(page)
    verdict = verdict_text(page, found)
    alt = f"{wording_what_if.CHART}. {verdict}"
    drawn = svg.draw(lines_chart(page, found), "chart-what-if", wording_what_if.CHART, alt)
    live = Live(
        sliders=tuple(_sliders(page)),
        rows=tuple(_row(page, found, i) for i in range(len(page.lines))),
        verdict=verdict,
        break_even=break_even_text(page, found),
        svg=drawn,
        held=_held(page),
        load=wording.MEAN_LOAD if page.judged == "plan" else wording.FULL,
    )
    lead = wording_what_if.LEAD[page.judged]
    return Section("what-if", wording_what_if.TITLE, lead, (live,))


def _sliders(page: WhatIf) -> list[Slider]:
    rented = page.usd_per_gpu_hour
    paid = {load.paid for line in page.lines for load in line.loads}
    volumes = page.volumes
    found = [
        Slider("v", "Volume", math.log10(volumes[0]), math.log10(volumes[-1]), 0.02,
               math.log10(page.queries_per_day), f"{format_count(page.queries_per_day)} a day"),
    ]  # fmt: skip
    if paid - {"answer"}:
        label = "Rent of a GPU" if rented is not None else "Price of a token"
        text = "× 1" if rented is None else f"{format_usd(rented)} an hour"
        most = PRICE_DOUBLINGS
        found.append(Slider("p", label, -most, most, 0.05, 0.0, text))
        if len(page.lengths) > 1 and page.output_tokens is not None:
            text = f"{format_count(page.output_tokens)} a sample"
            start = page.lengths.index(1.0)
            last = len(page.lengths) - 1
            found.append(Slider("t", "Output tokens", 0, last, 1, start, text))
    if page.utilisation is not None:
        low, high = UTILISATION
        text = format_percent(page.utilisation, 0)
        found.append(
            Slider("u", "Utilisation at the peak", low, high, 0.01, page.utilisation, text)
        )
    for i, line in enumerate(page.lines):
        if line.n_of is not None and len(line.n_stops) > 1:
            judged = line.parity_n is not None
            stops = len(line.n_stops) - (0 if judged else 1)
            place = 0 if judged else line.n_stops.index(line.n_samples)
            text = f"{line.n_samples}: equal accuracy" if judged else str(line.n_samples)
            found.append(Slider(f"n{i}", f"Samples n of {line.n_of}", 0, stops, 1, place, text))
    return found


def _row(page: WhatIf, found: Figures, i: int) -> LiveRow:
    line, got = page.lines[i], found.lines[i]
    usd, right = got.usd_per_day, got.accuracy
    correct, latency = got.usd_per_correct, line.latency_p95_s
    return LiveRow(
        label=line.label,
        side=line.side,
        n_samples=str(line.n_samples) if line.n_of is not None else "",
        n_of=line.n_of if page.judged == "plan" and line.n_of is not None else "",
        figures={
            "usd": format_usd(usd.central),
            "usd-range": f"{format_usd(usd.low)} to {format_usd(usd.high)}",
            "correct": MISSING if correct is None else format_usd(correct),
            "accuracy": _percent(right.central),
            "accuracy-range": f"{_percent(right.low)} to {_percent(right.high)}",
            "gpus": f"{got.gpus:,}",
            "latency": MISSING if latency is None else format_seconds(latency),
        },
    )


def _percent(fraction: float) -> str:
    """Draws travel with seven digits: six are shown, so that a half is not rounded otherwise."""
    return format_percent(significant(fraction, 6))


def verdict_text(page: WhatIf, found: Figures) -> str:
    """Who wins, or how sure the plan is, in a sentence."""
    words = wording_what_if
    chance = probability(found.probability)
    name = page.lines[found.leader].label
    if page.judged == "plan":
        said = []
        if len(page.lines) > 1:
            said.append(words.BEATS.format(baseline=page.lines[1].label, chance=chance))
        if page.budget_usd_per_day is not None and found.within_budget is not None:
            usd, within = format_usd(page.budget_usd_per_day), probability(found.within_budget)
            said.append(words.WITHIN.format(usd=usd, chance=within))
        return " ".join(said)
    if len(page.lines) == 1:
        return ""
    equal = any(line.parity_n is not None for line in page.lines)
    how = words.CHEAPER if equal else words.DOMINATES
    if found.decided:
        return words.DECIDED.format(name=name, how=how, chance=chance)
    if found.probability < words.SURE:
        return words.UNSURE.format(name=name, how=how, chance=chance)
    return words.TOO_LITTLE.format(name=name, how=how, chance=chance)


def break_even_text(page: WhatIf, found: Figures) -> str:
    """From which volume on the leader is the cheapest."""
    even = found.break_even
    if even is None:
        return ""
    name, words = page.lines[found.leader].label, wording_what_if
    first, last = page.volumes[0], format_count(page.volumes[-1])
    if even.median is None:
        chance = probability(even.share_of_draws)
        return words.NO_BREAK_EVEN.format(most=last, name=name, chance=chance)
    high = f"over {last}" if even.high is None else format_count(even.high)
    low = format_count(even.low) if even.low is not None else last
    start = words.EVERY if even.median == first else words.FROM
    middle = words.NO_MIDDLE
    if even.central is not None:
        middle = words.MIDDLE.format(volume=format_count(even.central))
    return words.BREAK_EVEN.format(
        name=name, start=start.format(volume=format_count(even.median)), low=low, high=high,
        middle=middle,
    )  # fmt: skip


def _held(page: WhatIf) -> str:
    words = wording_what_if
    said = [words.HELD[page.judged]]
    if len(page.lengths) > 1:
        said.append(words.LENGTHS.format(steps=len(page.lengths)))
    if any(line.parity_n is not None for line in page.lines):
        said.append(words.ONE_N)
    if any(line.training_usd_per_day is not None for line in page.lines):
        said.append(words.TRAINING)
    if all(line.n_of is None for line in page.lines):
        said.append(words.NO_N)
    if page.judged == "answer" and page.criterion != "cost_at_equal_accuracy":
        said.append(words.OTHER_CRITERION)
    return " ".join(said)
