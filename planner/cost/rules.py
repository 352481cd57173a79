"""Rules of thumb to hold the full forms against."""

from __future__ import annotations

import math

from planner.cost.assumptions import WEIGHT_BYTES


def balanced_batch(
    flop_per_s: float, bandwidth_byte_per_s: float, weight_bytes: float = WEIGHT_BYTES
) -> float:
    """Batch at which reading weights and multiplying them take equally long: b* = p C / (2 B).

    p = weight_bytes, C = flop_per_s, B = bandwidth_byte_per_s (Erdil 2025, arXiv:2506.04645).
    Cache reads move the real balance: see `planner.cost.fleets.operating_fleet`.
    """
    return weight_bytes * flop_per_s / (2 * bandwidth_byte_per_s)


def tokens_per_s_at_size(tokens_per_s: float, params_b: float, other_params_b: float) -> float:
    """Fastest tokens a second of one query at another size: they fall with its square root.

    More GPUs cut a step until all-reduces dominate, which leaves latency ~ sqrt(params) (Erdil
    2025, arXiv:2506.04645). Says nothing of cost: at that speed a token costs about 3 times its
    minimum.
    """
    return tokens_per_s * math.sqrt(params_b / other_params_b)
