"""Tree searches with a budget of rollouts: REBASE and Monte Carlo tree search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.cost.work import Spending, TokenWork, carried, mean_context, reading, token_work


def rebase(spending: Spending) -> TokenWork:
    """n rollouts share each step between the better nodes (Wu et al. 2024, arXiv:2408.00724).

    decoded  = n x sample: at each of `depth` steps the n places are filled by balanced expansion
    verifier = n x (depth x prompt + sample x (depth + 1) / 2): every new node is scored
    """
    spending = replace(spending, reads="each step")
    n = np.asarray(spending.n, dtype=np.float64)
    tokens, passes = reading(spending, n, spending.depth)
    return token_work(
        prefill_tokens=spending.prompt_tokens,
        decoded_tokens=n * spending.sample_tokens,
        context_tokens=mean_context(spending),
        parallel=n,
        serial_steps=spending.depth,
        verifier_tokens=tokens,
        verifier_passes=passes,
        carried_tokens=carried(n, spending.sample_tokens, spending.depth),
    )


def mcts(spending: Spending) -> TokenWork:
    """n rollouts, each of which waits for the value that the one before it sent up the tree.

    decoded  = n x sample, an upper bound: a rollout that starts below the root generates less
    verifier = every step of every rollout is scored, as in REBASE
    serial   = n x depth steps, one sequence wide
    """
    work = rebase(spending)
    n = np.asarray(spending.n, dtype=np.float64)
    return replace(
        work,
        parallel=np.ones_like(n),
        serial_steps=n * np.asarray(spending.depth, dtype=np.float64),
        tail_steps=n * np.asarray(spending.depth, dtype=np.float64),
    )
