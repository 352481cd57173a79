"""`import planner as pl`: frames of any kind in and out, and results that show themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import planner
from planner.domain.plan import PlanAnswer
from planner.errors import InputError
from planner.notebook.frames import BACKENDS, csv_of, frame_of

TABLE: dict[str, list[Any]] = {
    "query_class": ["easy", "easy", "hard", "hard"],
    "queries_per_day": [1000, 1000, 500, 500],
    "option": ["small", "large", "small", "large"],
    "model": ["a", "b", "a", "b"],
    "accuracy": [0.6, 0.8, 0.3, 0.5],
    "cost_usd": [0.001, 0.01, 0.002, 0.02],
    "latency_s": [1.5, None, 2.0, None],
}


def frames() -> dict[str, Any]:
    arrow = pa.table(TABLE)
    return {
        "pandas": pd.DataFrame(TABLE),
        "pandas with its own missing value": pd.DataFrame(TABLE).convert_dtypes(),
        "polars": pl.DataFrame(TABLE),
        "polars, lazy": pl.DataFrame(TABLE).lazy(),
        "arrow": arrow,
        "duckdb": duckdb.from_arrow(arrow),
    }


def test_kinds_of_frames_give_other_plans(tmp_path: Path) -> None:
    path = tmp_path / "options.csv"
    path.write_text(csv_of(pd.DataFrame(TABLE)), encoding="utf-8")
    plans = {name: planner.solve(frame, budget=7) for name, frame in frames().items()}
    told = {name: repr(plan) for name, plan in plans.items()}
    assert len(set(told.values())) == 1, told
    for plan in plans.values():
        assert isinstance(plan, PlanAnswer)
        assert list(plan.inputs) == ["frame.csv"]
        assert (
            plan.model_dump_json()
            == plans["pandas"].model_copy(update={"inputs": plan.inputs}).model_dump_json()
        )


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_frame_comes_out_otherwise_than_it_went_in(backend: Any) -> None:
    rows = [dict(zip(TABLE, values, strict=True)) for values in zip(*TABLE.values(), strict=True)]
    assert csv_of(frame_of(rows, backend)) == csv_of(pd.DataFrame(TABLE))


def test_an_unknown_kind_of_frame_is_a_traceback() -> None:
    with pytest.raises(InputError, match="write one of"):
        planner.solve(pd.DataFrame(TABLE), budget=7).frame("excel")


def test_a_problem_of_a_frame_names_a_folder_that_is_gone() -> None:
    broken = pd.DataFrame({**TABLE, "accuracy": [0.6, 80, 0.3, 0.5]})
    with pytest.raises(InputError) as caught:
        planner.solve(broken, budget=7)
    assert [p.where for p in caught.value.problems] == ["frame.csv:3"]
    assert caught.value.heading == "1 problem in frame.csv"


def test_a_result_does_not_say_what_it_knows() -> None:
    plan = planner.solve(pd.DataFrame(TABLE), budget=7)
    text = repr(plan)
    assert "easy" in text
    assert "small" in text
    assert "\x1b" not in text
    shown = plan._repr_html_()
    assert "<pre>" in shown
    assert "<script" not in shown
    frontier = planner.frontier(pd.DataFrame(TABLE), points=3)
    assert len(frontier.frame("polars")) == len(frontier.points)
    assert "Budget" in repr(frontier)
    price = planner.price("llama-3-8b", "majority_vote", n=8)
    assert "GPU-seconds" in repr(price)
    assert price.frame("pandas")["n_samples"].tolist() == [8]


def test_a_name_in_a_frame_becomes_markup() -> None:
    table = {**TABLE, "option": ["<script>alert(1)</script>", "large"] * 2}
    assert "<script" not in planner.solve(pd.DataFrame(table), budget=7)._repr_html_()


def test_the_tutorial_does_not_run(project: Path) -> None:
    text = (project / "docs" / "notebook.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(code, names)
    assert "7B" in names["answer"].answer
    for name in ("answer", "curves"):
        shown = names[name]._repr_html_()
        assert "<svg" in shown, name
        assert "<script" not in shown
