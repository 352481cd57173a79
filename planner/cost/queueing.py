"""How long a query takes on a loaded replica: limited processor sharing with group arrivals.

Sequences run side by side in a replica's places; each gets a token a step, and a fuller batch steps
more slowly. The samples of a query arrive together and are about as long as one another, so that
the running batch moves in clumps. An M/G/k queue, whose servers do not slow each other down, is
wrong here by up to 78%.

    clump   w = 1 + (n - 1) E[min(L1, L2)] / E[L] sequences that come and go together: the running
            batch then varies as it does where step times do not vary
    states  P(m clumps) ~ product over k = 1..m of  rate n E[L] step(k w) / min(k w, places)
            (processor sharing at a speed that depends on the state: insensitive to lengths);
            beyond the places lengths count, and the ratio is taken to the power 1 / f with
            f = (1 + cv^2) / 2 + QUEUE_EXTRA, cv that of the time a sequence takes of a replica
    wait    the clumps seen on arrival beyond the places leave first; their time is gamma
            distributed
    pace    seconds a token: from that of the state seen on arrival towards the mean one with the
            query in it, as the batch forgets; and more for the query's own long caches
    reading prompts and verifiers hold a replica up: every step lasts 1 / (1 - their share) longer
    time    prompt + wait + longest of n samples x pace + verifier

The form is an approximation; the three constants were set against a step-by-step simulation. How
well it holds stands in docs/methods.md, and tests/cost/test_queueing.py measures it on other cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.lengths import length_cv, slowest_to_mean

Array = NDArray[np.float64]

LEVELS = 64
"""Quantiles of the longest sample that stand for its distribution."""
WAIT_LEVELS = 7
"""Quantiles of the wait in each state."""
SPREAD = np.array([-sqrt(3), 0.0, sqrt(3)])
"""Gauss-Hermite points of the pace about its mean, in standard deviations."""
SPREAD_WEIGHTS = np.array([1 / 6, 2 / 3, 1 / 6])
STATES = 4_000
"""Most clumps that are told apart; beyond the places their number falls geometrically."""
NEGLIGIBLE = 1e-9
"""States this much less likely than the likeliest are left out."""
QUEUE_EXTRA = 0.15
"""Added to (1 + cv^2) / 2 where places are full; set against the simulation."""
CACHE_WEIGHT = 0.5
"""Share of the growth of a sequence's own cache in its variation; set against the simulation."""
LEAST_WAIT_CV2 = 0.15
"""Least squared variation of the time in which a clump leaves; set against the simulation."""


@dataclass(frozen=True)
class Station:
    """One replica: its places, and what each thing takes it, seconds of the serving engine."""

    step_s: Array
    """Of a decode step of b sequences at their mean context, index b = 0 .. places."""
    token_s: float = 0.0
    """Of reading one more cached token in a step: a part of step_s."""
    read_s: float = 0.0
    """Of reading the prompts of a query."""
    verify_s: float = 0.0
    """Of the verifier's reading of a query's samples."""

    @property
    def places(self) -> int:
        """Sequences that may run at a time."""
        return len(self.step_s) - 1

    @property
    def full_s(self) -> float:
        """Of a step at full places."""
        return float(self.step_s[-1])

    def at(self, batch: ArrayLike) -> Array:
        """Seconds of a step at a real-valued batch, which is held between 1 and the places."""
        held = np.clip(np.asarray(batch, dtype=np.float64), 1.0, self.places)
        return np.interp(held, np.arange(self.places + 1), self.step_s)


@dataclass(frozen=True)
class Demand:
    """What a query asks of a replica."""

    parallel: float
    """Samples generated side by side, n."""
    tokens: float
    """Mean tokens of one of them, over all its serial steps."""
    p95_to_mean: float
    """95th percentile of a sample's length over its mean, across queries."""
    sample_cv: float
    """Variation of length between samples of a query."""
    tail: float = 1.0
    """Serial steps of the slowest tenth of the queries over their mean number."""

    @property
    def cv(self) -> float:
        """Variation of a sample's length across queries."""
        return float(length_cv(self.p95_to_mean))

    def longest(self) -> Array:
        """Tokens of the longest sample at mid-quantiles over queries, (LEVELS,)."""
        level = (np.arange(LEVELS) + 0.5) / LEVELS
        ratio = slowest_to_mean(level, self.parallel, self.p95_to_mean, self.sample_cv)
        return np.asarray(self.tokens * ratio * np.where(level > 0.9, self.tail, 1.0))


def query_s(station: Station, demand: Demand) -> float:
    """Replica-seconds of a query at full places: what utilisation is measured in."""
    decode = demand.parallel * demand.tokens * station.full_s / station.places
    return station.read_s + station.verify_s + decode


def response_points(station: Station, demand: Demand, utilisation: float) -> tuple[Array, Array]:
    """Seconds from a query's arrival to its answer, as points and their weights, (point,) both.

    utilisation: share of the replica's time in use, priced at full places, from 0 to under 1; all
    its queries are taken to be alike. Samples beyond the places run on other replicas.

    Raises ValueError of a utilisation outside of these.
    """
    if not 0 <= utilisation < 1:
        raise ValueError(f"utilisation runs from 0 to under 1, not {utilisation:g}")
    rate = max(utilisation, 1e-6) / query_s(station, demand)
    slower = 1 / (1 - rate * (station.read_s + station.verify_s))
    flow = rate * demand.parallel * demand.tokens * slower
    own = min(demand.parallel, float(station.places))
    clump = 1 + (own - 1) * _shorter_of_two(demand)
    cv = _time_cv(station, demand)
    longest = demand.longest()
    alive = max(own * demand.tokens / float(longest.mean()), 1.0)

    seen = _states(station, clump, flow, 0.0, cv)
    running: Array = clump * np.arange(len(seen), dtype=np.float64)
    wait, chance = _waits(station, demand, clump, running + own, slower)
    pace = _pace(station, demand, (seen, running, own), clump, flow, alive, cv, longest, slower)
    reading = (station.read_s + station.verify_s) * slower
    times = reading + wait[:, :, None, None] + (longest[:, None] * pace)[:, None]
    weights = (seen[:, None] * chance)[:, :, None, None] * SPREAD_WEIGHTS / LEVELS
    return times.ravel(), np.broadcast_to(weights, times.shape).ravel()


def weighted_quantiles(values: Array, weights: Array, quantiles: ArrayLike) -> Array:
    """Quantiles of a discrete distribution, (quantile,), with straight lines between its points."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    middle = (total - weights[order] / 2) / total[-1]
    return np.interp(np.asarray(quantiles, dtype=np.float64), middle, values[order])


def _shorter_of_two(demand: Demand) -> float:
    """E[min(L1, L2)] / E[L] of two samples of a query: 2 Phi(-sd / sqrt(2)) for log-normals."""
    from scipy.special import ndtr

    within = sqrt(log1p(min(demand.sample_cv, demand.cv) ** 2))
    return float(2 * ndtr(-within / sqrt(2)))


def _time_cv(station: Station, demand: Demand) -> float:
    """Coefficient of variation of the time that a sequence takes of a full replica.

    A sequence of L tokens takes a L + b L^2, for its cache grows, with the moments of a log-normal,
    E[L^k] = E[L]^k (1 + cv^2)^(k (k - 1) / 2). The growth counts by CACHE_WEIGHT: the longest
    sequences of a log-normal are longer than any that a simulation or a fleet sees.
    """
    ratio = 1 + demand.cv**2
    moment = [demand.tokens**k * ratio ** (k * (k - 1) / 2) for k in range(5)]
    b = station.token_s / 2
    a = max(station.full_s / station.places - b * moment[2] / moment[1], 0.0)
    mean = a * moment[1] + b * moment[2]
    square = a * a * moment[2] + 2 * a * b * moment[3] + b * b * moment[4]
    grown = max(square / mean**2 - 1, 0.0)
    return sqrt((1 - CACHE_WEIGHT) * demand.cv**2 + CACHE_WEIGHT * grown)


def _states(station: Station, clump: float, flow: float, own: float, cv: float) -> Array:
    """P(m other clumps run or wait), m = 0, 1 ..., beside `own` sequences of the query itself."""
    others = np.arange(1, STATES) * clump
    served = others * np.minimum(1.0, station.places / (others + own))
    ratio = flow * station.at(others + own) / served
    full = others + own > station.places
    ratio = np.where(full, ratio ** (1 / ((1 + cv**2) / 2 + QUEUE_EXTRA)), ratio)
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratio))])
    likely = np.exp(logs - logs.max())
    kept = likely[: int(np.flatnonzero(likely > NEGLIGIBLE)[-1]) + 1]
    return np.asarray(kept / kept.sum())


def _waits(
    station: Station, demand: Demand, clump: float, wanted: Array, slower: float
) -> tuple[Array, Array]:
    """Seconds until the last sample has a place, by state and quantile, and their chances."""
    from scipy.special import gammaincinv

    beyond = np.maximum(wanted - station.places, 0.0)
    leave = np.ceil(beyond / clump - 1e-9)
    each_s = clump * demand.tokens * station.full_s * slower / station.places
    level = (np.arange(WAIT_LEVELS) + 0.5) / WAIT_LEVELS
    shape = np.maximum(leave, 1.0)[:, None] / max(demand.cv**2, LEAST_WAIT_CV2)
    wait = (leave * each_s)[:, None] * gammaincinv(shape, level) / shape
    return wait, np.full(wait.shape, 1 / WAIT_LEVELS)


def _pace(
    station: Station,
    demand: Demand,
    arrival: tuple[Array, Array, float],
    clump: float,
    flow: float,
    alive: float,
    cv: float,
    longest: Array,
    slower: float,
) -> Array:
    """Mean seconds a token over an answer, (state seen, level, spread)."""
    seen, running, own = arrival
    with_it = _states(station, clump, flow, alive, cv)
    paces = station.at(clump * np.arange(len(with_it)) + alive) * slower
    settled = 1 / float(with_it @ (1 / paces))
    variance = max(float(with_it @ paces**2) - float(with_it @ paces) ** 2, 0.0)
    first = station.at(running + own) * slower
    x = longest * settled / _memory_s(station, demand, float(running @ seen), slower)
    kept = -np.expm1(-x) / x
    spread = np.sqrt(np.maximum(2 * (x + np.expm1(-x)) / x**2 - kept**2, 0.0) * variance)
    mean = settled + (first[:, None] - settled) * kept
    bounded = np.clip(
        mean[..., None] + spread[:, None] * SPREAD, float(station.at(1)), station.full_s * slower
    )
    own_cache = (longest - demand.tokens * (1 + demand.cv**2)) / 2
    return np.asarray(bounded + (alive * station.token_s * slower * own_cache)[:, None])


def _memory_s(station: Station, demand: Demand, batch: float, slower: float) -> float:
    """Seconds in which the running batch forgets a surprise.

    A residual length at the mean pace; longer by 1 / (1 - e), for a batch too large by 1% steps
    more slowly by e % (elasticity of the step time).
    """
    low = min(max(batch, 1.0), station.places / 1.05)
    pace = float(station.at(low))
    elastic = (float(station.at(low * 1.05)) / pace - 1) / 0.05
    residual = demand.tokens * (1 + demand.cv**2) / 2
    return residual * pace * slower / max(1 - elastic, 0.05)
