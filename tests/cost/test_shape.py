"""Shapes: parameters, what is read and used, and cache bytes."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from planner.cost.generic import generic_shape, shape_for
from planner.cost.shape import Shape
from planner.domain.card import ModelCard
from planner.errors import InputError

Cards = Callable[..., ModelCard]


@pytest.mark.realdata
@pytest.mark.parametrize("file", ["models_h200.csv", "models_h200_more.csv"])
def test_shapes_of_measured_models_match_their_counts(
    shared_data: Path, cards: Cards, file: str
) -> None:
    with (shared_data / "h200" / file).open() as rows:
        for row in csv.DictReader(rows):
            number = {k: int(v) for k, v in row.items() if k != "model"}
            fields = {
                "layers": number["layers"],
                "width": number["d"],
                "heads": number["heads"],
                "kv_heads": number["kv_heads"],
                "head_dim": number["head_dim"],
                "ffn": number["ffn"],
                "vocab": number["vocab"],
                "tied_embeddings": bool(number["tied"]),
            }
            experts = number.get("experts", 0)
            if experts:
                fields |= {
                    "experts": experts,
                    "experts_active": number["experts_active"],
                    "expert_ffn": number["moe_ffn"],
                }
            shape = Shape.from_card(cards(row["model"], params_b=number["params"] / 1e9, **fields))
            assert shape.params == pytest.approx(number["params"])
            assert shape.streamed_params == pytest.approx(number["params_streamed"], rel=1e-4)
            assert shape.kv_bytes_per_token == number["kv_bytes_per_token"]
            if experts:
                assert shape.active_layer_params == pytest.approx(
                    number["params_active_layers"], rel=1e-3
                )
            # Counted from the shape alone, without the published total.
            counted = Shape.from_card(cards(row["model"], **fields))
            assert counted.params == pytest.approx(number["params"], rel=1e-3)


def test_head_is_used_by_generated_tokens_and_embedding_is_not(shapes: dict[str, Shape]) -> None:
    llama = shapes["llama2-7b"]
    assert llama.active_params == 6738415616 - 32000 * 4096
    assert llama.active_layer_params == 6738415616 - 2 * 32000 * 4096
    tied = shapes["qwen2.5-0.5b"]
    assert tied.active_params == tied.params
    assert llama.as_verifier().active_params == llama.active_layer_params


def test_latent_attention_caches_its_latent_only(cards: Cards) -> None:
    """DeepSeek-V3 caches 512 + 64 values a token and layer (arXiv:2412.19437, section 2.1)."""
    shape = Shape.from_card(
        cards(
            "deepseek-v3",
            params_b=671.0,
            active_params_b=37.0,
            layers=61,
            width=7168,
            heads=128,
            head_dim=128,
            vocab=129280,
            ffn=18432,
            tied_embeddings=False,
            experts=256,
            experts_active=8,
            shared_experts=1,
            expert_ffn=2048,
            dense_layers=3,
            kv_latent_dim=576,
        )
    )
    assert shape.kv_bytes_per_token == 61 * 576 * 2
    assert shape.active_params == pytest.approx(37e9, rel=0.03)
    assert shape.params == 671e9


def test_window_stops_the_cache_growing(cards: Cards) -> None:
    shape = Shape.from_card(
        cards(
            "windowed",
            params_b=1.0,
            layers=10,
            width=1024,
            heads=8,
            kv_heads=2,
            head_dim=128,
            vocab=1000,
            window_tokens=100,
            window_layers=5,
        )
    )
    per_layer = 2 * 2 * 128 * 2
    assert shape.kv_bytes(50) == per_layer * 10 * 50
    assert shape.kv_bytes(1000) == per_layer * (5 * 1000 + 5 * 100)
    # Brute force: mean number of tokens that a token of a causal prompt sees.
    seen = np.minimum(np.arange(1000) + 0.5, 100).mean()
    assert shape.prefill_attention_flop(1000) == pytest.approx(
        4 * 8 * 128 * (5 * 500 + 5 * seen), rel=1e-3
    )


def test_card_without_a_shape_names_every_missing_field(cards: Cards) -> None:
    with pytest.raises(InputError) as error:
        Shape.from_card(cards("bare", params_b=7.0))
    assert {p.column for p in error.value.problems} == {"layers", "width", "heads", "vocab"}


def test_card_with_more_experts_than_parameters_is_refused(cards: Cards) -> None:
    with pytest.raises(InputError, match="more parameters than it has"):
        Shape.from_card(
            cards(
                "wrong",
                params_b=1.0,
                layers=10,
                width=1024,
                heads=8,
                vocab=1000,
                experts=64,
                experts_active=8,
                expert_ffn=4096,
                kv_latent_dim=512,
            )
        )


def test_generic_shape_takes_the_nearest_dense_model_and_says_so(
    dense_cards: list[ModelCard], mixtral: ModelCard
) -> None:
    shape, note = generic_shape(7.5, None, [mixtral, *dense_cards])
    assert "llama3-8b" in note.message
    assert note.code == "shape_generic"
    assert shape.params == 7.5e9
    assert shape.dense_params / 6979584000 == pytest.approx(7.5e9 / 8030261248)
    assert shape.experts == 0


def test_generic_heads_do_not_split_over_the_gpus_that_their_card_splits_over(
    dense_cards: list[ModelCard], mixtral: ModelCard
) -> None:
    for params_b in (1.0, 2.6, 7.5, 13.0, 24.0, 50.0, 110.0, 236.0, 700.0):
        shape, _ = generic_shape(params_b, None, dense_cards)
        sparse, _ = generic_shape(params_b, params_b / 4, [mixtral])
        wide = (1, 2) if shape.heads < 16 or params_b < 2 else (1, 2, 4, 8)
        assert all(shape.splits_over(gpus) for gpus in wide), (params_b, shape)
        assert all(sparse.splits_over(gpus) for gpus in (1, 2, 4, 8)), (params_b, sparse)


def test_generic_mixture_has_the_total_and_active_parameters_asked_for(
    dense_cards: list[ModelCard], mixtral: ModelCard
) -> None:
    shape, _ = generic_shape(60.0, 15.0, [*dense_cards, mixtral])
    assert shape.active_params == pytest.approx(15e9)
    # A whole number of experts, and an embedding table beside what is streamed.
    assert shape.streamed_params == pytest.approx(60e9, rel=0.05)


def test_generic_shape_without_a_card_of_its_kind_is_refused(dense_cards: list[ModelCard]) -> None:
    with pytest.raises(InputError, match="mixture-of-experts"):
        generic_shape(60.0, 15.0, dense_cards)


def test_card_with_a_size_but_no_shape_falls_back_on_a_generic_one(
    cards: Cards, dense_cards: list[ModelCard]
) -> None:
    shape, notes = shape_for(cards("unknown-13b", params_b=13.0), dense_cards)
    assert (shape.name, shape.params, len(notes)) == ("unknown-13b", 13e9, 1)
    shape, notes = shape_for(dense_cards[1], dense_cards)
    assert (shape.name, notes) == ("llama2-7b", ())
