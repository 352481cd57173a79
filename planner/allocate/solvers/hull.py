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
from planner.allocate.solvers.one_budget import Bools, Ints

FLAT = 1e-13
"""A point that is above a chord by less than this fraction of the chord's own rise is on it."""

SHORT = 48
ROW = 96
"""Points of a group up to which all pairs of them are compared: if they have to be sorted first,
and if they rise in cost already."""
FILLED = 4
"""Of a table whose rows are as long as the longest group, no less than one in so many is filled."""
BLOCK = 50_000
"""Points treated at once, so that they stay in the processor's cache."""


def starts_of(group: Ints) -> Ints:
    """Position of the first entry of each run of equal values, (run,)."""
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    changes = (group[1:] != group[:-1]).nonzero()[0]
    starts = np.zeros(len(changes) + 1, dtype=np.int64)
    starts[1:] = changes + 1
    return starts


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
    size = np.diff(starts, append=len(group))
    most = int(size.max(initial=0))
    alike = most * len(starts) <= FILLED * len(group)
    if alike and (most <= SHORT or (most <= ROW and _rises(cost, group))):
        return _hull_of_rows(cost, gain, starts, size)
    run = np.repeat(np.arange(len(starts)), size)
    left = _least(cost, -gain, starts, run)
    right = _least(-gain, cost, starts, run)
    points = ((cost > cost[left][run]) & (cost < cost[right][run])).nonzero()[0]
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
    vertices = is_vertex.nonzero()[0]
    return vertices[np.lexsort((cost[vertices], group[vertices]))]


def _rises(cost: Array, group: Ints) -> bool:
    """Whether no point of a group is cheaper than the one before it."""
    return bool(((cost[1:] >= cost[:-1]) | (group[1:] != group[:-1])).all())


def _hull_of_rows(cost: Array, gain: Array, starts: Ints, size: Ints) -> Ints:
    """The hull of groups of few points: each is a row of a table, sorted by cost."""
    shape = (len(starts), int(size.max(initial=0)))
    if shape[0] * shape[1] == len(cost):
        costs, gains, at = cost.reshape(shape), gain.reshape(shape), np.arange(len(cost))
    else:
        filled = np.arange(shape[1]) < size[:, None]
        costs, gains = np.full(shape, np.inf), np.zeros(shape)
        costs[filled], gains[filled] = cost, gain
        at = np.zeros(shape, dtype=np.int64)
        at[filled] = np.arange(len(cost))
        at = at.ravel()
    if (costs[:, 1:] < costs[:, :-1]).any():
        order = costs.argsort(axis=1, kind="stable")
        order += shape[1] * np.arange(shape[0])[:, None]
        costs, gains, at = costs.take(order), gains.take(order), at.take(order.ravel())
    # Groups stand side by side in memory, so that a step of all of them is one stretch of it.
    is_vertex = _is_vertex(costs.T.copy(), gains.T.copy())
    return at[is_vertex.T.ravel()]


def _is_vertex(cost: Array, gain: Array) -> Bools:
    """(point, group) whether points are vertices; cost rises along a group, and is inf at its end.

    A point is one where every slope from a cheaper point to it is more than every slope from it to
    a dearer one, and more than none. Of equal points the first is.
    """
    before, after = np.full(cost.shape, np.inf), np.zeros(cost.shape)
    width, slope = np.empty(cost.shape), np.empty(cost.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(len(cost) - 1):
            dearer = slope[i + 1 :]
            np.subtract(gain[i + 1 :], gain[i], out=dearer)
            np.subtract(cost[i + 1 :], cost[i], out=width[i + 1 :])
            np.divide(dearer, width[i + 1 :], out=dearer)
            # Of points of equal cost an infinite slope takes the worse one out. Equal points have
            # none (nan): fmax passes over it, while minimum keeps it and takes the second out.
            np.fmax.reduce(dearer, axis=0, out=after[i], initial=0.0)
            np.minimum(before[i + 1 :], dearer, out=before[i + 1 :])
        found: Bools = (before > after * (1 + FLAT)) & (cost < np.inf)
    return found


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
    hits: Ints = (tied & (among == np.minimum.reduceat(among, starts)[run])).nonzero()[0]
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
