"""Requirements of a problem by their names, in words and units."""

from __future__ import annotations

from collections.abc import Mapping

from planner.allocate.problem import Problem
from planner.domain.objective import ObjectiveKind
from planner.domain.why import ShadowPrice

UNIT: dict[ObjectiveKind, str] = {
    "accuracy": "accuracy",
    "cost": "dollars a day",
    "net_value": "dollars a day",
    "cost_per_correct": "dollars a day at the last price of a correct answer",
}
"""What an objective is counted in."""
_PER: dict[str, str] = {
    "usd_per_day": "dollar a day",
    "flop_per_day": "FLOP a day",
    "eflop_per_day": "eFLOP a day",
    "kwh_per_day": "kWh a day",
    "gpus": "GPU",
}


def shadow_rows(problem: Problem, prices: Mapping[str, float]) -> tuple[ShadowPrice, ...]:
    """Shadow prices in words: of a budget by its unit, of a floor by a point of accuracy."""
    found = []
    for name, price in prices.items():
        floor = name.startswith("min_accuracy")
        if not floor and name not in _PER:
            continue
        found.append(
            ShadowPrice(
                requirement=name,
                value=price / 100 if floor else price,
                unit=f"{UNIT[problem.objective]} per {'point' if floor else _PER[name]}",
            )
        )
    return tuple(found)
