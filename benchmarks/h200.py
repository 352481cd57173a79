"""The time and memory forms against measurements on an H200, and the speed of pricing.

    python benchmarks/h200.py [--data ../shared/data]

The shipped profile is checked, then refitted with each model left out. Nothing is fitted on
mixtures of experts or on two GPUs. `limit` is what the planner promises.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from planner.cost.calibration import checked, engine_fit, fit_profile, fitted_card
from planner.cost.fleets import Fleet, gpu_seconds, operating_fleet
from planner.cost.flops import memory_aware_flop
from planner.cost.hardware import Hardware, hardware_of
from planner.cost.methods import METHODS
from planner.cost.seconds import decode_step_shared_s
from planner.cost.shape import Shape
from planner.cost.work import Spending
from planner.domain.calibration import Measurements
from planner.domain.cardbook import CardBook
from planner.ingest.cards import load_cards
from planner.ingest.timings import read_measurements

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
PROFILE = "h200-sxm"
SMALLEST_LEFT_OUT_B = 1.5
"""Billions of parameters from which a model left out must be predicted within the limit."""
PRICED = (
    "llama-2-7b",
    "llama-3-8b",
    "qwen2.5-1.5b",
    "qwen2.5-7b",
    "qwen2.5-14b",
    "qwen2.5-32b",
    "mixtral-8x7b",
    "mistral-7b-v0.1",
    "codellama-34b",
    "llama-3-70b",
)


@dataclass(frozen=True)
class Line:
    """One line of the table: a name, the errors, and the most that median and p90 may be."""

    name: str
    errors: Sequence[float]
    median: float | None = None
    p90: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the promises hold."""
        errors = np.asarray(self.errors)
        return (self.median is None or float(np.median(errors)) <= self.median) and (
            self.p90 is None or float(np.quantile(errors, 0.9)) <= self.p90
        )


def error_lines(data: Path, book: CardBook) -> Iterator[Line]:
    """Errors of the shipped profile on every kind of row."""
    hardware, _ = hardware_of(book.accelerator(PROFILE))
    dense = read_measurements([data / "h200/measured_h200.csv"], book)
    more = read_measurements(
        [data / "h200/measured_moe_fp8_tp.csv"], book, [data / "h200/models_h200_more.csv"]
    )
    for phase in ("decode", "prefill"):
        rows = [abs(r.error) for r in checked(dense, hardware, "").residuals if r.phase == phase]
        yield Line(f"dense, {phase}", rows, 0.025, 0.08)
    limits = {
        "bf16/1/decode/experts": ("mixtures of experts, decode", 0.04),
        "bf16/1/prefill/experts": ("mixtures of experts, prefill", 0.05),
        "bf16/2/decode": ("two GPUs, decode", 0.03),
        "bf16/2/prefill": ("two GPUs, prefill", 0.035),
        "fp8-tensor/1/decode": ("fp8, one scale a tensor, decode", 0.04),
        "fp8-tensor/1/prefill": ("fp8, one scale a tensor, prefill", 0.04),
        "fp8-row/1/decode": ("fp8, one scale a row, decode", None),
        "fp8-row/1/prefill": ("fp8, one scale a row, prefill", None),
    }
    found = checked(more, hardware, "").residuals
    for group, (name, limit) in limits.items():
        weights, gpus, phase, *experts = group.split("/")
        rows = [
            abs(r.error)
            for r in found
            if (r.weight_dtype, str(r.tensor_parallel), r.phase) == (weights, gpus, phase)
            and bool(experts) == bool(more.shapes[r.model].experts)
        ]
        yield Line(name, rows, limit)
    yield Line("shared prefix", prefix_errors(data, book, hardware), 0.04)
    yield from left_out_lines(dense, book)


def prefix_errors(data: Path, book: CardBook, hardware: Hardware) -> list[float]:
    """Errors of decode steps whose samples share one copy of their prompt."""
    errors = []
    with (data / "h200/shared_prefix_h200.csv").open() as rows:
        for row in csv.DictReader(rows):
            shape = Shape.from_card(book.shape_of(book.model(row["model"])))
            n, prefix, suffix = (int(row[k]) for k in ("samples", "prefix_tokens", "suffix_tokens"))
            if row["mode"] == "shared":
                seconds = decode_step_shared_s(shape, hardware, n, prefix, suffix)
                errors.append(abs(float(seconds) / float(row["seconds_median"]) - 1))
    return errors


def left_out_lines(dense: Measurements, book: CardBook) -> Iterator[Line]:
    """Errors on each model when the profile is fitted to the others."""
    card = book.accelerator(PROFILE)
    names = list(dict.fromkeys(row.model.removeprefix("prm-") for row in dense.steps))
    for name in names:
        others = [r for r in dense.steps if r.model.removeprefix("prm-") != name]
        fit = fit_profile(replace(dense, steps=tuple(others)), card)
        hardware, _ = hardware_of(fitted_card(card, fit.efficiencies, None, "", dense.date))
        mine = replace(dense, steps=tuple(r for r in dense.steps if r not in others))
        size = dense.shapes[name].params_b or 0.0
        for phase in ("decode", "prefill"):
            rows = [abs(r.error) for r in checked(mine, hardware, "").residuals if r.phase == phase]
            limit = 0.05 if size >= SMALLEST_LEFT_OUT_B else None
            yield Line(f"{name} left out, {phase}", rows, limit)


def memory_line(data: Path, book: CardBook) -> str:
    """Peak memory of every decode row in both files."""
    measured = read_measurements(
        [data / "h200/measured_h200.csv", data / "h200/measured_moe_fp8_tp.csv"],
        book,
        [data / "h200/models_h200_more.csv"],
    )
    found = checked(measured, hardware_of(book.accelerator(PROFILE))[0], "").memory
    if found is None:
        return "no memory was measured"
    kept = found.median <= 0.01 and found.p90 <= 0.05 and found.max_gb <= 0.3
    return (
        f"peak memory of {found.rows} decode rows: median {found.median:.2%} (limit 1%), p90"
        f" {found.p90:.2%} (5%), worst {found.max_gb:.2f} GB (0.3): {'ok' if kept else 'OVER'}"
    )


def engine_line(data: Path, book: CardBook) -> str:
    """Single-GPU bf16 throughputs that name their GPU, against the default range."""
    measured = read_measurements([data / "prices/gpu_throughput.csv"], book)
    rows = [r for r in measured.throughputs if r.gpus == 1 and r.weights == "bf16"]
    lender = book.accelerator(PROFILE)
    on = {r.accelerator: hardware_of(book.accelerator(r.accelerator), lender)[0] for r in rows}
    fit, _ = engine_fit(rows, measured.shapes, on)
    if fit is None:
        return "no throughput could be used"
    inside = sum(row.within for row in fit.rows)
    shown = ", ".join(f"{row.efficiency:.2f}" for row in fit.rows)
    kept = "ok" if inside >= 3 else "OVER"
    return (
        f"engine efficiency of {len(fit.rows)} rows: {shown}; {inside} within .35-.8"
        f" (at least 3): {kept}"
    )


def priced_options(fleets: Sequence[Fleet]) -> int:
    """Prices 10 classes x models x 10 methods x 100 n x 10 depths; gives their number."""
    classes = np.linspace(150, 400, 10)[:, None, None]
    depth = np.arange(1.0, 11)[:, None]
    n = np.arange(1.0, 101)
    names = [name for name in METHODS if name not in ("human", "oracle_best_of_n")][:10]
    count = 0
    for fleet in fleets:
        for name in names:
            spending = Spending(
                n=n,
                prompt_tokens=classes,
                output_tokens=classes + 100,
                depth=depth,
                width=4.0,
                reads="once a sample",
            )
            work = METHODS[name](spending)
            seconds = gpu_seconds(fleet, work).total
            flop = memory_aware_flop(work, fleet.generator, 200.0, fleet.verifier)
            usd = seconds * 2.5 / 3600
            # A method without a depth costs the same at each; every option gets its number.
            every = np.broadcast_shapes(usd.shape, flop.shape, (classes + depth + n).shape)
            count += np.stack([np.broadcast_to(x, every) for x in (usd, flop)])[0].size
    return count


def speed_line(book: CardBook) -> str:
    """Seconds for a million options, fleets included."""
    shapes = [Shape.from_card(book.shape_of(book.model(name))) for name in PRICED]
    hardware, _ = hardware_of(book.accelerator(PROFILE))
    start = time.perf_counter()
    fleets = [operating_fleet(s, hardware, 200.0, 300.0, verifier=shapes[0]) for s in shapes]
    count = priced_options(fleets)
    seconds = time.perf_counter() - start
    kept = "ok" if seconds <= 1 else "OVER"
    return f"{count:,} options priced in {seconds:.2f} s (limit 1 s): {kept}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    book = load_cards()
    if given.data.is_dir():
        print(f"{'relative error':<36}{'rows':>5}{'median':>9}{'limit':>8}{'p90':>8}{'limit':>8}"
              f"{'worst':>8}")  # fmt: skip
        for line in error_lines(given.data, book):
            errors = np.asarray(line.errors)
            limits = ["" if x is None else f"{x:.1%}" for x in (line.median, line.p90)]
            print(
                f"{line.name:<36}{len(errors):>5}{np.median(errors):>9.2%}{limits[0]:>8}"
                f"{np.quantile(errors, 0.9):>8.2%}{limits[1]:>8}{errors.max():>8.2%}"
                f"{'' if line.kept else '  OVER'}"
            )
        print(memory_line(given.data, book))
        print(engine_line(given.data, book))
    else:
        print(f"no measurements at {given.data}: only speed is measured")
    print(speed_line(book))


if __name__ == "__main__":
    main()
