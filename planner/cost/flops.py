"""FLOPs of a query: in full, with memory traffic, and as published frontiers count them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.cost.shape import Shape
from planner.cost.work import TokenWork

Array = NDArray[np.float64]

FLOP_PER_PARAM_TOKEN = 2.0
"""A multiplication and an addition for each parameter that a token meets (Kaplan et al. 2020)."""


@dataclass(frozen=True)
class Flop:
    """FLOPs of one query by what they are spent on; arrays broadcast, the last axis is `n`."""

    prefill: Array
    decode: Array
    verifier: Array

    @property
    def total(self) -> Array:
        """All of them."""
        return self.prefill + self.decode + self.verifier


def full_flop(work: TokenWork, generator: Shape, verifier: Shape | None = None) -> Flop:
    """Every matrix multiplication of a query, attention included.

    prefill  = prefill_tokens x (2 active layer parameters + causal attention)
    decode   = decoded_tokens x (2 (active layers + head) + attention over the context)
    verifier = verifier_tokens x (2 its active layer parameters + causal attention)
    Mixtures of experts count the parameters a token meets. The prompt counts once a query where its
    samples share it, what a later turn reads again counts again. Brown et al. 2024
    (arXiv:2407.21787) count alike: 2 (parameters + 2 layers width context) a token.
    """
    prefill = work.prefill_tokens * _read_flop(generator, work.read_length)
    decode = work.decoded_tokens * (
        FLOP_PER_PARAM_TOKEN * generator.active_params
        + generator.decode_attention_flop(work.context_tokens)
    )
    reader = np.zeros_like(work.verifier_tokens)
    if verifier is not None:
        reader = work.verifier_tokens * _read_flop(verifier, work.verifier_length)
    return Flop(prefill=prefill, decode=decode, verifier=reader)


def cache_read_byte(work: TokenWork, shape: Shape) -> Array:
    """Bytes of cache that a query's decoding reads, its samples sharing one read of the prompt.

    bytes = decoded x (kv(context) - kv(prompt)) + decoded / parallel x kv(prompt)
    Where the prompt is read once a sample, each has a copy of it: decoded x kv(context).
    """
    prompt = shape.kv_bytes(work.prompt_tokens)
    own = work.decoded_tokens * np.maximum(shape.kv_bytes(work.context_tokens) - prompt, 0.0)
    sharers = np.where(work.prompt_reads > 1, 1.0, np.maximum(work.parallel, 1.0))
    return np.asarray(own + work.decoded_tokens / sharers * prompt)


def memory_aware_flop(
    work: TokenWork, generator: Shape, flop_per_byte: float, verifier: Shape | None = None
) -> Array:
    """Memory-aware FLOPs (eFLOPs) of a query: FLOPs, and cache bytes read at I FLOPs a byte.

    eFLOPs = full_flop + I x cache_read_byte, flop_per_byte I = peak FLOP/s over bandwidth of the
    accelerator. Kinetics (Sadhukhan et al. 2025, arXiv:2506.05333): weight reads are left out, as
    batching shares them. For n samples of L tokens on a prompt of Lc the decode part is theirs,
    n (2 P L + 2 (2 Lc + L) L h d) + I x 2 (2 Lc + n L) L g d.
    """
    flop = full_flop(work, generator, verifier).total
    return np.asarray(flop + flop_per_byte * cache_read_byte(work, generator))


def _read_flop(shape: Shape, length: Array) -> Array:
    linear = FLOP_PER_PARAM_TOKEN * shape.active_layer_params
    return linear + shape.prefill_attention_flop(length)
