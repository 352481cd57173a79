"""Cards: what is known of models, verifiers, accelerators and prices, with its source.

A card is a TOML file. Every number on it is covered by a source with an address and the
date it was read; what is unpublished is left out, never guessed; where sources disagree the
other values stand under `disputed`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from planner.domain.base import Strict
from planner.domain.price import ApiPrice, Rent
from planner.domain.ranges import Range
from planner.domain.weights import WeightFormat, Weights

Tuning = Literal["base", "instruct", "sft", "reasoning", "rl"]
"""How a model was tuned after pre-training. `rl` is never picked unasked."""


class Source(Strict):
    """Where the numbers of a card come from."""

    covers: tuple[str, ...] = Field(min_length=1)
    """Fields whose value this source states."""
    title: str = Field(min_length=1)
    """What it is: "Llemma paper, Table 1"."""
    url: str | None = None
    """Address that was read."""
    read: dt.date
    """Day it was read."""
    note: str | None = None


class Disputed(Strict):
    """Another value that a source gives for a field of this card."""

    field: str
    value: float
    title: str
    url: str | None = None
    read: dt.date
    note: str | None = None


class Efficiency(Strict):
    """Share of the datasheet that kernels reach: the time form of `planner.cost.seconds`."""

    decode_layer_s: float = Field(gt=0)
    """Overhead of a layer in a decode step, seconds (t0)."""
    decode_weights: float = Field(gt=0, le=1)
    """Share of bandwidth for weights (MBU_w)."""
    decode_kv: float = Field(gt=0, le=1)
    """Share of bandwidth for the KV cache (MBU_kv)."""
    decode_flop: float = Field(gt=0, le=1)
    """Share of peak FLOP/s for decode GEMMs (MFU_gemm)."""
    prefill_layer_s: float = Field(gt=0)
    """Overhead of a layer in a prefill pass, seconds."""
    prefill_weights: float = Field(gt=0, le=1)
    prefill_flop: float = Field(gt=0, le=1)
    """Share of peak FLOP/s for prefill GEMMs (MFU_lin)."""
    prefill_attention: float = Field(gt=0, le=1)
    """Share of peak FLOP/s for prefill attention (MFU_attn)."""
    moe_layer_s: float | None = Field(default=None, gt=0)
    """Extra overhead of a mixture-of-experts layer, seconds (t1); decode_layer_s without it."""
    cascade_layer_s: float | None = Field(default=None, gt=0)
    """Extra overhead of a layer in a decode step that reads a shared prefix once, seconds."""
    cascade_flop: float | None = Field(default=None, gt=0, le=1)
    """Share of peak FLOP/s for attention of many sequences over one shared prefix."""
    measured_on: str
    """Accelerator on which these were measured."""


class Engine(Strict):
    """A serving engine measured on an accelerator."""

    efficiency: Range
    """Kernel time over the engine's time."""
    measured_on: str
    """Accelerator, and what served."""


class Card(Strict):
    """What all cards have."""

    model_config = ConfigDict(allow_inf_nan=False)

    schema_: str = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.+-]*$")
    """Lower case, as it is written in a scenario."""
    title: str
    """As its maker writes it; what follows a comma is left out of labels."""
    aliases: tuple[str, ...] = ()
    """Other names that logs, tables and people use."""
    sources: tuple[Source, ...] = ()
    disputed: tuple[Disputed, ...] = ()

    @model_validator(mode="after")
    def _every_number_has_a_source(self) -> Self:
        covered = {name for source in self.sources for name in source.covers}
        unknown = sorted(covered - set(type(self).model_fields))
        if unknown:
            raise ValueError(f"a source covers {', '.join(unknown)}, which the card does not have")
        bare = [
            name
            for name, value in self
            if isinstance(value, (int, float, Efficiency, Engine))
            and not isinstance(value, bool)
            and name not in covered
        ]
        if bare:
            raise ValueError(
                f"no source covers {', '.join(bare)}: add them to a [[sources]] covers list"
            )
        return self

    @property
    def short_title(self) -> str:
        """The title up to its first comma, for labels."""
        return self.title.partition(",")[0]

    def source_of(self, field: str) -> Source | None:
        """The source that covers a field."""
        return next((s for s in self.sources if field in s.covers), None)


_PARTS = (
    ("active_params_b", "params_b"),
    ("experts_active", "experts"),
    ("dense_layers", "layers"),
    ("window_layers", "layers"),
    ("kv_heads", "heads"),
)
"""Fields of a model card that are a part of another."""


class ModelCard(Card):
    """A language model: its size, shape, licence and training."""

    schema_: Literal["planner.llm/1"] = Field(alias="schema")
    family: str
    """Models of one family share a tokenizer and design: "llama-3", "qwen2.5-math"."""
    tuning: Tuning
    architecture: str | None = None
    """Card whose shape this one has; its shape fields are then left out here."""
    nominal_params_b: float | None = Field(default=None, gt=0)
    """The size in its name, billions: what a person asks for by "7B"."""
    params_b: float | None = Field(default=None, gt=0)
    """All parameters, billions."""
    active_params_b: float | None = Field(default=None, gt=0)
    """Parameters used for a token, billions; equals params_b for a dense model."""
    layers: int | None = Field(default=None, ge=1)
    width: int | None = Field(default=None, ge=1)
    """Hidden size d."""
    heads: int | None = Field(default=None, ge=1)
    kv_heads: int | None = Field(default=None, ge=1)
    head_dim: int | None = Field(default=None, ge=1)
    ffn: int | None = Field(default=None, ge=1)
    """Inner width of a dense layer's feed-forward block."""
    vocab: int | None = Field(default=None, ge=1)
    tied_embeddings: bool | None = None
    experts: int | None = Field(default=None, ge=2)
    """Routed experts in a mixture-of-experts layer."""
    experts_active: int | None = Field(default=None, ge=1)
    """Routed experts used for a token."""
    shared_experts: int | None = Field(default=None, ge=0)
    """Experts that every token uses."""
    expert_ffn: int | None = Field(default=None, ge=1)
    """Inner width of one expert."""
    dense_layers: int | None = Field(default=None, ge=0)
    """Layers without experts in a mixture of experts."""
    kv_latent_dim: int | None = Field(default=None, ge=1)
    """Values cached per token and layer where attention is compressed (multi-head latent)."""
    window_tokens: int | None = Field(default=None, ge=1)
    """Sliding window of the layers that have one."""
    window_layers: int | None = Field(default=None, ge=0)
    """How many layers attend only within the window."""
    context_tokens: int | None = Field(default=None, ge=1)
    """Longest context."""
    train_tokens: float | None = Field(default=None, gt=0)
    """Pre-training tokens, where published."""
    weights: Weights | None = None
    """Format in which it is published and served, where that is not bf16."""
    expert_probabilities: tuple[Annotated[float, Field(ge=0, le=1)], ...] = ()
    """Chance that a token uses each routed expert; they add up to experts_active. Without these or
    experts_touched routing is taken to be even, which is an upper bound of the experts read."""
    experts_touched: tuple[tuple[float, float], ...] = ()
    """Counted: (tokens of a step, mean experts of a layer that at least one of them uses)."""
    licence: str | None = None

    @model_validator(mode="after")
    def _shape_is_possible(self) -> Self:
        for part, whole in _PARTS:
            some, all_ = getattr(self, part), getattr(self, whole)
            if some is not None and all_ is not None and some > all_:
                raise ValueError(f"{part} is {some:g}, over {whole} {all_:g}: correct one of them")
        heads, kv_heads = self.heads, self.kv_heads
        if heads is not None and kv_heads is not None and heads % kv_heads:
            raise ValueError(f"kv_heads is {kv_heads} of {heads} heads: write a divisor of heads")
        if self.architecture is not None:
            return self
        if heads is not None and self.head_dim is None and (self.width or 0) % heads:
            raise ValueError("head_dim is not width / heads, which is not whole: add head_dim")
        if self.window_layers and self.window_tokens is None:
            raise ValueError("window_layers needs the tokens of the window: add window_tokens")
        return self

    @model_validator(mode="after")
    def _routing_is_possible(self) -> Self:
        use, active = self.expert_probabilities, self.experts_active or 0
        if use and self.experts is not None and len(use) != self.experts:
            raise ValueError(
                f"expert_probabilities has {len(use)} numbers for {self.experts} experts: give one"
                " for each"
            )
        if use and active and abs(sum(use) - active) > 0.01 * active:
            raise ValueError(
                f"expert_probabilities add up to {sum(use):.4g}, a token uses {active} experts:"
                " give the chance that a token uses each expert"
            )
        counts = self.experts_touched
        if list(counts) != sorted(counts) or any(t < 1 or e <= 0 for t, e in counts):
            raise ValueError(
                "experts_touched is not a list of [tokens, experts] with tokens from 1 up: write"
                " [[1, 8], [16, 40]]"
            )
        return self


class VerifierCard(Card):
    """A verifier: a reward model over outcomes or steps, and what training it took."""

    schema_: Literal["planner.verifier/1"] = Field(alias="schema")
    kind: Literal["ORM", "PRM", "OPRM", "GenRM"]
    """Outcome, process, both in one, or generative."""
    architecture: str
    """Model card whose shape it has."""
    nominal_params_b: float | None = Field(default=None, gt=0)
    params_b: float | None = Field(default=None, gt=0)
    training_labels: float | None = Field(default=None, gt=0)
    """Labels it was trained on."""
    label_kind: Literal["human steps", "automatic steps", "outcomes", "preferences"] | None = None
    reads: Literal["once a sample", "each step"] = "once a sample"
    """Passes over a sample when it scores finished samples."""
    weights: Weights | None = None
    """Format in which it is served, where that is not its architecture's."""
    licence: str | None = None


class AcceleratorCard(Card):
    """One accelerator: datasheet rates (dense, never sparse) and measured efficiencies."""

    schema_: Literal["planner.accelerator/1"] = Field(alias="schema")
    vendor: str
    bf16_flop_per_s: float = Field(gt=0)
    """Dense bf16 matrix rate."""
    fp8_flop_per_s: float | None = Field(default=None, gt=0)
    """Dense fp8 matrix rate; absent where the hardware has none."""
    bandwidth_byte_per_s: float = Field(gt=0)
    memory_byte: float = Field(gt=0)
    """Memory that a device has (1 GB = 1e9 bytes)."""
    watts: float | None = Field(default=None, gt=0)
    link_byte_per_s: float | None = Field(default=None, gt=0)
    """Bandwidth to the other GPUs of a node, one direction."""
    max_per_node: int | None = Field(default=None, ge=1)
    """GPUs in the usual node: the widest tensor parallelism offered."""
    efficiency: Efficiency | None = None
    """Absent where not measured: the H200's then serve, with a wider range; the page says so."""
    efficiency_fp8_tensor: Efficiency | None = None
    """With weights and activations in fp8, one scale a tensor; shares are of fp8_flop_per_s."""
    efficiency_fp8_row: Efficiency | None = None
    """With one scale a row."""
    efficiency_int4: Efficiency | None = None
    """With 4-bit weights multiplied in bf16."""
    engine: Engine | None = None
    """What a serving engine adds to kernel time; absent where not measured."""

    def efficiency_of(self, weights: WeightFormat) -> Efficiency | None:
        """Measured efficiencies of a weight format; None where it was not measured."""
        measured: dict[WeightFormat, Efficiency | None] = {
            "bf16": self.efficiency,
            "fp8-tensor": self.efficiency_fp8_tensor,
            "fp8-row": self.efficiency_fp8_row,
            "int4": self.efficiency_int4,
        }
        return measured[weights]


class PriceCard(Card):
    """What one provider charges."""

    schema_: Literal["planner.price/1"] = Field(alias="schema")
    rents: tuple[Rent, ...] = ()
    apis: tuple[ApiPrice, ...] = ()
    residency: str | None = None
    """Where its API answers, where that is promised: "EU"."""

    @model_validator(mode="after")
    def _prices_have_a_source(self) -> Self:
        covered = {name for source in self.sources for name in source.covers}
        bare = [name for name in ("rents", "apis") if getattr(self, name) and name not in covered]
        if bare:
            raise ValueError(f"no source covers {', '.join(bare)}")
        return self


CARD_TYPES: dict[str, type[Card]] = {
    "llms": ModelCard,
    "verifiers": VerifierCard,
    "accelerators": AcceleratorCard,
    "prices": PriceCard,
}
"""Folder under `models/` -> type of its cards."""
