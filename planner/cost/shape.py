"""What a model's cost depends on: parameters read and used, and what its cache holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units
from planner.cost.assumptions import WEIGHT_BYTES
from planner.domain.weights import WeightFormat
from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.domain.card import ModelCard

Array = NDArray[np.float64]

GATED_FFN_MATRICES = 3
"""Matrices of a gated feed-forward block: gate, up, down."""


FP8_BYTES = 1.0
"""Bytes of a layer's weight in fp8; embeddings, head and cache stay in bf16, as was measured."""

SCALE_BYTES = 4.0
"""Bytes of the scale of a row of weights in fp8."""

INT4_BYTES = 0.5 + 2.5 / 128
"""Bytes of a layer's weight in 4 bits: each 128 share a 2-byte scale and a 4-bit zero, as most
published 4-bit checkpoints are made (GPTQ and AWQ, group size 128)."""


@dataclass(frozen=True)
class Shape:
    """A transformer's sizes as plain numbers. Counts are parameters, not billions."""

    name: str
    nominal_params_b: float
    """The size in its name, billions."""
    params: float
    """All parameters, embeddings and experts included."""
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: float
    """Inner width of the feed-forward block that a token passes: of all its experts together."""
    dense_params: float
    """Layer parameters that every token uses: attention, dense blocks, shared experts, routers."""
    head_params: float
    """Parameters of the output head, vocabulary x width; 0 for a verifier."""
    experts: int = 0
    """Routed experts of a layer; 0 for a dense model."""
    experts_active: int = 0
    """Routed experts that a token uses."""
    expert_params: float = 0.0
    """Parameters of one expert in one layer."""
    expert_layers: int = 0
    """Layers that have experts."""
    kv_latent_dim: int = 0
    """Values cached a token and layer by multi-head latent attention; 0 without it."""
    window_tokens: int = 0
    window_layers: int = 0
    """Layers that attend only within `window_tokens`."""
    weights: WeightFormat = "bf16"
    """How the layers' weights are stored; embeddings, head and cache are in bf16."""
    expert_probabilities: tuple[float, ...] = ()
    """Chance that a token uses each expert; empty where routing is taken to be even."""
    experts_touched: tuple[tuple[float, float], ...] = ()
    """Counted (tokens, experts of a layer that they use); goes before probabilities."""

    @classmethod
    def from_card(cls, card: ModelCard) -> Shape:
        """Shape of a card whose `architecture` has been resolved.

        Raises InputError naming every shape field that the card lacks.
        """
        _require(card)
        layers, width, heads = card.layers or 0, card.width or 0, card.heads or 0
        kv_heads = card.kv_heads or heads
        head_dim = card.head_dim or width // heads
        head_params = float((card.vocab or 0) * width)
        embedding_params = head_params * (1 if card.tied_embeddings else 2)

        expert_ffn = card.expert_ffn or 0
        experts, active = card.experts or 0, card.experts_active or 0
        expert_layers = layers - (card.dense_layers or 0) if experts else 0
        expert_params = float(GATED_FFN_MATRICES * width * expert_ffn)
        all_experts = experts * expert_params * expert_layers

        counted = _counted_dense_params(card, expert_layers, head_dim, kv_heads)
        if card.params_b is None:
            dense_params = counted
            params = dense_params + all_experts + embedding_params
        else:
            params = card.params_b * units.PARAMS_PER_B
            # A published total of a mixture of experts is rounded by more than its dense part is
            # uncertain; compressed attention cannot be counted from the card.
            by_count = bool(experts) and card.kv_latent_dim is None
            dense_params = counted if by_count else params - embedding_params - all_experts
        if dense_params <= 0:
            raise InputError(
                Problem(
                    f"model card {card.name}",
                    "its experts and embeddings hold more parameters than it has",
                    column="params_b",
                    value=f"{card.params_b:g}",
                    remedy="check params_b, experts, expert_ffn, layers and vocab",
                )
            )
        token_ffn = (
            float((active + (card.shared_experts or 0)) * expert_ffn)
            if experts
            else float(card.ffn or 0)
        )
        return cls(
            name=card.name,
            nominal_params_b=card.nominal_params_b or params / units.PARAMS_PER_B,
            params=params,
            layers=layers,
            width=width,
            heads=heads,
            kv_heads=kv_heads,
            head_dim=head_dim,
            ffn=token_ffn,
            dense_params=dense_params,
            head_params=head_params,
            experts=experts,
            experts_active=active,
            expert_params=expert_params,
            expert_layers=expert_layers,
            kv_latent_dim=card.kv_latent_dim or 0,
            window_tokens=card.window_tokens or 0,
            window_layers=(card.window_layers or 0) if card.window_tokens else 0,
            weights=card.weights or "bf16",
            expert_probabilities=card.expert_probabilities,
            experts_touched=card.experts_touched,
        )

    @property
    def active_layer_params(self) -> float:
        """Layer parameters that a token is multiplied with."""
        return self.dense_params + self.experts_active * self.expert_params * self.expert_layers

    @property
    def active_params(self) -> float:
        """Parameters that a generated token is multiplied with: layers and head."""
        return self.active_layer_params + self.head_params

    @property
    def streamed_params(self) -> float:
        """Parameters read in a step that touches every expert: layers and head."""
        return self.layer_params + self.head_params

    @property
    def layer_params(self) -> float:
        """Parameters of all layers, every expert counted."""
        return self.dense_params + self.experts * self.expert_params * self.expert_layers

    @property
    def layer_weight_bytes(self) -> float:
        """Bytes of one weight of a layer with its share of the scales.

        A row of fp8 weights, about as long as the model is wide, has one scale.
        """
        return {
            "bf16": WEIGHT_BYTES,
            "fp8-tensor": FP8_BYTES,
            "fp8-row": FP8_BYTES + SCALE_BYTES / self.width,
            "int4": INT4_BYTES,
        }[self.weights]

    @property
    def kv_bytes_per_token(self) -> float:
        """Cache bytes of one token in all layers, before any window closes."""
        return self.layers * self._kv_values * WEIGHT_BYTES

    @property
    def _kv_values(self) -> float:
        return float(self.kv_latent_dim or 2 * self.kv_heads * self.head_dim)

    def kv_bytes(self, context_tokens: ArrayLike) -> Array:
        """Cache bytes that a sequence of `context_tokens` holds, and that its next token reads.

        bytes = 2 values [(layers - window_layers) context + window_layers min(context, window)]
        with values = 2 x kv_heads x head_dim, or the latent width where attention is compressed.
        """
        context = np.asarray(context_tokens, dtype=np.float64)
        per_layer = self._kv_values * WEIGHT_BYTES
        return np.asarray(per_layer * self._seen(context), dtype=np.float64)

    def decode_attention_flop(self, context_tokens: ArrayLike) -> Array:
        """Attention FLOPs of a generated token with `context_tokens` cached.

        4 x heads x head_dim x layers x context (query times keys, weights times values). Compressed
        attention works in the latent width instead of head_dim.
        """
        context = np.asarray(context_tokens, dtype=np.float64)
        inner = self.heads * (self.kv_latent_dim or self.head_dim)
        return 4.0 * inner * self._seen(context)

    def _seen(self, context: Array) -> Array:
        """Cached tokens that the next one attends over, summed over layers."""
        if not self.window_layers:
            return self.layers * context
        near: Array = np.minimum(context, self.window_tokens)
        return (self.layers - self.window_layers) * context + self.window_layers * near

    def prefill_attention_flop(self, length: ArrayLike) -> Array:
        """Attention FLOPs a token of a prompt of `length` tokens, causal.

        A token sees length / 2 others on average; within a window w < length, w - w^2 / (2 length).
        """
        length = np.asarray(length, dtype=np.float64)
        seen = self.layers * length / 2
        if self.window_layers:
            window = np.minimum(self.window_tokens, length)
            near = window - window**2 / np.maximum(2 * length, 1e-300)
            seen = (self.layers - self.window_layers) * length / 2 + self.window_layers * near
        return 4.0 * self.heads * self.head_dim * seen

    def splits_over(self, gpus: int) -> bool:
        """Whether every one of `gpus` GPUs gets as many heads, as tensor parallelism needs.

        Cached heads are split alike, or copied where they are fewer than the GPUs.
        """
        if self.heads % gpus:
            return False
        return bool(self.kv_latent_dim) or self.kv_heads % gpus == 0 or gpus % self.kv_heads == 0

    def stored_as(self, weights: WeightFormat) -> Shape:
        """The same model with its layers' weights in another format."""
        return replace(self, weights=weights)

    def as_verifier(self) -> Shape:
        """The same shape with a score in place of the output head."""
        return replace(self, head_params=0.0)


def _counted_dense_params(
    card: ModelCard, expert_layers: int, head_dim: int, kv_heads: int
) -> float:
    """Parameters outside experts, counted: attention, dense blocks, shared experts, routers."""
    layers, width, heads = card.layers or 0, card.width or 0, card.heads or 0
    attention = layers * width * head_dim * (2 * heads + 2 * kv_heads)
    blocks = (layers - expert_layers) * GATED_FFN_MATRICES * width * (card.ffn or 0)
    shared = (
        expert_layers
        * (card.shared_experts or 0)
        * GATED_FFN_MATRICES
        * width
        * (card.expert_ffn or 0)
    )
    routers = expert_layers * width * (card.experts or 0)
    return float(attention + blocks + shared + routers)


def missing_fields(card: ModelCard) -> list[str]:
    """Fields without which a card has no Shape."""
    needed = ["layers", "width", "heads", "vocab"]
    if card.experts:
        needed += ["experts_active", "expert_ffn"]
        if card.kv_latent_dim is not None:
            needed.append("params_b")
        elif card.dense_layers:
            needed.append("ffn")
    elif card.params_b is None:
        needed.append("ffn")
    return [name for name in needed if getattr(card, name) is None]


def _require(card: ModelCard) -> None:
    problems = [
        Problem(
            f"model card {card.name}",
            "its cost cannot be computed without its shape",
            column=name,
            remedy=f"add {name}, or name a card of the same shape under architecture",
        )
        for name in missing_fields(card)
    ]
    if problems:
        raise InputError(problems)
