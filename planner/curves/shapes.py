"""From measured draws to shapes: families weighed, one handed to each draw, and fitted to it.

A draw follows one family, by weight, so that the spread of the draws holds the uncertainty of
form beside that of the parameters; the central case is the weighted mean of all. Every draw is
refitted in full; families that no draw follows cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.curves.families import FAMILIES, Curved, Family
from planner.curves.families.base import Array
from planner.curves.fit import Points, fit
from planner.curves.select import weighed
from planner.curves.shape import Shape
from planner.domain.draws import Draws


@dataclass(frozen=True)
class Batch(Points):
    """Curves of one kind at the union of their n. Row 0 of the draws is the central case."""

    rising: bool = False
    """True for coverage, which never falls."""

    def central(self) -> Batch:
        return replace(self, y=self.y[:, :1])


def shapes_of_longer(
    batch: Batch,
    families: Sequence[Family],
    step_sd: Array,
    changes: NDArray[np.bool_],
    fallen: NDArray[np.bool_],
    names: Sequence[str],
    draws: Draws,
) -> list[Shape]:
    """Shapes of curves of three or more points; step_sd, changes and fallen as for `weighed`."""
    central = batch.central()
    weights, thetas = weighed(families, central, step_sd, changes, fallen, batch.rising)
    choice = np.stack([_chosen(w, name, draws) for w, name in zip(weights, names, strict=True)])
    drawn = np.zeros((*choice.shape, max(t.shape[-1] for t in thetas)))
    for i, (family, theta) in enumerate(zip(families, thetas, strict=True)):
        curve, draw = np.nonzero(choice == i)
        points = Points(batch.n, batch.y[curve, draw][:, None], batch.weight[curve])
        drawn[curve, draw, : theta.shape[-1]] = fit(
            family, points, batch.rising, near=theta[curve]
        )[:, 0]
    return [
        Shape(
            tuple(families),
            weights[i],
            tuple(t[i] for t in thetas),
            choice[i],
            drawn[i],
            bool(fallen[i]),
        )
        for i in range(len(weights))
    ]


def shapes_of_two_points(
    batch: Batch, families: Sequence[Family], bends: Array, names: Sequence[str], draws: Draws
) -> list[Shape]:
    """Shapes of curves of two points: a power law through both, its exponent drawn.

    The exponents are bends (curve, draw). Coverage may as well follow a family of two
    parameters that the points determine.
    """
    through = FAMILIES["power_law"]
    offered: list[Family] = [through]
    thetas = [fit(through, batch, batch.rising, bends)]
    if batch.rising:
        for family in families:
            if isinstance(family, Curved) and len(family.parameters) == 2:
                near = fit(family, batch.central())[:, 0]
                offered.append(family)
                thetas.append(fit(family, batch, near=near))
    weights = np.full(len(offered), 1.0 / len(offered))
    shapes = []
    for i, name in enumerate(names):
        choice = _chosen(weights, name, draws)
        drawn = np.zeros((draws.rows, max(t.shape[-1] for t in thetas)))
        for j, theta in enumerate(thetas):
            rows = choice == j
            drawn[rows, : theta.shape[-1]] = theta[i][rows]
        shapes.append(Shape(tuple(offered), weights, tuple(t[i, 0] for t in thetas), choice, drawn))
    return shapes


def _chosen(weights: Array, name: str, draws: Draws) -> NDArray[np.intp]:
    """Index of the family that each draw of a curve follows, by weight."""
    edges = np.cumsum(weights)[:-1]
    choice: NDArray[np.intp] = np.searchsorted(edges, draws.uniform(f"family|{name}"), side="right")
    return choice
