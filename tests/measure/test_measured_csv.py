"""What measuring says of a log: by hand, as `planner fit` reads it, and as each option turns it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import chdir
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logged import drawn, measured
from typer.testing import CliRunner

from planner.cli import app
from planner.domain.method import METHODS
from planner.ingest.observations_csv import read_observations
from planner.measure.estimates import Asked
from planner.measure.gathered import Measurement
from planner.measure.measuring import Terms
from planner.measure.partition import Wish
from planner.pipeline import MeasuredLogs, measure

Record = dict[str, Any]
ODD_NAMES = (
    "line\nend", "cr\rx", 'a "quoted", name', "=SUM(A1)", "-m", "@x", "#c", "a;b", "tab\tx",
    " lead  and trail ", "no\xa0break", "a\u2028b", "\ufeffmark", "join\u200bed", "a\x7fb",
    "näme 数学", "nan", "None", "1.0", "true", "\\n", "'", "e\u0301",
)  # fmt: skip


def measured_in(folder: Path, rows: Sequence[Record]) -> MeasuredLogs:
    log = folder / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return measure([log], folder / "obs.csv", terms=Terms(replicates=20))


def read_as_measured(folder: Path, rows: Sequence[Record]) -> MeasuredLogs:
    """What was measured, which the observations CSV must hold without a complaint."""
    found = measured_in(folder, rows)
    read = read_observations(folder / "obs.csv")
    for row, told in zip(found.rows, read.rows, strict=True):
        written = {
            name: float(f"{value:.9g}") if isinstance(value, float) else value
            for name, value in row.model_dump().items()
        }
        assert told.model_dump() == written
    sets = {row.question_set for row in found.rows}
    assert {table.question_set for table in read.replicates} == sets
    return found


def full_record(name: str, method: str, problem: int, sample: int) -> Record:
    """Every column that a record may have, also those that its method has no use for."""
    right = (problem + sample) % 2
    return {
        "model": name, "question_set": name, "bucket": f"{name} {problem % 2}", "method": method,
        "problem_id": problem, "sample": sample, "correct": right, "answer": "x" if right else name,
        "score": 0.25 * (problem + sample), "n_samples": 4, "depth": 2, "width": 3,
        "thinking_tokens": 1024, "temperature": 0.7, "verifier": name, "params_b": 7,
        "active_params_b": 70, "verifier_params_b": 72, "prompt_tokens": 100,
        "output_tokens": 40 + 10 * sample, "time_s": 2.5,
    }  # fmt: skip


def test_what_is_measured_of_any_method_is_read_by_fit(tmp_path: Path) -> None:
    rows = [full_record("m", method, p, s) for method in METHODS for p in range(3) for s in (0, 1)]
    found = read_as_measured(tmp_path, rows)
    expected = set(METHODS) - {"sampled", "greedy"}
    assert expected <= {row.method for row in found.rows}
    assert {row.width for row in found.rows if row.method == "rebase"} == {None}
    assert {row.width for row in found.rows if row.method == "beam_search"} == {3}


def test_names_that_no_csv_can_hold_are_tidied_wherever_they_stand(tmp_path: Path) -> None:
    rows = [full_record(name, "sample", p, s) for name in ODD_NAMES for p in (0, 1) for s in (0, 1)]
    found = read_as_measured(tmp_path, rows)
    names = {row.model for row in found.rows}
    assert len(names) == len(ODD_NAMES)
    assert {"line end", "lead and trail", "joined", 'a "quoted", name', "=SUM(A1)"} <= names
    assert any("'line\\nend' was read as 'line end'" in note.message for note in found.notes)


@given(
    logs=st.lists(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(ODD_NAMES),
                "method": st.sampled_from([None, *METHODS]),
                "columns": st.sets(st.sampled_from(sorted(full_record("m", "sampled", 0, 0)))),
                "problems": st.integers(1, 3),
                "samples": st.integers(1, 3),
            }
        ),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=15)
def test_what_is_measured_of_any_log_is_read_by_fit(
    logs: list[Record], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = []
    for i, log in enumerate(logs):
        kept = {"model", "problem_id", "correct", "question_set", *log["columns"]} - {"bucket"}
        for p in range(log["problems"]):
            for s in range(log["samples"]):
                full = full_record(log["name"], log["method"] or "", p, s)
                rows.append({k: v for k, v in full.items() if k in kept} | {"run_id": f"r{i}"})
    read_as_measured(tmp_path_factory.mktemp("log"), rows)


def test_a_method_that_the_log_only_states_is_measured_without_its_samples(tmp_path: Path) -> None:
    rows = [{**full_record("m", "best_of_n", p, 0), "n_samples": 4} for p in range(4)]
    found = read_as_measured(tmp_path, rows)
    assert {(row.method, row.n_samples) for row in found.rows} == {("best_of_n", 4)}
    assert found.measured.gaps == ()


def test_each_verifier_keeps_its_own_size(tmp_path: Path) -> None:
    rows = [
        {**full, "verifier": name, "verifier_params_b": size, "run_id": name}
        for name, size in (("small", 7), ("large", 72))
        for p in (0, 1)
        for s in (0, 1)
        for full in [{**full_record("m", "sample", p, s), "depth": 0}]
    ]
    rows.append({**rows[0], "model": "n", "verifier_params_b": None, "run_id": "of n"})
    found = read_as_measured(tmp_path, rows)
    sizes = {(row.model, row.verifier): row.verifier_params_b for row in found.rows if row.verifier}
    assert sizes == {("m", "small"): 7, ("m", "large"): 72, ("n", "small"): 7}


def chosen(right: np.ndarray, answer: np.ndarray, score: np.ndarray, method: str) -> float:
    """The expected score of what a method chooses among a few samples, ties split evenly."""
    if method == "oracle_best_of_n":
        return float(right.max())
    if method == "best_of_n":
        return float(right[score == score.max()].mean())
    weight = score if method == "weighted_vote" else np.ones(len(score))
    votes = {a: weight[answer == a].sum() for a in set(answer.tolist())}
    best = [a for a, v in votes.items() if v >= max(votes.values()) - 1e-9]
    return float(np.mean([right[answer == a][0] for a in best]))


@pytest.fixture(scope="module")
def small() -> tuple[dict[str, Any], Measurement]:
    """A log of 60 problems with 5 samples each, whose scores often tie, and what is measured."""
    rng = np.random.default_rng(0)
    log = drawn(rng.beta(1, 1, 60).tolist(), 5, rng)
    log["answer"] = ["yes" if c else f"no{rng.integers(3)}" for c in log["correct"]]
    log["score"] = (rng.integers(1, 5, 300) / 4).tolist()
    log["bucket"] = [("odd", "even")[int(p[1:]) % 2] for p in log["problem_id"]]
    return log, measured(log)


@pytest.mark.parametrize(
    "method", ["oracle_best_of_n", "majority_vote", "best_of_n", "weighted_vote"]
)
def test_accuracies_by_bucket_and_their_errors_are_those_worked_out_by_hand(
    method: str, small: tuple[dict[str, Any], Measurement]
) -> None:
    log, found = small
    right, score = (np.reshape(log[name], (60, 5)) for name in ("correct", "score"))
    answer = np.reshape(np.array(log["answer"]), (60, 5))
    bucket = np.array(log["bucket"])[::5]
    rows = [row for row in found.rows if row.method == method]
    assert {(r.bucket, r.n_samples) for r in rows} == {
        (b, n) for b in ("all", "odd", "even") for n in (1, 2, 4, 5)
    }
    for row in rows:
        subsets = [list(s) for s in combinations(range(5), row.n_samples)]
        value = np.array(
            [
                np.mean([chosen(right[i, s], answer[i, s], score[i, s], method) for s in subsets])
                for i in range(60)
                if row.bucket in ("all", bucket[i])
            ]
        )
        assert row.n_questions == len(value)
        assert row.accuracy == pytest.approx(value.mean(), abs=1e-9)
        # Few questions that differ add a little to the usual error: `standard_error` says how.
        error = value.std(ddof=1) / np.sqrt(len(value))
        assert row.accuracy_se == pytest.approx(error, rel=0.02)


@pytest.mark.parametrize("kind", ["quantiles", "pooled", "verifier"])
def test_one_bucket_is_the_hardest_and_one_the_easiest_where_questions_tie(kind: Any) -> None:
    rng = np.random.default_rng(3)
    log = drawn([0.0] * 9 + [0.5] * 4 + [1.0] * 11, 6, rng)
    log["score"] = log["correct"]
    for samples in (4, 5, 6):
        kept = [i for i in range(len(log["correct"])) if i % 6 < samples]
        some = {name: [values[i] for i in kept] for name, values in log.items()}
        wish = Wish(kind, None if kind == "pooled" else "m", signal_samples=2)
        found = measured(some, terms=Terms(wish=wish, replicates=20))
        names = {row.bucket for row in found.rows} - {"all"}
        numbers = sorted(int(name[1:].partition(" ")[0]) for name in names)
        assert len(set(numbers)) == len(names)
        ends = {f"q{numbers[0]} (hardest)", f"q{numbers[-1]} (easiest)"}
        assert {name for name in names if "(" in name} == ends


def test_an_n_that_buckets_lack_is_not_said_to_be_missing_of_the_whole() -> None:
    log = drawn([0.3, 0.6, 0.9], 6, np.random.default_rng(0))
    terms = Terms(asked=Asked(at=(1, 6)), wish=Wish("quantiles", "m"), replicates=20)
    found = measured(log, terms=terms)
    assert {row.n_samples for row in found.rows if row.bucket == "all"} == {1, 6}
    (refusal,) = found.not_measured
    assert refusal.what == "n = 6, sampled of m on set, in buckets"
    assert "only 3 samples" in refusal.why


def command(folder: Path, *words: str) -> tuple[int, str, str]:
    with chdir(folder):
        called = CliRunner().invoke(app, ["measure", *words])
    return called.exit_code, called.stdout, called.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = []
    for p in range(10):
        for s in range(7 if p else 5):
            steps = rng.random(2).round(2).tolist()
            right = int(rng.random() < (p + 1) / 11)
            rows.append({"model": "m", "problem_id": p, "sample": s, "correct": right,
                         "answer": "yes" if right else "no", "step_scores": steps})  # fmt: skip
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


OPTIONS: dict[str, Callable[[Record], Any]] = {
    "--at 1,3": lambda found: {row["n_samples"] for row in found["observations"]},
    "--partition agreement --reference m": lambda found: found["partition"]["name"],
    "--partition pooled --buckets 2": lambda found: len(found["partition"]["buckets"]) == 2,
    "--partition agreement --reference m --signal-samples 2": lambda found: (
        found["partition"]["router_samples"] == 2
    ),
    "--steps min": lambda found: found["verifier_quality"][0]["auc"],
    "--verifier prm": lambda found: {row.get("verifier") for row in found["observations"]},
    "--threshold 0.9": lambda found: found["verifier_quality"][0]["false_positive_rate"],
    "--question-set Q": lambda found: {row["question_set"] for row in found["observations"]},
    "--min-samples 6": lambda found: {row["n_questions"] for row in found["observations"]},
}
"""Options, and what of the measured file each must change."""


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_changes_what_it_says_it_changes(option: str, folder: Path) -> None:
    told = OPTIONS[option]
    plain = json.loads(command(folder, "a.jsonl", "--json")[1])
    turned = json.loads(command(folder, "a.jsonl", "--json", *option.split())[1])
    assert told(plain) != told(turned)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--reference m", "add --partition"),
        ("--partition given --reference m", "add --partition"),
        ("--threshold nan", "a finite number"),
        ("--min-samples 8", "ask for 7 or fewer"),
        ("--at 1,8 --counts x.counts.parquet", "only 5 samples"),
    ],
)
def test_an_option_that_could_do_nothing_is_refused(words: str, said: str, folder: Path) -> None:
    code, _, complaint = command(folder, "a.jsonl", *words.split())
    assert code == 2
    assert said in complaint
    assert [path.name for path in folder.iterdir()] == ["a.jsonl"]


def test_what_was_measured_before_is_written_over_and_is_no_log(folder: Path) -> None:
    for logs in (["a.jsonl"], ["a.jsonl", "*.csv"]):
        code, printed, complaint = command(folder, *logs, "-o", "my obs.csv")
        assert code == 0, complaint
    assert "next: planner fit 'my obs.csv'" in printed
    assert "left unread, for they look like no logs: my obs.csv" in printed
    assert "nothing was written" in command(folder, "a.jsonl")[1]


def test_rows_that_differ_in_temperature_or_width_are_shown_one_by_one(folder: Path) -> None:
    rows = [
        {"model": "m", "problem_id": p, "method": method, "n_samples": 4, "width": width,
         "temperature": temperature, "correct": p % 2, "sample": i}
        for p in range(4)
        for i, (method, width, temperature) in enumerate(
            [("beam_search", 2, 0.7), ("beam_search", 4, 0.7), ("sample", None, 0.5),
             ("sample", None, 1.5)]
        )
    ]  # fmt: skip
    (folder / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    printed = command(folder, "b.jsonl")[1]
    for shown in ("beam search, 2 wide", "beam search, 4 wide", "temperature 0.5", "ature 1.5"):
        assert shown in printed
