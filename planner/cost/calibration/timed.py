"""Measured steps as arrays, and the form's seconds and bytes for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.cost.hardware import Hardware
from planner.cost.memory import peak_decode_byte
from planner.cost.seconds import decode_step_s, prefill_s
from planner.cost.shape import Shape
from planner.domain.calibration import StepTime
from planner.domain.card import ModelCard

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Rows of one shape on one number of GPUs, by their places in the list."""

    shape: Shape
    gpus: int
    places: NDArray[np.int64]
    batch: Array
    tokens: Array


@dataclass(frozen=True)
class Timed:
    """Rows of one phase, measured."""

    rows: tuple[StepTime, ...]
    measured_s: Array
    groups: tuple[Group, ...]

    @property
    def sizes(self) -> int:
        """How many models of different size there are: sizes within 1.5 count as one."""
        logs = np.sort([np.log(group.shape.layer_params) for group in self.groups])
        return int(1 + (np.diff(logs) > np.log(1.5)).sum()) if len(logs) else 0

    def predicted_s(self, hardware: Hardware) -> Array:
        """Seconds of each row by the form."""
        return self._each(
            lambda g: (
                decode_step_s(g.shape, hardware, g.batch, g.tokens, g.gpus)
                if self.rows[g.places[0]].phase == "decode"
                else prefill_s(g.shape, hardware, g.batch * g.tokens, g.tokens, g.gpus)
            )
        )

    def peak_byte(self) -> Array:
        """Peak bytes of each row's GPUs, taken as decode steps."""
        return self._each(lambda g: peak_decode_byte(g.shape, g.batch, g.tokens, g.gpus))

    def _each(self, of: Callable[[Group], Array]) -> Array:
        out = np.zeros(len(self.rows))
        for group in self.groups:
            out[group.places] = of(group)
        return out


def timed(rows: Sequence[StepTime], shapes: Mapping[str, ModelCard]) -> Timed:
    """Rows grouped by model, weight format and GPUs, so that the form is evaluated on arrays.

    shapes: by the model's name without `prm-`.
    """
    keyed: dict[tuple[str, str, bool, int], list[int]] = {}
    for place, row in enumerate(rows):
        keyed.setdefault((row.model, row.weights, row.verifier, row.gpus), []).append(place)
    groups = []
    for (model, _, verifier, gpus), places in keyed.items():
        first = rows[places[0]]
        shape = Shape.from_card(shapes[model.removeprefix("prm-")]).stored_as(first.weights)
        groups.append(
            Group(
                shape=shape.as_verifier() if verifier else shape,
                gpus=gpus,
                places=np.array(places),
                batch=np.array([rows[p].batch for p in places], dtype=np.float64),
                tokens=np.array([rows[p].tokens for p in places], dtype=np.float64),
            )
        )
    measured = np.array([row.seconds for row in rows], dtype=np.float64)
    return Timed(tuple(rows), measured, tuple(groups))
