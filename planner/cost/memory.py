"""What fits on how many GPUs, and the largest batch that memory allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units
from planner.cost.assumptions import (
    ACTIVATION_FACTOR,
    MEMORY_SHARE,
    PREFILL_BATCH_TOKENS,
    WEIGHT_BYTES,
)
from planner.cost.hardware import Hardware
from planner.cost.seconds import kv_shards
from planner.cost.shape import Shape

Array = NDArray[np.float64]


def weight_byte(shape: Shape) -> float:
    """Bytes of all weights: every expert, embeddings and head."""
    return shape.params * WEIGHT_BYTES


def activation_byte(shape: Shape, tokens: float = PREFILL_BATCH_TOKENS) -> float:
    """Peak bytes of a prefill pass beside weights and cache: 1.23 tokens (6 ffn + 6 width)."""
    return ACTIVATION_FACTOR * tokens * 6 * (shape.ffn + shape.width)


def fixed_byte(generator: Shape, verifier: Shape | None = None, gpus: int = 1) -> float:
    """Bytes of a replica before its first sequence: weights of both models, and activations.

    The models take turns, so only the larger activations count. Tensor parallelism splits weights
    and feed-forward activations, and every GPU holds the full width.
    """
    models = [generator] if verifier is None else [generator, verifier]
    copies = max(
        (gpus - 1) * ACTIVATION_FACTOR * PREFILL_BATCH_TOKENS * 6 * m.width for m in models
    )
    return sum(map(weight_byte, models)) + max(map(activation_byte, models)) + copies


def kv_byte_per_sequence(shape: Shape, context_tokens: ArrayLike, gpus: int = 1) -> Array:
    """Bytes that a sequence occupies over a replica; heads that cannot be split are copied."""
    return shape.kv_bytes(context_tokens) * (gpus / kv_shards(shape, gpus))


def free_byte(
    generator: Shape, hardware: Hardware, gpus: int = 1, verifier: Shape | None = None
) -> float:
    """Bytes that a replica of `gpus` GPUs has for cache; negative where the weights do not fit."""
    return MEMORY_SHARE * hardware.memory_byte * gpus - fixed_byte(generator, verifier, gpus)


def memory_batch(
    generator: Shape,
    hardware: Hardware,
    context_tokens: ArrayLike,
    gpus: int = 1,
    verifier: Shape | None = None,
) -> Array:
    """Sequences of `context_tokens` that fit beside the weights, whole; 0 where none does."""
    room = max(free_byte(generator, hardware, gpus, verifier), 0.0)
    return np.floor(room / kv_byte_per_sequence(generator, context_tokens, gpus))


def peak_decode_byte(shape: Shape, batch: ArrayLike, context_tokens: ArrayLike) -> Array:
    """Peak bytes of a decode step on one GPU: weights and cache (0.06 GB more were seen)."""
    return weight_byte(shape) + np.asarray(batch) * shape.kv_bytes(context_tokens)


def what_would_fit(
    generator: Shape,
    hardware: Hardware,
    offered: Sequence[Hardware] = (),
    verifier: Shape | None = None,
    context_tokens: float = 0.0,
) -> str:
    """Sentences for a model that does not fit: what it needs, what there is, what would do."""
    gpus = hardware.gpu_choices[-1]
    need = fixed_byte(generator, verifier, gpus) + float(
        kv_byte_per_sequence(generator, context_tokens, gpus)
    )
    have = MEMORY_SHARE * hardware.memory_byte * gpus
    name = generator.name + (f" with {verifier.name}" if verifier is not None else "")
    said = (
        f"{name} needs {need / units.BYTES_PER_GB:.0f} GB in bf16; {gpus} x {hardware.name}"
        f" {'holds' if gpus == 1 else 'hold'} {have / units.BYTES_PER_GB:.0f} GB"
        f" ({MEMORY_SHARE:.0%} of the memory)."
    )
    others = [
        f"{choice} x {other.name}"
        for other in offered
        if (choice := _fewest(generator, other, verifier, context_tokens)) is not None
    ]
    if others:
        return f"{said} It fits on {', '.join(others)}."
    each = need / (MEMORY_SHARE * gpus)
    return (
        f"{said} It would fit on {'one GPU' if gpus == 1 else f'{gpus} GPUs'} of"
        f" {each / units.BYTES_PER_GB:.0f} GB, or with fewer parameters."
    )


def _fewest(
    generator: Shape, hardware: Hardware, verifier: Shape | None, context_tokens: float
) -> int | None:
    for gpus in hardware.gpu_choices:
        if free_byte(generator, hardware, gpus, verifier) >= float(
            kv_byte_per_sequence(generator, context_tokens, gpus)
        ):
            return gpus
    return None
