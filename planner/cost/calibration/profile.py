"""The accelerator card with what was fitted in it: a profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from planner.domain.calibration import EngineFit
from planner.domain.card import AcceleratorCard, Efficiency, Engine, Source
from planner.domain.ranges import Range
from planner.domain.weights import WeightFormat

FIELDS: dict[WeightFormat, str] = {
    "bf16": "efficiency",
    "fp8-tensor": "efficiency_fp8_tensor",
    "fp8-row": "efficiency_fp8_row",
    "int4": "efficiency_int4",
}
"""Weight format -> field of the card."""


def fitted_card(
    card: AcceleratorCard,
    efficiencies: Mapping[WeightFormat, Efficiency],
    engine: EngineFit | None,
    measured: str,
    date: str,
    lender: AcceleratorCard | None = None,
) -> AcceleratorCard:
    """The card with fitted blocks in place of its own; what was not fitted stays.

    measured: what the fit rests on, as the source says it; date: the day of the measurements.
    lender: gives its bf16 efficiencies where only an engine was fitted and the card has none, so
    that the engine's figure keeps the kernels that it was found with.
    """
    update: dict[str, Any] = {FIELDS[weights]: e for weights, e in efficiencies.items()}
    if engine is not None:
        spread = Range(value=engine.value, low=engine.low, high=engine.high)
        update["engine"] = Engine(
            efficiency=spread, measured_on=f"planner calibrate: {measured}, on {card.name}"
        )
    notes = None
    if card.efficiency is None and "efficiency" not in update and lender is not None:
        update["efficiency"] = lender.efficiency
        notes = f"The kernel efficiencies are {lender.title}'s; only the engine was fitted."
    if not update:
        return card
    replaced = set(update)
    kept = [
        source.model_copy(update={"covers": left})
        for source in card.sources
        if (left := tuple(name for name in source.covers if name not in replaced))
    ]
    made = Source(
        covers=tuple(sorted(replaced)),
        title=f"planner calibrate: {measured}",
        read=dt.date.fromisoformat(date),
        note=notes,
    )
    return card.model_copy(update={**update, "sources": (*kept, made)})
