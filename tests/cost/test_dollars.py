"""Training and dollars a solved question as published; the list of assumptions."""

from __future__ import annotations

import numpy as np
import pytest
from published_forms import usd_per_solved

from planner.cost import assumptions, money_assumptions
from planner.cost.assumption_rows import ASSUMPTIONS
from planner.cost.training import exchange_rate, training_flop, training_gpu_hours, training_usd
from planner.domain.ranges import Range


def test_swe_bench_dollars_of_brown_2024() -> None:
    """Brown et al. 2024 (arXiv:2407.21787), Table 1: 300 issues of SWE-bench Lite."""
    table = {  # attempts, dollars an attempt, share solved, dollars in all, dollars a solved issue
        "deepseek-coder-v2": (5, 0.0072, 0.2962, 10.8, 0.1215),
        "gpt-4o": (1, 0.13, 0.24, 39.0, 0.542),
        "claude-3.5-sonnet": (1, 0.17, 0.267, 51.0, 0.637),
    }
    for attempts, usd, solved, total, per_solved in table.values():
        assert 300 * attempts * usd == pytest.approx(total)
        assert usd_per_solved(usd, attempts, solved) == pytest.approx(per_solved, abs=5e-4)
    cheapest = min(table, key=lambda m: table[m][3])
    assert cheapest == max(table, key=lambda m: table[m][2]) == "deepseek-coder-v2"
    ratios = [row[3] / 10.8 for row in table.values()]
    assert ratios == pytest.approx([1.0, 3.6, 4.7], abs=0.05)
    with pytest.raises(ValueError, match="above 0"):
        usd_per_solved(0.1, 1, 0.0)


def test_training_flop_of_liu_2025() -> None:
    """Liu et al. 2025 (arXiv:2502.06703), Table 4: 3B x 9T against 405B x 15T tokens."""
    small, large = training_flop([3e9, 405e9], [9e12, 15e12])
    assert small == pytest.approx(1.62e23)
    assert large == pytest.approx(3.645e25)
    assert large / small == pytest.approx(225)


def test_gpu_hours_and_dollars_of_training() -> None:
    hours = float(training_gpu_hours(989e12 * 0.4 * 3600, 989e12, 0.4))
    assert hours == pytest.approx(1.0)
    assert float(training_usd(989e12 * 0.4 * 7200, 989e12, 2.5, 0.4)) == pytest.approx(5.0)
    # 15T tokens of an 8B model took 1.46M H100 hours (Llama 3.1 model card): 6 N D at .4 is under.
    said = float(training_gpu_hours(training_flop(8e9, 15e12), 989e12))
    assert 0.3e6 < said < 1.46e6


def test_exchange_rate_of_snell_2024() -> None:
    """Snell et al. 2024 (arXiv:2408.03314), section 7: M = 14, R = 0.16, 0.79, 22."""
    assert exchange_rate(14, [0.16, 0.79, 22]) == pytest.approx([257.75, 63.37, 15.77], abs=0.01)
    assert float(exchange_rate(1, 0.5)) == 1
    assert float(exchange_rate(14, 1e12)) == pytest.approx(14)
    assert np.isinf(float(exchange_rate(14, 0.0)))
    # With a verifier as large as the generator: M + 1.5 (M - 1) / R.
    assert float(exchange_rate(14, 0.79, 2.0)) == pytest.approx(14 + 1.5 * 13 / 0.79)


def test_exchange_rate_balances_the_two_budgets() -> None:
    m, r, n, d_train, v = 14.0, 0.79, 1e9, 1e12, 1.7
    mult = float(exchange_rate(m, r, v))
    infer = 2 * n * r * d_train * v
    assert 6 * n * d_train + mult * infer == pytest.approx(m * (6 * n * d_train + infer))


def test_every_constant_of_the_module_is_listed_with_a_source() -> None:
    constants = {
        name: value
        for name, value in vars(assumptions).items()
        if name.isupper() and isinstance(value, (int, float, Range)) and not name.startswith("_")
    }
    assert len(constants) == len(ASSUMPTIONS)
    listed = [a.value for a in ASSUMPTIONS]
    for name, value in constants.items():
        assert (value.value if isinstance(value, Range) else value) in listed, name
    assert all(a.source and a.unit for a in ASSUMPTIONS)


def test_every_number_behind_money_and_energy_is_listed_with_a_source() -> None:
    constants = {
        name: value
        for name, value in vars(money_assumptions).items()
        if name.isupper() and isinstance(value, (int, float, Range)) and not name.startswith("_")
    }
    listed = [*money_assumptions.ENERGY, *money_assumptions.ON_USE.values()]
    assert len(constants) == len(listed)
    for name, value in constants.items():
        middle = value.value if isinstance(value, Range) else value
        assert middle in [row.value for row in listed], name
    assert all(row.source and row.unit for row in listed)


def test_no_assumption_is_listed_twice() -> None:
    assert len({a.name for a in ASSUMPTIONS}) == len(ASSUMPTIONS)
