"""A shape for a model whose architecture is not known: the nearest known one, scaled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from planner import units
from planner.cost.shape import Shape, missing_fields
from planner.errors import InputError, Note, Problem

if TYPE_CHECKING:
    from planner.domain.card import ModelCard


def shape_for(card: ModelCard, among: Sequence[ModelCard]) -> tuple[Shape, tuple[Note, ...]]:
    """Shape of a card, or a generic one of its size where its architecture is not published.

    Raises InputError where the card has neither a shape nor a size.
    """
    if not missing_fields(card):
        return Shape.from_card(card), ()
    size = card.params_b or card.nominal_params_b
    if size is None:
        return Shape.from_card(card), ()
    shape, note = generic_shape(size, card.active_params_b, among)
    return replace(shape, name=card.name), (note,)


def generic_shape(
    params_b: float, active_params_b: float | None, among: Sequence[ModelCard]
) -> tuple[Shape, Note]:
    """Shape of a model that has no card: the card nearest in log size, scaled to the size.

    params_b, active_params_b: billions; equal or None for a dense model. Layers and width scale by
    the cube root of the ratio of sizes, so that parameters match, and cache bytes by about its 2/3
    power: head counts stay such as split over a node's GPUs. A mixture of experts takes the nearest
    such card scaled to the active size, with as many experts as the total needs. Not for answers
    that hang on cache size: grouped heads differ widely.

    Raises InputError where `among` holds no card to take the shape from.
    """
    sparse = active_params_b is not None and active_params_b < params_b
    usable = [c for c in among if not missing_fields(c) and bool(c.experts) == sparse]
    if not usable:
        kind = "mixture-of-experts" if sparse else "dense"
        raise InputError(
            Problem(
                f"a model of {params_b:g}B",
                f"no {kind} card to take its shape from",
                remedy="add a model card with layers, width, heads, kv_heads and vocab",
            )
        )
    shapes = [Shape.from_card(card) for card in usable]
    active = (active_params_b or params_b) * units.PARAMS_PER_B
    total = params_b * units.PARAMS_PER_B
    near = min(
        shapes,
        key=lambda s: (
            abs(math.log(s.params / total))
            + (abs(math.log(s.active_params / active)) if sparse else 0.0)
        ),
    )
    name = f"{params_b:g}B" + (f"-a{active_params_b:g}B" if sparse else "")
    ratio = (active / near.active_params) if sparse else (total / near.params)
    side = ratio ** (1 / 3)
    heads, kv_heads = _heads(near, side)
    scaled = replace(
        near,
        name=name,
        nominal_params_b=params_b,
        params=total,
        layers=max(1, round(near.layers * side)),
        width=max(1, round(near.width * side)),
        heads=heads,
        kv_heads=kv_heads,
        ffn=near.ffn * side,
        dense_params=near.dense_params * ratio,
        head_params=near.head_params * ratio,
        window_layers=round(near.window_layers * side),
    )
    if sparse:
        scaled = _with_experts(scaled, near, total, active)
    note = Note(
        "shape_generic",
        f"The architecture of {name} is not known: {near.name}'s is used, scaled to its size.",
    )
    return scaled, note


def _heads(near: Shape, side: float) -> tuple[int, int]:
    """Heads and cached heads of a card scaled by `side`: multiples of the power of two, up to 8,
    that its heads are a multiple of; grouped ones stay a power of two.
    """
    step = min(near.heads & -near.heads, 8)
    heads = step * max(1, round(near.heads * side / step))
    if near.kv_heads == near.heads:
        return heads, heads
    most = (heads & -heads).bit_length() - 1
    return heads, 2 ** min(max(0, round(math.log2(near.kv_heads * side))), most)


def _with_experts(scaled: Shape, near: Shape, total: float, active: float) -> Shape:
    """Experts of the size that gives the active count, as many as the total then needs."""
    layers = max(1, round(near.expert_layers / near.layers * scaled.layers))
    routed = active - scaled.head_params - scaled.dense_params
    one = routed / (near.experts_active * layers)
    experts = round((total - active + routed) / (one * layers))
    return replace(scaled, experts=experts, expert_layers=layers, expert_params=one)
