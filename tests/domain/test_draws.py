"""Intervals of draws, column by column."""

from __future__ import annotations

import numpy as np
import pytest

from planner.domain.draws import interval90, intervals90


@pytest.mark.parametrize("count", [1, 2, 3, 21, 100, 399, 400, 1000])
def test_intervals_of_columns_are_the_quantiles_of_each(count: int) -> None:
    values = np.random.default_rng(count).normal(size=(count + 1, 7))
    low, high = intervals90(values)
    assert np.array_equal([low, high], np.quantile(values[1:], [0.05, 0.95], axis=0))
    assert (low[3], high[3]) == interval90(values[:, 3])


def test_the_central_case_is_no_draw() -> None:
    values = np.array([[9.0], [0.2], [0.2]])
    assert [end.item() for end in intervals90(values)] == [0.2, 0.2]
