"""What a scenario takes for granted, told beside its plan."""

from __future__ import annotations

from collections.abc import Sequence

from planner.domain.cardbook import CardBook
from planner.domain.observation import Observations
from planner.domain.prices import STALE_DAYS, prices_as_of, stale
from planner.domain.scenario import Scenario
from planner.errors import Note


def price_note(scenario: Scenario, cards: CardBook) -> Sequence[Note]:
    """That the newest prices are old on the day that is planned."""
    read, day = prices_as_of(cards.prices.values()), scenario.workload.day
    if day is None or not stale(read, day):
        return ()
    return (
        Note(
            "stale_prices",
            f"The newest prices known were read on {read}, more than {STALE_DAYS} days before the"
            f" day that is planned, {day}: look them up again.",
        ),
    )


def cascade_note(scenario: Scenario) -> Sequence[Note]:
    """What cascades rest on."""
    if not scenario.cascades:
        return ()
    return (
        Note(
            "cascade_independent",
            "Cascades assume that within a bucket the second option is as accurate on the queries"
            " handed on as on all of them; those that the first one fails are harder, so that this"
            " flatters cascades where buckets are wide.",
        ),
    )


def router_note(scenario: Scenario, observations: Observations) -> Sequence[Note]:
    """What is taken for granted of telling difficulty."""
    router = scenario.router
    cut = any(len(c.mix) > 1 for c in scenario.workload.classes)
    if router.signal != "level" or not cut or router.told(("", " ")) is not None:
        return ()
    told = next((p for p in observations.partitions if p.deployable), None)
    if told is not None:
        paid = router.model is not None or router.cost is not None
        if paid or not told.router_samples:
            return ()
        return (
            Note(
                "router_unpaid",
                f"Buckets are told by {told.router_samples} samples of a query, which this plan"
                " does not pay for: name the model, tokens, output_tokens and samples in [router].",
            ),
        )
    return (
        Note(
            "router_perfect",
            "The plan takes the difficulty bucket of every query as known before it is answered."
            ' A real router errs: signal = "none" in [router] shows the plan without one.',
        ),
    )
