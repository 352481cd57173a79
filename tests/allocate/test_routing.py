"""Routers that err: plans by told buckets, and what a better router would be worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_robust import problem_of
from test_scenario_methods import HEAD, written

from planner.allocate.unmixing import unmixed
from planner.errors import InputError
from planner.pipeline import solve

ROWS = "\n".join(
    [HEAD]
    + [
        f"{m},greedy,S,{b},1,{a},1000,{size}"
        for m, size, easy, hard in (("llama-3-8b", 8, 0.9, 0.2), ("big", 70, 0.92, 0.7))
        for b, a in (("easy", easy), ("hard", hard))
    ]
)
BOTH = 'methods = ["greedy"]\n[[candidates]]\nmodel = "big"\nmethods = ["greedy"]'
CONFUSION = "[router]\nconfusion = { easy = { easy = 0.9, hard = 0.1 }, "
CONFUSION += "hard = { easy = 0.3, hard = 0.7 } }"


def planned(tmp_path: Path, tail: str, budget: float = 14_000) -> dict[str, Any]:
    path = written(tmp_path, ROWS + "\n", candidate=BOTH, tail=tail, volume="60M queries/day")
    text = path.read_text(encoding="utf-8").replace("100000", str(budget))
    path.write_text(text, encoding="utf-8")
    return solve(path, draws=20).model_dump(mode="json", by_alias=True)


def test_a_plan_is_made_for_what_is_told_with_the_accuracies_of_what_is_true(
    tmp_path: Path,
) -> None:
    plan = planned(tmp_path, CONFUSION)
    rows = {(r["bucket"], r["model"]): r for r in plan["allocation"]}
    # Told easy: .45 truly easy and .15 truly hard of all queries; told hard: .05 and .35.
    easy = {"llama-3-8b": (0.45 * 0.9 + 0.15 * 0.2) / 0.6, "big": (0.45 * 0.92 + 0.15 * 0.7) / 0.6}
    hard = {"llama-3-8b": (0.05 * 0.9 + 0.35 * 0.2) / 0.4, "big": (0.05 * 0.92 + 0.35 * 0.7) / 0.4}
    for (bucket, model), row in rows.items():
        assert row["accuracy"] == pytest.approx((easy if bucket == "easy" else hard)[model])
    mean = sum(
        r["share"] * (0.6 if b == "easy" else 0.4) * r["accuracy"] for (b, _), r in rows.items()
    )
    assert mean == pytest.approx(plan["accuracy"] + plan["optimism"])
    assert not any(w["code"] == "router_perfect" for w in plan["warnings"])


def test_a_real_router_lies_between_none_and_a_perfect_one(tmp_path: Path) -> None:
    value = planned(tmp_path, CONFUSION)["router_value"]
    assert value["basis"] == "confusion"
    perfect, this, none = (value[k]["accuracy"] for k in ("perfect", "this", "none"))
    assert none < this < perfect
    assert value["better_accuracy"] == pytest.approx(perfect - this)
    assert value["better_usd_per_day"] > 0


def test_a_router_that_is_always_right_is_the_perfect_one(tmp_path: Path) -> None:
    known = planned(tmp_path, "")["router_value"]
    told = planned(tmp_path, "[router]\naccuracy = 1.0")["router_value"]
    assert known["basis"] == "known"
    assert known["better_usd_per_day"] == 0
    assert told["this"] == told["perfect"] == known["this"]


def test_a_router_that_guesses_is_worth_nothing(tmp_path: Path) -> None:
    value = planned(tmp_path, "[router]\naccuracy = 0.5")["router_value"]
    assert value["this"]["accuracy"] == pytest.approx(value["none"]["accuracy"], abs=1e-6)


@pytest.mark.parametrize(
    ("router", "said"),
    [
        ("confusion = { easy = { easy = 0.9 }, hard = { hard = 1.0 } }", "add up to 0.9"),
        ("confusion = { easy = { easy = 1.0 } }", "no row for 'hard'"),
        ('confusion = "nothing.meta.json"', "there is no such file"),
        ('signal = "none"\naccuracy = 0.9', "tells no difficulty"),
    ],
)
def test_a_confusion_that_cannot_be_is_refused(tmp_path: Path, router: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        planned(tmp_path, f"[router]\n{router}")


def test_accuracies_by_true_bucket_are_found_again_behind_a_known_confusion() -> None:
    confusion = np.array([[0.8, 0.2], [0.3, 0.7]])
    true, accuracy = np.array([0.6, 0.4]), np.array([[0.9, 0.95], [0.2, 0.6]])
    told = true @ confusion
    seen = ((true[:, None] * confusion) / told).T @ accuracy
    problem = problem_of(
        seen, np.array([[1.0, 3.0], [1.0, 3.0]]), group=np.zeros(2, dtype=np.int64)
    )
    problem = type(problem)(**{**vars(problem), "queries_per_day": told * 100})
    found = unmixed(problem, np.arange(2), confusion)
    assert found.accuracy == pytest.approx(accuracy, abs=1e-6)
    assert found.queries_per_day == pytest.approx(true * 100)
    assert found.direct_usd == pytest.approx(problem.direct_usd)
