"""Samples side by side, each scored by a verifier: best of n and weighted vote."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.cost.work import Spending, TokenWork, mean_context, reading, token_work


def best_of(spending: Spending) -> TokenWork:
    """decoded = n x sample; the verifier reads n x (prompt + sample).

    A process verifier scores all steps of a finished sample in one pass; `reads = "each step"`
    charges one pass a step (`depth` of them), for verifiers that must be called so. Where `reads`
    is "none" it is taken as "once a sample": these methods have a verifier (Cobbe et al. 2021,
    arXiv:2110.14168; Lightman et al. 2023, arXiv:2305.20050).
    """
    if spending.reads == "none":
        spending = replace(spending, reads="once a sample")
    n = np.asarray(spending.n, dtype=np.float64)
    tokens, passes = reading(spending, n, spending.depth)
    return token_work(
        prefill_tokens=spending.prompt_tokens,
        decoded_tokens=n * spending.sample_tokens,
        context_tokens=mean_context(spending),
        parallel=n,
        verifier_tokens=tokens,
        verifier_passes=passes,
    )
