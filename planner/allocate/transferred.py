"""A table on real traffic, beside what the benchmark says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.table import ClassLoad, Table, with_accuracy
from planner.options import Candidate
from planner.options.transferred import Option, Shifts


def on_traffic(table: Table, shifts: Shifts) -> Table:
    """The table with the accuracies of real traffic; `benchmark` keeps the others."""
    if shifts.transfer.nothing:
        return table
    accuracy = table.accuracy.copy()
    for o, entry in enumerate(table.entries):
        for c, load in enumerate(table.classes):
            moved = shifts.shifted(accuracy[:, c, o], load.query_class, option_of(entry.candidate))
            accuracy[:, c, o] = moved
    return replace(with_accuracy(table, accuracy), benchmark=table.accuracy)


def option_of(candidate: Candidate) -> Option:
    """What shares a shift: a model with a method and verifier, at any n and on any machine."""
    return candidate.model, candidate.method, candidate.verifier


def traffic_accuracy(
    candidate: Candidate, n: int, loads: tuple[ClassLoad, ...], shifts: Shifts
) -> Array:
    """(draw,) accuracy of one option over the queries of some classes and buckets."""
    weight = np.array([load.queries_per_day for load in loads])
    parts = [
        shifts.shifted(
            candidate.accuracy([n], load.mix)[:, 0], load.query_class, option_of(candidate)
        )
        for load in loads
    ]
    return np.asarray(np.stack(parts, axis=1) @ (weight / weight.sum()))
