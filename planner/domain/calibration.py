"""Measured times of inference, and how far a profile is from them: planner.calibration/1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from planner.domain.base import Strict
from planner.domain.card import ModelCard
from planner.domain.plan import Caution
from planner.domain.weights import WeightFormat
from planner.errors import Note

Phase = Literal["decode", "prefill"]
Load = Literal["all at once", "steady"]


@dataclass(frozen=True)
class StepTime:
    """One decode step or one prefill pass, measured."""

    model: str
    """As it is written; a verifier's name begins with `prm-`."""
    verifier: bool
    """Scores every position instead of running the output head."""
    phase: Phase
    batch: int
    tokens: int
    """Cached tokens of each sequence, or the length of each prompt."""
    seconds: float
    peak_memory_byte: float | None
    weights: WeightFormat
    gpus: int
    place: str
    """File and line."""


@dataclass(frozen=True)
class Throughput:
    """Tokens a second of a serving engine, measured."""

    model: str
    accelerator: str
    """Name of a card."""
    gpus: int
    weights: WeightFormat
    output_tokens_per_s: float
    load: Load
    """Whether all prompts came at once and the batch drained, or it stayed as large."""
    prompts: int | None
    """How many came at once."""
    batch: float | None
    """Sequences side by side under a steady load; None where they fill the memory."""
    prompt_tokens: tuple[float, ...]
    """Of each prompt, or their mean."""
    output_tokens: tuple[float, ...]
    """Of each answer, or their mean."""
    place: str


@dataclass(frozen=True)
class Measurements:
    """What was measured, with the shape of every model in it."""

    steps: tuple[StepTime, ...] = ()
    throughputs: tuple[Throughput, ...] = ()
    shapes: Mapping[str, ModelCard] = field(default_factory=dict)
    """By the model's name without `prm-`."""
    accelerator: str | None = None
    """Card of the device on which the steps were measured; None where none is named."""
    date: str = ""
    """Day of the newest file."""
    digests: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


class Errors(Strict):
    """Relative errors |predicted / measured - 1|."""

    rows: int
    median: float
    p90: float
    max: float


class MemoryErrors(Strict):
    """Errors of the peak memory of decode steps: relative, and the worst in GB."""

    rows: int
    median: float
    p90: float
    max_gb: float


class ModelErrors(Errors):
    """Errors of one model."""

    decode: Errors | None = None
    prefill: Errors | None = None


class GroupErrors(Errors):
    """Errors of the rows that share weight format, GPUs, phase and kind of model."""

    weight_dtype: WeightFormat
    tensor_parallel: int
    phase: Phase
    mixture: bool
    """True for mixtures of experts."""


class Constant(Strict):
    """One constant of the time form."""

    weight_dtype: WeightFormat
    name: str
    value: float
    before: float | None
    """In the profile from which the fit started; None where that format was not measured."""
    status: Literal["fitted", "at its bound", "kept"]
    """`kept`: the measurements say nothing of it."""


class Residual(Strict):
    """One measured row against the profile."""

    model: str
    phase: Phase
    weight_dtype: WeightFormat
    tensor_parallel: int
    batch: int
    tokens: int
    measured_s: float
    predicted_s: float
    error: float
    """predicted / measured - 1."""


class EngineRow(Strict):
    """One measured throughput against kernel time."""

    model: str
    accelerator: str
    tensor_parallel: int
    weight_dtype: WeightFormat
    measured_tokens_per_s: float
    kernel_tokens_per_s: float
    """What an engine that is never slower than its kernels would reach."""
    efficiency: float
    within: bool
    """Whether the planner's default range of engine efficiency holds it."""


class EngineFit(Strict):
    """Engine efficiency over the rows: the middle and the central 80%."""

    value: float
    low: float
    high: float
    rows: tuple[EngineRow, ...]
    assumed: tuple[str, ...] = ()
    """What the table does not say and was assumed."""


class Calibration(Strict):
    """How far a profile is from measurements, and what was fitted."""

    schema_: Literal["planner.calibration/1"] = Field(
        default="planner.calibration/1", alias="schema"
    )
    profile: str
    """The accelerator card that was checked or made."""
    fitted: bool
    rows: int
    decode: Errors | None = None
    prefill: Errors | None = None
    memory: MemoryErrors | None = None
    by_model: dict[str, ModelErrors] = {}
    by_group: dict[str, GroupErrors] = {}
    """By `weights/GPUs/phase`, with `/experts` for mixtures."""
    constants: tuple[Constant, ...] = ()
    condition: dict[str, float] = {}
    """By `weights/phase`: how alike the effects of two constants are on these rows; over 10 they
    cannot be told apart."""
    engine: EngineFit | None = None
    residuals: tuple[Residual, ...] = ()
    warnings: tuple[Caution, ...] = ()
    inputs: dict[str, str] = {}
    """SHA-256 of each file read."""
