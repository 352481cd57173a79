"""Checkers and people as options of a plan; a perfect verifier never is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_scenario_methods import HEAD, by_bucket, solved, written

from planner.errors import InputError
from planner.pipeline import solve

COVERAGE = "\n".join(
    [HEAD]
    + [
        f"llama-3-8b,oracle_best_of_n,S,{b},{n},{a},500,8"
        for b, points in (
            ("easy", ((1, 0.6), (4, 0.85), (16, 0.95))),
            ("hard", ((1, 0.2), (4, 0.4), (16, 0.6))),
        )
        for n, a in points
    ]
)
CHECKED = 'methods = ["checked_best_of_n"]\nsamples = [1, 4, 16]'


def checker(cost: float = 0.0, fp: float = 0.0, fn: float = 0.0) -> str:
    return f"checker = {{ cost = {cost}, false_positive_rate = {fp}, false_negative_rate = {fn} }}"


def plan_of(tmp_path: Path, **terms: float) -> dict[str, Any]:
    return solved(tmp_path, COVERAGE + "\n", candidate=CHECKED, klass=checker(**terms))


def test_a_checker_without_errors_buys_what_coverage_promises(tmp_path: Path) -> None:
    found = by_bucket(plan_of(tmp_path))
    assert {r["method"] for r in found.values()} == {"checked_best_of_n"}
    assert found["easy"]["accuracy"] == pytest.approx(0.95)
    assert found["hard"]["accuracy"] == pytest.approx(0.6)


def test_false_positives_cost_most_where_few_samples_are_right(tmp_path: Path) -> None:
    perfect, real = (by_bucket(plan_of(tmp_path, fp=fp)) for fp in (0.0, 0.1))
    lost = {b: perfect[b]["accuracy"] - real[b]["accuracy"] for b in perfect}
    assert 0.0 < lost["easy"] < lost["hard"]
    assert real["hard"]["accuracy"] > 0.2


def test_every_check_up_to_the_first_that_passes_is_paid(tmp_path: Path) -> None:
    free, paid = (plan_of(tmp_path, cost=cost) for cost in (0.0, 0.001))
    added = paid["cost_usd_per_day"] - free["cost_usd_per_day"]
    # 1M queries a day of 1 to 16 checks at $0.001.
    assert 1_000 < added < 16_000
    for bucket, row in by_bucket(paid).items():
        more = row["marginal_cost_usd_per_query"]
        more -= by_bucket(free)[bucket]["marginal_cost_usd_per_query"]
        assert 0.001 < more < 0.016


def test_a_method_that_needs_a_checker_is_refused_without_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no class has a checker"):
        solve(written(tmp_path, COVERAGE + "\n", candidate=CHECKED), draws=10)


def test_a_perfect_verifier_is_no_option(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be bought"):
        solve(
            written(tmp_path, COVERAGE + "\n", candidate='methods = ["oracle_best_of_n"]'), draws=10
        )


def test_people_answer_what_models_cannot_within_the_budget(tmp_path: Path) -> None:
    csv = COVERAGE + "\n" + "\n".join(f"tutor,human,S,{b},1,0.97,100," for b in ("easy", "hard"))
    person = CHECKED + '\n[[candidates]]\nmodel = "tutor"\n'
    person += 'methods = ["human"]\nusd_per_query = 0.5'
    plan = solved(
        tmp_path, csv + "\n", candidate=person, klass=checker(), volume="100k queries/day"
    )
    rows = {(r["bucket"], r["method"]): r for r in plan["allocation"]}
    # People cost .5 a query: the budget of $100,000 would pay for all; they gain most on hard ones.
    assert rows["hard", "human"]["share"] == pytest.approx(1)
    assert rows["hard", "human"]["accuracy"] == pytest.approx(0.97)
    assert rows["hard", "human"]["cost_usd_per_query"] == pytest.approx(0.5)
    tight = solved(
        tmp_path,
        csv + "\n",
        candidate=person,
        klass=checker(),
        volume="100k queries/day",
        tail="[constraints]\nwhole = false",
    )
    assert tight["status"] == "optimal"
