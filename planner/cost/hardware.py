"""An accelerator as the time form reads it: datasheet rates and the shares that kernels reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.cost.assumptions import BORROWED_TIME, MEASURED_TIME
from planner.domain.card import AcceleratorCard, Efficiency
from planner.domain.draws import Draws
from planner.errors import InputError, Note, Problem


@dataclass(frozen=True)
class Hardware:
    """Rates of one GPU, and what is known of how far kernels reach them."""

    name: str
    flop_per_s: float
    """Dense bf16 matrix rate of the datasheet."""
    bandwidth_byte_per_s: float
    memory_byte: float
    efficiency: Efficiency
    link_byte_per_s: float | None = None
    """One-way bandwidth to the other GPUs of a node; None where they are not linked."""
    max_gpus: int = 1
    """Widest tensor parallelism."""
    time_factor: NDArray[np.float64] | float = 1.0
    """(draw,) or a number: real over modelled kernel time, 1 in the central case."""

    @property
    def gpu_choices(self) -> tuple[int, ...]:
        """1, 2, 4 ... GPUs up to the widest: heads and widths split evenly over powers of two."""
        choices = [1]
        while choices[-1] * 2 <= self.max_gpus:
            choices.append(choices[-1] * 2)
        return tuple(choices)


def hardware_of(
    card: AcceleratorCard, lender: AcceleratorCard | None = None, draws: Draws | None = None
) -> tuple[Hardware, tuple[Note, ...]]:
    """The Hardware of a card; `lender` lends its efficiencies where the card has none.

    With `draws` the time factor is drawn: MEASURED_TIME where the card has efficiencies of its own,
    BORROWED_TIME (wider) and a Note `efficiency_borrowed` where it has not. An accelerator without
    a link is offered one GPU at a time, since the cost of an all-reduce is then not known.

    Raises InputError where neither card has efficiencies.
    """
    efficiency = card.efficiency
    notes: tuple[Note, ...] = ()
    spread = MEASURED_TIME
    if efficiency is None:
        efficiency = lender.efficiency if lender is not None else None
        spread = BORROWED_TIME
    if efficiency is None:
        raise InputError(
            Problem(
                f"accelerator card {card.name}",
                "it has no measured efficiency, and none to borrow",
                column="efficiency",
                remedy="add [efficiency], or give an accelerator card that has it",
            )
        )
    if card.efficiency is None:
        notes = (
            Note(
                "efficiency_borrowed",
                f"{card.title} was not measured: it is taken to reach the same share of its"
                f" datasheet as {efficiency.measured_on}, with kernel times {spread.low:g} to"
                f" {spread.high:g} times as long (80 % range).",
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
        time_factor=1.0 if draws is None else draws.positive(f"kernel time on {card.name}", spread),
    )
    return hardware, notes
