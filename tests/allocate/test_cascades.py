"""Cascades as options: a cheap answer kept where a verifier passes it, else a stronger one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_routing import BOTH, ROWS
from test_scenario_methods import written

from planner.allocate.cascades import kept_and_right, passing_by_auc, passing_by_scores
from planner.allocate.handed import LEVELS, Z95, within_s
from planner.domain.measured import CalibrationBin, VerifierBucket
from planner.errors import InputError
from planner.pipeline import solve
from planner.pipeline.solving import staged

CASCADE = """
[[cascades]]
first = {{ model = "llama-3-8b" }}
then = {{ model = "big" }}
{quality}
cost = 0.0
"""


def planned(tmp_path: Path, quality: str, budget: float, tail: str = "") -> dict[str, Any]:
    more = CASCADE.format(quality=quality) if quality else ""
    path = written(
        tmp_path, ROWS + "\n", candidate=BOTH, tail=tail + more, volume="60M queries/day"
    )
    text = path.read_text(encoding="utf-8").replace("100000", str(budget))
    path.write_text(text, encoding="utf-8")
    return solve(path, draws=20).model_dump(mode="json", by_alias=True)


@pytest.mark.parametrize("auc", [0.6, 0.8, 0.95])
def test_accuracy_and_what_is_kept_are_those_of_a_simulation(auc: float) -> None:
    rng = np.random.default_rng(0)
    size, one, two = 400_000, 0.55, 0.8
    right = rng.random(size) < one
    from scipy.special import ndtri

    score = rng.standard_normal(size) + np.sqrt(2) * ndtri(auc) * right
    for passing in passing_by_auc(auc):
        kept = score >= -ndtri(passing.wrong)
        answered = np.where(kept, right, rng.random(size) < two).mean()
        share, good = kept_and_right(np.array([one]), passing)
        assert share[0] == pytest.approx(kept.mean(), abs=0.004)
        assert good[0] + (1 - share[0]) * two == pytest.approx(answered, abs=0.004)


def test_thresholds_of_a_log_pass_what_lies_above_them() -> None:
    bins = tuple(
        CalibrationBin(score=s, correct=c, samples=100)
        for s, c in ((0.15, 0.1), (0.55, 0.5), (0.95, 0.9))
    )  # fmt: skip
    quality = VerifierBucket(
        question_set="S", model="m", verifier="v", bucket="all", samples=300, auc=0.8,
        calibration_error=0.0, false_positive_rate=0.1, false_negative_rate=0.1, threshold=0.5,
        calibration=bins,
    )  # fmt: skip
    found = {p.name: p for p in passing_by_scores(quality)}
    assert found["score from 0.1"].right == found["score from 0.1"].wrong == 1
    assert found["score from 0.5"].right == pytest.approx(140 / 150)
    assert found["score from 0.5"].wrong == pytest.approx(60 / 150)


def test_a_good_verifier_makes_a_cascade_beat_both_of_its_options(tmp_path: Path) -> None:
    without = planned(tmp_path, "", 14_000, '[router]\nsignal = "none"\n')
    plan = planned(tmp_path, "auc = 0.97", 14_000, '[router]\nsignal = "none"\n')
    assert any(row["hands_on_to"] == "big greedy" for row in plan["allocation"])
    assert plan["accuracy"] > without["accuracy"]
    assert plan["cost_usd_per_day"] <= 14_000
    assert "kept" in plan["feasibility"]
    assert any(w["code"] == "cascade_independent" for w in plan["warnings"])
    assert {f["model"] for f in plan["fleet"]} == {"llama-3-8b", "big"}


def test_a_cascade_keeps_two_models(tmp_path: Path) -> None:
    one = '[router]\nsignal = "none"\n[constraints]\nmax_models = 1\n'
    plan = planned(tmp_path, "auc = 0.97", 14_000, one)
    assert not any(", else" in row["option"] for row in plan["allocation"])


def test_a_cascade_to_a_model_that_the_class_forbids_is_not_bought(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ROWS + "\n",
        candidate=BOTH,
        tail='[router]\nsignal = "none"\n' + CASCADE.format(quality="auc = 0.97"),
        volume="60M queries/day",
    )
    text = path.read_text(encoding="utf-8")
    assert "[[workload.classes]]" in text
    text = text.replace("[[workload.classes]]", '[[workload.classes]]\nforbid = ["big"]', 1)
    path.write_text(text, encoding="utf-8")
    plan = solve(path, draws=20).model_dump(mode="json", by_alias=True)
    assert plan["status"] == "optimal"
    assert {row["model"] for row in plan["allocation"]} == {"llama-3-8b"}
    assert not any(row["hands_on_to"] for row in plan["allocation"])


def test_a_budget_of_memory_aware_flops_counts_both_stages_of_a_cascade(tmp_path: Path) -> None:
    none = '[router]\nsignal = "none"\n'
    path = written(
        tmp_path,
        ROWS + "\n",
        candidate=BOTH,
        tail=none + CASCADE.format(quality="auc = 0.97"),
        volume="60M queries/day",
    )
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("usd_per_day = 100000", "eflop_per_day = 6e21"), encoding="utf-8")
    plan = solve(path, draws=20).model_dump(mode="json", by_alias=True)
    rows = [row for row in plan["allocation"] if row["hands_on_to"]]
    assert rows, plan["relaxation"]
    assert plan["eflop_per_day"] <= 6e21
    stages = {row["model"] for row in rows} | {row["then_model"] for row in rows}
    assert stages == {"llama-3-8b", "big"}
    assert plan["checked"]["ok"], plan["checked"]["broken"]


@pytest.mark.parametrize(
    ("quality", "said"),
    [
        ('verifier = "prm"', "no scores of prm"),
        ("", "first and then"),
        ('auc = 0.8\nverifier = "prm"', "one source"),
    ],
)
def test_a_cascade_without_a_known_verifier_is_refused(
    tmp_path: Path, quality: str, said: str
) -> None:
    same = (
        '[[cascades]]\nfirst = { model = "big" }\nthen = { model = "big" }\nauc = 0.8\ncost = 0\n'
    )
    tail = "" if quality else same
    with pytest.raises(InputError, match=said):
        planned(tmp_path, quality, 14_000, tail)


def test_the_router_is_paid_once_for_a_query_that_is_handed_on(tmp_path: Path) -> None:
    router = '[router]\nmodel = "qwen2.5-0.5b"\ntokens = 250\ncost = 0.0001\n'
    path = written(
        tmp_path,
        ROWS + "\n",
        candidate=BOTH,
        tail=router + CASCADE.format(quality="auc = 0.97"),
        volume="60M queries/day",
    )
    table = staged(path, None, 20, 0).table
    read = table.classes[0].router
    assert read is not None
    labels = [entry.label for entry in table.entries]
    cascades = [o for o, label in enumerate(labels) if ", else big greedy" in label]
    first = labels.index(labels[cascades[0]].partition(", else")[0])
    then = labels.index("big greedy")
    assert cascades
    gpu_s, usd, flop = read.added(table.entries[then].candidate)
    problem = table.problem
    for o in cascades:
        for c in range(len(table.classes)):
            part = table.entries[o].answers(c)[1]
            spent = table.direct_usd[0, c, o] - table.direct_usd[0, c, first]
            assert spent == pytest.approx(part * (table.direct_usd[0, c, then] - usd[0]))
            worked = table.gpu_s[0, c, o] + table.reader_gpu_s[0, c, o]
            worked -= table.gpu_s[0, c, first]
            assert worked == pytest.approx(part * (table.gpu_s[0, c, then] - gpu_s[0]), rel=1e-6)
            more = problem.flop[c, o] - problem.flop[c, first]
            assert more == pytest.approx(part * (problem.flop[c, then] - flop), rel=1e-6)
    assert usd[0] > 0
    assert flop > 0


@pytest.mark.parametrize("handed_on", [0.0, 0.01, 0.03, 0.049, 0.051, 0.2, 0.49, 0.6, 1.0])
def test_so_many_queries_of_a_cascade_are_answered_in_the_time_that_is_told(
    handed_on: float,
) -> None:
    rng = np.random.default_rng(3)
    size = 400_000
    first = 2.0 * np.exp(0.5 * rng.standard_normal(size))
    then = 9.0 * np.exp(0.3 * rng.standard_normal(size))
    total = first + np.where(rng.random(size) < handed_on, then, 0.0)
    told = within_s(
        (np.array([2.0]), np.array([2.0 * np.exp(0.5 * Z95)])),
        (np.array([9.0]), np.array([9.0 * np.exp(0.3 * Z95)])),
        np.array([handed_on]),
    )[:, 0]
    for level, seconds in zip(LEVELS, told, strict=True):
        # A median of sums that are skewed lies a little over the sum of their medians.
        assert np.mean(total <= seconds) >= level - (0.002 if level > 0.9 else 0.05)
    # No longer than if everything were handed on, and that of the first alone where nothing is.
    assert told[1] <= 2.0 * np.exp(0.5 * Z95) + 9.0 * np.exp(0.3 * Z95) + 1e-9
    if handed_on == 0:
        assert told.tolist() == pytest.approx([2.0, 2.0 * np.exp(0.5 * Z95)])


def test_a_time_that_is_not_known_stays_unknown_in_a_cascade() -> None:
    unknown, known = np.array([np.nan]), np.array([3.0])
    for handed_on in (0.0, 0.5):
        told = within_s((unknown, unknown), (known, known), np.array([handed_on]))
        assert np.isnan(told).all()
    assert np.isnan(within_s((known, known), (unknown, unknown), np.array([0.5])))[1].all()
