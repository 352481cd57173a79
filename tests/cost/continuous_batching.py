"""One replica under continuous batching, step by step: the truth that latencies are held against.

It knows nothing of the planner's formulas. Queries arrive by a Poisson process; each is a prompt
and n samples of random lengths. At every step boundary waiting samples take free places, first come
first served; a step adds one token to every running sequence and lasts `base_s[b] + token_s x
cached tokens` for b sequences with their true, growing caches. Reading a prompt, and the verifier's
reading once all samples are there, hold up the whole replica. Between two events every step is like
the one before and one token a sequence longer, so that they are added up in one go; `jump=False`
takes them one by one.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from math import ceil, inf, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Replica:
    """What a replica takes for its work, seconds."""

    places: int
    """Sequences that may run at a time."""
    base_s: list[float]
    """Of a step of b sequences without their caches; index b, up to `places`."""
    token_s: float
    """Of reading one cached token in a step."""
    read_s: float = 0.0
    """Of reading a prompt."""
    verify_s: float = 0.0
    """Of the verifier's reading of all samples of a query."""


def drawn_lengths(
    rng: np.random.Generator, queries: int, n: int, mean: float, total_sd: float, within_sd: float
) -> NDArray[np.int64]:
    """Log-normal sample lengths, (query, n): a part that the samples share and one of their own."""
    between_sd = sqrt(max(total_sd**2 - within_sd**2, 0.0))
    log = rng.normal(0, between_sd, (queries, 1)) + rng.normal(0, within_sd, (queries, n))
    lengths = mean * np.exp(log - (between_sd**2 + within_sd**2) / 2)
    return np.maximum(np.rint(lengths), 1).astype(np.int64)


def response_times(
    replica: Replica, arrivals: Array, lengths: NDArray[np.int64], prompt: int, *, jump: bool = True
) -> Array:
    """Seconds from arrival to the complete answer of every query; arrivals ascending."""
    queries, n = lengths.shape
    samples = lengths.tolist()
    arrive = [*arrivals.tolist(), inf]
    left = [n] * queries
    done = np.zeros(queries)
    waiting: deque[tuple[int, int, bool]] = deque()
    ends: list[tuple[int, int, int]] = []  # (step of the last token, query, length)
    now, step, cached, coming = 0.0, 0, 0, 0
    while coming < queries or waiting or ends:
        if not ends and not waiting:
            now = max(now, arrive[coming])
        while arrive[coming] <= now:
            waiting.extend((coming, length, i == 0) for i, length in enumerate(samples[coming]))
            coming += 1
        while waiting and len(ends) < replica.places:
            query, length, first = waiting.popleft()
            now += replica.read_s if first else 0.0
            heapq.heappush(ends, (step + length, query, length))
            cached += prompt
        running = len(ends)
        base = replica.base_s[running] + replica.token_s * cached
        growth = replica.token_s * running
        steps = 1
        if jump:
            steps = ends[0][0] - step
            if running < replica.places:
                steps = min(steps, _steps_until(arrive[coming] - now, base, growth))
        now += steps * base + growth * steps * (steps - 1) / 2
        step += steps
        cached += running * steps
        while ends and ends[0][0] <= step:
            _, query, length = heapq.heappop(ends)
            cached -= prompt + length
            left[query] -= 1
            if left[query] == 0:
                now += replica.verify_s
                done[query] = now
    return done - arrivals


def _steps_until(wait_s: float, base: float, growth: float) -> float | int:
    """Whole steps, the k-th lasting base + k growth, after which at least `wait_s` have passed."""
    if wait_s == inf:
        return inf
    if growth <= 0:
        return max(1, ceil(wait_s / base))
    b = base - growth / 2
    return max(1, ceil((sqrt(b * b + 2 * growth * max(wait_s, 0.0)) - b) / growth))
