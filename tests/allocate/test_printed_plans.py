"""Plans of bare tables as they are printed: no budget is exceeded, added up in fractions."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from one_budget_problems import random_problem

from planner.allocate.exact import exact_costs_usd, overspent_usd, printed_violations
from planner.allocate.options_csv import bare_plan, bare_table
from planner.allocate.solvers.own import solve
from planner.pipeline import solve_table
from planner.units import jsonable, significant

Row = dict[str, str | float]


def random_table(rng: np.random.Generator, digits: int) -> tuple[list[Row], float]:
    """Rows of a bare table whose prices have some digits, and a budget in the thick of them."""
    models = [f"m{i}" for i in range(int(rng.integers(1, 4)))]
    fixed = {model: round(float(rng.uniform(0, 30)), digits) for model in models}
    options = [(f"o{i}", str(rng.choice(models))) for i in range(int(rng.integers(2, 8)))]
    rows: list[Row] = [
        {
            "query_class": f"c{c}",
            "queries_per_day": queries,
            "option": option,
            "model": model,
            "accuracy": round(float(rng.random()), 4),
            "cost_usd": round(float(rng.uniform(0.001, 0.1)), digits),
            "model_fixed_usd_per_day": fixed[model],
        }
        for c, queries in enumerate(rng.integers(1, 3000, int(rng.integers(1, 6))).tolist())
        for option, model in options
    ]
    dearest = sum(float(r["cost_usd"]) * float(r["queries_per_day"]) for r in rows) / len(options)
    return rows, round(float(rng.uniform(0.5, 1.5)) * (dearest + sum(fixed.values()) / 2), 2)


def as_printed(rows: list[Row], path: Path, budget: float, *, whole: bool) -> Any:
    """What `planner solve --options --json` prints of a table, read back digit by digit."""
    names = list(rows[0])
    lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    plan = solve_table(path, budget=str(budget), whole=whole)
    printed = json.dumps(jsonable(plan.model_dump(mode="json", by_alias=True)))
    return json.loads(printed, parse_float=Fraction, parse_int=Fraction)


def spent(plan: Any, rows: list[Row]) -> Fraction:
    """Dollars a day of a printed plan: its shares, its prices, and the table's fixed costs."""
    queries = {r["query_class"]: Fraction(str(r["queries_per_day"])) for r in rows}
    fixed = {r["model"]: Fraction(str(r["model_fixed_usd_per_day"])) for r in rows}
    cost = sum((fixed[m] for m in {row["model"] for row in plan["allocation"]}), Fraction(0))
    for row in plan["allocation"]:
        cost += row["share"] * row["cost_usd_per_query"] * queries[row["query_class"]]
    return cost


@pytest.mark.parametrize("digits", [3, 5, 15])
@pytest.mark.parametrize("whole", [False, True])
def test_printed_plans_cost_no_more_than_their_budget_to_the_last_digit(
    tmp_path: Path, digits: int, whole: bool
) -> None:
    solved = 0
    for seed in range(40):
        rows, budget = random_table(np.random.default_rng([digits, seed]), digits)
        plan = as_printed(rows, tmp_path / "options.csv", budget, whole=whole)
        if plan["status"] == "infeasible":
            continue
        solved += 1
        cost = spent(plan, rows)
        assert cost <= Fraction(str(budget)), seed
        assert plan["cost_usd_per_day"] <= plan["budget_usd_per_day"], seed
        assert float(cost) == pytest.approx(float(plan["cost_usd_per_day"]), rel=1e-8), seed
        for query_class in {row["query_class"] for row in rows}:
            shares = [r["share"] for r in plan["allocation"] if r["query_class"] == query_class]
            assert sum(shares) == 1, seed
            assert not whole or shares == [1], seed
        assert plan["feasibility"].startswith("Checked"), seed
        assert plan["accuracy"] <= plan["bound"] <= plan["accuracy"] + Fraction("1e-6"), seed
    assert solved > 20


def test_a_budget_that_a_plan_meets_to_the_cent_is_enough(tmp_path: Path) -> None:
    # 3 * 0.1 is more than 0.3 where numbers are binary.
    rows: list[Row] = [
        {
            "query_class": name,
            "queries_per_day": 1,
            "option": option,
            "model": "m",
            "accuracy": accuracy,
            "cost_usd": usd,
            "model_fixed_usd_per_day": 0,
        }
        for name in "abc"
        for option, accuracy, usd in (("small", 0.5, 0.05), ("large", 0.75, 0.1))
    ]
    for whole in (True, False):
        plan = as_printed(rows, tmp_path / "options.csv", 0.3, whole=whole)
        assert [row["option"] for row in plan["allocation"]] == ["large"] * 3
        assert plan["accuracy"] == Fraction("0.75")


def test_a_plan_that_costs_a_digit_too_much_is_told_as_broken() -> None:
    table = bare_table(
        [
            {
                "query_class": "a",
                "queries_per_day": 3.0,
                "option": "x",
                "model": "m",
                "accuracy": 0.5,
                "cost_usd": 0.1,
            }
        ]
    )
    enough = replace(table.problem, budget_usd_per_day=0.3)
    plan = bare_plan(table, enough, solve(enough), None)
    short = replace(enough, budget_usd_per_day=0.299999999)
    told = list(printed_violations(short, plan.allocation, {"a": 3.0}, {"m": 0.0}))
    assert told == ["dollars a day: 0.3 over 0.299999999"]


def test_what_is_overspent_is_told_to_the_last_digit_and_never_too_small() -> None:
    told = {0: 0, 1: 0}
    for seed in range(300):
        rng = np.random.default_rng(seed)
        digits = int(rng.integers(2, 16))
        usd = np.round(rng.uniform(0, 10.0 ** rng.integers(-4, 5), (4, 3)), digits)
        problem = replace(
            random_problem(rng, whole=False),
            queries_per_day=np.round(rng.uniform(0, 1000, 4), 2),
            accuracy=np.ones(usd.shape),
            allowed=np.ones(usd.shape, dtype=bool),
            direct_usd=usd,
            gpu_s=usd,
            flop=usd,
            model=np.zeros(3, dtype=np.int64),
            fleet=np.full(3, -1),
            model_fixed_usd_per_day=None,
        )
        share = np.eye(3)[rng.integers(0, 3, 4)]
        share[0] = [0.123456789, 0.876543211, 0.0]
        given_usd, shown_usd = exact_costs_usd(problem, share)
        near = float(given_usd) * (1 + float(rng.choice([0, 1e-17, 1e-15, 1e-12, 1e-9, -1e-9])))
        budget = Fraction(repr(near))
        most_shown = max(budget, Fraction(repr(significant(near))))
        exact = max(given_usd - budget, shown_usd - most_shown, Fraction(0))
        found = overspent_usd(replace(problem, budget_usd_per_day=near), share)
        assert (found > 0) == (exact > 0), seed
        assert exact <= found <= exact + Fraction(near) / 10**13, seed
        told[int(exact > 0)] += 1
    assert min(told.values()) > 50
