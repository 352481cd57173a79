"""Five numbers of a plan beside its baseline, coloured by good and bad, not by sign."""

from __future__ import annotations

from planner.domain.plan import PlanAnswer, Totals
from planner.report import wording
from planner.report.page import Tile, Tone
from planner.report.sections.tiles import Beside, Figures, figure_tiles
from planner.report.text import probability

SURE = 0.8
"""From this probability on the page says who wins; below it leaves the question open."""


def plan_tiles(plan: PlanAnswer) -> tuple[Tile, ...]:
    """Accuracy, dollars a day, dollars a correct answer, p95 latency, probability."""
    usd, accuracy, queries = plan.cost_usd_per_day, plan.accuracy, plan.queries_per_day
    own = Figures(
        accuracy=accuracy,
        usd_per_day=usd,
        usd_per_correct=usd / queries / accuracy if usd and queries and accuracy else None,
        latency_p95_s=max(
            (r.latency_p95_s for r in plan.allocation if r.latency_p95_s), default=None
        ),
        accuracy_ends=(plan.accuracy_low, plan.accuracy_high),
        usd_ends=(plan.cost_usd_per_day_low, plan.cost_usd_per_day_high),
    )
    base = plan.baseline
    beside = None
    if base is not None:
        beside = Beside(_figures(base), "baseline", latency=wording.MEAN_LOAD)
    tiles = figure_tiles(own, beside)
    if plan.probability_beats_baseline is not None:
        chance = plan.probability_beats_baseline
        label = base.label if base is not None else "the baseline"
        said = f"that it beats {label}"
        tiles.append(Tile("Probability", probability(chance), said, tone(plan)))
    return tuple(tiles)


def tone(plan: PlanAnswer) -> Tone:
    """How the headline is set: a plan that may not beat its baseline is not shown as a win."""
    chance = plan.probability_beats_baseline
    unsure = chance is not None and chance < SURE
    return "open" if plan.status == "infeasible" or unsure else "good"


def _figures(base: Totals) -> Figures:
    return Figures(
        base.accuracy, base.cost_usd_per_day, base.cost_usd_per_correct, base.latency_p95_s
    )
