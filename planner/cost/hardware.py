"""An accelerator as the time form reads it: datasheet rates and the shares that kernels reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from planner.cost.assumptions import BORROWED_TIME, MEASURED_TIME, UNMEASURED_FORMAT_TIME
from planner.domain.card import AcceleratorCard, Efficiency
from planner.domain.draws import CENTRAL, Draws
from planner.domain.ranges import Range
from planner.domain.weights import FORMATS, WeightFormat
from planner.errors import InputError, Note, Problem

Factor = NDArray[np.float64] | float


@dataclass(frozen=True)
class Kernels:
    """What kernels for one weight format reach on an accelerator."""

    efficiency: Efficiency
    flop_per_s: float
    """Matrix rate of the datasheet at which layers are multiplied."""
    time_factor: Factor = 1.0
    """(draw,) or a number: real over modelled kernel time."""
    time_range: Range = MEASURED_TIME
    """What that factor is drawn from."""
    note: Note | None = None
    """What a reader should know where these were not measured here."""


@dataclass(frozen=True)
class Hardware:
    """Rates of one GPU, and what is known of how far kernels reach them."""

    name: str
    flop_per_s: float
    """Dense bf16 matrix rate of the datasheet."""
    bandwidth_byte_per_s: float
    memory_byte: float
    efficiency: Efficiency
    """Of bf16."""
    link_byte_per_s: float | None = None
    """One-way bandwidth to the other GPUs of a node; None where they are not linked."""
    max_gpus: int = 1
    """Widest tensor parallelism."""
    time_factor: Factor = 1.0
    """(draw,) or a number: real over modelled kernel time in bf16, 1 in the central case."""
    time_range: Range = MEASURED_TIME
    """What that factor is drawn from."""
    formats: Mapping[WeightFormat, Kernels] = field(default_factory=dict)
    """Kernels of the other weight formats."""

    @property
    def gpu_choices(self) -> tuple[int, ...]:
        """1, 2, 4 ... GPUs up to the widest: most heads and widths split over powers of two."""
        choices = [1]
        while choices[-1] * 2 <= self.max_gpus:
            choices.append(choices[-1] * 2)
        return tuple(choices)

    def central(self) -> Hardware:
        """The same in the central case: its time factors are numbers."""
        formats = {
            weights: replace(kernels, time_factor=_central(kernels.time_factor))
            for weights, kernels in self.formats.items()
        }
        return replace(self, time_factor=_central(self.time_factor), formats=formats)

    def kernels(self, weights: WeightFormat) -> Kernels:
        """What kernels reach with weights stored so. Raises InputError for a format it has not."""
        if weights == "bf16":
            return Kernels(self.efficiency, self.flop_per_s, self.time_factor, self.time_range)
        if weights not in self.formats:
            raise InputError(
                Problem(
                    f"accelerator {self.name}",
                    "it has no kernels for this weight format",
                    column="weights",
                    value=weights,
                    remedy=f"write one of {', '.join(('bf16', *self.formats))}",
                )
            )
        return self.formats[weights]


def hardware_of(
    card: AcceleratorCard, lender: AcceleratorCard | None = None, draws: Draws | None = None
) -> tuple[Hardware, tuple[Note, ...]]:
    """The Hardware of a card; `lender` lends its efficiencies where the card has none.

    With `draws` the time factor is drawn: MEASURED_TIME where the card has efficiencies of its own,
    BORROWED_TIME (wider) and a Note `efficiency_borrowed` where it has not. A weight format that
    neither card measured takes bf16's efficiencies on its bytes, and UNMEASURED_FORMAT_TIME (wider
    still). An accelerator without a link is offered one GPU at a time, since the cost of an
    all-reduce is then not known.

    Raises InputError where neither card has efficiencies.
    """
    efficiency = card.efficiency or (lender.efficiency if lender is not None else None)
    if efficiency is None:
        raise InputError(
            Problem(
                f"accelerator card {card.name}",
                "it has no measured efficiency, and none to borrow",
                column="efficiency",
                remedy="add [efficiency], or give an accelerator card that has it",
            )
        )
    notes: tuple[Note, ...] = ()
    spread = MEASURED_TIME
    if card.efficiency is None:
        spread = BORROWED_TIME
        notes = (
            Note(
                "efficiency_borrowed",
                f"{card.title} was not measured: it is taken to reach the same share of its"
                f" datasheet as {efficiency.measured_on}, with kernel times {spread.low:g} to"
                f" {spread.high:g} times as long (80% range).",
            ),
        )
    linked = card.link_byte_per_s is not None
    hardware = Hardware(
        name=card.name,
        flop_per_s=card.bf16_flop_per_s,
        bandwidth_byte_per_s=card.bandwidth_byte_per_s,
        memory_byte=card.memory_byte,
        efficiency=efficiency,
        link_byte_per_s=card.link_byte_per_s,
        max_gpus=(card.max_per_node or 1) if linked else 1,
        time_factor=_factor(card, spread, draws),
        time_range=spread,
        formats={
            weights: _kernels(weights, card, lender, efficiency, draws)
            for weights in FORMATS
            if weights != "bf16"
        },
    )
    return hardware, notes


def _kernels(
    weights: WeightFormat,
    card: AcceleratorCard,
    lender: AcceleratorCard | None,
    bf16: Efficiency,
    draws: Draws | None,
) -> Kernels:
    """Kernels of a format: measured on the card, else lent, else bf16's on fewer bytes."""
    eight_bit = weights != "int4" and card.fp8_flop_per_s is not None
    rate = card.fp8_flop_per_s if eight_bit and card.fp8_flop_per_s else card.bf16_flop_per_s
    own = card.efficiency_of(weights)
    if own is not None:
        return Kernels(own, rate, _factor(card, MEASURED_TIME, draws), MEASURED_TIME)
    lent = lender.efficiency_of(weights) if lender is not None and eight_bit else None
    if lent is not None:
        note = _format_note(card, weights, f"the shares that {lent.measured_on} reaches are used")
        return Kernels(lent, rate, _factor(card, BORROWED_TIME, draws), BORROWED_TIME, note)
    spread = UNMEASURED_FORMAT_TIME
    how = (
        "fewer bytes are read, and multiplied in bf16 at bf16's efficiencies, with kernel times"
        f" {spread.low:g} to {spread.high:g} times as long (80% range)"
    )
    note = _format_note(card, weights, how)
    return Kernels(bf16, card.bf16_flop_per_s, _factor(card, spread, draws), spread, note)


def _format_note(card: AcceleratorCard, weights: WeightFormat, how: str) -> Note:
    return Note(
        "weights_unmeasured", f"Weights in {weights} were not measured on {card.title}: {how}."
    )


def _factor(card: AcceleratorCard, spread: Range, draws: Draws | None) -> Factor:
    return 1.0 if draws is None else draws.positive(f"kernel time on {card.name}", spread)


def _central(factor: Factor) -> float:
    return float(np.ravel(factor)[CENTRAL])
