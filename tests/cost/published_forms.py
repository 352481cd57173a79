"""Forms in which papers count: rules of thumb and tallies to hold the full ones against."""

from __future__ import annotations

import math

from planner import units
from planner.cost.assumptions import WEIGHT_BYTES
from planner.cost.flops import FLOP_PER_PARAM_TOKEN
from planner.cost.work import Array, TokenWork


def nominal_flop(params_b: float, work: TokenWork, verifier_params_b: float = 0.0) -> Array:
    """FLOPs as published accuracy-against-compute frontiers count them.

    flop = 2 x params x decoded_tokens + 2 x verifier_params x tokens of every scored sample, with
    the sizes in the models' names (billions); prompts and attention are left out, and a verifier is
    charged for the generated tokens only. It is for comparing with papers: a bill follows
    `full_flop`.
    """
    scored = work.decoded_tokens * (work.verifier_passes > 0)
    per_b = FLOP_PER_PARAM_TOKEN * units.PARAMS_PER_B
    return per_b * (params_b * work.decoded_tokens + verifier_params_b * scored)


def usd_per_solved(attempt_usd: float, attempts: float, solved_share: float) -> float:
    """Dollars a solved question: attempt price x attempts / share solved.

    Brown et al. 2024 (arXiv:2407.21787, Table 1) compare models so. Raises ValueError where
    nothing is solved.
    """
    if solved_share <= 0:
        raise ValueError("a cost per solved question needs a share solved above 0")
    return attempt_usd * attempts / solved_share


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
