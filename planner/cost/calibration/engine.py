"""Engine efficiency from measured tokens a second: kernel time over the engine's time.

all at once   kernel time = reading all prompts + sum over steps t of step(sequences longer
              than t, their context): the batch drains as answers end
steady        kernel time of a token = step(batch) / batch + reading its share of a prompt
efficiency    = kernel time / measured time = measured tokens a second / the kernels'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from planner.cost.assumptions import ENGINE_EFFICIENCY, PREFILL_BATCH_TOKENS
from planner.cost.hardware import Hardware
from planner.cost.memory import memory_batch
from planner.cost.seconds import decode_step_s, prefill_s
from planner.cost.shape import Shape
from planner.domain.calibration import EngineFit, EngineRow, Throughput
from planner.domain.card import ModelCard
from planner.errors import Note

Array = NDArray[np.float64]

LONGEST_ANSWER = 1024.0
"""Tokens at which answers of a burst end whose lengths are not listed; 966 is the longest of the
320 in the result from which the mean lengths are taken."""
ENGINE_BATCH = 256.0
"""Sequences that vLLM runs side by side unless told otherwise."""
LEAST_SPREAD = 0.85
"""A range of engine efficiency is at least 15% to either side: few rows say little of others."""


def engine_fit(
    rows: Sequence[Throughput], shapes: Mapping[str, ModelCard], on: Mapping[str, Hardware]
) -> tuple[EngineFit | None, tuple[Note, ...]]:
    """Engine efficiency of every row, and the middle and central 80% of them.

    on: hardware by the name of its card. A row whose model does not fit into nine tenths of the
    memory, or of several GPUs between which no link is known, is left out with a Note, and one
    above 1 is noted; None where no row is left.
    """
    notes: list[Note] = []
    found: list[EngineRow] = []
    for row in rows:
        shape = Shape.from_card(shapes[row.model]).stored_as(row.weights)
        context = float(np.mean(row.prompt_tokens)) + float(np.mean(row.output_tokens)) / 2
        fits = float(memory_batch(shape, on[row.accelerator], context, row.gpus))
        what = f"{row.model} in {row.weights} does not fit on {row.gpus} x {row.accelerator}"
        code = "does_not_fit" if fits < 1 else None
        if row.gpus > 1 and on[row.accelerator].link_byte_per_s is None:
            # Their all-reduces would count as free.
            code, what = "no_link", f"no link between GPUs is known of {row.accelerator}"
        if code is not None:
            notes.append(Note(code, f"{row.place} is left out: {what}"))
            continue
        found.append(_row(row, shape, on[row.accelerator], fits))
        if found[-1].efficiency > 1:
            what = f"{row.model} is faster than its kernels should be ({found[-1].efficiency:.2f})"
            notes.append(
                Note("above_one", f"{row.place}: {what}: check lengths, GPUs and weight format")
            )
    if not found:
        return None, tuple(notes)
    efficiency = np.array([row.efficiency for row in found])
    low, value, high = np.quantile(efficiency, [0.1, 0.5, 0.9])
    fit = EngineFit(
        value=float(min(value, 1.0)),
        low=float(min(low, LEAST_SPREAD * value, 1.0)),
        high=float(min(max(high, value / LEAST_SPREAD), 1.0)),
        rows=tuple(found),
        assumed=_assumed(rows),
    )
    return fit, tuple(notes)


def _row(row: Throughput, shape: Shape, hardware: Hardware, fits: float) -> EngineRow:
    kernels = _drained if row.load == "all at once" else _steady
    kernel = kernels(row, shape, hardware, fits)
    efficiency = row.output_tokens_per_s / kernel
    return EngineRow(
        model=row.model,
        accelerator=row.accelerator,
        tensor_parallel=row.gpus,
        weight_dtype=row.weights,
        measured_tokens_per_s=row.output_tokens_per_s,
        kernel_tokens_per_s=kernel,
        efficiency=efficiency,
        within=ENGINE_EFFICIENCY.low <= efficiency <= ENGINE_EFFICIENCY.high,
    )


def _drained(row: Throughput, shape: Shape, hardware: Hardware, fits: float) -> float:
    """Tokens a second of kernels that serve all prompts at once; more than fit wait their turn."""
    lengths = _lengths(row)
    prompt = np.mean(row.prompt_tokens)
    reading_s = prompt * len(lengths) * _read_s(shape, hardware, row)
    ends = np.sort(lengths)
    steps = np.arange(1.0, ends[-1] + 1)
    running = len(ends) - np.searchsorted(ends, steps)
    turns = np.maximum(running / fits, 1.0)
    step_s = decode_step_s(
        shape, hardware, np.maximum(running / turns, 1.0), prompt + steps, row.gpus
    )
    return float(lengths.sum() / (reading_s + (turns * step_s).sum()))


def _lengths(row: Throughput) -> Array:
    """Answer lengths: as listed, or those of an exponential law with their mean, cut off.

    The coefficient of variation of ShareGPT's answers is 1, that of the exponential.
    """
    listed = np.asarray(row.output_tokens, dtype=np.float64)
    if len(listed) > 1:
        return listed
    count = row.prompts or 1
    even = (np.arange(count) + 0.5) / count
    drawn = np.minimum(-np.log1p(-even) * listed[0], max(LONGEST_ANSWER, listed[0]))
    return np.asarray(drawn * (listed[0] / drawn.mean()))


def _steady(row: Throughput, shape: Shape, hardware: Hardware, fits: float) -> float:
    prompt_share = np.mean(row.prompt_tokens) / np.mean(row.output_tokens)
    batch = row.batch if row.batch is not None else min(ENGINE_BATCH, fits)
    context = np.mean(row.prompt_tokens) + np.mean(row.output_tokens) / 2
    step_s = decode_step_s(shape, hardware, max(batch, 1.0), context, row.gpus)
    token_s = step_s / max(batch, 1.0) + prompt_share * _read_s(shape, hardware, row)
    return float(1 / token_s)


def _read_s(shape: Shape, hardware: Hardware, row: Throughput) -> Array:
    """Seconds to read one prompt token in a full pass."""
    length = np.mean(row.prompt_tokens)
    return prefill_s(shape, hardware, PREFILL_BATCH_TOKENS, length, row.gpus) / PREFILL_BATCH_TOKENS


def _assumed(rows: Sequence[Throughput]) -> tuple[str, ...]:
    """What the rows do not say, in sentences."""
    said = []
    pairs = {
        (float(np.mean(row.prompt_tokens)), float(np.mean(row.output_tokens)))
        for row in rows
        if len(row.output_tokens) == 1
    }
    for prompt, output in sorted(pairs):
        said.append(
            f"{prompt:g} prompt tokens and {output:g} generated tokens a request on average"
        )
    if any(row.load == "all at once" and len(row.output_tokens) == 1 for row in rows):
        said.append(
            "all prompts come at once, and lengths of answers are exponential up to"
            f" {LONGEST_ANSWER:g} tokens"
        )
    if any(row.load == "steady" and row.batch is None for row in rows):
        said.append(f"{ENGINE_BATCH:g} sequences side by side, or as many as fit")
    return tuple(said)
