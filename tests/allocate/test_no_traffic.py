"""Classes without a query: what is told of them is still an average, not nothing and not twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_problems import random_problem


def test_weights_of_classes_that_nobody_asks_add_up_to_more_than_one() -> None:
    problem = random_problem(np.random.default_rng(3))
    n = len(problem.queries_per_day)
    idle = replace(problem, queries_per_day=np.zeros(n), group=None)
    assert idle.weight.sum() == pytest.approx(1)
    assert idle.weight_in_group.tolist() == [1] * n
    assert replace(idle, group=np.zeros(n, np.int64)).weight_in_group.sum() == pytest.approx(1)
    assert problem.weight.sum() == pytest.approx(1)
