"""Kernel time of a decode step and of a prefill pass: overheads, weights, FLOPs and cache add up.

    touched = E (1 - (1 - k/E)^T)     experts read by T tokens; uniform routing, an upper bound
    dense   = pmax4(dense bytes / (gpus MBU_w BW), dense FLOPs / (gpus MFU PK))
    experts = expert bytes / (gpus MBU_kv BW) + expert FLOPs / (gpus MFU_prefill PK)
    common  = layers t0 + expert_layers t1 + dense + experts + reduce
    decode  = common + batch KV / (shards MBU_kv BW)
    prefill = common + attention / (gpus MFU_attn PK)
    reduce  = 2 layers all_reduce(2 T width bytes), over more than one GPU
    shared  = common + batch suffix KV / (shards MBU_kv BW) + layers tc
              + max(prefix KV / (shards MBU_kv BW), batch prefix attention / (gpus MFU_c PK))

pmax4(a, b) = (a^4 + b^4)^(1/4): the change from bandwidth-bound to compute-bound is soft. Attention
is added because it is a kernel of its own. An expert's few rows overlap its weight stream badly, so
bytes and FLOPs of experts add. Decode and prefill have their own t0, MBU_w and MFU. Fitted to 288
steps of six dense models on an H200 (1.5% median error of decode, 2.0% of prefill) and checked,
nothing refitted, on mixtures of experts and on two GPUs. More than two GPUs, and experts over
several, follow the same form and were not measured. In fp8 the layers' bytes halve and they are
multiplied at fp8's rate, with efficiencies of their own; head and cache stay in bf16. `shared` is a
decode step whose sequences read one copy of their prefix (cascade attention), measured on one model
and one GPU. Kernels only: a serving engine is slower.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.assumptions import ALL_REDUCE_LINK_SHARE, ALL_REDUCE_S, WEIGHT_BYTES
from planner.cost.flops import FLOP_PER_PARAM_TOKEN
from planner.cost.hardware import Hardware
from planner.cost.shape import Shape
from planner.domain.card import Efficiency
from planner.errors import InputError, Problem

Array = NDArray[np.float64]

REDUCES_PER_LAYER = 2
"""All-reduces of a layer under tensor parallelism: after attention and after the feed-forward."""


def experts_touched(
    experts: int, experts_active: int, tokens: ArrayLike, probabilities: Sequence[float] = ()
) -> Array:
    """Experts of a layer that some of `tokens` use: the sum over experts of 1 - (1 - p)^tokens.

    probabilities: chance that a token uses each expert. Without them routing is even, p = k / E,
    and the sum is E (1 - (1 - k/E)^tokens): an upper bound, for the sum is concave in p. Skewed
    routing touches fewer (20 to 45% fewer were seen at 16 tokens). Within 0.2% (median) of counts
    under even routing.
    """
    tokens = np.asarray(tokens, dtype=np.float64)
    if not probabilities:
        missed = (1.0 - experts_active / experts) ** tokens
        return np.asarray(experts * (1.0 - missed), dtype=np.float64)
    missed = (1.0 - np.asarray(probabilities, dtype=np.float64)) ** tokens[..., np.newaxis]
    return np.asarray((1.0 - missed).sum(axis=-1), dtype=np.float64)


def touched_by(shape: Shape, tokens: ArrayLike) -> Array:
    """Experts of a layer that `tokens` tokens read: as counted, by probabilities, or evenly.

    Between counts linear in the logarithm of tokens, from k at one token; beyond the last count its
    share of what even routing would touch stays.
    """
    tokens = np.asarray(tokens, dtype=np.float64)
    even = experts_touched(shape.experts, shape.experts_active, tokens, shape.expert_probabilities)
    if not shape.experts_touched:
        return even
    known, counts = np.array(shape.experts_touched, dtype=np.float64).T
    if known[0] > 1:
        known, counts = np.insert(known, 0, 1.0), np.insert(counts, 0, shape.experts_active)
    between = np.interp(np.log(np.maximum(tokens, 1.0)), np.log(known), counts)
    last = counts[-1] / experts_touched(shape.experts, shape.experts_active, known[-1])
    return np.asarray(np.where(tokens > known[-1], last * even, between), dtype=np.float64)


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
    kernels = hardware.kernels(shape.weights)
    eff = kernels.efficiency
    read_s = _dense_byte(shape) / (gpus * eff.decode_weights * hardware.bandwidth_byte_per_s)
    per_token_s = shape.dense_params / (eff.decode_flop * kernels.flop_per_s)
    # The head stays in bf16, whatever the layers are stored in.
    per_token_s += shape.head_params / (hardware.efficiency.decode_flop * hardware.flop_per_s)
    multiply_s = FLOP_PER_PARAM_TOKEN * batch * per_token_s / gpus
    seconds = (
        _launch_s(shape, eff, eff.decode_layer_s)
        + _soft_max(read_s, multiply_s)
        + _experts_s(shape, hardware, batch, gpus)
        + _reduce_s(shape, hardware, batch, gpus)
    )
    return np.asarray(seconds * kernels.time_factor, dtype=np.float64)


def decode_step_shared_s(
    shape: Shape,
    hardware: Hardware,
    batch: ArrayLike,
    prefix_tokens: ArrayLike,
    suffix_tokens: ArrayLike,
    gpus: int = 1,
) -> Array:
    """Seconds of a decode step of `batch` samples of one prompt that read one copy of it (cascade).

    prefix_tokens: cached tokens that all share; suffix_tokens: of each sample's own. Without
    cascade attention a shared copy saves memory, not time: use `decode_step_s`. Slower than that
    for few samples or a short prefix.

    Raises InputError where the accelerator's card has no cascade constants.
    """
    batch = np.asarray(batch, dtype=np.float64)
    kernels = hardware.kernels(shape.weights)
    layer_s, share = kernels.efficiency.cascade_layer_s, kernels.efficiency.cascade_flop
    if layer_s is None or share is None:
        raise InputError(
            Problem(
                f"accelerator {hardware.name}",
                "attention over a shared prefix was not measured on it",
                column="efficiency.cascade_layer_s",
                remedy="add cascade_layer_s and cascade_flop to its card, or use the H200's",
            )
        )
    rate = kv_s_per_byte(shape, hardware, gpus)
    own = batch * shape.kv_bytes(suffix_tokens) * rate
    flop = batch * shape.decode_attention_flop(prefix_tokens)
    multiply_s = flop / (gpus * share * hardware.flop_per_s) * kernels.time_factor
    shared = np.maximum(shape.kv_bytes(prefix_tokens) * rate, multiply_s)
    launch_s = shape.layers * layer_s * kernels.time_factor
    return decode_base_s(shape, hardware, batch, gpus) + own + shared + launch_s


def kv_s_per_byte(shape: Shape, hardware: Hardware, gpus: int = 1) -> Array:
    """Seconds that a replica takes to read one byte of cache in a decode step."""
    kernels = hardware.kernels(shape.weights)
    rate = kv_shards(shape, gpus) * kernels.efficiency.decode_kv * hardware.bandwidth_byte_per_s
    return np.asarray(kernels.time_factor, dtype=np.float64) / rate


def kv_shards(shape: Shape, gpus: int) -> int:
    """GPUs that a sequence's cache is split over: one head each at most; a latent is not split."""
    return 1 if shape.kv_latent_dim else min(gpus, shape.kv_heads)


def prefill_s(
    shape: Shape, hardware: Hardware, tokens: ArrayLike, length: ArrayLike, gpus: int = 1
) -> Array:
    """Seconds to read `tokens` tokens in prompts of `length` each, as a verifier does too."""
    tokens = np.asarray(tokens, dtype=np.float64)
    rate = attention_s_per_flop(shape, hardware, gpus)
    attention = tokens * shape.prefill_attention_flop(length) * rate
    return prefill_base_s(shape, hardware, tokens, gpus) + attention


def prefill_base_s(shape: Shape, hardware: Hardware, tokens: ArrayLike, gpus: int = 1) -> Array:
    """Seconds of a prefill pass over `tokens` tokens without attention.

    The head runs for the last position of each prompt only: its bytes count, its FLOPs do not.
    """
    tokens = np.asarray(tokens, dtype=np.float64)
    kernels = hardware.kernels(shape.weights)
    eff = kernels.efficiency
    read_s = _dense_byte(shape) / (gpus * eff.prefill_weights * hardware.bandwidth_byte_per_s)
    flop = FLOP_PER_PARAM_TOKEN * tokens * shape.dense_params
    multiply_s = flop / (gpus * eff.prefill_flop * kernels.flop_per_s)
    seconds = (
        _launch_s(shape, eff, eff.prefill_layer_s)
        + _soft_max(read_s, multiply_s)
        + _experts_s(shape, hardware, tokens, gpus)
        + _reduce_s(shape, hardware, tokens, gpus)
    )
    return np.asarray(seconds * kernels.time_factor, dtype=np.float64)


def attention_s_per_flop(shape: Shape, hardware: Hardware, gpus: int = 1) -> Array:
    """Seconds that a replica takes for one FLOP of prefill attention, which runs in bf16."""
    kernels = hardware.kernels(shape.weights)
    rate = gpus * kernels.efficiency.prefill_attention * hardware.flop_per_s
    return np.asarray(kernels.time_factor, dtype=np.float64) / rate


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


def _dense_byte(shape: Shape) -> float:
    """Bytes of the weights that every token reads: layers outside experts, and the head."""
    return shape.dense_params * shape.layer_weight_bytes + shape.head_params * WEIGHT_BYTES


def _launch_s(shape: Shape, eff: Efficiency, layer_s: float) -> float:
    """Kernel ramp-up: a share of every layer that no batch hides, and more where it has experts."""
    return shape.layers * layer_s + shape.expert_layers * (eff.moe_layer_s or eff.decode_layer_s)


def _experts_s(shape: Shape, hardware: Hardware, tokens: Array, gpus: int) -> Array:
    if not shape.expert_layers:
        return np.zeros(())
    kernels = hardware.kernels(shape.weights)
    eff = kernels.efficiency
    one = shape.expert_params * shape.expert_layers
    read = one * touched_by(shape, tokens) * shape.layer_weight_bytes
    flop = FLOP_PER_PARAM_TOKEN * tokens * shape.experts_active * one
    return np.asarray(
        read / (gpus * eff.decode_kv * hardware.bandwidth_byte_per_s)
        + flop / (gpus * eff.prefill_flop * kernels.flop_per_s)
    )


def _reduce_s(shape: Shape, hardware: Hardware, tokens: Array, gpus: int) -> Array:
    if gpus == 1:
        return np.zeros(())
    message = tokens * shape.width * WEIGHT_BYTES
    return REDUCES_PER_LAYER * shape.layers * all_reduce_s(hardware, message, gpus)


def _soft_max(a: ArrayLike, b: ArrayLike) -> Array:
    """(a^4 + b^4)^(1/4): the slower of two overlapped streams, with a soft knee."""
    squares = np.square(np.square(a)) + np.square(np.square(b))
    return np.asarray(np.sqrt(np.sqrt(squares)), dtype=np.float64)
