"""The months that the costs of a question or a scenario run over."""

from __future__ import annotations

from planner.ask.question import Question
from planner.cost.rows import range_row
from planner.cost.settings import ASKED, HORIZON_DAYS, IN_SCENARIO
from planner.domain.cardbook import CardBook
from planner.domain.draws import Draws
from planner.domain.over_time import MOST_MONTHS, OverTime
from planner.domain.plan import Assumption
from planner.domain.prices import prices_as_of
from planner.domain.scenario import Scenario
from planner.economics.months import Months, months_of
from planner.errors import InputError, Problem
from planner.units import DAYS_PER_MONTH, DAYS_PER_YEAR


def asked_months(
    question: Question, scenario: Scenario | None, cards: CardBook, draws: Draws
) -> Months:
    """The months of a question; a horizon that it names goes before the scenario's."""
    keys: OverTime = OverTime() if scenario is None else scenario.workload
    if question.horizon_days is not None:
        _plannable(question.horizon_days)
        keys = keys.model_copy(update={"horizon_days": question.horizon_days})
    day = None if scenario is None else scenario.workload.day
    volume = None if scenario is None else scenario.workload.queries_per_day
    start = day or prices_as_of(cards.prices.values())
    return months_of(keys, start, HORIZON_DAYS, draws, volume)


def _plannable(days: float) -> None:
    if days > MOST_MONTHS * DAYS_PER_MONTH * (1 + 1e-9):
        raise InputError(
            Problem(
                "question",
                "a horizon of over 30 years is longer than anybody can plan",
                value=f"{days / DAYS_PER_YEAR:.4g} years",
                remedy="write it like: for 24 months",
            )
        )


def month_rows(
    months: Months, keys: OverTime | None, asked_days: float | None = None
) -> tuple[Assumption, ...]:
    """What costs over time rest on: the horizon, and the rates that were given.

    asked_days: the horizon that a question names.
    """
    source = "assumed: a year"
    if _same(asked_days, months):
        source = ASKED
    elif keys is not None and (keys.replaced or keys.horizon_or_table_days is not None):
        source = IN_SCENARIO
    horizon = Assumption(
        name="horizon of costs",
        value=round(months.horizon_days, 6),
        unit="days",
        source=source,
        key="[workload] horizon",
    )
    rates = (
        ("growth of the volume", months.growth_per_year, "growth"),
        ("fall of prices", months.price_decline_per_year, "price_decline"),
        ("discount rate", months.discount_per_year, "discount"),
    )
    rows = (
        range_row(name, rate, "share a year", IN_SCENARIO, key=f"[workload] {key}")
        for name, rate, key in rates
        if rate.value or not rate.exact
    )
    return (horizon, *rows)


def _same(days: float | None, months: Months) -> bool:
    return days is not None and abs(days - months.horizon_days) < 1e-6 * days
