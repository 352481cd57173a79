"""A bare option table through the command: published arms, brute force, broken tables."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import called

HEADER = "query_class,queries_per_day,option,model,accuracy,cost_usd"

# Wu et al. 2024 (arXiv:2408.00724), Table 1; FLOPs per question stand for dollars.
WU = """maths,1,Mistral-7B sampling 256,mistral-7b,0.428,8.70e14
maths,1,Mistral-7B REBASE 32,mistral-7b,0.450,1.36e14
maths,1,Llemma-7B sampling 256,llemma-7b,0.455,10.0e14
maths,1,Llemma-7B REBASE 32,llemma-7b,0.468,1.48e14
maths,1,Llemma-34B sampling 64,llemma-34b,0.467,12.1e14
maths,1,Llemma-34B REBASE 32,llemma-34b,0.492,7.08e14"""


def run(tmp_path: Path, rows: str, *more: str, header: str = HEADER) -> Any:
    path = tmp_path / "options.csv"
    path.write_text(f"{header}\n{rows}\n", encoding="utf-8")
    return called("solve", "--options", str(path), *more)


@pytest.mark.parametrize(
    ("budget", "best", "accuracy"),
    [
        ("1.4e14", "Mistral-7B REBASE 32", 0.450),
        ("1.5e14", "Llemma-7B REBASE 32", 0.468),
        ("7.1e14", "Llemma-34B REBASE 32", 0.492),
        ("1e18", "Llemma-34B REBASE 32", 0.492),
    ],
)
def test_published_arms_under_a_budget_come_out_as_published(
    tmp_path: Path, budget: str, best: str, accuracy: float
) -> None:
    done = run(tmp_path, WU, "--budget", budget, "--whole", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert [row["option"] for row in plan["allocation"]] == [best]
    assert plan["accuracy"] == pytest.approx(accuracy)
    assert plan["checked"]["ok"], plan["checked"]
    assert plan["status"] == "optimal"


def test_whole_plans_equal_brute_force_on_a_table_with_fixed_costs(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    classes = {"a": 1000, "b": 500, "c": 2000}
    options = [("x1", "x"), ("x2", "x"), ("y1", "y")]
    fixed = {"x": 3.0, "y": 1.5}
    cell = {
        (c, o): (round(float(rng.uniform(0.2, 0.9)), 3), int(rng.integers(1, 9)) / 1000)
        for c in classes
        for o, _ in options
    }
    rows = "\n".join(
        f"{c},{q},{o},{m},{cell[c, o][0]},{cell[c, o][1]},{fixed[m]}"
        for c, q in classes.items()
        for o, m in options
    )
    budget = 14.0
    best = 0.0
    for choice in itertools.product(options, repeat=3):
        picked = dict(zip(classes, choice, strict=True))
        cost = sum(classes[c] * cell[c, o][1] for c, (o, _) in picked.items())
        cost += sum(fixed[m] for m in {m for _, m in choice})
        if cost <= budget:
            mean = sum(classes[c] * cell[c, o][0] for c, (o, _) in picked.items()) / 3500
            best = max(best, mean)
    header = f"{HEADER},model_fixed_usd_per_day"
    done = run(tmp_path, rows, "--budget", str(budget), "--whole", "--json", header=header)
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["accuracy"] == pytest.approx(best, abs=1e-9)
    assert plan["cost_usd_per_day"] <= budget


def test_a_budget_below_the_cheapest_exits_1_and_says_what_would_do(tmp_path: Path) -> None:
    done = run(tmp_path, "a,100,x,m,0.5,0.1", "--budget", "5", "--json")
    assert done.returncode == 1
    assert "$10.00 a day instead of $5.00" in json.loads(done.stdout)["relaxation"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,100,x,m,1.5,0.1", "options.csv:2: column accuracy"),
        ("a,100,x,m,half,0.1", "a number from 0 to 1"),
        ("a,-1,x,m,0.5,0.1", "column queries_per_day"),
        ("a,100,x,m,0.5,nan", "column cost_usd"),
        ("a,100,,m,0.5,0.1", "a name is missing"),
        ("a,100,x,m,0.5,0.1\na,200,y,m,0.5,0.1", "on line 2"),
        ("a,100,x,m,0.5,0.1\na,100,x,m,0.6,0.1", "stands on line 2 already"),
        ("", "no row below it"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(tmp_path: Path, rows: str, said: str) -> None:
    done = run(tmp_path, rows, "--budget", "5")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_every_problem_of_a_table_is_told_at_once(tmp_path: Path) -> None:
    done = run(tmp_path, "a,100,x,m,2,0.1\nb,x,y,m,0.5,-3", "--budget", "5")
    assert done.stderr.count("options.csv:") == 4  # the heading and one a problem


def test_no_printed_plan_costs_more_than_its_budget_in_fractions(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    queries = {f"c{i}": int(rng.integers(1, 10**6)) for i in range(6)}
    usd = {(c, o): Fraction(int(rng.integers(1, 10**6)), 10**9) for c in queries for o in "abcd"}
    rows = "\n".join(
        f"{c},{queries[c]},{o},{'m' if o < 'c' else 'k'},{rng.integers(100, 999) / 1000},"
        f"{float(usd[c, o])!r},{3.21 if o < 'c' else 1.7}"
        for c, o in usd
    )
    fixed = {"m": Fraction("3.21"), "k": Fraction("1.7")}
    header = f"{HEADER},model_fixed_usd_per_day"
    for budget, *more in (("820.123",), ("911.7",), ("911.7", "--whole")):
        done = run(tmp_path, rows, "--budget", budget, *more, "--json", header=header)
        assert done.returncode == 0, done.stderr
        plan = json.loads(done.stdout, parse_float=Fraction)
        spent = sum(
            (
                Fraction(row["share"]) * queries[row["query_class"]] * row["cost_usd_per_query"]
                for row in plan["allocation"]
            ),
            sum(fixed[m] for m in {row["model"] for row in plan["allocation"]}),
        )
        assert spent <= Fraction(budget)
        for c in queries:
            shares = [r["share"] for r in plan["allocation"] if r["query_class"] == c]
            assert sum(shares) == 1
        assert plan["feasibility"].startswith("Checked")
