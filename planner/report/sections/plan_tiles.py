"""Five numbers of a plan beside its baseline, coloured by good and bad, not by sign."""

from __future__ import annotations

from planner.domain.plan import PlanAnswer, Totals
from planner.report.page import Tile, Tone
from planner.report.text import probability, span
from planner.units import format_percent, format_seconds, format_usd

SURE = 0.8


def plan_tiles(plan: PlanAnswer) -> tuple[Tile, ...]:
    """Accuracy, dollars a day, dollars a correct answer, p95 latency, probability."""
    base = plan.baseline
    usd, accuracy, queries = plan.cost_usd_per_day, plan.accuracy, plan.queries_per_day
    tiles = []
    if accuracy is not None:
        between = span(plan.accuracy_low, plan.accuracy_high, format_percent)
        was = None if base is None else base.accuracy
        tiles.append(
            Tile("Accuracy", format_percent(accuracy),
                 _beside(between, None if was is None else format_percent(was)),
                 _tone(accuracy, was))
        )  # fmt: skip
    if usd is not None:
        between = span(plan.cost_usd_per_day_low, plan.cost_usd_per_day_high, format_usd)
        was = None if base is None else base.cost_usd_per_day
        tiles.append(
            Tile("Cost a day", format_usd(usd),
                 _beside(between, None if was is None else format_usd(was)),
                 _tone(usd, was, less_is_good=True))
        )  # fmt: skip
    if usd is not None and accuracy and queries:
        correct = usd / queries / accuracy
        was = None if base is None else base.cost_usd_per_correct
        tiles.append(
            Tile("Cost a correct answer", format_usd(correct),
                 _beside(None, None if was is None else format_usd(was)),
                 _tone(correct, was, less_is_good=True))
        )  # fmt: skip
    tiles += _latency(plan, base)
    if plan.probability_beats_baseline is not None:
        chance = plan.probability_beats_baseline
        label = base.label if base is not None else "the baseline"
        tone: Tone = "good" if chance >= SURE else "open"
        tiles.append(Tile("Probability", probability(chance), f"that it beats {label}", tone))
    return tuple(tiles)


def _latency(plan: PlanAnswer, base: Totals | None) -> list[Tile]:
    known = [row.latency_p95_s for row in plan.allocation if row.latency_p95_s is not None]
    if not known:
        return []
    latency = max(known)
    was = None if base is None else base.latency_p95_s
    return [
        Tile("95 % answered within", format_seconds(latency),
             _beside(None, None if was is None else format_seconds(was)),
             _tone(latency, was, less_is_good=True))
    ]  # fmt: skip


def _beside(between: str | None, baseline: str | None) -> str:
    return "; ".join(filter(None, (between, baseline and f"baseline {baseline}")))


def _tone(value: float, was: float | None, *, less_is_good: bool = False) -> Tone:
    """Good where a reader gains, whichever way the number moves."""
    if was is None or abs(value - was) < 1e-9:
        return "plain"
    return "good" if (value < was) == less_is_good else "bad"
