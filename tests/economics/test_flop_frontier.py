"""The accuracy frontier in FLOPs: simple cases; the published one is tested through `ask`."""

from __future__ import annotations

import math

from planner.economics.flop_frontier import Arm, best_at, frontier_steps, leads, verifier_leads_from


def arm(model: str, units: float, accuracy: float, verifier: str | None = None) -> Arm:
    return Arm(f"{model}@{units:g}", model, "majority_vote", verifier, 1, units, accuracy)


ARMS = [
    arm("small", 7, 0.20),
    arm("big", 34, 0.25),
    arm("small", 56, 0.27),
    arm("small", 112, 0.271),
    arm("big", 272, 0.36),
    arm("small", 224, 0.335, "prm"),
]


def test_steps_that_gain_too_little_are_left_out() -> None:
    assert [a.flop_units for a in frontier_steps(ARMS)] == [7, 34, 56, 224, 272]


def test_best_at_counts_only_what_fits_the_budget() -> None:
    assert best_at(ARMS, 55.9) == 0.25
    assert best_at(ARMS, 1) == 0.0


def test_leads_are_adjoining_ranges_of_the_reference_budget() -> None:
    found = leads(ARMS, 34)
    assert [(lead.model, round(lead.from_times, 2)) for lead in found] == [
        ("big", 1.0),
        ("small", 1.65),
        ("big", 8.0),
    ]
    assert found[1].to_times == found[2].from_times
    assert math.isinf(found[-1].to_times)


def test_a_verifier_that_is_overtaken_again_does_not_lead() -> None:
    assert verifier_leads_from(ARMS, 34) is None
    assert verifier_leads_from([*ARMS, arm("big", 544, 0.5, "prm")], 34) == 16.0
