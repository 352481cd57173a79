"""Options: a model and a method over its sample counts, as accuracy and work over draws.

A candidate is a model with a method, for every n; an option is a candidate at one n. Candidates
carry GPU-seconds; dollars come with a fleet of whole replicas (`planner.cost.supply.daily`, or an
allocation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units
from planner.cost.api import ApiBilling, api_usd
from planner.cost.assumptions import P95_TO_MEAN
from planner.cost.fleets import Fleet, GpuSeconds, batch_at_load, gpu_seconds, replicas
from planner.cost.flops import full_flop, memory_aware_flop
from planner.cost.idle import idle_query_s
from planner.cost.latency import Part, latency_quantiles
from planner.cost.lengths import length_cv
from planner.cost.methods import tokens_of
from planner.cost.shape import Shape
from planner.cost.supply import Daily, Supply, daily
from planner.cost.work import Reads, Spending, TokenWork
from planner.curves.curve import Basis, Curve
from planner.domain.draws import CENTRAL
from planner.domain.observation import ALL

Array = NDArray[np.float64]

WHOLE: Mapping[str, float] = {ALL: 1.0}
"""The mix in which a question set was measured as a whole."""


@dataclass(frozen=True)
class Axes:
    """The axes of a method beside n; None where it has none."""

    depth: int | None = None
    width: int | None = None


def spending(
    n: ArrayLike,
    prompt_tokens: Array,
    output_tokens: Array,
    axes: Axes,
    reads: Reads = "none",
    p95_to_mean: float = P95_TO_MEAN.value,
) -> Spending:
    """What a query spends at n; prompt_tokens and output_tokens (of one sample) are (draw,)."""
    return Spending(
        n=np.asarray(n, dtype=np.float64),
        prompt_tokens=prompt_tokens[:, None],
        output_tokens=output_tokens[:, None],
        depth=1.0 if axes.depth is None else float(axes.depth),
        width=1.0 if axes.width is None else float(axes.width),
        reads=reads,
        length_cv=float(length_cv(p95_to_mean)),
    )


@dataclass(frozen=True)
class StandIn:
    """Another method of the same model, whose first sample is known by bucket."""

    method: str
    curves: Mapping[str, Curve]


@dataclass(frozen=True)
class Candidate:
    """A model with a method, on one fleet, for every number of samples."""

    label: str
    model: str
    title: str
    method: str
    verifier: str | None
    curves: Mapping[str, Curve]
    """By difficulty bucket; `all` is the question set's whole. A bucket not measured is absent."""
    generator: Shape | None
    """None where the model's size is not published."""
    reader: Shape | None
    """Shape of the verifier."""
    fleet: Fleet | None
    """None where it is bought by the token."""
    supply: Supply
    output_tokens: Mapping[str, Array]
    """(draw,) generated tokens of one sample, thinking included, by bucket; `all` serves those
    that are absent."""
    p95_to_mean: Mapping[str, float]
    """95th percentile of a sample's length over its mean, by bucket; `all` serves the rest."""
    nominal_params_b: float
    nominal_verifier_params_b: float
    reads: Reads = "none"
    depth: int | None = None
    width: int | None = None
    thinking_tokens: int | None = None
    temperature: float | None = None
    api: ApiBilling | None = None
    """Terms on which it is bought by the token."""
    assumed: Mapping[str, Array] | None = None
    """(draw,) accuracies of buckets that were not measured, for a single n; never shown as data."""
    stand_in: StandIn | None = None
    """Curves of the same model that were measured by bucket, where this method was not."""

    @property
    def metered(self) -> bool:
        """True where a query is paid for by itself: by the token, or by the GPU-second in use."""
        return self.fleet is None or self.supply.serverless_usd_per_gpu_s is not None

    @property
    def on_fleet(self) -> Fleet:
        """Its fleet; raises ValueError where it is bought by the token."""
        if self.fleet is None:
            raise ValueError(f"{self.label} is bought by the token: it has no fleet")
        return self.fleet

    def measured_n(self, bucket: str = ALL) -> tuple[int, ...]:
        """Sample counts at which a bucket was measured; of all buckets where it was not."""
        curve = self.curves.get(bucket)
        curves = [curve] if curve is not None else list(self.curves.values())
        return tuple(sorted({int(n) for c in curves for n in c.n_measured}))

    def covers(self, mix: Mapping[str, float]) -> bool:
        """True where every bucket of the mix was measured or has an assumed accuracy."""
        return all(
            bucket in self.curves or bucket in (self.assumed or {})
            for bucket, share in mix.items()
            if share > 0
        )

    def accuracy(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """Accuracy on a mix of buckets at n (n,) >= 1, shape (draw, n). Needs `covers(mix)`."""
        n = np.atleast_1d(np.asarray(n, dtype=np.float64))
        total = np.zeros((self.supply.draws.rows, len(n)))
        for bucket, share in mix.items():
            if share > 0:
                total += share * self._bucket_accuracy(n, bucket)
        return total

    def basis(self, n: float, mix: Mapping[str, float] = WHOLE) -> Basis:
        """Where the accuracy at n comes from: the weakest of the mix's buckets."""
        order: tuple[Basis, ...] = ("measured", "interpolated", "extrapolated")
        found = [
            self.curves[bucket].basis([n])[0] if bucket in self.curves else "extrapolated"
            for bucket, share in mix.items()
            if share > 0
        ]
        return max(found, key=order.index)

    def work(self, n: ArrayLike, bucket: str = ALL) -> TokenWork:
        """Tokens of one query of a bucket; n is (n,) or (draw, 1)."""
        axes = Axes(self.depth, self.width)
        output = self.output_tokens.get(bucket, self.output_tokens[ALL])
        prompt = self.supply.prompt(bucket)
        spread = self._p95_to_mean(bucket)
        return tokens_of(self.method, spending(n, prompt, output, axes, self.reads, spread))

    def gpu_s(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """GPU-seconds of one query of the mix on a full fleet, (draw, n), verifier included."""
        return self._over_mix(mix, lambda bucket: self.gpu_seconds(n, bucket).total)

    def gpu_seconds(self, n: ArrayLike, bucket: str = ALL) -> GpuSeconds:
        """GPU-seconds by what they are spent on. Only for a model on a fleet."""
        return gpu_seconds(self.on_fleet, self.work(n, bucket))

    def api_usd(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """Dollars of one query bought by the token, (draw, n)."""
        billing = self.api
        if billing is None:
            raise ValueError(f"{self.label} runs on a fleet: it has no price per token")
        return self._over_mix(mix, lambda bucket: api_usd(self.work(n, bucket), billing))

    def load(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """What one query takes of its supply, (draw, n): GPU-seconds of a fleet, or dollars where
        it is metered.
        """
        if self.fleet is None:
            return self.api_usd(n, mix)
        usd_per_gpu_s = self.supply.serverless_usd_per_gpu_s
        gpu_s = self.gpu_s(n, mix)
        return gpu_s if usd_per_gpu_s is None else gpu_s * usd_per_gpu_s[:, None]

    def verifier_share(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """Share of the GPU time that the verifier takes, (draw, n)."""
        if self.reader is None:
            return np.zeros((self.supply.draws.rows, len(np.atleast_1d(n))))
        verifier = self._over_mix(mix, lambda bucket: self.gpu_seconds(n, bucket).verifier)
        return verifier / self.gpu_s(n, mix)

    def full_usd(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """Dollars of one query once its fleet is full, (draw, n).

        usd = GPU-seconds x rent x peak_to_mean / utilisation: its share of another replica, at the
        price of the dearest block. While a fleet has room one more query costs nothing. Where it is
        metered: what it is billed.
        """
        load = self.load(n, mix)
        if self.metered:
            return load
        supply = self.supply
        headroom = supply.terms.peak_to_mean / supply.utilisation
        usd_per_gpu_s = supply.usd_per_gpu_hour / units.SECONDS_PER_HOUR
        return load * (headroom * usd_per_gpu_s)[:, None]

    def served(self, load: Array, queries_per_day: Array | float) -> Daily:
        """Whole replicas and dollars a day for queries of `load` (draw, ...), see `load`."""
        if self.metered:
            usd = load * np.asarray(queries_per_day)
            none = np.zeros(usd.shape, dtype=np.int64)
            return Daily(none, none, usd, np.full(usd.shape, np.nan))
        return daily(self.on_fleet, self.supply, load, queries_per_day)

    def served_centrally(self, gpu_s: Array, queries_per_day: float) -> int:
        """Whole replicas in the central case alone; gpu_s is (1,)."""
        load = float(gpu_s[0]) * queries_per_day / units.SECONDS_PER_DAY
        terms, utilisation = self.supply.terms, float(self.supply.utilisation[CENTRAL])
        return int(
            replicas(load, self.on_fleet, utilisation, terms.peak_to_mean, terms.min_replicas)
        )

    def idle_s(self, n: int) -> float:
        """Kernel seconds of a query of the whole that has a replica to itself, central case."""
        fleet = self.on_fleet
        work = self.work([float(n)])
        central = replace(fleet.hardware, time_factor=1.0)
        alone = idle_query_s(fleet.generator, central, work, fleet.verifier, fleet.gpus_per_replica)
        return float(np.ravel(alone.total_s)[CENTRAL])

    def flop(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """FLOPs of one query with prompts and attention, (draw, n); nan where the model's size is
        not published.
        """
        generator = self.generator
        if generator is None:
            return np.full((self.supply.draws.rows, len(np.atleast_1d(n))), np.nan)
        return self._over_mix(
            mix, lambda b: full_flop(self.work(n, b), generator, self.reader).total
        )

    def memory_aware_flop(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """FLOPs of one query with its cache reads at the accelerator's FLOPs a byte, (draw, n)."""
        on, generator = self.supply.hardware, self.generator
        if generator is None:
            return np.full((self.supply.draws.rows, len(np.atleast_1d(n))), np.nan)
        intensity = on.flop_per_s / on.bandwidth_byte_per_s
        return self._over_mix(
            mix,
            lambda b: memory_aware_flop(self.work(n, b), generator, intensity, self.reader),
        )

    def flop_units(self, n: float) -> float:
        """Nominal parameters run for each generated token, billions, times n.

        FLOPs as published frontiers count them, in units of 2e9 a generated token of a sample.
        """
        return n * (self.nominal_params_b + self.nominal_verifier_params_b)

    def latency_s(
        self, n: ArrayLike, mix: Mapping[str, float] = WHOLE, utilisation: float | None = None
    ) -> tuple[Array, Array]:
        """(p50, p95) seconds of one query of the mix in the central case, each (n,).

        utilisation: mean share of the fleet's time in use; None: every batch full, nothing waits.
        nan where it is bought by the token: no price card says how fast it is.
        """
        n = np.atleast_1d(np.asarray(n, dtype=np.float64))
        if self.fleet is None:
            unknown = np.full(len(n), np.nan)
            return unknown, unknown
        parts = [
            Part(share, self.work(n, bucket), self._p95_to_mean(bucket))
            for bucket, share in mix.items()
            if share > 0
        ]
        p50, p95 = latency_quantiles(self.fleet, parts, [0.5, 0.95], utilisation)
        return p50, p95

    def _p95_to_mean(self, bucket: str) -> float:
        return self.p95_to_mean.get(bucket, self.p95_to_mean[ALL])

    def _bucket_accuracy(self, n: Array, bucket: str) -> Array:
        if bucket in self.curves:
            return self.curves[bucket].accuracy(n)
        if self.assumed and bucket in self.assumed:
            return np.repeat(self.assumed[bucket][:, None], len(n), axis=1)
        raise KeyError(f"{self.label} was not measured on {bucket}")

    def _over_mix(self, mix: Mapping[str, float], of: Callable[[str], Array]) -> Array:
        total: Array = sum(
            (share * of(bucket) for bucket, share in mix.items() if share > 0),
            start=np.zeros(1),
        )
        return total


def as_full_as_the_load(candidate: Candidate) -> Candidate:
    """A serverless candidate at the batch that the whole load fills one replica to.

    A container is billed while it works, and works on what is there: at a low volume on little
    more than one query, so that a query takes more of its seconds. Taken at the fewest samples, and
    as if it served every query; from one full replica up the operating batch stands.
    """
    volume = candidate.supply.terms.queries_per_day
    fleet = candidate.fleet
    if fleet is None or volume is None or candidate.supply.terms.cold_start is None:
        return candidate
    gpu_s = candidate.gpu_s(
        [candidate.measured_n()[0]], dict.fromkeys(list(candidate.curves)[:1], 1)
    )
    busy = gpu_s[:, 0] * volume / units.SECONDS_PER_DAY / fleet.gpus_per_replica
    batch = batch_at_load(fleet, np.minimum(busy, 1.0))
    return replace(candidate, fleet=replace(fleet, batch=batch))
