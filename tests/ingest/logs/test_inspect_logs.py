"""Logs of inspect_ai: what a sound sample says becomes one record."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from inspect_files import Json, log, members, read_eval, read_json, sample
from log_files import outcome, zip_of

from planner.ingest.logs.inspect_ai import read, sniff
from planner.ingest.logs.sources import SourceFile

# What a sample says


@pytest.mark.parametrize("reader", [read_json, read_eval])
def test_nothing_that_a_sample_says_is_lost(tmp_path: Path, reader: Any) -> None:
    found = reader(tmp_path, log(sample(), sample(epoch=2, value="I")))
    assert not found.problems
    assert not found.notes
    first = {
        "model": "org/m",
        "problem_id": "q0",
        "sample": "0",
        "correct": "1.0",
        "answer": "5",
        "question_set": "toy",
        "bucket": "easy",
        "method": "sampled",
        "temperature": "0.7",
        "prompt_tokens": "20",
        "output_tokens": "7",
        "time_s": "0.5",
        "run_id": "e1",
    }
    assert found.rows == [first, first | {"sample": "1", "correct": "0.0"}]


@pytest.mark.parametrize("method", [0, 8, 93])
@pytest.mark.parametrize("extra", [{"indent": 1}, {"sort_keys": True}])
def test_both_forms_of_a_log_say_the_same(tmp_path: Path, method: int, extra: Json) -> None:
    whole = log(*(sample(f"q/{i}", e, v) for i in range(3) for e, v in [(1, "C"), (2, 0.25)]))
    packed = read_eval(tmp_path, zip_of(members(whole), method))
    plain = read_json(tmp_path, json.dumps(whole, **extra).encode())
    assert plain.rows == packed.rows
    assert len(plain.rows) == 6
    assert not plain.problems


def test_members_of_a_document_may_come_in_any_order(tmp_path: Path) -> None:
    whole = log(sample("q0"), sample("q1"))
    turned = dict(reversed(whole.items()))
    assert read_json(tmp_path, turned).rows == read_json(tmp_path, whole).rows


def test_the_whole_of_a_file_is_told_as_progress(tmp_path: Path) -> None:
    whole = log(*(sample(f"q{i}") for i in range(20)))
    assert read_json(tmp_path, whole).progress == len(json.dumps(whole))
    data = zip_of(members(whole))
    assert read_eval(tmp_path, data).progress == len(data)


@pytest.mark.parametrize(
    ("value", "correct"),
    [
        ("C", 1), ("I", 0), ("P", 0.5), ("N", 0), (True, 1), (False, 0), (1, 1), (0, 0),
        (0.25, 0.25), ("0.25", 0.25), ("true", 1), ("no", 0),
    ],
)  # fmt: skip
def test_a_grade_is_read_whatever_it_is_written_as(
    tmp_path: Path, value: Any, correct: float
) -> None:
    (row,) = read_json(tmp_path, log(sample(value=value))).rows
    assert float(row["correct"]) == correct


@pytest.mark.parametrize("value", ["good", 7, -1, {"a": 1}, ["C"], 1e400, "c c", ""])
@pytest.mark.parametrize("reader", [read_json, read_eval])
def test_what_is_no_grade_is_named_with_its_place(tmp_path: Path, value: Any, reader: Any) -> None:
    found = reader(tmp_path, log(sample(), sample("q1", 2, value)))
    assert found.column("problem_id") == ["q0"]
    problem = found.only
    place = "samples[1]" if reader is read_json else "samples/q1_epoch_2.json"
    assert problem.where.endswith(f": {place} (id q1, epoch 2)")
    assert problem.column == "scores.match"
    assert [left.rows for left in found.faults.left_out] == [1]


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"scores": {}, "error": {"message": "Timeout", "traceback": ""}}, "ended in an error"),
        ({"scores": None}, "no score"),
        ({"scores": {"match": {"value": math.nan}}}, "came to no grade"),
        ({"invalidation": {"author": "me", "reason": None}}, "marked as invalid"),
    ],
)
def test_a_sample_without_a_grade_is_left_out_with_the_reason(
    tmp_path: Path, others: Json, why: str
) -> None:
    found = read_json(tmp_path, log(sample(), sample("q1", **others), sample("q2")))
    assert found.column("problem_id") == ["q0", "q2"]
    (left,) = found.faults.left_out
    assert why in left.why
    assert left.rows == 1


def test_an_error_is_told_in_its_own_words(tmp_path: Path) -> None:
    error = {"message": "Timeout\n\x1b[31m after 60 s", "traceback": "x" * 5000}
    problem = read_json(tmp_path, log(sample(scores={}, error=error))).only
    assert problem.value == "Timeout??[31m after 60 s"


def test_a_sample_that_erred_and_was_graded_all_the_same_counts(tmp_path: Path) -> None:
    found = read_json(tmp_path, log(sample(value="I", error={"message": "limit"})))
    assert found.column("correct") == ["0.0"]


def test_a_log_of_early_2024_is_read(tmp_path: Path) -> None:
    old = sample(7)
    del old["scores"], old["model_usage"], old["working_time"], old["total_time"]
    old["score"] = {"value": "C", "answer": "5", "explanation": None}
    whole = log(old, task="toy", eval_id=None)
    whole["version"] = 1
    whole["results"] = {"scorer": {"name": "match"}, "metrics": {}}
    (row,) = read_json(tmp_path, whole).rows
    assert (row["problem_id"], row["correct"], row["answer"]) == ("7", "1.0", "5")
    assert (row["output_tokens"], row["run_id"]) == ("7", "r1")


def test_a_large_sample_kept_in_parts_is_read(tmp_path: Path) -> None:
    parts = sample("q/0")
    metadata = parts.pop("metadata")
    files = [
        (name.replace(".json", "/sample.json") if name.startswith("samples/") else name, data)
        for name, data in members(log(parts))
    ]
    files += [
        ("samples/q/0_epoch_1/metadata.json", json.dumps(metadata).encode()),
        ("samples/q/0_epoch_1/events/0.json", b"[1"),
    ]
    found = read_eval(tmp_path, zip_of(files))
    assert not found.problems
    assert (found.rows[0]["problem_id"], found.rows[0]["bucket"]) == ("q/0", "easy")


def test_a_sample_that_was_run_again_counts_once(tmp_path: Path) -> None:
    again = members(log(sample(value="C")))[1]
    found = read_eval(tmp_path, zip_of([*members(log(sample(value="I"))), again]))
    assert found.column("correct") == ["1.0"]


# Which scorer


def two_scorers() -> Json:
    scores = {"first": {"value": "I", "answer": "x"}, "second": {"value": 1, "answer": "y"}}
    whole = log(*(sample(f"q{i}", scores=scores) for i in range(3)))
    whole["results"]["scores"] = [{"name": n, "scorer": n} for n in ("second", "first")]
    return whole


def test_the_first_scorer_of_the_header_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    found = read_json(tmp_path, two_scorers())
    assert found.column("answer") == ["y"] * 3
    assert "second is read; also there: first" in found.notes["other_scorers"]


def test_the_scorer_that_was_asked_for_is_read(tmp_path: Path) -> None:
    found = read_json(tmp_path, two_scorers(), scorer="first")
    assert found.column("answer") == ["x"] * 3
    assert "first is read; also there: second" in found.notes["other_scorers"]


def test_a_scorer_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    found = read_json(tmp_path, two_scorers(), scorer="third")
    assert not found.rows
    assert len(found.problems) == 3
    assert "scorers here: first, second" in (found.problems[0].remedy or "")


def test_a_scorer_without_grades_gives_way_to_one_with(tmp_path: Path) -> None:
    scores = {"rubric": {"value": {"style": 1}}, "words": {"value": 7}, "match": {"value": "C"}}
    found = read_json(tmp_path, log(sample(scores=scores), sample("q1", scores=scores)))
    assert found.column("correct") == ["1.0", "1.0"]
    assert not found.problems


def test_one_scorer_is_read_throughout_a_log(tmp_path: Path) -> None:
    both = {"match": {"value": math.nan}, "other": {"value": "C"}}
    found = read_json(tmp_path, log(sample("q0", scores=both), sample("q1", value="I")))
    assert found.column("problem_id") == ["q1"]
    assert found.column("correct") == ["0.0"]


def test_a_sample_that_the_scorer_left_out_is_not_graded_by_another(tmp_path: Path) -> None:
    other = sample("q1", scores={"other": {"value": "C"}})
    found = read_json(tmp_path, log(sample("q0"), other))
    assert found.column("problem_id") == ["q0"]
    assert "no score of the scorer" in found.only.what


# How the samples were drawn


@pytest.mark.parametrize(
    ("of_model", "of_task", "expected"),
    [
        ({}, {}, ("sampled", None, None, None)),
        ({"temperature": 0.6}, {}, ("sampled", "0.6", None, None)),
        ({"temperature": 0.6}, {"temperature": 1}, ("sampled", "1", None, None)),
        ({"temperature": 0.0}, {"temperature": None}, ("greedy", None, None, None)),
        ({"reasoning_effort": "high"}, {}, ("long_cot", None, "high", None)),
        ({"reasoning_effort": "none"}, {"temperature": 0}, ("greedy", None, None, None)),
        ({"effort": "low"}, {}, ("long_cot", None, "low", None)),
        ({}, {"reasoning_tokens": 4096, "temperature": 0}, ("long_cot", "0", None, "4096")),
    ],
)
def test_settings_of_the_run_become_method_and_axes(
    tmp_path: Path, of_model: Json, of_task: Json, expected: tuple[str | None, ...]
) -> None:
    whole = log(sample(), model_generate_config=of_model)
    whole["plan"]["config"] = of_task
    (row,) = read_json(tmp_path, whole).rows
    columns = ("method", "temperature", "reasoning_effort", "thinking_tokens")
    assert tuple(row.get(c) for c in columns) == expected


def test_one_sample_that_thought_makes_the_log_one_that_thinks(tmp_path: Path) -> None:
    thought = {"org/m": {"input_tokens": 20, "output_tokens": 90, "reasoning_tokens": 80}}
    found = read_json(tmp_path, log(sample(), sample("q1", model_usage=thought), sample("q2")))
    assert found.column("method") == ["long_cot"] * 3
    assert found.column("reasoning_tokens") == [None, "80", None]


def test_tokens_of_the_grader_are_not_counted(tmp_path: Path) -> None:
    usage = {
        "org/judge": {"input_tokens": 900, "output_tokens": 800},
        "org/m": {"input_tokens": 20, "output_tokens": 7},
    }
    (row,) = read_json(tmp_path, log(sample(model_usage=usage))).rows
    assert (row["prompt_tokens"], row["output_tokens"]) == ("20", "7")


@pytest.mark.parametrize(("total", "prompt"), [(137, "130"), (27, "20"), (0, "130")])
def test_cached_tokens_are_counted_once(tmp_path: Path, total: int, prompt: str) -> None:
    usage = {
        "input_tokens": 20,
        "output_tokens": 7,
        "total_tokens": total,
        "input_tokens_cache_read": 100,
        "input_tokens_cache_write": 10,
    }
    (row,) = read_json(tmp_path, log(sample(model_usage={"org/m": usage}))).rows
    assert row["prompt_tokens"] == prompt


@pytest.mark.parametrize("tokens", [1e308, 2e12, -1])
def test_more_tokens_than_there_are_reach_the_engine(tmp_path: Path, tokens: float) -> None:
    usage = {"input_tokens": tokens, "output_tokens": tokens, "total_tokens": 27}
    (row,) = read_json(tmp_path, log(sample(model_usage={"org/m": usage}))).rows
    assert not row.get("prompt_tokens")
    assert not row.get("output_tokens")


def test_the_question_set_can_be_named(tmp_path: Path) -> None:
    assert read_json(tmp_path, log(sample())).column("question_set") == ["toy"]
    assert read_json(tmp_path, log(sample(), task=""))
    named = read_json(tmp_path, log(sample()), question_set="MATH")
    assert named.column("question_set") == ["MATH"]
    unnamed = read_json(tmp_path, log(sample(), task=None))
    assert unnamed.column("question_set") == ["toy_set"]


@pytest.mark.parametrize("reader", [read_json, read_eval])
def test_samples_of_another_model_are_named_and_left_out(tmp_path: Path, reader: Any) -> None:
    other = {"model": "m-2", "choices": []}
    none = {"model": "", "choices": []}
    whole = log(sample("q0", output=other), sample("q1"), sample("q2"), sample("q3", output=none))
    found = reader(tmp_path, whole)
    assert found.column("problem_id") == ["q1", "q2", "q3"]
    assert "mixed models" in found.only.what
    assert "id q0, epoch 1" in found.only.where
    assert found.only.value == "m-2"
    assert "m-1" in (found.only.remedy or "")


def test_a_task_that_brings_its_own_model_is_named_by_it(tmp_path: Path) -> None:
    assert read_json(tmp_path, log(sample(), model="none/none")).column("model") == ["m-1"]
    nameless = read_json(tmp_path, log(sample(output={}), model="none/none"))
    assert not nameless.rows
    assert nameless.only.column == "eval.model"


# What looks like a log


def source(name: str) -> SourceFile:
    return SourceFile(name, Path("/logs") / name, 1, 0, named=False)


def test_logs_are_recognised_and_others_are_not() -> None:
    whole = log(sample())
    archive = zip_of(members(whole))
    assert sniff(source("a.eval"), archive)
    assert sniff(source("renamed.zip"), archive)
    assert sniff(source("a.json"), json.dumps(whole).encode()[:600])
    assert sniff(source("a.json"), b"\xef\xbb\xbf" + json.dumps(whole, indent=2).encode())
    assert not sniff(source("a.zip"), zip_of({"other.txt": b"text"}))
    assert not sniff(source("a.json"), b'{"results": {"eval": {"acc": 1}}}')
    assert not sniff(source("a.json"), b'[{"eval": {"run_id": 1}}]')
    assert not sniff(source("a.jsonl"), b'{"model": "m", "eval": "MATH"}\n')


# Real ones


@pytest.mark.realdata
@pytest.mark.parametrize("ending", ["eval", "json"])
def test_a_real_log_gives_its_own_accuracy(shared_data: Path, tmp_path: Path, ending: str) -> None:
    folder = shared_data / "logs" / "inspect"
    if not folder.is_dir():
        pytest.skip(f"real logs are not there: no folder {folder}")
    (path,) = folder.glob(f"*.{ending}")
    found = outcome(read, [path], tmp_path / "out")
    assert not found.problems
    assert len(found.rows) == 16
    by_problem = defaultdict(list)
    for row in found.rows:
        by_problem[row["problem_id"]].append(float(row["correct"]))
    assert {len(v) for v in by_problem.values()} == {4}
    assert mean(map(mean, by_problem.values())) == pytest.approx(accuracy(path))
    assert set(found.column("model")) == {"mockllm/model"}
    assert set(found.column("bucket")) == {"easy", "medium", "hard"}


def accuracy(path: Path) -> float:
    """What the log itself says: the mean over epochs, then over problems."""
    if path.suffix == ".json":
        whole = json.loads(path.read_text())
    else:
        from planner.ingest.logs._zip import Archive

        archive = Archive(path)
        whole = json.loads(b"".join(archive.blocks(archive.members["header.json"])))
    return float(whole["results"]["scores"][0]["metrics"]["accuracy"]["value"])
