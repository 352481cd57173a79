"""Sequential revision: chains in which each answer is written with the earlier ones in view."""

from __future__ import annotations

import numpy as np

from planner.cost.work import Spending, TokenWork, mean_context, reading, token_work


def revision(spending: Spending) -> TokenWork:
    """n chains of a first answer and `depth` revisions of it, d = depth.

    decoded = n (d + 1) x sample          (budget = chains x length, Snell et al. 2024, section 6)
    read    = prompt once, and before revision i the i answers written so far:
              n x sample x d (d + 1) / 2 tokens again
    context = prompt + sample x d / 2 + sample / 2, on average over the chain
    A verifier, where one picks the answer, reads every answer of every chain.
    """
    n = np.asarray(spending.n, dtype=np.float64)
    depth = np.asarray(spending.depth, dtype=np.float64)
    sample = spending.sample_tokens
    again = n * sample * depth * (depth + 1) / 2
    tokens, passes = reading(spending, n * (depth + 1))
    return token_work(
        prefill_tokens=np.asarray(spending.prompt_tokens, dtype=np.float64) + again,
        reread_tokens=again,
        decoded_tokens=n * (depth + 1) * sample,
        context_tokens=mean_context(spending) + sample * depth / 2,
        parallel=n,
        serial_steps=depth + 1,
        verifier_tokens=tokens,
        verifier_passes=passes,
    )
