"""Numbers at the edge of what can be, through the command: an answer or words, and no defect."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from commands import planner
from typer.testing import CliRunner

from planner.cli import application

HEADER = "model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b\n"
OK, INFEASIBLE, REFUSED = 0, 1, 2


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(application(), [str(word) for word in words])
    assert done.exit_code in (OK, INFEASIBLE, REFUSED), done.output
    assert "Traceback" not in done.output
    if done.exit_code == REFUSED:
        assert any(word in done.output for word in ("->", "write it like", "Invalid value"))
    return done.exit_code, done.output


def finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(finite, value.values()))
    if isinstance(value, list):
        return all(map(finite, value))
    return not isinstance(value, float) or math.isfinite(value)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["a,greedy,s,b,1,0,500,7", "c,greedy,s,b,1,1,500,7"], OK),
        (["a,sampled,s,b,1,0,500,7", "a,majority_vote,s,b,8,0,500,7"], OK),
        (["a,majority_vote,s,b,1,1,1,7", "a,majority_vote,s,b,8,1,1,7"], OK),
        (["a,majority_vote,s,b,1,0.2,500,7", "a,majority_vote,s,b,1000000000,1,500,7"], None),
        (["a,majority_vote,s,b,1,5e-324,500,7", "a,majority_vote,s,b,8,0.9999999999,1e15,7"], OK),
        (["a,majority_vote,s,b,1,NaN,500,7"], REFUSED),
        (["a,majority_vote,s,b,1,0.5,inf,7"], REFUSED),
        (["a,majority_vote,s,b,1,1e400,500,7"], REFUSED),
        ([f"a,majority_vote,s,b,{'9' * 400},0.5,500,7"], REFUSED),
        (["a,majority_vote,s,b,0,0.5,500,7"], REFUSED),
        (["a,majority_vote,s,b,1,0.5,0,7"], REFUSED),
        (["a,majority_vote,s,b,1,0.5,500,0"], REFUSED),
        (["a,majority_vote,s,b,1,0.5,500,1e-320", "a,majority_vote,s,b,2,0.6,500,1e-320"], None),
    ],
)
def test_an_accuracy_or_count_at_the_edge_is_a_defect(
    tmp_path: Path, rows: list[str], code: int | None
) -> None:
    path = tmp_path / "obs.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    found, told = run("fit", path, "--draws", 20, "--at", "1,1000000", "--json", "--quiet")
    assert code in (found, None), told
    if found == OK:
        value = json.loads(told[told.index("{") :])
        assert finite(value)
        for curve in value["curves"]:
            for point in curve["predictions"]:
                # Around 0 of 500 the interval is of what the next questions may give.
                assert 0 <= point["low"] <= point["high"] <= 1, point
                assert 0 <= point["accuracy"] <= 1, point


TABLE = "query_class,queries_per_day,option,model,accuracy,cost_usd\n"


@pytest.mark.parametrize(
    ("rows", "budget", "code"),
    [
        (["e,1000,s,a,0,0", "e,1000,l,b,1,0"], "1", OK),
        (["e,0,s,a,0.5,0.1", "e,0,l,b,0.9,1"], "1", REFUSED),
        (["e,0,s,a,0.5,0.1", "h,100,l,b,0.9,1"], "100", OK),
        (["e,1e12,s,a,0.5,0.001", "e,1e12,l,b,0.9,0.01"], "$2e9/day", OK),
        (["e,1000,s,a,0.5,0.1", "e,1000,l,b,0.9,1"], "99.99", INFEASIBLE),
        (["e,1000,s,a,0.5,0.1", "e,1000,l,b,0.9,1"], "0", None),
        (["e,1000,s,a,0.5,5e-324", "e,1000,l,b,0.9,1e-308"], "1", OK),
        (["e,1000,s,a,0.5,0.1"], "1e300", OK),
        (["e,1000,s,a,0.5,0.1"], "nan", REFUSED),
        (["e,1000,s,a,0.5,0.1"], "-5", REFUSED),
        (["e,1000,s,a,0.5,0.1"], "9" * 500, REFUSED),
        (["e,1e30,s,a,0.5,1e30", "e,1e30,l,b,0.6,1e-30"], "1e60", None),
    ],
)
def test_a_volume_price_or_budget_at_the_edge_is_a_defect(
    tmp_path: Path, rows: list[str], budget: str, code: int | None
) -> None:
    path, plan = tmp_path / "options.csv", tmp_path / "plan.json"
    path.write_text(TABLE + "\n".join(rows) + "\n", encoding="utf-8")
    found, told = run("solve", "--options", path, f"--budget={budget}", "-o", plan)
    assert code in (found, None), told
    if plan.exists():
        assert finite(json.loads(plan.read_text(encoding="utf-8")))


@pytest.mark.parametrize("classes", [1, pytest.param(10_000, marks=pytest.mark.verify), 1_000])
def test_a_number_of_classes_is_too_much(tmp_path: Path, classes: int) -> None:
    path = tmp_path / "options.csv"
    rows = [
        f"class {i},{10 + i % 7},{option},{option},{0.3 + i % 50 / 100 + gain},{usd}"
        for i in range(classes)
        for option, gain, usd in (("s", 0.0, 0.001), ("l", 0.1, 0.01))
    ]
    path.write_text(TABLE + "\n".join(rows) + "\n", encoding="utf-8")
    found, told = run("solve", "--options", path, "--budget", 0.05 * classes, "--json")
    assert found == OK, told
    plan = json.loads(told[told.index("{") :])
    assert plan["cost_usd_per_day"] <= 0.05 * classes * (1 + 1e-9)
    assert len({row["query_class"] for row in plan["allocation"]}) == classes


QUESTIONS = (
    "7B+PRM@1 or 34B greedy at 0 queries/day",
    "7B+PRM@1000000000 or 34B greedy at 1e12 queries/day",
    "7B+PRM or 34B greedy at 1e15 queries/day",
    "7B+PRM or 34B greedy at 1e300 queries/day",
    "7B+PRM or 34B greedy at -1 queries/day",
    "7B+PRM or 34B greedy at nan queries/day",
    "7B+PRM or 34B greedy at 1M queries/day under $0.01/day",
    f"7B+PRM or 34B greedy at {'9' * 400} queries/day",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_volume_in_a_question_is_a_defect(question: str) -> None:
    run("ask", question, "--draws", 20, "--quiet")


@pytest.mark.parametrize(
    "words",
    [
        ("--price", "$0/h"),
        ("--price", "$1e30/h"),
        ("--output-tokens", "1"),
        ("--output-tokens", "1e12"),
        ("--engine-efficiency", "1e-300"),
    ],
)
def test_a_price_or_length_at_the_edge_is_a_defect(words: tuple[str, str]) -> None:
    run("price", "llama-3-8b", "majority_vote", "-n", "8", *words)
    run("price", "llama-3-8b", "majority_vote", "-n", "1e9", *words)


def test_a_locale_or_zone_changes_what_is_printed(tmp_path: Path) -> None:
    (tmp_path / "options.csv").write_text(TABLE + "e,1000,s,a,0.5,0.1\n", encoding="utf-8")
    words = ("solve", "--options", "options.csv", "--budget", "$1,000.50/day")
    plain = planner(*words, cwd=tmp_path, LC_ALL="C.UTF-8", TZ="UTC")
    other = planner(*words, cwd=tmp_path, LC_ALL="de_DE.UTF-8", TZ="Pacific/Kiritimati")
    assert plain.returncode == 0, plain.stderr
    assert (plain.stdout, plain.stderr) == (other.stdout, other.stderr)
