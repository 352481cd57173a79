"""What a plan's requirements cost, in the units in which it is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_problems import random_problem

from planner.allocate.told import shadow_rows


def test_the_price_of_a_floor_is_told_by_the_whole_and_not_by_the_point() -> None:
    problem = replace(random_problem(np.random.default_rng(3)), objective="cost")
    floor, budget = shadow_rows(problem, {"min_accuracy": 50.0, "flop_per_day": 3e-18})
    assert floor.value == pytest.approx(0.5, rel=1e-12)
    assert floor.unit.endswith("per point")
    assert budget.value == 3e-18
