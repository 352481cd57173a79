"""Critique and rewrite: the model criticises its answer, then writes it anew."""

from __future__ import annotations

import numpy as np

from planner.cost.assumptions import CRITIQUE_SHARE
from planner.cost.work import Spending, TokenWork, mean_context, reading, token_work


def refine(spending: Spending) -> TokenWork:
    """n chains of a first answer and d = depth rounds of critique and rewrite.

    critique c = CRITIQUE_SHARE x sample
    decoded = n x (sample + d (c + sample))      (Madaan et al. 2023, arXiv:2303.17651)
    read    = prompt once; each round reads the answer, then answer and critique: n d (2 sample + c)
    serial  = 1 + 2 d generations. Only the latest answer is kept in view.
    A verifier, where one picks the answer, reads the last answer of every chain.
    """
    n = np.asarray(spending.n, dtype=np.float64)
    depth = np.asarray(spending.depth, dtype=np.float64)
    sample = spending.sample_tokens
    critique = CRITIQUE_SHARE * sample
    again = n * depth * (2 * sample + critique)
    decoded = n * (sample + depth * (critique + sample))
    # A critique is written after the answer (sample tokens), a rewrite after both.
    longer = n * depth * (critique * sample + sample * (sample + critique))
    tokens, passes = reading(spending, n)
    return token_work(
        prefill_tokens=np.asarray(spending.prompt_tokens, dtype=np.float64) + again,
        reread_tokens=again,
        decoded_tokens=decoded,
        context_tokens=mean_context(spending) + longer / np.maximum(decoded, 1e-300),
        parallel=n,
        serial_steps=1 + 2 * depth,
        verifier_tokens=tokens,
        verifier_passes=passes,
    )
