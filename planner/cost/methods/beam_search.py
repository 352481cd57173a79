"""Search over steps with a process verifier: beam search, its diverse form, and lookahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.cost.work import Spending, TokenWork, carried, mean_context, reading, token_work


def beam_search(spending: Spending) -> TokenWork:
    """n beams kept, `width` branches of each, `depth` steps; every candidate is scored.

    decoded  = n x width x sample          (depth steps of sample / depth tokens, n x width of each)
    verifier = n x width x (depth x prompt + sample x (depth + 1) / 2): it reads the prompt and the
               steps so far again at each step
    n x width is the budget N of Snell et al. 2024 (arXiv:2408.03314), in generations. Diverse
    search (n independent subtrees, Beeching et al. 2024) has the same tokens.
    """
    spending = replace(spending, reads="each step")
    candidates = np.asarray(spending.n, dtype=np.float64) * np.asarray(spending.width)
    tokens, passes = reading(spending, candidates, spending.depth)
    return token_work(
        prefill_tokens=spending.prompt_tokens,
        decoded_tokens=candidates * spending.sample_tokens,
        context_tokens=mean_context(spending),
        parallel=candidates,
        serial_steps=spending.depth,
        verifier_tokens=tokens,
        verifier_passes=passes,
        carried_tokens=carried(candidates, spending.sample_tokens, spending.depth),
    )


def lookahead(spending: Spending) -> TokenWork:
    """Beam search that rolls every candidate k steps ahead before it is scored.

    decoded = N (k + 1) x sample with N = n x width and k = lookahead_steps: Snell et al. 2024
    charge N (k + 1) generations (section 5.3). The verifier reads as in beam search, k steps more
    of each candidate; a serial step is k + 1 steps long.
    """
    beam = beam_search(spending)
    ahead = np.asarray(spending.lookahead_steps, dtype=np.float64)
    rolled = spending.sample_tokens / np.asarray(spending.depth) * ahead
    return replace(
        beam,
        decoded_tokens=beam.decoded_tokens * (ahead + 1),
        context_tokens=beam.context_tokens + rolled / 2,
        verifier_tokens=beam.verifier_tokens + beam.verifier_passes * rolled,
    )
