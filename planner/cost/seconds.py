"""Kernel time of a decode step and of a prefill pass: overheads, weights, FLOPs and cache add up.

    touched = E (1 - (1 - k/E)^T)     experts read by T tokens; uniform routing, an upper bound
    dense   = pmax4(dense bytes / (gpus MBU_w BW), dense FLOPs / (gpus MFU PK))
    experts = expert bytes / (gpus MBU_kv BW) + expert FLOPs / (gpus MFU_prefill PK)
    common  = layers t0 + expert_layers t1 + dense + experts + reduce
    decode  = common + batch KV / (shards MBU_kv BW)
    prefill = common + attention / (gpus MFU_attn PK)
    reduce  = 2 layers all_reduce(2 T width bytes), over more than one GPU

pmax4(a, b) = (a^4 + b^4)^(1/4): the change from bandwidth-bound to compute-bound is soft. Attention
is added because it is a kernel of its own. An expert's few rows overlap its weight stream badly, so
bytes and FLOPs of experts add. Decode and prefill have their own t0, MBU_w and MFU. Fitted to 288
steps of six dense models on an H200 (1.5 % median error of decode, 2.0 % of prefill) and checked,
nothing refitted, on mixtures of experts and on two GPUs. More than two GPUs, and experts over
several, follow the same form and were not measured. Kernels only: a serving engine is slower.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.assumptions import ALL_REDUCE_LINK_SHARE, ALL_REDUCE_S, WEIGHT_BYTES
from planner.cost.flops import FLOP_PER_PARAM_TOKEN
from planner.cost.hardware import Hardware
from planner.cost.shape import Shape

Array = NDArray[np.float64]

REDUCES_PER_LAYER = 2
"""All-reduces of a layer under tensor parallelism: after attention and after the feed-forward."""


def experts_touched(experts: int, experts_active: int, tokens: ArrayLike) -> Array:
    """Experts of a layer that at least one of `tokens` uses: E (1 - (1 - k/E)^tokens).

    Uniform routing. Skewed routing touches fewer (20 to 45 % fewer were seen at 16 tokens), so
    that this is an upper bound. Within 0.2 % (median) of counts under uniform routing.
    """
    missed = (1.0 - experts_active / experts) ** np.asarray(tokens, dtype=np.float64)
    return np.asarray(experts * (1.0 - missed), dtype=np.float64)


def decode_step_s(
    shape: Shape, hardware: Hardware, batch: ArrayLike, context_tokens: ArrayLike, gpus: int = 1
) -> Array:
    """Seconds of one decode step of `batch` sequences, each over `context_tokens` cached tokens."""
    batch = np.asarray(batch, dtype=np.float64)
    cache = batch * shape.kv_bytes(context_tokens) * kv_s_per_byte(shape, hardware, gpus)
    return decode_base_s(shape, hardware, batch, gpus) + cache


def decode_base_s(shape: Shape, hardware: Hardware, batch: ArrayLike, gpus: int = 1) -> Array:
    """Seconds of a decode step of `batch` sequences without reading their caches."""
    batch = np.asarray(batch, dtype=np.float64)
    eff = hardware.efficiency
    dense = shape.dense_params + shape.head_params
    read_s = dense * WEIGHT_BYTES / (gpus * eff.decode_weights * hardware.bandwidth_byte_per_s)
    multiply_s = (
        FLOP_PER_PARAM_TOKEN * batch * dense / (gpus * eff.decode_flop * hardware.flop_per_s)
    )
    seconds = (
        _launch_s(shape, hardware, eff.decode_layer_s)
        + _soft_max(read_s, multiply_s)
        + _experts_s(shape, hardware, batch, gpus)
        + _reduce_s(shape, hardware, batch, gpus)
    )
    return np.asarray(seconds * hardware.time_factor, dtype=np.float64)


def kv_s_per_byte(shape: Shape, hardware: Hardware, gpus: int = 1) -> Array:
    """Seconds that a replica takes to read one byte of cache in a decode step."""
    rate = kv_shards(shape, gpus) * hardware.efficiency.decode_kv * hardware.bandwidth_byte_per_s
    return np.asarray(hardware.time_factor, dtype=np.float64) / rate


def kv_shards(shape: Shape, gpus: int) -> int:
    """GPUs that a sequence's cache is split over: one head each at most; a latent is not split."""
    return 1 if shape.kv_latent_dim else min(gpus, shape.kv_heads)


def prefill_s(
    shape: Shape, hardware: Hardware, tokens: ArrayLike, length: ArrayLike, gpus: int = 1
) -> Array:
    """Seconds to read `tokens` tokens in prompts of `length` each, as a verifier does too."""
    tokens = np.asarray(tokens, dtype=np.float64)
    attention = tokens * shape.prefill_attention_flop(length) * attention_s_per_flop(hardware, gpus)
    return prefill_base_s(shape, hardware, tokens, gpus) + attention


def prefill_base_s(shape: Shape, hardware: Hardware, tokens: ArrayLike, gpus: int = 1) -> Array:
    """Seconds of a prefill pass over `tokens` tokens without attention.

    The head runs for the last position of each prompt only: its bytes count, its FLOPs do not.
    """
    tokens = np.asarray(tokens, dtype=np.float64)
    eff = hardware.efficiency
    weights = (shape.dense_params + shape.head_params) * WEIGHT_BYTES
    read_s = weights / (gpus * eff.prefill_weights * hardware.bandwidth_byte_per_s)
    flop = FLOP_PER_PARAM_TOKEN * tokens * shape.dense_params
    multiply_s = flop / (gpus * eff.prefill_flop * hardware.flop_per_s)
    seconds = (
        _launch_s(shape, hardware, eff.prefill_layer_s)
        + _soft_max(read_s, multiply_s)
        + _experts_s(shape, hardware, tokens, gpus)
        + _reduce_s(shape, hardware, tokens, gpus)
    )
    return np.asarray(seconds * hardware.time_factor, dtype=np.float64)


def attention_s_per_flop(hardware: Hardware, gpus: int = 1) -> Array:
    """Seconds that a replica takes for one FLOP of prefill attention."""
    rate = gpus * hardware.efficiency.prefill_attention * hardware.flop_per_s
    return np.asarray(hardware.time_factor, dtype=np.float64) / rate


def all_reduce_s(hardware: Hardware, message_byte: ArrayLike, gpus: int) -> Array:
    """Seconds of one all-reduce of `message_byte` bytes over `gpus` GPUs of a node.

    two GPUs: 12.2 us + bytes / (0.56 link), measured over NVLink 4. For more, a ring moves
    2 (gpus - 1) / gpus of the bytes and latency grows by half of two GPUs' with each doubling:
    assumed, not measured. 0 for one GPU or where the GPUs are not linked.
    """
    message = np.asarray(message_byte, dtype=np.float64)
    if gpus == 1 or hardware.link_byte_per_s is None:
        return np.zeros_like(message)
    latency = ALL_REDUCE_S * (1 + math.log2(gpus)) / 2
    moved = message * 2 * (gpus - 1) / gpus
    return latency + moved / (ALL_REDUCE_LINK_SHARE * hardware.link_byte_per_s)


def _launch_s(shape: Shape, hardware: Hardware, layer_s: float) -> float:
    """Kernel ramp-up: a share of every layer that no batch hides, and more where it has experts."""
    moe_s = hardware.efficiency.moe_layer_s or hardware.efficiency.decode_layer_s
    return shape.layers * layer_s + shape.expert_layers * moe_s


def _experts_s(shape: Shape, hardware: Hardware, tokens: Array, gpus: int) -> Array:
    if not shape.expert_layers:
        return np.zeros_like(tokens)
    eff = hardware.efficiency
    one = shape.expert_params * shape.expert_layers
    read = one * experts_touched(shape.experts, shape.experts_active, tokens) * WEIGHT_BYTES
    flop = FLOP_PER_PARAM_TOKEN * tokens * shape.experts_active * one
    return np.asarray(
        read / (gpus * eff.decode_kv * hardware.bandwidth_byte_per_s)
        + flop / (gpus * eff.prefill_flop * hardware.flop_per_s)
    )


def _reduce_s(shape: Shape, hardware: Hardware, tokens: Array, gpus: int) -> Array:
    message = tokens * shape.width * WEIGHT_BYTES
    return REDUCES_PER_LAYER * shape.layers * all_reduce_s(hardware, message, gpus)


def _soft_max(a: ArrayLike, b: ArrayLike) -> Array:
    """(a^4 + b^4)^(1/4): the slower of two overlapped streams, with a soft knee."""
    squares = np.square(np.square(a)) + np.square(np.square(b))
    return np.asarray(np.sqrt(np.sqrt(squares)), dtype=np.float64)
