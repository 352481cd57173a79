"""Fits of the efficiencies: known truth is found, and what cannot be told is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from planner.cost.calibration import checked, engine_fit, fit_profile, fitted_card
from planner.cost.calibration.fit import ALIKE, Fit
from planner.cost.calibration.timed import timed
from planner.cost.hardware import Hardware, hardware_of
from planner.cost.seconds import decode_step_s, prefill_s
from planner.cost.shape import Shape
from planner.domain.calibration import Load, Measurements, Phase, StepTime, Throughput
from planner.domain.card import AcceleratorCard, Efficiency, ModelCard
from planner.domain.cardbook import CardBook
from planner.domain.weights import WeightFormat
from planner.ingest.cards import load_cards
from planner.ingest.timings import read_measurements

TRUTH = Efficiency(
    decode_layer_s=22e-6,
    decode_weights=0.75,
    decode_kv=0.82,
    decode_flop=0.55,
    prefill_layer_s=52e-6,
    prefill_weights=0.7,
    prefill_flop=0.58,
    prefill_attention=0.42,
    measured_on="made up",
)
BATCHES = (1, 4, 16, 64, 256)
LENGTHS = (256, 1024, 4096)


@pytest.fixture(scope="module")
def book() -> CardBook:
    return load_cards()


@pytest.fixture(scope="module")
def card(book: CardBook) -> AcceleratorCard:
    return book.accelerator("a100-80gb-sxm")


def rows_of(
    name: str,
    shape: Shape,
    hardware: Hardware,
    rng: np.random.Generator,
    noise: float = 0.01,
    weights: WeightFormat = "bf16",
) -> Iterator[StepTime]:
    """Steps of one model by the form, with noise."""
    stored = shape.stored_as(weights)
    for batch in BATCHES:
        for tokens in LENGTHS:
            timed: dict[Literal["decode", "prefill"], Any] = {
                "decode": decode_step_s(stored, hardware, batch, tokens),
                "prefill": prefill_s(stored, hardware, batch * tokens, tokens),
            }
            for phase, seconds in timed.items():
                yield StepTime(
                    model=name,
                    verifier=False,
                    phase=phase,
                    batch=batch,
                    tokens=tokens,
                    seconds=float(seconds) * float(np.exp(rng.normal(0, noise))),
                    peak_memory_byte=None,
                    weights=weights,
                    gpus=1,
                    place="made",
                )


def made(
    models: dict[str, ModelCard], card: AcceleratorCard, truth: Efficiency = TRUTH, seed: int = 1
) -> Measurements:
    """Measurements of models on an accelerator whose true efficiencies are known."""
    hardware, _ = hardware_of(card.model_copy(update={"efficiency": truth}))
    rng = np.random.default_rng(seed)
    steps = [
        row
        for name, m in models.items()
        for row in rows_of(name, Shape.from_card(m), hardware, rng)
    ]
    return Measurements(steps=tuple(steps), shapes=models, accelerator=card.name, date="2026-11-22")


@pytest.fixture(scope="module")
def small_and_large(dense_cards: list[ModelCard]) -> dict[str, ModelCard]:
    return {c.name: c for c in dense_cards if c.name in ("qwen2.5-0.5b", "llama3-8b")}


@pytest.fixture(scope="module")
def lender(book: CardBook) -> AcceleratorCard:
    return book.accelerator("h200-sxm")


def found_of(fit: Fit) -> Efficiency:
    return fit.efficiencies["bf16"]


def test_the_efficiencies_of_a_known_machine_are_missed(
    small_and_large: dict[str, ModelCard], card: AcceleratorCard, lender: AcceleratorCard
) -> None:
    fit = fit_profile(made(small_and_large, card), card, lender)
    found = found_of(fit)
    for name in ("decode_layer_s", "decode_weights", "decode_kv", "decode_flop",
                 "prefill_layer_s", "prefill_flop", "prefill_attention"):  # fmt: skip
        assert getattr(found, name) == pytest.approx(getattr(TRUTH, name), rel=0.06), name
    assert found.measured_on == card.name
    assert max(fit.condition.values()) < ALIKE
    assert {c.status for c in fit.constants} == {"fitted"}
    assert not [n for n in fit.notes if n.code in ("one_size", "constants_alike", "at_bound")]


def test_a_few_disturbed_rows_turn_the_fit(
    small_and_large: dict[str, ModelCard], card: AcceleratorCard, lender: AcceleratorCard
) -> None:
    clean = made(small_and_large, card)
    steps = [
        replace(row, seconds=row.seconds * (3 if i % 17 == 0 else 1))
        for i, row in enumerate(clean.steps)
    ]
    found = found_of(fit_profile(replace(clean, steps=tuple(steps)), card, lender))
    assert found.decode_weights == pytest.approx(TRUTH.decode_weights, rel=0.08)
    assert found.prefill_flop == pytest.approx(TRUTH.prefill_flop, rel=0.08)


def test_one_size_of_model_is_fitted_without_a_warning(
    dense_cards: list[ModelCard], card: AcceleratorCard, lender: AcceleratorCard
) -> None:
    alike = {c.name: c for c in dense_cards if c.name in ("llama2-7b", "llama3-8b")}
    fit = fit_profile(made(alike, card), card, lender)
    warned = [n.message for n in fit.notes if n.code == "one_size"]
    assert any(message.startswith("decode") for message in warned)
    assert "not told apart" in warned[0]
    assert fit.condition["bf16/decode"] > ALIKE
    sizes = {
        names: timed(made({c.name: c for c in dense_cards if c.name in names}, card).steps,
                     {c.name: c for c in dense_cards}).sizes
        for names in (("llama2-7b", "llama3-8b"), ("llama2-7b", "codellama-34b"))
    }  # fmt: skip
    assert list(sizes.values()) == [1, 2]


def test_a_machine_faster_than_its_datasheet_gets_a_share_above_one(
    small_and_large: dict[str, ModelCard], card: AcceleratorCard, lender: AcceleratorCard
) -> None:
    fast = replace_seconds(made(small_and_large, card), 0.4)
    fit = fit_profile(fast, card, lender)
    found = found_of(fit)
    assert max(found.decode_weights, found.decode_kv, found.prefill_flop) <= 1
    assert "at its bound" in {c.status for c in fit.constants}
    assert "at_bound" in {n.code for n in fit.notes}


def replace_seconds(measured: Measurements, times: float) -> Measurements:
    steps = tuple(replace(row, seconds=row.seconds * times) for row in measured.steps)
    return replace(measured, steps=steps)


def test_rows_over_several_gpus_or_of_experts_move_the_fit(
    small_and_large: dict[str, ModelCard],
    mixtral: ModelCard,
    card: AcceleratorCard,
    lender: AcceleratorCard,
) -> None:
    clean = made(small_and_large, card)
    models = {**small_and_large, "mixtral-8x7b": mixtral}
    odd = [replace(row, gpus=2, seconds=row.seconds * 5) for row in clean.steps]
    odd += [replace(row, seconds=9.0) for row in made({"mixtral-8x7b": mixtral}, card).steps]
    mixed = replace(clean, steps=(*clean.steps, *odd), shapes=models)
    assert found_of(fit_profile(mixed, card, lender)) == found_of(fit_profile(clean, card, lender))


def test_a_constant_that_no_row_depends_on_is_made_up(
    small_and_large: dict[str, ModelCard], card: AcceleratorCard, lender: AcceleratorCard
) -> None:
    full = made(small_and_large, card)
    short = replace(
        full, steps=tuple(r for r in full.steps if r.batch == 1 and r.phase == "decode")
    )
    fit = fit_profile(short, card, lender)
    found = found_of(fit)
    assert lender.efficiency is not None
    assert found.decode_flop == lender.efficiency.decode_flop
    assert found.prefill_flop == lender.efficiency.prefill_flop
    status = {c.name: c.status for c in fit.constants}
    assert status["decode_flop"] == "kept"
    assert status["decode_weights"] == "fitted"


def test_fp8_rows_are_fitted_to_bf16s_constants(
    small_and_large: dict[str, ModelCard], lender: AcceleratorCard
) -> None:
    fp8_truth = TRUTH.model_copy(update={"decode_layer_s": 44e-6, "decode_weights": 0.6})
    true_card = lender.model_copy(update={"efficiency": TRUTH, "efficiency_fp8_tensor": fp8_truth})
    hardware, _ = hardware_of(true_card)
    rng = np.random.default_rng(2)
    shapes = {name: Shape.from_card(m) for name, m in small_and_large.items()}
    formats: tuple[WeightFormat, ...] = ("bf16", "fp8-tensor")
    steps = [
        row
        for weights in formats
        for name, shape in shapes.items()
        for row in rows_of(name, shape, hardware, rng, weights=weights)
    ]
    measured = Measurements(steps=tuple(steps), shapes=small_and_large, date="2026-11-22")
    fit = fit_profile(measured, lender)
    assert fit.efficiencies["fp8-tensor"].decode_layer_s == pytest.approx(44e-6, rel=0.05)
    assert fit.efficiencies["fp8-tensor"].decode_weights == pytest.approx(0.6, rel=0.05)
    assert found_of(fit).decode_weights == pytest.approx(0.75, rel=0.05)


def test_errors_are_not_those_worked_by_hand(
    small_and_large: dict[str, ModelCard], card: AcceleratorCard
) -> None:
    measured = made(small_and_large, card)
    steps = tuple(
        replace(row, seconds=row.seconds / 1.1) if row.model == "llama3-8b" else row
        for row in measured.steps
    )
    hardware, _ = hardware_of(card.model_copy(update={"efficiency": TRUTH}))
    found = checked(replace(measured, steps=steps), hardware, "p")
    assert found.rows == len(steps)
    assert found.by_model["llama3-8b"].median == pytest.approx(0.1, abs=0.01)
    assert found.by_model["qwen2.5-0.5b"].median < 0.02
    errors = [abs(r.error) for r in found.residuals if r.phase == "decode"]
    assert found.decode is not None
    assert found.decode.p90 == pytest.approx(np.quantile(errors, 0.9))
    assert found.memory is None
    group = found.by_group["bf16/1/decode"]
    assert (group.weight_dtype, group.tensor_parallel, group.phase) == ("bf16", 1, "decode")


def throughput(
    load: Load, rate: float, lengths: tuple[float, ...], batch: float | None = None
) -> Throughput:
    return Throughput(
        model="llama3-8b",
        accelerator="h100-sxm",
        gpus=1,
        weights="bf16",
        output_tokens_per_s=rate,
        load=load,
        prompts=len(lengths) if load == "all at once" else None,
        batch=batch,
        prompt_tokens=(200.0,),
        output_tokens=lengths,
        place="made",
    )


def test_a_burst_on_an_engine_of_known_efficiency_is_told_otherwise(
    small_and_large: dict[str, ModelCard], gpus: dict[str, Hardware]
) -> None:
    """Simulated step by step: every running answer gains one token a step until it ends."""
    gpu = gpus["h100-sxm"]
    shape = Shape.from_card(small_and_large["llama3-8b"])
    lengths = np.random.default_rng(4).integers(1, 600, 200)
    clock = float(prefill_s(shape, gpu, 8192, 200)) / 8192 * 200 * len(lengths)
    left, step = lengths.copy(), 0
    while (left > 0).any():
        step += 1
        clock += float(decode_step_s(shape, gpu, (left > 0).sum(), 200 + step))
        left -= 1
    rate = lengths.sum() / (clock / 0.45)
    row = throughput("all at once", rate, tuple(map(float, lengths)))
    fit, notes = engine_fit([row], small_and_large, {"h100-sxm": gpu})
    assert fit is not None
    assert fit.value == pytest.approx(0.45, rel=1e-6)
    assert fit.low < 0.45 * 0.86
    assert fit.rows[0].within
    assert notes == ()
    assert fit.assumed == ()


def test_a_steady_load_on_an_engine_of_known_efficiency_is_told_otherwise(
    small_and_large: dict[str, ModelCard], gpus: dict[str, Hardware]
) -> None:
    gpu = gpus["h100-sxm"]
    shape = Shape.from_card(small_and_large["llama3-8b"])
    token_s = float(decode_step_s(shape, gpu, 64, 350)) / 64
    token_s += float(prefill_s(shape, gpu, 8192, 200)) / 8192 * 200 / 300
    row = throughput("steady", 0.6 / token_s, (300.0,), batch=64)
    fit, _ = engine_fit([row], small_and_large, {"h100-sxm": gpu})
    assert fit is not None
    assert fit.value == pytest.approx(0.6)
    assert "300 generated tokens" in fit.assumed[0]


def test_an_impossible_throughput_is_taken(
    small_and_large: dict[str, ModelCard], gpus: dict[str, Hardware]
) -> None:
    tiny = replace(gpus["h100-sxm"], memory_byte=4e9)
    row = throughput("steady", 100.0, (300.0,), batch=8)
    fit, notes = engine_fit([row], small_and_large, {"h100-sxm": tiny})
    assert fit is None
    assert [n.code for n in notes] == ["does_not_fit"]
    alone = replace(gpus["h100-sxm"], link_byte_per_s=None)
    fit, notes = engine_fit([replace(row, gpus=2)], small_and_large, {"h100-sxm": alone})
    assert fit is None
    assert [n.code for n in notes] == ["no_link"]
    fast = replace(row, output_tokens_per_s=1e6)
    fit, notes = engine_fit([fast], small_and_large, {"h100-sxm": gpus["h100-sxm"]})
    assert fit is not None
    assert fit.value == 1.0
    assert [n.code for n in notes] == ["above_one"]


# Tokens a second of vLLM 0.5.4, 320 prompts at once, one GPU, bf16: Lambda, vllm-benchmark
# (github.com/LambdaLabsML/vllm-benchmark, 2024-08-19).
LAMBDA = [
    ("a100-80gb-sxm", "mistral-7b-instruct-v0.3", 1591.4),
    ("a100-80gb-sxm", "mistral-nemo-12b-instruct", 1277.85),
    ("h100-sxm", "mistral-7b-instruct-v0.3", 3281.19),
    ("h100-sxm", "mistral-nemo-12b-instruct", 2414.81),
]


def test_published_throughputs_are_outside_the_default_range(
    book: CardBook, lender: AcceleratorCard
) -> None:
    rows = [
        Throughput(
            model, gpu, 1, "bf16", rate, "all at once", 320, None, (230.0,), (224.0,), "Lambda"
        )
        for gpu, model, rate in LAMBDA
    ]
    shapes = {row.model: book.shape_of(book.model(row.model)) for row in rows}
    on = {gpu: hardware_of(book.accelerator(gpu), lender)[0] for gpu, _, _ in LAMBDA}
    fit, _ = engine_fit(rows, shapes, on)
    assert fit is not None
    assert sum(row.within for row in fit.rows) >= 3
    assert any("all prompts come at once" in said for said in fit.assumed)


def test_a_profile_of_an_engine_alone_loses_its_kernels(
    card: AcceleratorCard,
    lender: AcceleratorCard,
    small_and_large: dict[str, ModelCard],
    gpus: dict[str, Hardware],
) -> None:
    row = throughput("steady", 2000.0, (300.0,), batch=64)
    engine, _ = engine_fit([row], small_and_large, {"h100-sxm": gpus["h100-sxm"]})
    profile = fitted_card(card, {}, engine, "mine.csv", "2026-11-22", lender)
    assert profile.engine is not None
    assert profile.efficiency == lender.efficiency
    assert "efficiency" in {name for s in profile.sources for name in s.covers}


# Against what was measured for this project


@pytest.fixture(scope="module")
def dense(shared_data: Path, book: CardBook) -> Measurements:
    return read_measurements([shared_data / "h200" / "measured_h200.csv"], book)


@pytest.fixture(scope="module")
def more(shared_data: Path, book: CardBook) -> Measurements:
    folder = shared_data / "h200"
    shapes = [folder / "models_h200_more.csv"]
    return read_measurements([folder / "measured_moe_fp8_tp.csv"], book, shapes)


@pytest.mark.realdata
def test_the_shipped_profile_misses_dense_measurements(
    dense: Measurements, lender: AcceleratorCard
) -> None:
    found = checked(dense, hardware_of(lender)[0], lender.name)
    assert found.decode is not None
    assert found.prefill is not None
    assert found.memory is not None
    assert (found.decode.rows, found.prefill.rows) == (147, 114)
    for errors in (found.decode, found.prefill):
        assert errors.median <= 0.025
        assert errors.p90 <= 0.08
    assert found.memory.median <= 0.01
    assert found.memory.p90 <= 0.05
    assert found.memory.max_gb <= 0.3


@pytest.mark.realdata
def test_the_shipped_profile_misses_experts_gpus_or_fp8(
    more: Measurements, lender: AcceleratorCard
) -> None:
    found = checked(more, hardware_of(lender)[0], lender.name)
    most = {
        "bf16/1/decode/experts": 0.04,
        "bf16/1/prefill/experts": 0.05,
        "bf16/2/decode": 0.03,
        "bf16/2/prefill": 0.035,
        "fp8-tensor/1/decode": 0.04,
        "fp8-tensor/1/prefill": 0.04,
    }
    for group, limit in most.items():
        assert found.by_group[group].median <= limit, group
    assert found.memory is not None
    assert found.memory.median <= 0.01
    assert found.memory.p90 <= 0.05
    assert found.memory.max_gb <= 0.3


@pytest.mark.realdata
def test_a_model_left_out_of_the_fit_is_missed(
    dense: Measurements, lender: AcceleratorCard
) -> None:
    for name in ("qwen2.5-1.5b", "llama2-7b", "llama3-8b", "llama3-70b"):
        mine = tuple(r for r in dense.steps if r.model.removeprefix("prm-") == name)
        others = tuple(r for r in dense.steps if r not in mine)
        fit = fit_profile(replace(dense, steps=others), lender)
        hardware, _ = hardware_of(fitted_card(lender, fit.efficiencies, None, "", dense.date))
        found = checked(replace(dense, steps=mine), hardware, "")
        phases: tuple[Phase, ...] = ("decode", "prefill")
        for phase in phases:
            errors = getattr(found, phase)
            assert errors.median <= 0.05, (name, phase)


@pytest.mark.realdata
def test_a_shared_prefix_is_missed(
    shared_data: Path,
    book: CardBook,
    project: Path,
    lender: AcceleratorCard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    import h200

    errors = h200.prefix_errors(shared_data, book, hardware_of(lender)[0])
    assert len(errors) == 15
    assert np.median(errors) <= 0.04


@pytest.mark.realdata
def test_a_throughput_table_says_too_few_rows_are_in_the_range(
    shared_data: Path, book: CardBook, lender: AcceleratorCard
) -> None:
    measured = read_measurements([shared_data / "prices" / "gpu_throughput.csv"], book)
    rows = [r for r in measured.throughputs if r.gpus == 1 and r.weights == "bf16"]
    on = {r.accelerator: hardware_of(book.accelerator(r.accelerator), lender)[0] for r in rows}
    fit, _ = engine_fit(rows, measured.shapes, on)
    assert fit is not None
    assert len(fit.rows) == 4
    assert sum(row.within for row in fit.rows) >= 3
    assert {n.code for n in measured.notes} == {"row_left_out"}


def test_a_million_options_are_not_priced_as_arrays(
    book: CardBook, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    import h200

    line = h200.speed_line(book)
    assert line.startswith("1,000,000 options")
