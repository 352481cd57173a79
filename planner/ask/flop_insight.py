"""What equal FLOPs buy among all that was measured of the models asked about, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.allocate.table import option_label
from planner.domain.answer import FlopStep
from planner.domain.draws import CENTRAL
from planner.domain.method import METHODS
from planner.domain.observation import ALL
from planner.economics.flop_frontier import (
    MIN_GAIN,
    Arm,
    Lead,
    frontier_steps,
    leads,
    verifier_leads_from,
)
from planner.options import Candidate
from planner.units import format_percent


def arms_of(candidates: Sequence[Candidate]) -> list[Arm]:
    """Every candidate at every n it was measured at on the whole set, coverage left out."""
    found = []
    for candidate in candidates:
        curve = candidate.curves.get(ALL)
        sized = candidate.generator is not None
        if curve is None or not sized or not METHODS[candidate.method].buyable:
            continue
        for i, n in enumerate(curve.n_measured):
            found.append(
                Arm(
                    option_label(candidate, int(n)),
                    candidate.model,
                    candidate.method,
                    candidate.verifier,
                    int(n),
                    candidate.flop_units(float(n)),
                    float(curve.measured[CENTRAL, i]),
                )
            )
    return found


def flop_steps(arms: Sequence[Arm], reference_units: float) -> tuple[FlopStep, ...]:
    """The frontier of the arms, in units of the reference's FLOPs."""
    return tuple(
        FlopStep(
            flop_units=arm.flop_units,
            times_reference=arm.flop_units / reference_units,
            accuracy=arm.accuracy,
            label=arm.label,
            model=arm.model,
            method=arm.method,
            verifier=arm.verifier,
            n_samples=arm.n_samples,
        )
        for arm in frontier_steps(arms)
    )


def flop_sentence(
    arms: Sequence[Arm], reference_units: float, reference: str, titles: Mapping[str, str]
) -> str:
    """Which model leads at which FLOP budget, and from where on a verifier pays."""
    ranges = leads(arms, reference_units)
    said = "; ".join(_range(lead, titles) for lead in ranges)
    text = f"At equal FLOPs, in units of {reference}: {said}."
    if not any(arm.verifier for arm in arms):
        return text
    since = verifier_leads_from(arms, reference_units)
    gain = format_percent(MIN_GAIN)[:-1].rstrip()
    if since is None:
        return f"{text} A verifier never leads plain voting by more than {gain} points."
    if since <= 1:
        return f"{text} A verifier leads plain voting throughout."
    return (
        f"{text} From {reference}'s budget up, a verifier leads plain voting by more than"
        f" {gain} points only from {since:.3g} times that budget on."
    )


def _range(lead: Lead, titles: Mapping[str, str]) -> str:
    name = titles[lead.model]
    if lead.to_times == float("inf"):
        return f"{name} leads from {lead.from_times:.3g} times up"
    return f"{name} leads from {lead.from_times:.3g} to just under {lead.to_times:.3g} times"
