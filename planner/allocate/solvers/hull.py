"""Upper concave hulls of many groups of points at once, without a loop over groups or points.

The algorithm is quickhull (Bykat 1978; Eddy 1977) on all groups together: between two known
vertices the point farthest above their chord is a vertex too, and everything at or below the two
new chords is dropped. A round treats every open chord of every group; its work is linear in the
points that are left, which are few after the first: options below the chord never return.
"""

from __future__ import annotations

import itertools

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.one_budget import Ints

FLAT = 1e-13
"""A point that is above a chord by less than this fraction of the chord's own rise is on it."""

BLOCK = 50_000
"""Points treated at once, so that they stay in the processor's cache."""


def starts_of(group: Ints) -> Ints:
    """Position of the first entry of each run of equal values, (run,)."""
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(group[1:] != group[:-1]) + 1])


def upper_hull(cost: Array, gain: Array, group: Ints) -> Ints:
    """Positions of the hull's vertices, by group and rising cost; `group` must ascend.

    The hull runs from the cheapest point of a group (of equal ones the best) to its best (of equal
    ones the cheapest): cost and gain both rise along it and the slope falls. Any share of a class
    that options can bring at a cost is on or under it.
    """
    if len(group) <= BLOCK:
        return _hull_of_block(cost, gain, group)
    starts = np.append(starts_of(group), len(group))
    # Each block holds whole groups; a group longer than a block is one of its own.
    edges = starts[np.searchsorted(starts, np.arange(0, len(group), BLOCK))]
    edges = np.unique(np.append(edges, len(group)))
    found = [
        a + _hull_of_block(cost[a:b], gain[a:b], group[a:b])
        for a, b in itertools.pairwise(edges.tolist())
    ]
    return np.concatenate(found)


def _hull_of_block(cost: Array, gain: Array, group: Ints) -> Ints:
    starts = starts_of(group)
    run = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(group))))
    left = _least(cost, -gain, starts, run)
    right = _least(-gain, cost, starts, run)
    points = np.flatnonzero((cost > cost[left][run]) & (cost < cost[right][run]))
    chord = run[points]
    above = _height(cost, gain, left[chord], points, right[chord]) > 0
    chord, points = chord[above], points[above]
    order = np.lexsort((cost[points], chord))
    chord, points = chord[order], points[order]
    found = [left, right]
    while len(points):
        chord, points, done = _without_bent_rows(cost, gain, left, right, chord, points)
        found.append(done)
        left, right, chord, points = _split(cost, gain, left, right, chord, points)
        found.append(left)
    is_vertex = np.zeros(len(group), dtype=bool)
    is_vertex[np.concatenate(found)] = True
    vertices = np.flatnonzero(is_vertex)
    return vertices[np.lexsort((cost[vertices], group[vertices]))]


def _without_bent_rows(
    cost: Array, gain: Array, left: Ints, right: Ints, chord: Ints, points: Ints
) -> tuple[Ints, Ints, Ints]:
    """Takes out the chords whose points are all vertices: their row bends downward everywhere.

    Returns the chords and positions of the points that are left, and the vertices found. It saves
    smooth curves, and parts of them, the rounds that would split them point by point.
    """
    first = starts_of(chord)
    before = np.concatenate([points[:1], points[:-1]])
    before[first] = left[chord[first]]
    after = np.concatenate([points[1:], points[-1:]])
    last = np.append(first[1:], len(chord)) - 1
    after[last] = right[chord[last]]
    bent = _height(cost, gain, before, points, after) > 0
    every = np.repeat(np.logical_and.reduceat(bent, first), last - first + 1)
    return chord[~every], points[~every], points[every]


def _split(
    cost: Array, gain: Array, left: Ints, right: Ints, chord: Ints, points: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Every chord split at the point farthest above it; points that are above neither go."""
    # A chord without a point above it is an edge of the hull and done with.
    first = starts_of(chord)
    left, right = left[chord[first]], right[chord[first]]
    chord = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(chord))))
    above = _height(cost, gain, left[chord], points, right[chord])
    top = points[_least(-above, cost[points], first, chord)]
    far = cost[points] > cost[top][chord]
    left, right = _pairs(left, top), _pairs(top, right)
    chord = 2 * chord + far
    kept = _height(cost, gain, left[chord], points, right[chord]) > 0
    return left, right, chord[kept], points[kept]


def _least(first: Array, second: Array, starts: Ints, run: Ints) -> Ints:
    """Position of the least `first` in each run, of equal ones the least `second`."""
    if not len(starts):
        return starts
    tied = first == np.minimum.reduceat(first, starts)[run]
    among = np.where(tied, second, np.inf)
    hits = np.flatnonzero(tied & (among == np.minimum.reduceat(among, starts)[run]))
    return hits[starts_of(run[hits])]


def _height(cost: Array, gain: Array, a: Ints, point: Ints, b: Ints) -> Array:
    """Height of each point above the chord from a to b, times the chord's width, less FLAT of it.

    Positive where the point is above the chord by more than rounding; a point at an end is not.
    """
    width, rise = cost[b] - cost[a], gain[b] - gain[a]
    over, along = gain[point] - gain[a], cost[point] - cost[a]
    height: Array = over * width - along * rise - FLAT * np.abs(width * rise)
    return height


def _pairs(a: Ints, b: Ints) -> Ints:
    """a[0], b[0], a[1], b[1], ..."""
    return np.stack([a, b], axis=1).ravel()
