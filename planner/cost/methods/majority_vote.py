"""Samples side by side that no verifier reads: votes, coverage, answers that a program checks."""

from __future__ import annotations

import numpy as np

from planner.cost.work import Spending, TokenWork, mean_context, token_work


def majority_vote(spending: Spending) -> TokenWork:
    """decoded = n x sample; nothing is read again (Wang et al. 2023, arXiv:2203.11171)."""
    n = np.asarray(spending.n, dtype=np.float64)
    return token_work(
        prefill_tokens=spending.prompt_tokens,
        decoded_tokens=n * spending.sample_tokens,
        context_tokens=mean_context(spending),
        parallel=n,
    )
