"""Options: a model and a method over its sample counts, as accuracy and work over draws.

A candidate is a model with a method, for every n; an option is a candidate at one n. Candidates
carry GPU-seconds; dollars come with a fleet of whole replicas (`planner.cost.supply.daily`, or an
allocation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units
from planner.cost.api import ApiBilling, api_usd
from planner.cost.fleets import Fleet, GpuSeconds, gpu_seconds
from planner.cost.flops import full_flop, memory_aware_flop
from planner.cost.latency import Part, latency_quantiles
from planner.cost.methods import tokens_of
from planner.cost.methods.stopping import (
    Drawn,
    EarlyStopping,
    Retries,
    drawn,
    retried,
    stopped_early,
)
from planner.cost.shape import Shape
from planner.cost.supply import Daily, Supply, daily
from planner.cost.work import Reads, TokenWork, without_sharing
from planner.curves.curve import Basis, Curve
from planner.domain.draws import CENTRAL
from planner.domain.observation import ALL
from planner.options.last_asked import LastAsked
from planner.options.spending import Axes, spending

Array = NDArray[np.float64]

WHOLE: Mapping[str, float] = {ALL: 1.0}
"""The mix in which a question set was measured as a whole."""


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
    reader_fleet: Fleet | None
    """Fleet of its own on which the verifier reads; None where it shares the generator's GPUs."""
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
    usd_per_answer: float | None = None
    """What a person is paid for an answer."""
    assumed: Mapping[str, Array] | None = None
    """(draw,) accuracies of buckets that were not measured, for a single n; never shown as data."""
    stopping: EarlyStopping | None = None
    """Draws no sample that cannot change the answer; needs a method of STOPPABLE."""
    retries: Retries | None = None
    """Makes generations again that cannot be used."""
    stand_in: StandIn | None = None
    """Curves of the same model that were measured by bucket, where this method was not."""
    picks_by_checker: bool = False
    """Its curves are coverage, of which the checker of a class leaves a part (`checked.py`)."""

    @cached_property
    def _kept(self) -> LastAsked[GpuSeconds]:
        return LastAsked()

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
        work = tokens_of(self.method, spending(n, prompt, output, axes, self.reads, spread))
        if self.stopping is not None:
            work = stopped_early(work, n, self.drawn(n, bucket), self.stopping.wave)
        work = work if self.retries is None else retried(work, self.retries)
        # What an API reads again is its terms' business, see `requests`.
        shared = self.fleet is None or self.supply.terms.prefix_sharing
        return work if shared else without_sharing(work)

    def drawn(self, n: ArrayLike, bucket: str = ALL) -> Drawn:
        """Samples that are drawn of n, each (draw, n); all of them without early stopping.

        Early stopping rests on the accuracy of one sample of the bucket; where that is not known,
        on .5, with which votes take longest.
        """
        n = np.asarray(n, dtype=np.float64)
        if self.stopping is None:
            return Drawn(n, np.ones_like(n), np.ones_like(n))
        one = np.full((self.supply.draws.rows, 1), 0.5)
        if bucket in self.curves and self.curves[bucket].n_measured[0] == 1:
            one = self.curves[bucket].accuracy([1.0])
        return drawn(self.method, n, one, self.stopping)

    def samples_drawn(self, n: float, mix: Mapping[str, float] = WHOLE) -> float:
        """Generations of a query of the mix in the central case, retries included, expected."""
        more = 1.0 if self.retries is None else self.retries.mean
        total = sum(
            share * float(np.ravel(self.drawn([n], b).samples)[CENTRAL])
            for b, share in mix.items()
            if share > 0
        )
        return more * total

    def gpu_s(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """GPU-seconds of one query of the mix on a full fleet, (draw, n), verifier included."""
        return self._over_mix(mix, lambda bucket: self.gpu_seconds(n, bucket).total)

    def reader_gpu_s(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """GPU-seconds of one query of the mix on the verifier's own fleet, (draw, n)."""
        fleet = self.reader_fleet
        if fleet is None:
            return np.zeros((self.supply.draws.rows, len(np.atleast_1d(n))))
        return self._over_mix(mix, lambda b: gpu_seconds(fleet, self.work(n, b)).verifier)

    def gpu_seconds(self, n: ArrayLike, bucket: str = ALL) -> GpuSeconds:
        """GPU-seconds by what they are spent on. Only for a model on a fleet."""
        at = np.asarray(n, dtype=np.float64)
        # Many mixes ask for the same buckets at the same n.
        key = (bucket, at.shape, at.tobytes())
        return self._kept.of(key, lambda: gpu_seconds(self.on_fleet, self.work(at, bucket)))

    def api_usd(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """Dollars of one query bought by the token, (draw, n); ValueError of one on a fleet."""
        if self.usd_per_answer is not None:
            rows = (self.supply.draws.rows, len(np.atleast_1d(n)))
            return np.full(rows, self.usd_per_answer)
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
        if usd_per_gpu_s is None:
            return self.gpu_s(n, mix)
        return (self.gpu_s(n, mix) + self.reader_gpu_s(n, mix)) * usd_per_gpu_s[:, None]

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

    def flop(self, n: ArrayLike, mix: Mapping[str, float] = WHOLE) -> Array:
        """FLOPs of one query with prompts and attention, (draw, n); nan where no size is known."""
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
        nan where it is bought by the token, as no price card says how fast it is, and at an unknown
        utilisation.
        """
        n = np.atleast_1d(np.asarray(n, dtype=np.float64))
        if self.fleet is None or (utilisation is not None and np.isnan(utilisation)):
            unknown = np.full(len(n), np.nan)
            return unknown, unknown
        parts = [
            Part(share, self.work(n, bucket), self._p95_to_mean(bucket))
            for bucket, share in mix.items()
            if share > 0
        ]
        p50, p95 = latency_quantiles(self.fleet, parts, [0.5, 0.95], utilisation, self.reader_fleet)
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
