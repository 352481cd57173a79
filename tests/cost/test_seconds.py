"""Kernel time against measurements on an H200, and its limits."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_forms import balanced_batch, tokens_per_s_at_size

from planner.cost.hardware import Hardware, hardware_of
from planner.cost.idle import idle_query_s
from planner.cost.methods import tokens_of
from planner.cost.seconds import (
    all_reduce_s,
    decode_base_s,
    decode_step_s,
    experts_touched,
    kv_s_per_byte,
    prefill_s,
)
from planner.cost.shape import Shape
from planner.cost.work import Spending
from planner.domain.card import AcceleratorCard, ModelCard
from planner.domain.draws import Draws
from planner.errors import InputError

Row = dict[str, str]


def measured(
    folder: Path,
    cards: Callable[..., ModelCard],
    gpu: Hardware,
    file: str,
    keep: Callable[[Row], bool],
) -> dict[str, np.ndarray]:
    """Relative errors of modelled over measured step times, by phase."""
    shapes = {}
    for name in ("models_h200.csv", "models_h200_more.csv"):
        with (folder / "h200" / name).open() as rows:
            for row in csv.DictReader(rows):
                experts = int(row.get("experts") or 0)
                fields = {"ffn": int(row["ffn"])}
                if experts:
                    fields = {
                        "experts": experts,
                        "experts_active": int(row["experts_active"]),
                        "expert_ffn": int(row["moe_ffn"]),
                    }
                shapes[row["model"]] = Shape.from_card(
                    cards(
                        row["model"],
                        params_b=int(row["params"]) / 1e9,
                        layers=int(row["layers"]),
                        width=int(row["d"]),
                        heads=int(row["heads"]),
                        kv_heads=int(row["kv_heads"]),
                        head_dim=int(row["head_dim"]),
                        vocab=int(row["vocab"]),
                        tied_embeddings=row["tied"] == "1",
                        **fields,
                    )
                )
    errors: dict[str, list[float]] = {"decode": [], "prefill": []}
    with (folder / "h200" / file).open() as rows:
        for row in filter(keep, csv.DictReader(rows)):
            shape = shapes[row["model"].removeprefix("prm-")]
            if row["model"].startswith("prm-"):
                shape = shape.as_verifier()
            batch, length = int(row["batch"]), int(row["prompt_or_context_tokens"])
            wide = int(row.get("tensor_parallel") or 1)
            if row["phase"] == "decode":
                seconds = decode_step_s(shape, gpu, batch, length, wide)
            else:
                seconds = prefill_s(shape, gpu, batch * length, length, wide)
            phase = "decode" if row["phase"] == "decode" else "prefill"
            errors[phase].append(abs(float(seconds) / float(row["seconds_median"]) - 1))
    return {phase: np.array(values) for phase, values in errors.items()}


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("rows", "decode", "prefill"),
    [
        ("dense", (0.025, 0.08, 147), (0.025, 0.08, 114)),
        ("mixture of experts, nothing fitted on them", (0.04, 0.09, 108), (0.05, 0.09, 40)),
        ("two GPUs, nothing fitted on them", (0.03, 0.06, 34), (0.035, 0.05, 12)),
    ],
)
def test_time_form_reproduces_measurements(
    shared_data: Path,
    cards: Callable[..., ModelCard],
    gpus: dict[str, Hardware],
    rows: str,
    decode: tuple[float, float, int],
    prefill: tuple[float, float, int],
) -> None:
    file, keep = {
        "d": ("measured_h200.csv", lambda _: True),
        "m": (
            "measured_moe_fp8_tp.csv",
            lambda r: r["experts"] != "0" and r["weight_dtype"] == "bf16",
        ),
        "t": (
            "measured_moe_fp8_tp.csv",
            lambda r: r["tensor_parallel"] == "2" and r["weight_dtype"] == "bf16",
        ),
    }[rows[0]]
    errors = measured(shared_data, cards, gpus["h200-sxm"], file, keep)
    for phase, (median, p90, count) in (("decode", decode), ("prefill", prefill)):
        assert len(errors[phase]) == count
        assert np.median(errors[phase]) <= median
        assert np.quantile(errors[phase], 0.9) <= p90


@pytest.mark.parametrize(
    ("model", "batch", "context", "milliseconds"),
    [
        ("qwen2.5-0.5b", 1, 256, 0.98),
        ("llama2-7b", 1, 1024, 4.37),
        ("llama2-7b", 16, 4096, 11.80),
        ("llama3-8b", 1, 256, 4.57),
        ("llama3-8b", 256, 256, 9.49),
        ("llama3-8b", 16, 16384, 11.95),
        ("llama3-70b", 16, 1024, 38.89),
    ],
)
def test_decode_steps_measured_on_an_h200(
    shapes: dict[str, Shape],
    gpus: dict[str, Hardware],
    model: str,
    batch: int,
    context: int,
    milliseconds: float,
) -> None:
    step = float(decode_step_s(shapes[model], gpus["h200-sxm"], batch, context))
    assert step * 1e3 == pytest.approx(milliseconds, rel=0.13 if "0.5b" in model else 0.08)


@pytest.mark.parametrize(
    ("model", "batch", "length", "milliseconds"),
    [
        ("llama2-7b", 1, 2048, 45.06),
        ("llama3-8b", 16, 1024, 373),
        ("llama3-70b", 4, 512, 453),
    ],
)
def test_prefill_passes_measured_on_an_h200(
    shapes: dict[str, Shape],
    gpus: dict[str, Hardware],
    model: str,
    batch: int,
    length: int,
    milliseconds: float,
) -> None:
    seconds = float(prefill_s(shapes[model], gpus["h200-sxm"], batch * length, length))
    assert seconds * 1e3 == pytest.approx(milliseconds, rel=0.05)


def test_experts_touched_by_simulation() -> None:
    rng = np.random.default_rng(3)
    for experts, active, tokens in ((64, 8, 16), (8, 2, 4), (128, 8, 64)):
        seen = [
            len({e for _ in range(tokens) for e in rng.choice(experts, active, replace=False)})
            for _ in range(400)
        ]
        assert float(experts_touched(experts, active, tokens)) == pytest.approx(
            np.mean(seen), rel=0.02
        )
    assert float(experts_touched(64, 8, 1)) == pytest.approx(8)


@given(
    batch=st.integers(1, 2000),
    context=st.floats(1, 50_000),
    model=st.sampled_from(["qwen2.5-0.5b", "llama2-7b", "llama3-70b"]),
    wide=st.sampled_from([1, 2, 8]),
)
def test_a_step_is_slower_than_the_datasheet_allows_and_grows_with_batch(
    shapes: dict[str, Shape],
    gpus: dict[str, Hardware],
    batch: int,
    context: float,
    model: str,
    wide: int,
) -> None:
    shape, gpu = shapes[model], gpus["h100-sxm"]
    step = float(decode_step_s(shape, gpu, batch, context, wide))
    read = shape.streamed_params * 2 + batch * float(shape.kv_bytes(context))
    multiply = 2 * batch * shape.active_params
    roofline = max(read / gpu.bandwidth_byte_per_s, multiply / gpu.flop_per_s) / wide
    assert step > roofline
    assert float(decode_step_s(shape, gpu, batch + 1, context, wide)) > step
    parts = float(decode_base_s(shape, gpu, batch, wide)) + batch * float(
        shape.kv_bytes(context)
    ) * float(kv_s_per_byte(shape, gpu, wide))
    assert step == pytest.approx(parts)


def test_two_gpus_are_never_twice_as_fast(
    shapes: dict[str, Shape], gpus: dict[str, Hardware]
) -> None:
    """Measured at small batch: 70B 1.67-1.80 times, 34B 1.44-1.68, 8B 1.29-1.35."""
    for model, low, high in (("llama3-70b", 1.6, 1.85), ("llama3-8b", 1.2, 1.45)):
        one, two = (
            float(decode_step_s(shapes[model], gpus["h200-sxm"], 4, 1024, g)) for g in (1, 2)
        )
        assert low < one / two < high


def test_all_reduce_of_two_gpus_matches_nccl(gpus: dict[str, Hardware]) -> None:
    """Measured with NCCL on two H200: 11.0 us at 1 KiB, 79 us at 16 MiB, 923 us at 256 MiB."""
    gpu = gpus["h200-sxm"]
    assert float(all_reduce_s(gpu, 1024, 2)) == pytest.approx(11.0e-6, rel=0.15)
    assert float(all_reduce_s(gpu, 2**24, 2)) == pytest.approx(79e-6, rel=0.05)
    assert float(all_reduce_s(gpu, 2**28, 2)) == pytest.approx(923e-6, rel=0.20)
    assert float(all_reduce_s(gpu, 2**28, 1)) == 0
    # Each doubling adds half of two GPUs' latency, and a ring moves 2 (g - 1) / g of the bytes.
    two, four, eight = (float(all_reduce_s(gpu, 0, wide)) for wide in (2, 4, 8))
    assert [four / two, eight / two] == pytest.approx([1.5, 2.0])
    longer = [float(all_reduce_s(gpu, 2**30, wide)) - at for wide, at in ((2, two), (8, eight))]
    assert longer[1] / longer[0] == pytest.approx(1.75)


def test_one_query_on_an_idle_gpu(shapes: dict[str, Shape], gpus: dict[str, Hardware]) -> None:
    """Measured, 8B + 7B PRM, prompt 256, output 512: 2.31 s at n = 1, 10.71 s at 256."""
    n = np.array([1.0, 64.0, 256.0])
    work = tokens_of("best_of_n", Spending(n=n, prompt_tokens=256, output_tokens=512, length_cv=0))
    query = idle_query_s(shapes["llama3-8b"], gpus["h200-sxm"], work, shapes["llama2-7b"])
    assert query.total_s[[0, 2]] == pytest.approx([2.31, 10.71], rel=0.15)
    assert query.total_s[2] / query.total_s[0] == pytest.approx(4.64, rel=0.15)
    assert query.verifier_share[0] == pytest.approx(0.006, abs=0.002)
    assert query.verifier_share[1:] == pytest.approx([0.30, 0.42], rel=0.15)

    longer = tokens_of("best_of_n", Spending(n=64.0, prompt_tokens=2048, output_tokens=256))
    query = idle_query_s(shapes["llama3-8b"], gpus["h200-sxm"], longer, shapes["llama2-7b"])
    assert float(query.verifier_share) == pytest.approx(0.58, rel=0.15)
    alone = idle_query_s(shapes["llama3-8b"], gpus["h200-sxm"], longer)
    assert float(alone.verifier_share) == 0


def test_borrowed_efficiencies_say_so_and_range_wider(
    accelerators: Callable[..., AcceleratorCard],
) -> None:
    draws = Draws(500)
    h200 = accelerators("h200-sxm", measured=True)
    own, no_notes = hardware_of(h200, None, draws)
    lent, notes = hardware_of(accelerators("a100-80gb"), h200, draws)
    assert no_notes == ()
    assert [n.code for n in notes] == ["efficiency_borrowed"]
    assert "H200" in notes[0].message
    assert lent.efficiency == own.efficiency
    spread = [np.quantile(h.time_factor, [0.1, 0.9]) for h in (own, lent)]
    assert spread[0] == pytest.approx([0.95, 1.05], abs=0.005)
    assert spread[1] == pytest.approx([0.8, 1.25], abs=0.01)
    assert np.asarray(lent.time_factor)[0] == 1.0
    with pytest.raises(InputError, match="no measured efficiency"):
        hardware_of(accelerators("a100-80gb"))


def test_accelerator_without_a_link_is_offered_alone(
    accelerators: Callable[..., AcceleratorCard],
) -> None:
    alone, _ = hardware_of(accelerators("h100-sxm", measured=True, linked=False))
    node, _ = hardware_of(accelerators("h100-sxm", measured=True))
    assert alone.gpu_choices == (1,)
    assert node.gpu_choices == (1, 2, 4, 8)


def test_time_factor_scales_every_kernel(
    shapes: dict[str, Shape], accelerators: Callable[..., AcceleratorCard]
) -> None:
    draws = Draws(20)
    gpu, _ = hardware_of(accelerators("h100-sxm"), accelerators("h200-sxm", measured=True), draws)
    shape = shapes["llama2-7b"]
    for seconds in (decode_step_s(shape, gpu, 8, 500), prefill_s(shape, gpu, 4096, 512)):
        assert seconds.shape == (21,)
        assert seconds / seconds[0] == pytest.approx(np.asarray(gpu.time_factor))


def test_rules_of_erdil() -> None:
    """Erdil 2025: 400 tokens/s at 8B is 135 at 70B and 56 at 405B; b* = p C / (2 B)."""
    assert tokens_per_s_at_size(400, 8, 70) == pytest.approx(135, abs=0.5)
    assert tokens_per_s_at_size(400, 8, 405) == pytest.approx(56, abs=0.5)
    assert balanced_batch(989e12, 3.35e12) == pytest.approx(2 * 989e12 / (2 * 3.35e12))
