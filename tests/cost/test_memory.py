"""What fits on how many GPUs."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.cost.fleets import operating_fleet
from planner.cost.hardware import Hardware
from planner.cost.memory import (
    fixed_byte,
    free_byte,
    memory_batch,
    peak_decode_byte,
    peak_prefill_byte,
    weight_byte,
    what_would_fit,
)
from planner.cost.seconds import kv_s_per_byte, kv_shards
from planner.cost.shape import Shape
from planner.domain.card import ModelCard
from planner.errors import InfeasibleError


@pytest.mark.realdata
def test_decode_memory_matches_measured_peaks(shared_data: Path, shapes: dict[str, Shape]) -> None:
    errors = []
    with (shared_data / "h200" / "measured_h200.csv").open() as rows:
        for row in csv.DictReader(rows):
            if row["phase"] == "decode" and row["model"] in shapes:
                context = int(row["prompt_or_context_tokens"])
                said = float(peak_decode_byte(shapes[row["model"]], int(row["batch"]), context))
                errors.append(said - float(row["peak_memory_bytes"]))
    assert len(errors) > 80
    assert np.median(np.abs(errors)) < 0.1e9
    assert np.max(np.abs(errors)) < 0.3e9


def test_weights_of_all_experts_are_held(mixtral: ModelCard) -> None:
    assert weight_byte(Shape.from_card(mixtral)) == pytest.approx(93.4e9)


def test_70b_needs_two_h100_and_leaves_room_on_two_h200(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    shape = shapes["llama3-70b"]
    assert free_byte(shape, gpus["h100-sxm"], 1) < 0
    assert free_byte(shape, gpus["h100-sxm"], 2) < 0.1 * 160e9
    assert float(memory_batch(shape, gpus["h100-sxm"], 1024, 4)) > 300
    # Measured: batch 256 at 1,024 cached tokens on two H200.
    assert float(memory_batch(shape, gpus["h200-sxm"], 1024, 2)) > 256


def test_batch_fills_the_memory_and_one_more_does_not_fit(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    shape, gpu = shapes["llama2-7b"], gpus["h100-sxm"]
    batch = float(memory_batch(shape, gpu, 400, 1, shape.as_verifier()))
    used = fixed_byte(shape, shape.as_verifier()) + batch * 400 * 524288
    assert used <= 0.9 * 80e9 < used + 400 * 524288
    assert batch < float(memory_batch(shape, gpu, 400, 1))


def test_heads_that_cannot_be_split_are_copied(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    two_heads = shapes["qwen2.5-0.5b"]
    four, eight = (float(memory_batch(two_heads, gpus["h100-sxm"], 1e4, g)) for g in (4, 8))
    assert eight / four == pytest.approx(1.0, rel=0.02)


def test_a_latent_cache_is_split_over_gpus(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    """Every GPU holds and reads the whole latent, whatever heads read it."""
    latent = replace(shapes["llama3-8b"], kv_latent_dim=576)
    assert [kv_shards(latent, g) for g in (1, 2, 8)] == [1, 1, 1]
    assert [kv_shards(shapes["llama3-8b"], g) for g in (1, 2, 8, 16)] == [1, 2, 8, 8]
    on = gpus["h100-sxm"]
    assert float(kv_s_per_byte(latent, on, 8)) == float(kv_s_per_byte(latent, on, 1))


def test_a_prefill_over_two_gpus_holds_all_activations_on_each(shapes: dict[str, Shape]) -> None:
    shape, tokens = shapes["llama3-8b"], 4 * 1024
    for wide in (1, 2):
        held = float(
            peak_prefill_byte(shape, 4, 1024, wide) - peak_decode_byte(shape, 4, 1024, wide)
        )
        assert held == pytest.approx(1.23 * tokens * 6 * (14336 / wide + 4096))


def test_a_replica_that_holds_one_sequence_is_refused(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    shape = shapes["llama3-8b"]
    context = 40_000.0
    need = fixed_byte(shape) + 1.5 * context * 131072
    small = replace(gpus["h100-sxm"], memory_byte=need / 0.9)
    fleet = operating_fleet(shape, small, context, 1.0, gpus_per_replica=1, length_cv=0.0)
    assert float(fleet.batch[0]) == 1
    assert fleet.limited_by == "memory"


def test_model_that_does_not_fit_says_what_would(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    alone = Hardware("small", 1e14, 1e12, 24e9, gpus["h100-sxm"].efficiency)
    with pytest.raises(InfeasibleError) as error:
        operating_fleet(shapes["llama3-70b"], alone, 200, 300, offered=[alone, *gpus.values()])
    message = str(error.value)
    assert "1 x small holds 22 GB" in message
    assert "4 x h100-sxm" in message or "2 x h100-sxm" in message
    assert "h200-sxm" in message
    assert "x small," not in message
    assert "one GPU of 159 GB" in what_would_fit(shapes["llama3-70b"], alone)
