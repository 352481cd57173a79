"""What training costs, and what inference may spend instead of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units
from planner.cost.assumptions import TRAINING_MFU
from planner.cost.flops import FLOP_PER_PARAM_TOKEN

Array = NDArray[np.float64]

TRAINING_FLOP_PER_PARAM_TOKEN = 6.0
"""Forward 2 and backward 4 FLOPs for each parameter and token (Kaplan et al. 2020)."""

TOTAL_TOLERANCE = 0.05
"""Relative difference up to which a count of parameters is taken for a model's total."""


def training_flop(params: ArrayLike, tokens: ArrayLike) -> Array:
    """6 x params x tokens. For a mixture of experts give the active parameters, not all."""
    n, d = np.asarray(params, dtype=np.float64), np.asarray(tokens, dtype=np.float64)
    return TRAINING_FLOP_PER_PARAM_TOKEN * n * d


def training_gpu_hours(flop: ArrayLike, flop_per_s: float, mfu: ArrayLike = TRAINING_MFU) -> Array:
    """GPU-hours = flop / (flop_per_s x mfu); flop_per_s is one GPU's dense datasheet rate."""
    seconds = np.asarray(flop, dtype=np.float64) / (flop_per_s * np.asarray(mfu))
    return np.asarray(seconds / units.SECONDS_PER_HOUR, dtype=np.float64)


def training_usd(
    flop: ArrayLike, flop_per_s: float, usd_per_gpu_hour: ArrayLike, mfu: ArrayLike = TRAINING_MFU
) -> Array:
    """Dollars of rented GPU-hours; people, data and failed runs are not in it."""
    price = np.asarray(usd_per_gpu_hour, dtype=np.float64)
    return training_gpu_hours(flop, flop_per_s, mfu) * price


def exchange_rate(
    size_ratio: ArrayLike, inference_to_training: ArrayLike, verifier_factor: float = 1.0
) -> Array:
    """How many times its inference compute a small model may spend against an M times larger one.

    mult = M + 3 (M - 1) / (R v), with M = size_ratio, R = tokens inferred over tokens trained on,
    and v = verifier_factor, the inference FLOPs with the verifier over those without. Both models
    train on the same tokens: 6 N D_train + mult 2 v N D_infer = M (6 N D_train + 2 v N D_infer).
    Snell et al. 2024 (arXiv:2408.03314, section 7) with v = 1; v = 2 for a verifier as large as
    the generator. Inf where R = 0: nothing is ever inferred.
    """
    m = np.asarray(size_ratio, dtype=np.float64)
    r = np.asarray(inference_to_training, dtype=np.float64)
    ratio = TRAINING_FLOP_PER_PARAM_TOKEN / FLOP_PER_PARAM_TOKEN
    with np.errstate(divide="ignore", invalid="ignore"):
        extra = np.where(m == 1, 0.0, ratio * (m - 1) / (r * verifier_factor))
    return np.asarray(m + extra, dtype=np.float64)


def step_label_usd(labels: ArrayLike, usd_per_label: ArrayLike) -> Array:
    """Dollars of steps that people label: labels x usd_per_label (PRM800K has 800 thousand)."""
    return np.asarray(labels, dtype=np.float64) * np.asarray(usd_per_label, dtype=np.float64)


def rollout_label_flop(
    steps: ArrayLike, completions: ArrayLike, completion_tokens: ArrayLike, params: ArrayLike
) -> Array:
    """FLOPs of labelling steps by rollouts: steps x completions x completion_tokens x 2 params.

    A step is right as often as its continuations reach the known answer: 8 of them in Math-Shepherd
    (Wang et al. 2023, arXiv:2312.08935). completion_tokens: of one continuation, on average over
    the steps; params: active ones of the model that continues.
    """
    tokens = np.asarray(steps, dtype=np.float64) * np.asarray(completions)
    tokens = tokens * np.asarray(completion_tokens)
    return np.asarray(FLOP_PER_PARAM_TOKEN * np.asarray(params) * tokens, dtype=np.float64)


def total_over_active(
    counted_params: float, total_params: float, active_params: float
) -> float | None:
    """How many times a source overstates FLOPs that counted the parameters of all experts.

    total_params / active_params where counted_params is the total of a mixture of experts, within
    TOTAL_TOLERANCE; None where it is not. A token runs through the active parameters only: 671B
    counted for DeepSeek-V3 and R1, of which 37B are active, is 18 times too much.
    """
    sparse = active_params < total_params * (1 - TOTAL_TOLERANCE)
    if not sparse or abs(counted_params / total_params - 1) > TOTAL_TOLERANCE:
        return None
    return total_params / active_params
