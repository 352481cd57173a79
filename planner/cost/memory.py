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
from planner.domain.weights import WeightFormat

Array = NDArray[np.float64]

WORKSPACE_BYTE = 0.07e9
"""Bytes beside weights and cache in a decode step, measured: activations and workspace."""

REDUCE_BUFFER_BYTE = 2.0**29
"""Bytes that a GPU holds to exchange with others, measured in every step over two GPUs."""

SMALLER_FORMATS: tuple[tuple[str, WeightFormat], ...] = (("fp8", "fp8-tensor"), ("int4", "int4"))
"""Formats that may make a model fit, as they are asked for."""


def gpu_choices(hardware: Hardware, *models: Shape | None) -> tuple[int, ...]:
    """GPUs that a replica may have: those over which every model's heads split."""
    there = [model for model in models if model is not None]
    return tuple(g for g in hardware.gpu_choices if all(m.splits_over(g) for m in there))


def weight_byte(shape: Shape) -> float:
    """Bytes of all weights: every expert in the layers' format, embeddings and head in bf16."""
    rest = shape.params - shape.layer_params
    return shape.layer_params * shape.layer_weight_bytes + rest * WEIGHT_BYTES


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


def peak_decode_byte(
    shape: Shape, batch: ArrayLike, context_tokens: ArrayLike, gpus: int = 1
) -> Array:
    """Peak bytes that each of `gpus` GPUs holds in a decode step, as PyTorch counts them.

    peak = split weights / gpus + embeddings + batch x cache / shards + workspace
    The workspace is 0.07 GB, and over several GPUs 0.5 GB more for what they exchange. Layers and
    head are split; where the embeddings are not those of the head every GPU holds them whole,
    as measured (an engine that splits them holds less). A plan leaves the workspace room in the
    tenth of memory that it does not fill.
    """
    embeddings = max(shape.params - shape.layer_params - shape.head_params, 0.0) * WEIGHT_BYTES
    weights = (weight_byte(shape) - embeddings) / gpus + embeddings
    cache = kv_byte_per_sequence(shape, context_tokens, gpus) / gpus
    buffers = WORKSPACE_BYTE + (REDUCE_BUFFER_BYTE if gpus > 1 else 0.0)
    held = np.asarray(batch, dtype=np.float64) * cache
    return np.asarray(weights + held + buffers, dtype=np.float64)


def peak_prefill_byte(shape: Shape, batch: ArrayLike, length: ArrayLike, gpus: int = 1) -> Array:
    """Peak bytes of each GPU in a prefill pass: those of a decode step, and activations.

    activations = 1.23 tokens (6 ffn / gpus + 6 width)
    """
    batch, length = np.asarray(batch, dtype=np.float64), np.asarray(length, dtype=np.float64)
    wide = 6 * (shape.ffn / gpus + shape.width)
    activations = ACTIVATION_FACTOR * batch * length * wide
    return np.asarray(peak_decode_byte(shape, batch, length, gpus) + activations)


def what_would_fit(
    generator: Shape,
    hardware: Hardware,
    offered: Sequence[Hardware] = (),
    verifier: Shape | None = None,
    context_tokens: float = 0.0,
    gpus: int | None = None,
) -> str:
    """Sentences for a model that does not fit: what it needs, what there is, what would do.

    gpus: of a replica where that is fixed; else the widest.
    """
    if gpus is not None and hardware not in offered:
        offered = (hardware, *offered)
    gpus = gpus or gpu_choices(hardware, generator, verifier)[-1]
    need = fixed_byte(generator, verifier, gpus) + float(
        kv_byte_per_sequence(generator, context_tokens, gpus)
    )
    have = MEMORY_SHARE * hardware.memory_byte * gpus
    name = generator.name + (f" with {verifier.name}" if verifier is not None else "")
    said = (
        f"{name} needs {need / units.BYTES_PER_GB:.0f} GB in {generator.weights};"
        f" {gpus} x {hardware.name}"
        f" {'holds' if gpus == 1 else 'hold'} {have / units.BYTES_PER_GB:.0f} GB"
        f" ({MEMORY_SHARE:.0%} of the memory)."
    )
    smaller = _in_fewer_bytes(generator, hardware, verifier, context_tokens, gpus)
    others = [
        f"{choice} x {other.name}"
        for other in offered
        if (choice := _fewest(generator, other, verifier, context_tokens)) is not None
    ]
    if others:
        return f"{said} It fits on {', '.join(others)}{smaller and f', or {smaller}'}."
    each = need / (MEMORY_SHARE * gpus)
    return (
        f"{said} It would fit on {'one GPU' if gpus == 1 else f'{gpus} GPUs'} of"
        f" {each / units.BYTES_PER_GB:.0f} GB, or {smaller or 'with fewer parameters'}."
    )


def _in_fewer_bytes(
    generator: Shape, hardware: Hardware, verifier: Shape | None, context_tokens: float, most: int
) -> str:
    """As "on 2 x h100-sxm with --weights fp8": the first smaller format that fits, or nothing."""
    for flag, weights in SMALLER_FORMATS:
        stored = generator.stored_as(weights)
        if stored.layer_weight_bytes >= generator.layer_weight_bytes:
            continue
        reader = verifier and verifier.stored_as(weights)
        gpus = _fewest(stored, hardware, reader, context_tokens)
        if gpus is not None and gpus <= most:
            return f"on {gpus} x {hardware.name} with --weights {flag}"
    return ""


def _fewest(
    generator: Shape, hardware: Hardware, verifier: Shape | None, context_tokens: float
) -> int | None:
    for gpus in gpu_choices(hardware, generator, verifier):
        if free_byte(generator, hardware, gpus, verifier) >= float(
            kv_byte_per_sequence(generator, context_tokens, gpus)
        ):
            return gpus
    return None
