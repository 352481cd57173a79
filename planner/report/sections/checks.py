"""What was looked at, how it stands, and what to do about it."""

from __future__ import annotations

import datetime as dt

from planner.domain.answer import UNDECIDED, Answer
from planner.domain.plan import Assumption, PlanAnswer
from planner.report import wording
from planner.report.page import Cell, Column, Section, Table
from planner.report.text import probability
from planner.units import format_percent

COLUMNS = (
    Column("Checked", number=False),
    Column("Status", number=False, whole=True),
    Column("What to do", number=False),
)
SURE = 0.8
STALE_DAYS = 90
"""A number read longer than this before the prices is flagged."""
OLD_PRICES = ("stale_price", "stale_prices")
"""Codes of warnings of prices that were read long ago."""
SMALLEST_GAP = 1e-4
GOOD, LOOK, BAD = "✓ good", "! look", "✗ broken"
NOTHING = "nothing"
REMEDY = {
    "efficiency_borrowed": "time your engine once and run `planner calibrate`",
    "shape_generic": "add a card with the model's layers and heads",
    "stale_price": "ask for a price and give it: --price, or price in [[supply]]",
    "stale_prices": "look them up and add them: planner cards prices --import",
    "one_provider": "ask a second provider, or give the price you were offered",
    "smaller_replicas": "price the smaller replica: planner price --gpus",
    "router_perfect": 'give [router] its measured confusion, or signal = "none"',
    "mix_assumed": "count the difficulty of your own queries and give mix",
    "interpolated": "measure the n that is bought",
    "far_gap": "measure an n in the gap",
    "extrapolated": "measure the larger n before buying it",
    "question_set_bridge": "measure both on the same questions",
    "several_curves": "name the temperature or verifier that you mean",
    "greedy_anchor": "measure one sample at the temperature of the others",
}
"""What to do about a warning, by its code."""


def plan_section(plan: PlanAnswer) -> Section:
    """Requirements, proof, baseline, stale numbers, warnings."""
    rows = [_requirements(plan), _proof(plan)]
    if plan.probability_beats_baseline is not None:
        rows.append(_sure("It beats its baseline", plan.probability_beats_baseline))
    rows.append(stale_row(plan))
    rows += _warnings(plan)
    return _section(rows)


def answer_section(answer: Answer) -> Section:
    """The verdict, the wishes, stale numbers, warnings."""
    rows = []
    if len(answer.sides) > 1:
        rows.append(_sure(f"{answer.leader} is ahead", answer.probability_winner))
        if answer.winner == UNDECIDED and answer.probability_winner >= SURE:
            smaller = any(found.code == "smaller_replicas" for found in answer.warnings)
            why = (
                f"another side would cost less on smaller replicas: {REMEDY['smaller_replicas']}"
                if smaller
                else "the gain is too small to matter: choose by what is easier to run"
            )
            rows[-1] = (rows[-1][0], Cell(LOOK), Cell(why))
        if answer.probability_winner_on_traffic is not None:
            rows.append(_row(f"{answer.leader} is ahead {wording.ON_TRAFFIC}",
                             f"in {probability(answer.probability_winner_on_traffic)} of the draws",
                             answer.probability_winner_on_traffic >= SURE,
                             "grade answers of each side to your own queries"))  # fmt: skip
    if answer.meets_wishes is not None:
        met = answer.meets_wishes
        rows.append(_row("Budget, floor and latency asked for", "kept" if met else "not kept", met,
                         "loosen one of them, or ask for the best plan"))  # fmt: skip
    if answer.parity_n_accuracy is not None:
        share = answer.parity_n_accuracy.share_of_draws
        rows.append(_row("An equal accuracy exists within the measured n",
                         f"in {probability(share)} of the draws", share >= SURE,
                         "measure larger n, or a stronger verifier"))  # fmt: skip
    rows.append(stale_row(answer))
    count = len(answer.warnings)
    found = f"{count} warning{'s' * (count != 1)}"
    rows.append(_row("Nothing weakens the answer", found, not count,
                     "each is told below, with what to do about it"))  # fmt: skip
    return _section(rows)


def _section(rows: list[tuple[Cell, ...]]) -> Section:
    table = Table(COLUMNS, tuple(rows))
    return Section("checks", wording.TITLE["checks"], wording.LEAD["checks"], (table,))


def _row(what: str, found: str, good: bool, remedy: str) -> tuple[Cell, ...]:
    return Cell(what, found), Cell(GOOD if good else LOOK), Cell(NOTHING if good else remedy)


def _requirements(plan: PlanAnswer) -> tuple[Cell, ...]:
    if plan.checked is None:
        return _row("Every requirement, reread from the printed numbers", "not reread", False,
                    "solve the scenario again")  # fmt: skip
    if plan.checked.ok:
        found = f"{len(plan.checked.checked)} requirements, all kept"
        return _row("Every requirement, reread from the printed numbers", found, True, "")
    broken = "; ".join(plan.checked.broken)
    return (Cell("Every requirement, reread from the printed numbers", broken), Cell(BAD),
            Cell("do not use this plan: report it"))  # fmt: skip


def _proof(plan: PlanAnswer) -> tuple[Cell, ...]:
    if plan.status == "infeasible":
        return (Cell("A plan exists", wording.STATUS["infeasible"]), Cell(BAD),
                Cell(plan.relaxation or "loosen a requirement"))  # fmt: skip
    gap = plan.gap or 0.0
    found = wording.STATUS[plan.status]
    if gap >= SMALLEST_GAP:
        found += f"; at most {format_percent(gap, 2)} is left to gain"
    proven = plan.status == "optimal"
    return _row("No plan over these options is better", found, proven,
                "it may be used; the bound says what could be left")  # fmt: skip


def _sure(what: str, chance: float) -> tuple[Cell, ...]:
    return _row(what, f"in {probability(chance)} of the draws", chance >= SURE,
                "measure what the section on measuring names before deciding")  # fmt: skip


def stale_row(found: Answer | PlanAnswer) -> tuple[Cell, ...]:
    """How many numbers were read long before the newest prices, and whether prices are old."""
    dated = [a for a in found.assumptions if a.date]
    old = [a for a in dated if stale_days(a, found.prices_as_of)]
    said = (
        f"{len(old)} of {len(dated)} dated numbers were read over {STALE_DAYS} days before the"
        " newest price"
    )
    prices = any(warning.code in OLD_PRICES for warning in found.warnings)
    if prices:
        said += "; prices are old, as a warning says"
    remedy = "look them up anew: they are marked below" if old else "look the prices up anew"
    return _row("Numbers are fresh", said, not old and not prices, remedy)


def stale_days(a: Assumption, prices_as_of: str | None) -> int | None:
    """Days by which a number is older than the newest price, where that is too many."""
    try:
        days = (
            dt.date.fromisoformat(prices_as_of or "") - dt.date.fromisoformat(a.date or "")
        ).days
    except ValueError:
        return None
    return days if days > STALE_DAYS else None


def _warnings(found: PlanAnswer) -> list[tuple[Cell, ...]]:
    return [
        (Cell(w.message), Cell(LOOK), Cell(REMEDY.get(w.code, "see the number that it weakens")))
        for w in found.warnings
    ]
