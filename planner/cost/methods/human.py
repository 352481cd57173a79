"""A person answers: a fixed price, no tokens."""

from __future__ import annotations

import numpy as np

from planner.cost.work import Spending, TokenWork, token_work


def human(spending: Spending) -> TokenWork:
    """No tokens: the price and the time of a person stand with the class that offers one."""
    zero = np.zeros_like(np.asarray(spending.n, dtype=np.float64))
    return token_work(
        prefill_tokens=zero,
        decoded_tokens=zero,
        context_tokens=zero,
        parallel=1.0,
        serial_steps=zero,
    )
