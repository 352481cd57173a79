"""Fleets: replicas of a model, with its verifier beside it, at their operating batch.

`operating_fleet` finds the batch once; afterwards GPU-seconds are linear in a query's tokens:

    decode   = decoded x gpus x (step without cache / batch + cache bytes of the context x rate)
    prefill  = prefill x gpus x (seconds a token in a full pass + attention)
    verifier = the same with the verifier's shape
    GPU-seconds = (decode + prefill + verifier) / engine_efficiency
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.assumptions import (
    LENGTH_CV,
    MAX_BATCH,
    PREFILL_BATCH_TOKENS,
    TOKEN_TIME_LIMIT_S,
)
from planner.cost.hardware import Hardware
from planner.cost.memory import free_byte, gpu_choices, memory_batch, what_would_fit
from planner.cost.methods import METHODS
from planner.cost.seconds import (
    attention_s_per_flop,
    decode_base_s,
    decode_step_s,
    kv_s_per_byte,
    prefill_base_s,
)
from planner.cost.shape import Shape
from planner.cost.work import Spending, TokenWork, running_context
from planner.domain.draws import CENTRAL
from planner.errors import InfeasibleError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fleet:
    """Replicas that are alike; every array is (draw,) or a number."""

    generator: Shape
    verifier: Shape | None
    """Shares the generator's GPUs."""
    hardware: Hardware
    gpus_per_replica: int
    context_tokens: Array
    """Mean cached tokens of a running sequence, for which the batch was found."""
    batch: Array
    """Operating batch, whole: the largest that meets the time-per-output-token limit in the central
    case, and where a draw's longer contexts leave less room than that, what fits."""
    engine_efficiency: Array
    """Kernel time over the serving engine's time."""
    limited_by: str
    """What stops a larger batch in the central case: "memory", "time per token" or "engine"."""

    @cached_property
    def central(self) -> Fleet:
        """The same in the central case alone: arrays of one."""
        return replace(
            self,
            hardware=self.hardware.central(),
            context_tokens=self.context_tokens[:1],
            batch=self.batch[:1],
            engine_efficiency=self.engine_efficiency[:1],
        )

    @cached_property
    def step_base_s(self) -> Array:
        """Kernel seconds of a decode step at the operating batch without reading its caches."""
        return decode_base_s(self.generator, self.hardware, self.batch, self.gpus_per_replica)

    @cached_property
    def cached_byte_s(self) -> Array:
        """Kernel seconds that a replica takes to read one byte of cache."""
        return kv_s_per_byte(self.generator, self.hardware, self.gpus_per_replica)

    @cached_property
    def prompt_read_s(self) -> tuple[Array, Array]:
        """Kernel seconds of a token that the generator reads, and of a FLOP of its attention."""
        return self._read_s(self.generator)

    @cached_property
    def sample_read_s(self) -> tuple[Array, Array]:
        """The same of its verifier; of the generator where it has none."""
        return self._read_s(self.verifier or self.generator)

    def _read_s(self, shape: Shape) -> tuple[Array, Array]:
        gpus, hardware = self.gpus_per_replica, self.hardware
        a_pass = prefill_base_s(shape, hardware, PREFILL_BATCH_TOKENS, gpus)
        return a_pass / PREFILL_BATCH_TOKENS, attention_s_per_flop(shape, hardware, gpus)

    @property
    def step_s(self) -> Array:
        """Seconds of a decode step at the operating batch, the engine's: time per output token."""
        return self.step_at(self.batch)

    def late_in(self, token_time_limit_s: float = TOKEN_TIME_LIMIT_S) -> float:
        """Share of the draws in which a full replica takes longer for a token than the limit."""
        late = np.atleast_1d(self.step_s) > token_time_limit_s * (1 + 1e-9)
        return float(late[CENTRAL + 1 :].mean()) if len(late) > 1 else float(late[CENTRAL])

    def step_at(self, batch: ArrayLike) -> Array:
        """Seconds of a decode step at another batch, the engine's time."""
        kernel = decode_step_s(
            self.generator, self.hardware, batch, self.context_tokens, self.gpus_per_replica
        )
        return kernel / self.engine_efficiency


@dataclass(frozen=True)
class GpuSeconds:
    """GPU-seconds of one query by what they are spent on; arrays (draw, n)."""

    prefill: Array
    decode: Array
    verifier: Array

    @cached_property
    def total(self) -> Array:
        """All of them."""
        return self.prefill + self.decode + self.verifier

    @property
    def verifier_share(self) -> Array:
        """Share of the GPU time that the verifier takes."""
        return self.verifier / np.maximum(self.total, 1e-300)


def operating_fleet(
    generator: Shape,
    hardware: Hardware,
    prompt_tokens: ArrayLike,
    sample_tokens: ArrayLike,
    *,
    length_cv: float = LENGTH_CV,
    samples_per_prompt: float = 1.0,
    verifier: Shape | None = None,
    engine_efficiency: ArrayLike = 1.0,
    token_time_limit_s: float = TOKEN_TIME_LIMIT_S,
    gpus_per_replica: int | None = None,
    offered: Sequence[Hardware] = (),
) -> Fleet:
    """The fleet that serves a sample with the fewest GPU-seconds, of 1, 2, 4 ... GPUs a replica
    over which the heads split.

    prompt_tokens, sample_tokens: of the fleet's traffic, (draw,) or numbers; they set how much
    cache a running sequence holds. samples_per_prompt: the fewest samples that share a prompt, 1
    where none do; they hold its cache once between them, though each reads it at every step.
    engine_efficiency: (draw,) or a number; the limit holds for the engine's time in the central
    case, for the batch is a setting, made once: where kernels or the engine turn out slower than
    expected, they are slower at that batch and the token comes late, see `late_in`. The verifier
    shares the GPUs: its weights take room, and its reading of every sample counts when GPUs are
    chosen. They are chosen in the central case; where a draw leaves no room for one sequence, one
    is served all the same. `offered` are the accelerators that a message may name where nothing
    fits.

    Raises InfeasibleError, which says what would fit, where no replica holds one sequence, and
    where none generates a token within the limit.
    """
    context = np.atleast_1d(running_context(prompt_tokens, sample_tokens, length_cv))
    shared = np.asarray(prompt_tokens, dtype=np.float64) * (1 - 1 / samples_per_prompt)
    held = context - shared
    efficiency = np.atleast_1d(np.asarray(engine_efficiency, dtype=np.float64))
    reader = verifier.as_verifier() if verifier is not None else None
    work = METHODS["sampled" if reader is None else "best_of_n"](
        Spending(
            n=1.0,
            prompt_tokens=_central(prompt_tokens),
            output_tokens=_central(sample_tokens),
            length_cv=length_cv,
        )
    )
    choices = gpu_choices(hardware, generator, reader)
    if gpus_per_replica is not None:
        choices = (gpus_per_replica,)

    best: tuple[float, Fleet] | None = None
    fastest_s = np.inf
    for gpus in choices:
        room = memory_batch(generator, hardware, held, gpus, reader)
        if room[CENTRAL] < 1:
            continue
        one = decode_step_s(generator, hardware, 1.0, context, gpus) / efficiency
        fastest_s = min(fastest_s, float(one[CENTRAL]))
        if one[CENTRAL] > token_time_limit_s:
            continue
        cap = np.minimum(np.maximum(room, 1.0), MAX_BATCH)
        limit_s = token_time_limit_s * efficiency[CENTRAL]
        most = _largest_batch(generator, hardware, cap[CENTRAL], context, gpus, limit_s)
        batch = np.minimum(most, cap)
        why = "time per token"
        if most == cap[CENTRAL]:
            why = "memory" if room[CENTRAL] <= MAX_BATCH else "engine"
        fleet = Fleet(generator, reader, hardware, gpus, context, batch, efficiency, why)
        cost = float(gpu_seconds(fleet, work).total[CENTRAL, 0])
        if best is None or cost < best[0]:
            best = (cost, fleet)
    if best is not None:
        return best[1]
    if np.isfinite(fastest_s):
        raise InfeasibleError(
            f"{generator.name} on {hardware.name} takes {fastest_s:.3g} s a token at best, over the"
            f" limit of {token_time_limit_s:g} s; raise the limit or name a faster accelerator"
        )
    raise InfeasibleError(
        what_would_fit(
            generator, hardware, offered, reader, float(context[CENTRAL]), gpus_per_replica
        )
    )


def reading_fleet(
    verifier: Shape,
    hardware: Hardware,
    engine_efficiency: ArrayLike = 1.0,
    offered: Sequence[Hardware] = (),
) -> Fleet:
    """A verifier's own fleet, on the fewest GPUs that hold it: it reads and generates nothing.

    Raises InfeasibleError, which says what would fit, where no replica holds it.
    """
    reader = verifier.as_verifier()
    efficiency = np.atleast_1d(np.asarray(engine_efficiency, dtype=np.float64))
    for gpus in gpu_choices(hardware, reader):
        if free_byte(reader, hardware, gpus) >= 0:
            nothing = np.zeros(1)
            one = np.ones(1)
            return Fleet(reader, reader, hardware, gpus, nothing, one, efficiency, "engine")
    raise InfeasibleError(what_would_fit(reader, hardware, offered))


def gpu_seconds(fleet: Fleet, work: TokenWork) -> GpuSeconds:
    """GPU-seconds of a query at the fleet's operating batch, (draw, n).

    The arrays of `work` have n on their last axis, those of the fleet gain it. Linear in tokens:
    the price of one more query on a full fleet. On an emptier one extra samples cost less, down to
    nothing; what whole replicas make of that is the plan's business.
    """
    base = _over_n(fleet.step_base_s / fleet.batch)
    rate = _over_n(fleet.cached_byte_s)
    engine = fleet.gpus_per_replica / _over_n(fleet.engine_efficiency)
    decode = work.decoded_tokens * (base + fleet.generator.kv_bytes(work.context_tokens) * rate)
    prefill = work.prefill_tokens * _read_s(fleet.generator, fleet, work.read_length)
    verifier = np.zeros_like(decode)
    if fleet.verifier is not None:
        verifier = work.verifier_tokens * _read_s(fleet.verifier, fleet, work.verifier_length)
    return GpuSeconds(prefill=prefill * engine, decode=decode * engine, verifier=verifier * engine)


def prefill_pass_s(fleet: Fleet, shape: Shape, tokens: Array, length: Array) -> Array:
    """Seconds, the engine's, in which one replica reads `tokens` in a full pass; (draw, n)."""
    read_s = _read_s(shape, fleet, length)
    return np.asarray(tokens * read_s / _over_n(fleet.engine_efficiency), dtype=np.float64)


def _largest_batch(
    generator: Shape, hardware: Hardware, cap: float, context: Array, gpus: int, limit_s: float
) -> float:
    """Largest whole batch up to `cap` whose step stays within the limit in the central case; at
    least 1. Bisection.
    """
    low, high = 1.0, float(cap) + 1.0
    while high - low > 1:
        middle = float(np.floor((low + high) / 2))
        step_s = decode_step_s(generator, hardware, middle, context[: CENTRAL + 1], gpus)
        low, high = (middle, high) if step_s[CENTRAL] <= limit_s else (low, middle)
    return low


def _read_s(shape: Shape, fleet: Fleet, length: Array) -> Array:
    """Seconds a replica takes for one token read in a full pass."""
    base, rate = fleet.sample_read_s if shape is fleet.verifier else fleet.prompt_read_s
    return _over_n(base) + shape.prefill_attention_flop(length) * _over_n(rate)


def _central(value: ArrayLike) -> float:
    return float(np.atleast_1d(np.asarray(value, dtype=np.float64))[CENTRAL])


def _over_n(per_draw: ArrayLike) -> Array:
    return np.asarray(per_draw, dtype=np.float64)[..., np.newaxis]
