"""Public shapes and datasheets that the cost tests share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from planner.cost.hardware import Hardware
from planner.cost.shape import Shape
from planner.domain.card import AcceleratorCard, Efficiency, ModelCard

READ = dt.date(2026, 11, 22)

H200_EFFICIENCY = Efficiency(
    decode_layer_s=34.1e-6,
    decode_weights=0.866,
    decode_kv=0.944,
    decode_flop=0.620,
    prefill_layer_s=41.5e-6,
    prefill_weights=0.831,
    prefill_flop=0.648,
    prefill_attention=0.347,
    measured_on="NVIDIA H200",
)
"""Fitted to 288 steps of six dense models on an H200; see planner/cost/seconds.py."""

# name: params, layers, width, heads, kv_heads, head_dim, ffn, vocab, tied. From the models'
# config.json on their makers' pages (Qwen, Meta).
DENSE: dict[str, tuple[float, int, int, int, int, int, int, int, bool]] = {
    "qwen2.5-0.5b": (494032768, 24, 896, 14, 2, 64, 4864, 151936, True),
    "llama2-7b": (6738415616, 32, 4096, 32, 32, 128, 11008, 32000, False),
    "llama3-8b": (8030261248, 32, 4096, 32, 8, 128, 14336, 128256, False),
    "codellama-34b": (33743970304, 48, 8192, 64, 8, 128, 22016, 32000, False),
    "llama3-70b": (70553706496, 80, 8192, 64, 8, 128, 28672, 128256, False),
}

# name: bf16 FLOP/s dense, byte/s, bytes, one-way link byte/s. NVIDIA datasheets.
DATASHEETS: dict[str, tuple[float, float, float, float]] = {
    "h100-sxm": (989e12, 3.35e12, 80e9, 450e9),
    "h200-sxm": (989e12, 4.8e12, 141e9, 450e9),
    "a100-80gb": (312e12, 2.039e12, 80e9, 300e9),
}


def model_card(name: str, **fields: Any) -> ModelCard:
    numbers = [k for k, v in fields.items() if isinstance(v, (int, float)) and v is not True]
    return ModelCard.model_validate(
        {
            "schema": "planner.llm/1",
            "name": name,
            "title": name,
            "family": "test",
            "tuning": "base",
            **fields,
            "sources": [{"covers": numbers, "title": "config.json", "read": READ}],
        }
    )


def dense_card(name: str) -> ModelCard:
    params, layers, width, heads, kv_heads, head_dim, ffn, vocab, tied = DENSE[name]
    return model_card(
        name,
        params_b=params / 1e9,
        layers=layers,
        width=width,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        ffn=ffn,
        vocab=vocab,
        tied_embeddings=tied,
    )


def mixtral_card() -> ModelCard:
    """Mixtral 8x7B, from its config.json: 46.7B in all, 12.9B active."""
    return model_card(
        "mixtral-8x7b",
        params_b=46.7,
        active_params_b=12.9,
        layers=32,
        width=4096,
        heads=32,
        kv_heads=8,
        head_dim=128,
        vocab=32000,
        tied_embeddings=False,
        experts=8,
        experts_active=2,
        expert_ffn=14336,
    )


def accelerator_card(name: str, measured: bool = False, linked: bool = True) -> AcceleratorCard:
    flop, bandwidth, memory, link = DATASHEETS[name]
    covers = ["bf16_flop_per_s", "bandwidth_byte_per_s", "memory_byte", "max_per_node"]
    fields: dict[str, Any] = {}
    if linked:
        fields["link_byte_per_s"] = link
        covers.append("link_byte_per_s")
    if measured:
        fields["efficiency"] = H200_EFFICIENCY
        covers.append("efficiency")
    return AcceleratorCard.model_validate(
        {
            "schema": "planner.accelerator/1",
            "name": name,
            "title": name.upper(),
            "vendor": "NVIDIA",
            "bf16_flop_per_s": flop,
            "bandwidth_byte_per_s": bandwidth,
            "memory_byte": memory,
            "max_per_node": 8,
            **fields,
            "sources": [{"covers": covers, "title": "datasheet", "read": READ}],
        }
    )


@pytest.fixture(scope="session")
def shapes() -> dict[str, Shape]:
    """Shapes of public dense models."""
    return {name: Shape.from_card(dense_card(name)) for name in DENSE}


@pytest.fixture(scope="session")
def gpus() -> dict[str, Hardware]:
    """Datasheet rates with the H200's efficiencies and no error of the time form."""
    return {
        name: Hardware(name, flop, bandwidth, memory, H200_EFFICIENCY, link, 8)
        for name, (flop, bandwidth, memory, link) in DATASHEETS.items()
    }


@pytest.fixture(scope="session")
def cards() -> Callable[..., ModelCard]:
    """Builds a model card from its fields."""
    return model_card


@pytest.fixture(scope="session")
def dense_cards() -> list[ModelCard]:
    """Cards of public dense models."""
    return [dense_card(name) for name in DENSE]


@pytest.fixture(scope="session")
def mixtral() -> ModelCard:
    """A mixture of experts with a published shape."""
    return mixtral_card()


@pytest.fixture(scope="session")
def accelerators() -> Callable[..., AcceleratorCard]:
    """Builds an accelerator card from its datasheet."""
    return accelerator_card
