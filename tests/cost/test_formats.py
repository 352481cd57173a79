"""Weight formats: time, memory, where they were measured, and what a page says of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from planner.cost.hardware import Hardware, hardware_of
from planner.cost.memory import (
    memory_batch,
    peak_decode_byte,
    peak_prefill_byte,
    weight_byte,
    what_would_fit,
)
from planner.cost.rows import weights_row
from planner.cost.seconds import decode_base_s, decode_step_s, prefill_s
from planner.cost.shape import Shape
from planner.cost.storage import format_notes
from planner.domain.card import AcceleratorCard, ModelCard
from planner.domain.draws import Draws
from planner.domain.weights import FORMATS, weight_format
from planner.errors import InputError
from planner.ingest.cards import load_cards


@pytest.fixture(scope="module")
def h200() -> Hardware:
    """The H200 as its card has it."""
    return hardware_of(load_cards().accelerator("h200-sxm"))[0]


def step_ratio(
    shape: Shape, gpu: Hardware, slow: str, fast: str, batch: int, context: int
) -> float:
    steps = [
        float(decode_step_s(shape.stored_as(weight_format(w)), gpu, batch, context))
        for w in (slow, fast)
    ]
    return steps[0] / steps[1]


@pytest.mark.parametrize(
    ("model", "batch", "context", "speed_up"),
    [
        ("llama2-7b", 1, 1024, 1.5),
        ("llama3-8b", 1, 1024, 1.5),
        ("codellama-34b", 1, 1024, 1.9),
        ("llama3-70b", 1, 1024, 1.94),
        ("llama3-8b", 128, 4096, 1.10),
    ],
)
def test_fp8_is_faster_otherwise_than_measured(
    shapes: dict[str, Shape], h200: Hardware, model: str, batch: int, context: int, speed_up: float
) -> None:
    """Measured on an H200, one scale a tensor: never twice as fast as bf16."""
    found = step_ratio(shapes[model], h200, "bf16", "fp8", batch, context)
    assert found == pytest.approx(speed_up, rel=0.09)
    assert found < 2


def test_the_head_of_an_fp8_model_is_multiplied_in_fp8(
    shapes: dict[str, Shape], h200: Hardware
) -> None:
    """At a batch where only FLOPs count: layers at fp8's rate, the head at bf16's."""
    shape = shapes["llama3-8b"].stored_as("fp8-tensor")
    eff = h200.formats["fp8-tensor"].efficiency
    batch = 2.0**20
    layers_s = shape.dense_params / (eff.decode_flop * 1.979e15)
    head_s = shape.head_params / (h200.efficiency.decode_flop * 989e12)
    wanted = 32 * eff.decode_layer_s + 2 * batch * (layers_s + head_s)
    assert float(decode_base_s(shape, h200, batch)) == pytest.approx(wanted, rel=1e-6)


def test_row_scales_cost_what_tensor_scales_do(shapes: dict[str, Shape], h200: Hardware) -> None:
    """Measured at one sequence: 1.45 to 1.65 times as long; on 8B slower than bf16 (0.93)."""
    for model in ("llama3-8b", "llama3-70b"):
        assert 1.3 < step_ratio(shapes[model], h200, "fp8-row", "fp8", 1, 1024) < 1.75
    assert step_ratio(shapes["llama3-8b"], h200, "bf16", "fp8-row", 1, 1024) < 1.1


@pytest.mark.parametrize(("model", "measured"), [("llama2-7b", 1.69), ("llama3-70b", 1.82)])
def test_fp8_prefill_gains_otherwise_than_measured(
    shapes: dict[str, Shape], h200: Hardware, model: str, measured: float
) -> None:
    plain, fp8 = (
        float(prefill_s(shapes[model].stored_as(w), h200, 4096, 1024)) for w in FORMATS[:2]
    )
    assert plain / fp8 == pytest.approx(measured, rel=0.08)


def test_a_smaller_format_holds_the_head_and_embeddings_in_fewer_bytes(
    shapes: dict[str, Shape],
) -> None:
    shape = shapes["llama3-8b"]
    layers, rest = 6979584000, 2 * 128256 * 4096
    held = {w: weight_byte(shape.stored_as(w)) for w in FORMATS}
    assert held["bf16"] == pytest.approx(2 * (layers + rest), rel=1e-3)
    assert held["fp8-tensor"] == pytest.approx(layers + 2 * rest, rel=1e-3)
    assert held["fp8-row"] == pytest.approx(layers * (1 + 4 / 4096) + 2 * rest, rel=1e-3)
    assert held["int4"] == pytest.approx(layers * (0.5 + 2.5 / 128) + 2 * rest, rel=1e-3)


def test_a_format_that_halves_the_weights_leaves_no_more_room(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    shape, gpu = shapes["llama3-70b"], gpus["h100-sxm"]
    rooms = [float(memory_batch(shape.stored_as(w), gpu, 1024, 2)) for w in ("bf16", "fp8-tensor")]
    assert rooms[1] > 10 * rooms[0]


def test_a_model_that_does_not_fit_is_not_told_of_smaller_weights(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    one = Hardware("one-h100", 989e12, 3.35e12, 80e9, gpus["h100-sxm"].efficiency)
    said = what_would_fit(shapes["llama3-70b"], one)
    assert "141 GB in bf16" in said or "GB in bf16" in said
    assert "1 x one-h100 with --weights int4" in said
    assert "--weights" not in what_would_fit(shapes["llama3-70b"].stored_as("int4"), one)


def test_int4_is_not_said_to_be_unmeasured_or_has_no_wider_range(
    accelerators: Callable[..., AcceleratorCard],
) -> None:
    draws = Draws(500)
    gpu, _ = hardware_of(accelerators("h200-sxm", measured=True), None, draws)
    kernels = gpu.kernels("int4")
    assert kernels.note is not None
    assert "not measured" in kernels.note.message
    assert kernels.flop_per_s == gpu.flop_per_s
    low, high = np.quantile(kernels.time_factor, [0.1, 0.9])
    own = np.quantile(gpu.time_factor, [0.1, 0.9])
    assert (low, high) == pytest.approx((0.8, 1.6), abs=0.02)
    assert low < own[0] < own[1] < high


def test_fp8_without_fp8_units_is_multiplied_at_their_rate(
    accelerators: Callable[..., AcceleratorCard], shapes: dict[str, Shape]
) -> None:
    """Weights are then unpacked to bf16: less is read, and the same multiplied."""
    h200 = load_cards().accelerator("h200-sxm")
    a100, _ = hardware_of(accelerators("a100-80gb"), h200)
    assert a100.kernels("fp8-tensor").flop_per_s == 312e12
    assert "bf16's efficiencies" in str(a100.kernels("fp8-tensor").note)
    lent, _ = hardware_of(load_cards().accelerator("h100-sxm"), h200)
    assert lent.kernels("fp8-tensor").flop_per_s == pytest.approx(1978.9e12)
    assert "h200-sxm" in str(lent.kernels("fp8-tensor").note)
    many = 4096.0
    plain, fp8 = (
        float(decode_step_s(shapes["llama2-7b"].stored_as(w), a100, many, 1)) for w in FORMATS[:2]
    )
    assert fp8 == pytest.approx(plain, rel=0.02)


def test_notes_of_a_format_leave_out_accuracy_scales_or_routing(
    shapes: dict[str, Shape], h200: Hardware, mixtral: ModelCard
) -> None:
    assert format_notes(shapes["llama2-7b"], "bf16", h200) == []
    fp8 = format_notes(shapes["llama2-7b"].stored_as("fp8-tensor"), "bf16", h200)
    assert [n.code for n in fp8] == ["weights_changed", "fp8_scales"]
    int4 = format_notes(shapes["llama2-7b"].stored_as("int4"), "int4", h200)
    assert [n.code for n in int4] == ["weights_unmeasured"]
    even = format_notes(Shape.from_card(mixtral), "bf16", h200)
    assert [n.code for n in even] == ["routing_even"]
    assert "upper bound" in even[0].message
    assert weights_row("x", "int4").flag == "--weights"


@pytest.mark.parametrize(
    ("said", "meant"),
    [("FP8", "fp8-tensor"), ("fp8_row", "fp8-row"), ("AWQ", "int4"), ("float16", "bf16")],
)
def test_names_of_formats_are_not_understood(said: str, meant: str) -> None:
    assert weight_format(said) == meant


def test_an_unknown_format_is_taken(h200: Hardware) -> None:
    with pytest.raises(ValueError, match="bf16, fp8-tensor, fp8-row, int4"):
        weight_format("fp6")
    with pytest.raises(InputError, match="no kernels for this weight format"):
        Hardware("bare", 1e12, 1e12, 1e9, h200.efficiency).kernels("int4")


def test_a_peak_over_two_gpus_is_that_of_half_the_model(shapes: dict[str, Shape]) -> None:
    """Measured on two H200 at one sequence of 256 tokens, PyTorch's peak of each GPU."""
    shape = shapes["llama3-8b"]
    one, two = (float(peak_decode_byte(shape, 1, 256, g)) for g in (1, 2))
    embedding = 2 * 128256 * 4096
    assert two == pytest.approx(
        (one - embedding - 0.07e9) / 2 + embedding + 0.07e9 + 2**29, rel=1e-3
    )
    assert float(peak_prefill_byte(shape, 16, 1024)) - float(
        peak_decode_byte(shape, 16, 1024)
    ) == pytest.approx(1.23 * 16 * 1024 * 6 * (14336 + 4096))
