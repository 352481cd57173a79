"""Accuracy against FLOPs as papers count them, over measured points only.

The convention of published frontiers: 2 x nominal parameters x generated tokens, a verifier
charged at its size for every sample, prompts left out. Budgets are then in units of 2e9 FLOP a
generated token, which is the number of parameters, in billions, run for each token of a sample.
Not for pricing: prompts, attention and batching are left out (`planner.cost` has them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MIN_GAIN = 0.002
"""Steps that gain less are left out, and leads smaller than this are called level."""


@dataclass(frozen=True)
class Arm:
    """One measured option."""

    label: str
    model: str
    method: str
    verifier: str | None
    n_samples: int
    flop_units: float
    """Nominal parameters run for each generated token of a sample, billions, times n."""
    accuracy: float


@dataclass(frozen=True)
class Lead:
    """A range of budgets in which one model's best arm is the most accurate."""

    model: str
    from_times: float
    """In units of the reference budget."""
    to_times: float
    """Just under which the lead ends; inf where it does not."""


def frontier_steps(arms: Sequence[Arm], min_gain: float = MIN_GAIN) -> list[Arm]:
    """The arms that raise the best accuracy by more than min_gain, cheapest first.

    Of arms at one budget the most accurate stands; among equals the first by label.
    """
    steps: list[Arm] = []
    best = 0.0
    for arm in sorted(arms, key=lambda a: (a.flop_units, -a.accuracy, a.label)):
        if arm.accuracy > best + min_gain:
            steps.append(arm)
            best = arm.accuracy
    return steps


def best_at(arms: Sequence[Arm], flop_units: float) -> float:
    """Best accuracy of the arms within a budget; 0 where none fits."""
    return max((a.accuracy for a in arms if a.flop_units <= flop_units * (1 + 1e-12)), default=0.0)


def leads(arms: Sequence[Arm], reference_units: float) -> list[Lead]:
    """Which model leads from the reference budget up, as adjoining ranges."""
    by_model: dict[str, list[Arm]] = {}
    for arm in arms:
        by_model.setdefault(arm.model, []).append(arm)
    found: list[Lead] = []
    for units in _budgets(arms, reference_units):
        best = {model: best_at(by_model[model], units) for model in sorted(by_model)}
        leader = max(best, key=lambda model: best[model])
        times = units / reference_units
        # Within MIN_GAIN two models are level, and the one that led stays ahead.
        if found and best[leader] <= best[found[-1].model] + MIN_GAIN:
            continue
        if found:
            found[-1] = Lead(found[-1].model, found[-1].from_times, times)
        found.append(Lead(leader, times, float("inf")))
    return found


def verifier_leads_from(arms: Sequence[Arm], reference_units: float) -> float | None:
    """Budget, in units of the reference, from which on a verifier beats going without by MIN_GAIN.

    None where it never does to the end of what was measured.
    """
    plain = [a for a in arms if a.verifier is None]
    verified = [a for a in arms if a.verifier is not None]
    since: float | None = None
    for units in _budgets(arms, reference_units):
        if best_at(verified, units) > best_at(plain, units) + MIN_GAIN:
            since = units / reference_units if since is None else since
        else:
            since = None
    return since


def _budgets(arms: Sequence[Arm], reference_units: float) -> list[float]:
    """Budgets at which something changes, from the reference up."""
    return sorted(
        {reference_units} | {a.flop_units for a in arms if a.flop_units > reference_units}
    )
