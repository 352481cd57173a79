"""Numbers in a saved result that no run can have written: somebody changed the file."""

from __future__ import annotations

from collections.abc import Iterator

ACCURACIES = frozenset({"accuracy", "accuracy_low", "accuracy_high"})
SHARES = frozenset({"share", "probability_winner", "probability_beats_baseline"})
AMOUNTS = frozenset(
    {
        *(f"cost_usd_per_{what}" for what in ("query", "day", "correct")),
        *(f"cost_usd_per_{what}_{end}" for what in ("query", "day") for end in ("low", "high")),
        "marginal_cost_usd_per_query",
        "usd_per_day",
        "usd_per_gpu_hour",
        "queries_per_day",
        "utilisation",
        "flop_per_query",
        "gpu_s_per_query",
    }
)
"""Dollars, queries and work: never below 0."""
ROUNDING = 1e-6
OPTIMISM = 0.1
"""An accuracy near 0 may lie below it, once what choosing the best promises is taken off."""


def implausible(value: object, place: str = "") -> Iterator[tuple[str, str, float]]:
    """(field, what is wrong, value seen) of each number that cannot be, wherever it stands.

    value is JSON: objects, lists and numbers.
    """
    if isinstance(value, list):
        for i, each in enumerate(value):
            yield from implausible(each, f"{place}.{i}" if place else str(i))
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        at = f"{place}.{name}" if place else name
        if isinstance(each, int | float) and not isinstance(each, bool):
            wrong = _wrong(name, each)
            if wrong is not None:
                yield at, wrong, each
        else:
            yield from implausible(each, at)


def _wrong(name: str, value: float) -> str | None:
    if name in ACCURACIES and not -OPTIMISM <= value <= 1.0 + ROUNDING:
        return "an accuracy is a share of 1"
    if name in SHARES and not -ROUNDING <= value <= 1.0 + ROUNDING:
        return "a share lies from 0 to 1"
    if name in AMOUNTS and not value >= -ROUNDING:
        return "it is never below 0"
    return None
