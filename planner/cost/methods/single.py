"""One generation: greedy, one sample at a temperature, or one long chain of thought."""

from __future__ import annotations

import numpy as np

from planner.cost.work import Spending, TokenWork, mean_context, token_work


def single(spending: Spending) -> TokenWork:
    """decoded = thinking + output, whatever n is."""
    sample = spending.sample_tokens + np.zeros_like(np.asarray(spending.n, dtype=np.float64))
    return token_work(
        prefill_tokens=spending.prompt_tokens,
        decoded_tokens=sample,
        context_tokens=mean_context(spending),
        parallel=1.0,
    )
