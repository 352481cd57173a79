"""The rows that list the constants of `planner.cost.assumptions` on the page."""

from __future__ import annotations

from planner.cost.assumptions import (
    ACTIVATION_FACTOR,
    ALL_REDUCE_LINK_SHARE,
    ALL_REDUCE_S,
    BORROWED_TIME,
    CRITIQUE_SHARE,
    ENGINE_EFFICIENCY,
    FLEET_EFFICIENCY,
    LENGTH_CV,
    LOOKAHEAD_STEPS,
    MAX_BATCH,
    MEASURED_TIME,
    MEMORY_SHARE,
    P95_TO_MEAN,
    P95_TO_MEAN_THINKING,
    PREFILL_BATCH_TOKENS,
    SAMPLE_LENGTH_CV,
    THINKING_OUTPUT_TOKENS,
    TOKEN_TIME_LIMIT_S,
    TRAINING_MFU,
    UNMEASURED_FORMAT_TIME,
    UTILISATION,
    WEIGHT_BYTES,
)
from planner.domain.plan import Assumption
from planner.domain.ranges import Range

_VLLM = "vLLM, vllm/engine/arg_utils.py, server defaults on GPUs of 70 GiB or more"
_H200 = "decode and prefill times measured on an NVIDIA H200 (PyTorch 2.11, CUDA graphs)"
_LENGTHS = (
    "Epoch AI Benchmarking Hub (CC BY 4.0), logs of 85 runs on GPQA Diamond and OTIS Mock AIME: "
    "median over runs, central 80% of runs"
)
_READ = "2026-11-22"


def _assumption(
    name: str,
    value: Range | float,
    unit: str,
    source: str,
    date: str | None = _READ,
) -> Assumption:
    if isinstance(value, Range):
        return Assumption(
            name=name,
            value=value.value,
            low=value.low,
            high=value.high,
            unit=unit,
            source=source,
            date=date,
        )
    return Assumption(name=name, value=value, unit=unit, source=source, date=date)


ASSUMPTIONS: tuple[Assumption, ...] = (
    _assumption("bytes per weight", WEIGHT_BYTES, "bytes", "bf16 checkpoints"),
    _assumption(
        "time per output token, limit", TOKEN_TIME_LIMIT_S, "s", "assumed: faster than reading"
    ),
    _assumption("largest batch of a replica", MAX_BATCH, "sequences", _VLLM),
    _assumption("tokens of a prefill pass", PREFILL_BATCH_TOKENS, "tokens", _VLLM),
    _assumption("memory that the engine takes", MEMORY_SHARE, "share", _VLLM),
    _assumption("activation memory", ACTIVATION_FACTOR, "factor", _H200),
    _assumption(
        "engine efficiency",
        ENGINE_EFFICIENCY,
        "kernel time / engine time",
        "assumed: a serving engine was seen to be 2 to 3 times slower than its kernels",
    ),
    _assumption(
        "engine efficiency of one model over the engine's",
        FLEET_EFFICIENCY,
        "factor",
        "assumed: kernels and lengths suit some models better",
    ),
    _assumption("error of modelled time, measured accelerator", MEASURED_TIME, "factor", _H200),
    _assumption(
        "error of modelled time, borrowed efficiencies", BORROWED_TIME, "factor", "assumed"
    ),
    _assumption(
        "error of modelled time, weight format not measured",
        UNMEASURED_FORMAT_TIME,
        "factor",
        "assumed",
    ),
    _assumption("all-reduce of two GPUs", ALL_REDUCE_S, "s", _H200),
    _assumption("link share of an all-reduce", ALL_REDUCE_LINK_SHARE, "share", _H200),
    _assumption("output length, p95 / mean", P95_TO_MEAN, "ratio", _LENGTHS),
    _assumption(
        "generated tokens of a sample that thinks",
        THINKING_OUTPUT_TOKENS,
        "tokens",
        "gpt-oss-120b (Chen et al. 2026, Table 2) and DeepSeek-R1 (model cards), AIME 2025",
    ),
    _assumption("output length with thinking, p95 / mean", P95_TO_MEAN_THINKING, "ratio", _LENGTHS),
    _assumption("output length, variation across queries", LENGTH_CV, "cv", _LENGTHS),
    _assumption("output length, variation within a query", SAMPLE_LENGTH_CV, "cv", _LENGTHS),
    _assumption("critique length over answer length", CRITIQUE_SHARE, "ratio", "assumed"),
    _assumption(
        "steps looked ahead", LOOKAHEAD_STEPS, "steps", "Snell et al. 2024, arXiv:2408.03314"
    ),
    _assumption(
        "training MFU",
        TRAINING_MFU,
        "share",
        "Llama 3 herd of models, arXiv:2407.21783, section 3.3",
    ),
    _assumption("planned utilisation at the peak", UTILISATION, "share", "assumed"),
)
"""Every constant of `planner.cost.assumptions`, for the report."""
