"""What a record leaves open is decided alike for all formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from log_tables import SOUND, opened, queried, samples, write

from planner.domain.method import METHODS
from planner.ingest.logs.record import METHOD_NAMES

POOLED = ("majority_vote", "best_of_n", "weighted_vote", "oracle_best_of_n")


def read_one(tmp_path: Path, rows: list[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    """Samples of rows, in their order."""
    names = [{**SOUND[0], **row, "problem_id": f"{i:03}"} for i, row in enumerate(rows)]
    found = samples(write(tmp_path / "a.jsonl", names), **options)
    return sorted(found.rows, key=lambda row: row["problem_id"])


def test_the_method_left_open_is_told_by_the_axes(tmp_path: Path) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "sampled"),
        ({"temperature": 0.7}, "sampled"),
        ({"temperature": 0}, "greedy"),
        ({"thinking_tokens": 1024}, "long_cot"),
        ({"thinking_tokens": 0, "temperature": 0}, "long_cot"),
        ({"method": "sampled", "thinking_tokens": 1024}, "long_cot"),
        ({"method": "sampled", "temperature": 0}, "sampled"),
        ({"method": "thinking"}, "long_cot"),
        ({"method": "greedy", "thinking_tokens": 5}, "long_cot"),
        ({"depth": 2}, "revision"),
        ({"depth": 0}, "sampled"),
        ({"method": "revision", "depth": 3}, "revision"),
        *(({"method": method}, "sampled") for method in POOLED),
        *(({"method": method, "n_samples": 1}, "sampled") for method in POOLED),
        *(({"method": method, "n_samples": 8}, method) for method in POOLED),
        *(({"method": method, "thinking_tokens": 9}, "long_cot") for method in POOLED),
        *(({"method": m, "thinking_tokens": 9, "n_samples": 2}, m) for m in POOLED),
    ]
    found = read_one(tmp_path, [row for row, _ in cases])
    assert [row["method"] for row in found] == [method for _, method in cases]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_every_name_of_a_method_is_understood(tmp_path: Path, suffix: str) -> None:
    names = {
        **METHOD_NAMES,
        **{m: m for m in METHODS},
        "Pass@1": "sampled",
        "Self-Refine": "refine",
    }
    rows = [{**SOUND[0], "problem_id": name, "method": name, "n_samples": 4} for name in names]
    found = samples(write(tmp_path / f"a.{suffix}", rows))
    assert {row["problem_id"]: row["method"] for row in found.rows} == names


def test_one_sample_has_no_number_of_samples(tmp_path: Path) -> None:
    rows = [{"n_samples": 64}, {"n_samples": 64, "temperature": 0}, {"thinking_tokens": 1}]
    assert all("n_samples" not in row for row in read_one(tmp_path, rows))
    assert read_one(tmp_path, [{"method": "best_of_n", "n_samples": 64}])[0]["n_samples"] == 64


def test_only_greedy_drops_a_temperature_of_zero(tmp_path: Path) -> None:
    rows = [
        {"method": "greedy", "temperature": 0},
        {"method": "greedy", "temperature": 0.5},
        {"method": "sampled", "temperature": 0},
        {"temperature": 0.7},
    ]
    found = [row.get("temperature") for row in read_one(tmp_path, rows)]
    assert found == [None, 0.5, 0.0, 0.7]


def test_effort_is_part_of_the_name_of_a_model(tmp_path: Path) -> None:
    found = read_one(tmp_path, [{"reasoning_effort": " high "}, {"reasoning_effort": ""}])
    assert [row["model"] for row in found] == ["m (effort high)", "m"]


def test_thinking_tokens_counted_apart_are_added(tmp_path: Path) -> None:
    cases = [(100, 30, 100), (100, 100, 100), (100, 130, 230), (100, None, 100), (None, 5, None)]
    rows = [{"output_tokens": o, "reasoning_tokens": r} for o, r, _ in cases]
    found = [row.get("output_tokens") for row in read_one(tmp_path, rows)]
    assert found == [total for _, _, total in cases]


def test_tokens_are_whole(tmp_path: Path) -> None:
    (row,) = read_one(tmp_path, [{"output_tokens": 99.6, "input_tokens": "12.4"}])
    assert (row["output_tokens"], row["prompt_tokens"]) == (100, 12)


def test_a_question_set_is_named_by_the_log_the_user_or_nobody(tmp_path: Path) -> None:
    rows = [{"dataset": "math"}, {"dataset": " "}, {}]
    assert [r["question_set"] for r in read_one(tmp_path, rows)] == ["math", "unnamed", "unnamed"]
    found = read_one(tmp_path, rows, question_set="mine")
    assert [r["question_set"] for r in found] == ["math", "mine", "mine"]
    path = write(tmp_path / "blank.jsonl", [{**SOUND[0], **row} for row in rows])
    assert "--question-set" in samples(path).notes["unnamed_question_set"]
    assert "unnamed_question_set" not in samples(path, question_set="mine").notes
    named = write(tmp_path / "named.jsonl", [{**SOUND[0], "dataset": "math"}])
    assert "unnamed_question_set" not in samples(named).notes


def test_the_verifier_that_the_user_names_is_that_of_scores_without_one(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"score": 0.5},
        {"step_scores": [0.5]},
        {"score": 0.5, "verifier": "prm"},
        {},
    ]
    named = [row.get("verifier") for row in read_one(tmp_path, rows, verifier="orm")]
    assert named == ["orm", "orm", "prm", None]
    assert [r.get("verifier") for r in read_one(tmp_path, rows)] == [None, None, "prm", None]


def test_a_verifier_is_present_where_scores_get_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [{**SOUND[0], "score": 1}])
    assert "verifier" not in samples(path).columns
    assert "verifier" in samples(path, verifier="orm").columns
    plain = write(tmp_path / "b.csv", SOUND)
    assert "verifier" not in samples(plain, verifier="orm").columns


def test_options_with_quotation_marks_are_only_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [{**SOUND[0], "score": 1}])
    found = samples(path, question_set="it's '; --", verifier="o'rm")
    assert found.only["question_set"] == "it's '; --"
    assert found.only["verifier"] == "o'rm"


def test_whole_problem_names_lose_their_point_and_others_nothing(tmp_path: Path) -> None:
    names = ["43.0", "-7.0", "1.00", "v1.0", "a.0.0", "0.05", "007"]
    rows = [{**SOUND[0], "problem_id": name} for name in names]
    found = samples(write(tmp_path / "a.csv", rows))
    assert set(found.column("problem_id")) == {"43", "-7", *names[2:]}


def test_columns_of_the_view_have_the_types_that_measuring_expects(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "a.csv", SOUND),
        write(tmp_path / "b.parquet", SOUND),
        write(tmp_path / "c.csv", "model,problem_id,n_total,n_correct\nm,p,4,1\n"),
    ]
    texts = [
        "question_set",
        "model",
        "method",
        "verifier",
        "problem_id",
        "bucket",
        "answer",
        "run_id",
    ]
    wholes = "n_samples depth width thinking_tokens prompt_tokens output_tokens sample samples"
    numbers = "temperature score params_b active_params_b verifier_params_b correct time_s"
    with opened(paths) as found:
        described = queried(found, f"DESCRIBE {found.view}")
    assert {row["column_name"]: row["column_type"] for row in described} == (
        dict.fromkeys(texts, "VARCHAR")
        | dict.fromkeys(wholes.split(), "BIGINT")
        | dict.fromkeys(numbers.split(), "DOUBLE")
        | {"step_scores": "DOUBLE[]"}
    )


def test_a_warm_sample_is_not_greedy_whatever_it_is_called(tmp_path: Path) -> None:
    rows = [{"model": "m", "problem_id": "1", "correct": 1, "method": "greedy", "temperature": t}
            for t in (0.7, 0.0, None)]  # fmt: skip
    found = samples(write(tmp_path / "a.jsonl", rows))
    assert sorted(found.column("method")) == ["greedy", "greedy", "sampled"]
