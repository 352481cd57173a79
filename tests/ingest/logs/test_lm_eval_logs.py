"""Logs of lm-evaluation-harness: one filter is read, and nothing is counted twice."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from log_files import Outcome, outcome

from planner.ingest.logs import lines as line_reader
from planner.ingest.logs.lm_eval import read, sniff
from planner.ingest.logs.sources import SourceFile

Json = dict[str, Any]

FUZZED = settings(max_examples=max(100, settings().max_examples))
STAMP = "2026-11-22T06-31-38.011223"
VOTE = [{"function": "regex"}, {"function": "majority_vote"}, {"function": "take_first"}]
FIRST = [{"function": "take_first"}]


def task(**about: Any) -> Json:
    return {
        "task": "toy",
        "output_type": "generate_until",
        "metric_list": [{"metric": "exact_match"}],
        "generation_kwargs": {"do_sample": True, "temperature": 0.8, "until": ["\n"]},
        "repeats": 1,
        "filter_list": [{"name": "strict", "filter": FIRST}],
        **about,
    }


def results(tasks: dict[str, Json] | None = None, **about: Any) -> Json:
    configs = {"toy": task()} if tasks is None else tasks
    return {
        "results": {name: {"alias": name, "exact_match,strict": 0.5} for name in configs},
        "group_subtasks": {name: [] for name in configs},
        "configs": configs,
        "config": {"model": "vllm", "model_args": {}, "gen_kwargs": {}},
        "date": 1795329095.68,
        "model_name": "org/m",
        **about,
    }


def line(
    doc_id: int = 0, value: Any = 1.0, responses: Sequence[str] = ("5",), **about: Any
) -> Json:
    settings = {"until": ["\n"], "do_sample": True, "temperature": 0.8}
    metric = about.pop("metric", "exact_match")
    return {
        "doc_id": doc_id,
        "doc": {"question": "2+3?", "level": "Level 1"},
        "target": "5",
        "arguments": {"gen_args_0": {"arg_0": "Q: 2+3?\nA:", "arg_1": settings}},
        "resps": [list(responses)],
        "filtered_resps": [responses[0]],
        "filter": "strict",
        "metrics": [metric],
        "doc_hash": "d",
        "prompt_hash": "p",
        "target_hash": "t",
        metric: value,
        **about,
    }


def choice(doc_id: int = 0, likelihoods: Sequence[float] = (-1.5, -0.5), **about: Any) -> Json:
    responses = [[str(v), "False"] for v in likelihoods]
    arguments = {f"gen_args_{i}": {"arg_0": "Q", "arg_1": f" {i}"} for i in range(len(responses))}
    given = {"resps": [[r] for r in responses], "filtered_resps": responses, "filter": "none"}
    return line(doc_id, metric="acc", arguments=arguments, **{**given, **about})


def text(rows: Sequence[Json]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def read_run(
    folder: Path,
    rows: Sequence[Json] | bytes,
    run: Json | None,
    name: str = f"samples_toy_{STAMP}.jsonl",
    **options: Any,
) -> Outcome:
    """Reads samples and their results file; without one, their folder names the model."""
    place = folder / ("org__m" if run is None else "run")
    place.mkdir(exist_ok=True)
    (place / name).write_bytes(rows if isinstance(rows, bytes) else text(rows))
    if run is not None:
        (place / f"results_{STAMP}.json").write_text(json.dumps(run, indent=2))
    return outcome(read, [place], folder / "out", **options)


# What a line says


def test_nothing_that_a_line_says_is_lost(tmp_path: Path) -> None:
    found = read_run(tmp_path, [line(), line(1, 0.0, ["[invalid]"])], results())
    assert not found.problems
    assert not found.notes
    first = {
        "model": "org/m",
        "problem_id": "0",
        "sample": "0",
        "correct": "1.0",
        "answer": "5",
        "question_set": "toy",
        "bucket": "Level 1",
        "method": "sampled",
        "temperature": "0.8",
        "run_id": STAMP,
    }
    second = {k: v for k, v in first.items() if k != "answer"}
    assert found.rows == [first, second | {"problem_id": "1", "correct": "0.0"}]


def test_choices_are_greedy_and_answered_by_the_likeliest(tmp_path: Path) -> None:
    about = task(output_type="multiple_choice", metric_list=[{"metric": "acc"}], filter_list=None)
    rows = [choice(0, (-1.5, -0.5, -2)), choice(1, (-0.1, -0.5, -2), value=0)]
    for run in (results({"toy": about}), None):
        found = read_run(tmp_path, rows, run)
        assert not found.problems
        assert found.column("answer") == ["1", "0"]
        assert found.column("correct") == ["1.0", "0.0"]
        assert found.column("method") == ["greedy", "greedy"]
        assert found.column("temperature") == [None, None]


@pytest.mark.parametrize(
    ("of_task", "of_run", "of_line", "expected"),
    [
        ({}, {}, {}, ("greedy", None)),
        ({"do_sample": False, "temperature": 0.8}, {}, {}, ("greedy", None)),
        ({"do_sample": True, "temperature": 0.0}, {}, {}, ("greedy", None)),
        ({"temperature": 0.6}, {}, {}, ("sampled", "0.6")),
        ({"do_sample": True}, {}, {}, ("sampled", None)),
        ({"do_sample": False}, {"do_sample": True, "temperature": 1}, {}, ("sampled", "1")),
        ({"do_sample": False}, "do_sample=True,temperature=0.7", {}, ("sampled", "0.7")),
        ({"temperature": 0.6}, {}, {"temperature": 0.2}, ("sampled", "0.2")),
    ],
)
def test_the_settings_that_were_used_tell_method_and_temperature(
    tmp_path: Path, of_task: Json, of_run: Any, of_line: Json, expected: tuple[str, str | None]
) -> None:
    run = results({"toy": task(generation_kwargs=of_task)})
    run["config"]["gen_kwargs"] = of_run
    row = line(arguments={"gen_args_0": {"arg_0": "Q", "arg_1": of_line}})
    found = read_run(tmp_path, [row], run)
    assert [(r["method"], r.get("temperature")) for r in found.rows] == [expected]


# Which filter


def two_filters() -> tuple[list[Json], Json]:
    filters = [{"name": n, "filter": FIRST} for n in ("strict", "flexible")]
    rows = [
        line(i, float(f == "flexible"), filter=f) for f in ("flexible", "strict") for i in (0, 1)
    ]
    return rows, results({"toy": task(filter_list=filters)})


def test_documents_are_not_counted_once_a_filter(tmp_path: Path) -> None:
    found = read_run(tmp_path, *two_filters())
    assert found.column("problem_id") == ["0", "1"]
    assert found.column("correct") == ["0.0", "0.0"]
    assert found.notes["other_filters"] == "toy: the filter strict is read; also there: flexible"


def test_the_filter_that_was_asked_for_is_read(tmp_path: Path) -> None:
    found = read_run(tmp_path, *two_filters(), filter="flexible")
    assert found.column("correct") == ["1.0", "1.0"]
    assert "also there: strict" in found.notes["other_filters"]


def test_a_filter_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    found = read_run(tmp_path, *two_filters(), filter="lenient")
    assert not found.rows
    assert "flexible, strict" in (found.only.remedy or "")


def test_asking_for_a_filter_leaves_tasks_with_a_single_one_alone(tmp_path: Path) -> None:
    found = read_run(tmp_path, [line()], results(), filter="flexible")
    assert len(found.rows) == 1
    assert not found.problems


def test_the_first_filter_that_is_met_is_read_where_the_run_is_unknown(tmp_path: Path) -> None:
    found = read_run(tmp_path, two_filters()[0], None)
    assert found.column("correct") == ["1.0", "1.0"]
    assert set(found.column("model")) == {"org/m"}
    assert set(found.column("run_id")) == {STAMP}


def test_lines_of_2024_name_no_filter_and_are_read_by_their_order(tmp_path: Path) -> None:
    rows, run = two_filters()
    rows = rows[2:] + rows[:2]
    for row in rows:
        del row["filter"], row["metrics"]
    found = read_run(tmp_path, rows, run)
    assert found.column("correct") == ["0.0", "0.0"]
    assert "also there: flexible" in found.notes["other_filters"]
    other = read_run(tmp_path, rows, run, filter="flexible")
    assert other.column("correct") == ["1.0", "1.0"]


# Several responses a document


def test_a_vote_is_a_measurement_at_its_number_of_samples(tmp_path: Path) -> None:
    filters = [
        {"name": "maj@8", "filter": VOTE},
        {"name": "maj@2", "filter": [{"function": "take_first_k", "k": 2}, *VOTE]},
        {"name": "score-first", "filter": FIRST},
    ]
    rows = [
        line(i, value, list("5544"), filter=f)
        for f, value in (("maj@8", 1.0), ("maj@2", 0.0), ("score-first", 0.0))
        for i in range(2)
    ]
    found = read_run(tmp_path, rows, results({"toy": task(filter_list=filters, repeats=4)}))
    assert not found.problems
    told = [(r["method"], r.get("n_samples"), r["correct"]) for r in found.rows]
    assert told == [
        ("majority_vote", "4", "1.0"),
        ("majority_vote", "4", "1.0"),
        ("majority_vote", "2", "0.0"),
        ("majority_vote", "2", "0.0"),
        ("sampled", None, "0.0"),
        ("sampled", None, "0.0"),
    ]
    assert "other_filters" not in found.notes


def test_no_more_responses_vote_than_there_are(tmp_path: Path) -> None:
    filters = [{"name": "vote", "filter": [{"function": "take_first_k", "k": 64}, *VOTE]}]
    rows = [line(0, 1.0, list("554"), filter="vote")]
    found = read_run(tmp_path, rows, results({"toy": task(filter_list=filters, repeats=3)}))
    assert found.column("n_samples") == ["3"]


def test_a_vote_is_known_by_its_name_where_the_run_is_unknown(tmp_path: Path) -> None:
    rows = [line(0, 1.0, list("5544"), filter="maj@2"), line(0, 0.0, list("5544"))]
    found = read_run(tmp_path, rows, None)
    assert found.column("n_samples") == ["2", None]


def test_two_votes_of_one_size_are_not_counted_twice(tmp_path: Path) -> None:
    filters = [{"name": n, "filter": VOTE} for n in ("strict-maj", "loose-maj")]
    rows = [line(0, v, list("54"), filter=n) for n, v in (("strict-maj", 0), ("loose-maj", 1))]
    found = read_run(tmp_path, rows, results({"toy": task(filter_list=filters, repeats=2)}))
    assert found.column("correct") == ["0.0"]
    assert "loose-maj" in found.notes["other_filters"]


def test_a_vote_of_one_is_a_sample(tmp_path: Path) -> None:
    filters = [{"name": "maj@1", "filter": VOTE}]
    rows = [line(filter="maj@1")]
    found = read_run(tmp_path, rows, results({"toy": task(filter_list=filters)}))
    assert found.column("method") == ["sampled"]


def test_what_was_not_graded_is_not_made_up(tmp_path: Path) -> None:
    found = read_run(tmp_path, [line(0, 1.0, list("5544"))], results({"toy": task(repeats=4)}))
    assert [(r["sample"], r["correct"]) for r in found.rows] == [("0", "1.0")]
    assert "pass@k beyond 1" in found.notes["no_per_sample_correctness"]


def test_each_response_that_was_graded_is_a_sample(tmp_path: Path) -> None:
    row = line(0, [1, 0, True], ["5", "4", "5"], filtered_resps=[["5", "[invalid]", "5"]])
    found = read_run(tmp_path, [row], results({"toy": task(repeats=3)}))
    told = [(r["sample"], r["correct"], r.get("answer")) for r in found.rows]
    assert told == [("0", "1.0", "5"), ("1", "0.0", None), ("2", "1.0", "5")]
    assert not found.notes


def test_pass_at_one_of_several_is_the_count_of_right_ones(tmp_path: Path) -> None:
    codes = [f"code {i}" for i in range(10)]
    about = {"metric": "pass@1", "filtered_resps": [codes]}
    run = results({"toy": task(repeats=10, metric_list=[{"metric": "pass_at_k"}])})
    found = read_run(tmp_path, [line(0, 0.3, codes, **copy.deepcopy(about))], run)
    assert [(r["n_total"], r["n_correct"]) for r in found.rows] == [("10", "3")]
    assert "correct" not in found.rows[0]
    odd = read_run(tmp_path, [line(0, 0.35, codes, **about)], run)
    assert not odd.rows
    assert odd.only.column == "pass@1"


def test_a_mean_of_several_is_no_count(tmp_path: Path) -> None:
    row = line(0, 0.5, ["5", "4"], filtered_resps=[["5", "4"]])
    found = read_run(tmp_path, [row], results({"toy": task(repeats=2)}))
    assert not found.rows
    assert "one number stands for several" in found.only.what


def test_pass_at_k_is_refused_with_the_reason(tmp_path: Path) -> None:
    row = line(0, 1.0, ["a", "b"], metric="pass@2", filtered_resps=[["a", "b"]])
    found = read_run(tmp_path, [row], results({"toy": task(repeats=2)}))
    assert not found.rows
    assert "pass@2 tells whether any" in found.only.what


# Which metric


def test_the_tasks_first_metric_that_grades_is_read(tmp_path: Path) -> None:
    about = task(metric_list=[{"metric": m} for m in ("perplexity", "rouge", "acc", "acc_norm")])
    metrics = {"acc_norm": 0.0, "acc": 1.0, "rouge": 41.5, "perplexity": 0.5}
    row = {**line(), **metrics, "metrics": list(metrics)}
    del row["exact_match"]
    found = read_run(tmp_path, [row, {**row, "doc_id": 1, "rouge": 0.5}], results({"toy": about}))
    assert found.column("correct") == ["1.0", "1.0"]
    assert found.notes["other_metrics"].startswith("toy: the metric acc is read as correctness")
    assert "acc_norm" in found.notes["other_metrics"]


@pytest.mark.parametrize("value", ["good", 7, -1, None, {"a": 1}, [1, 0], float("nan")])
def test_what_is_no_grade_is_named_with_its_line(tmp_path: Path, value: Any) -> None:
    found = read_run(tmp_path, [line(), line(1, value), line(2)], results())
    assert found.column("problem_id") == ["0", "2"]
    assert found.only.where.endswith(".jsonl:2")
    assert found.only.column == "exact_match"


def test_a_task_of_likelihoods_is_refused_once(tmp_path: Path) -> None:
    about = task(output_type="loglikelihood_rolling")
    found = read_run(tmp_path, [line(i) for i in range(5)], results({"toy": about}))
    assert not found.rows
    assert "likelihoods" in found.only.what


# Which files belong together


def test_two_runs_in_one_folder_are_told_apart_by_their_time(tmp_path: Path) -> None:
    for hour, model in (("06", "org/a"), ("07", "org/b")):
        stamp = f"2026-11-22T{hour}-00-00.5"
        (tmp_path / f"samples_toy_{stamp}.jsonl").write_bytes(text([line()]))
        (tmp_path / f"results_{stamp}.json").write_text(json.dumps(results(model_name=model)))
    found = outcome(read, [tmp_path], tmp_path / "out")
    assert found.column("model") == ["org/a", "org/b"]
    assert len(set(found.column("run_id"))) == 2


def test_models_in_their_own_folders_are_told_apart(tmp_path: Path) -> None:
    for model in ("org/a", "org/b"):
        folder = tmp_path / model.replace("/", "__")
        folder.mkdir()
        (folder / f"samples_toy_{STAMP}.jsonl").write_bytes(text([line()]))
        (folder / f"results_{STAMP}.json").write_text(json.dumps(results(model_name=model)))
    assert outcome(read, [tmp_path], tmp_path / "out").column("model") == ["org/a", "org/b"]


def test_files_that_lost_their_time_still_find_their_run(tmp_path: Path) -> None:
    found = read_run(tmp_path, [line()], results({"gsm8k": task()}), "samples_gsm8k.jsonl")
    assert found.column("question_set") == ["gsm8k"]
    assert found.column("model") == ["org/m"]


def test_a_time_that_fits_no_run_is_not_guessed(tmp_path: Path) -> None:
    found = read_run(tmp_path, [line()], results(), "samples_toy_2020-01-01T00-00-00.jsonl")
    assert not found.rows
    assert "nothing says which model" in found.problems[0].what


def test_a_time_that_two_runs_share_elsewhere_is_not_guessed(tmp_path: Path) -> None:
    for folder, model in (("a", "org/a"), ("b", "org/b"), ("c", None)):
        (tmp_path / folder).mkdir()
        if model is not None:
            path = tmp_path / folder / f"results_{STAMP}.json"
            path.write_text(json.dumps(results(model_name=model)))
    (tmp_path / "c" / f"samples_toy_{STAMP}.jsonl").write_bytes(text([line()]))
    found = outcome(read, [tmp_path], tmp_path / "out")
    assert not found.rows
    assert "nothing says which model" in found.problems[0].what
    (tmp_path / "b" / f"results_{STAMP}.json").unlink()
    assert outcome(read, [tmp_path], tmp_path / "out").column("model") == ["org/a"]


@pytest.mark.parametrize(
    ("about", "model"),
    [
        ({"model_name": None, "config": {"model_args": "pretrained=org/x,dtype=auto"}}, "org/x"),
        ({"model_name": None, "config": {"model_args": {"model": "gpt"}}}, "gpt"),
        ({"model_name": None, "config": {"model_args": "peft=p,pretrained=b"}}, "p"),
        # What takes the square of its length to read would never end.
        ({"model_name": None, "config": {"model_args": f"{'1' * 10**6}, model = m "}}, "m"),
    ],
    ids=["text", "object", "adapter", "endless"],
)
def test_the_model_is_found_in_its_arguments(tmp_path: Path, about: Json, model: str) -> None:
    assert read_run(tmp_path, [line()], results(**about)).column("model") == [model]


def test_a_nameless_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / f"samples_toy_{STAMP}.jsonl"
    path.write_bytes(text([line()]))
    found = outcome(read, [path], tmp_path / "out")
    assert not found.rows
    assert "results_*.json" in (found.only.remedy or "")
    assert found.faults.left_out[0].rows is None


def test_accuracies_without_samples_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / f"results_{STAMP}.json"
    path.write_text(json.dumps(results({f"t{i}": task() for i in range(5)})))
    found = outcome(read, [path], tmp_path / "out")
    assert "--log_samples" in (found.only.remedy or "")
    assert found.only.value == "t0, t1, t2 and 2 more"


def test_some_tasks_without_samples_are_a_note_and_groups_are_none(tmp_path: Path) -> None:
    run = results({"toy": task(), "other": task()})
    found = read_run(tmp_path, [line()], run)
    assert not found.problems
    assert "other" in found.notes["no_samples"]
    del run["configs"], run["results"]["other"]
    run["results"]["all"] = {"alias": "all"}
    run["group_subtasks"] = {"all": ["toy"], "toy": []}
    grouped = read_run(tmp_path, [line()], run)
    assert not grouped.problems
    assert "no_samples" not in grouped.notes


# What is broken


def test_broken_lines_are_named_and_the_others_are_read(tmp_path: Path) -> None:
    rows = text([line(0), line(1)])
    broken = rows[:40] + b"\n" + b"\xff\xfe{}\n" + b"\n[1]\n" + b'{"doc_id": null}\n' + rows
    found = read_run(tmp_path, broken, results())
    assert found.column("problem_id") == ["0", "1"]
    assert [p.where.rsplit(":", 1)[1] for p in found.problems] == ["1", "2", "4", "5"]


def test_a_document_that_stands_twice_is_named(tmp_path: Path) -> None:
    found = read_run(tmp_path, [line(0), line(1), line(0, 0.0)], results())
    assert found.column("problem_id") == ["0", "1"]
    assert found.only.where.endswith(":3")


def test_a_line_without_end_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_reader, "MAX_LINE_BYTES", 4096)
    long = line(1, doc={"question": "x" * 2_000_000})
    found = read_run(tmp_path, [line(0), long, line(2)], results())
    assert found.column("problem_id") == ["0", "2"]
    assert found.only.where.endswith(":2")


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_packed_samples_are_read_as_far_as_they_are_sound(tmp_path: Path, ending: str) -> None:
    plain = text([line(i) for i in range(50)])
    pack = gzip.compress if ending == "gz" else zstandard.ZstdCompressor().compress
    name = f"samples_toy_{STAMP}.jsonl.{ending}"
    whole = read_run(tmp_path, pack(plain), results(), name)
    assert len(whole.rows) == 50
    cut = read_run(tmp_path, pack(plain)[:-20], results(), name)
    assert cut.rows == whole.rows[: len(cut.rows)]
    assert "cut off" in cut.only.what


def test_a_broken_results_file_is_named(tmp_path: Path) -> None:
    place = tmp_path / "org__m"
    read_run(tmp_path, [line()], None)
    for broken in (json.dumps(results())[:-200], "{}", "[1]", '{"results": 1}'):
        (place / f"results_{STAMP}.json").write_text(broken)
        found = outcome(read, [place], tmp_path / "out")
        assert len(found.rows) == 1
        assert "results_" in found.only.where


def test_the_whole_of_the_files_is_told_as_progress(tmp_path: Path) -> None:
    found = read_run(tmp_path, [line()], results())
    assert found.progress == sum(p.stat().st_size for p in (tmp_path / "run").iterdir())


# What looks like a log


def source(name: str) -> SourceFile:
    return SourceFile(name, Path("/logs") / name, 1, 0, named=False)


def test_logs_are_recognised_and_others_are_not() -> None:
    run = json.dumps(results(), indent=2).encode()
    assert sniff(source(f"results_{STAMP}.json"), run)
    assert sniff(source(f"mine_{STAMP}.json"), run)
    assert sniff(source(f"samples_toy_{STAMP}.jsonl"), text([line()])[:30])
    assert sniff(source("renamed.jsonl.gz"), text([line()]))
    assert not sniff(source("a.jsonl"), b'{"doc_id": 3, "correct": true}\n')
    assert not sniff(source("a.json"), b'{"results": {"a": 1}}')
    assert not sniff(source("results_mine.json"), b'{"version": 2, "results": {}}')


# Whatever is in them


def sound(found: Outcome) -> None:
    for row in found.rows:
        assert row["model"]
        assert row["problem_id"]
        if "n_total" in row:
            assert 0 <= int(row["n_correct"]) <= int(row["n_total"])
        else:
            assert 0 <= float(row["correct"]) <= 1
            assert int(row["sample"]) >= 0
        assert float(row.get("temperature", 0)) >= 0
    assert all(str(p) for p in found.problems)


ROWS = [
    line(0, 1.0, list("54"), filter="maj@2"),
    line(0, [1, 0], list("54"), filtered_resps=[["5", "4"]]),
    choice(1),
]
FILTERS = [{"name": "strict", "filter": FIRST}, {"name": "maj@2", "filter": VOTE}]
RUN = results({"toy": task(repeats=2, filter_list=FILTERS)})


@FUZZED
@given(st.data())
def test_no_damaged_bytes_escape(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(text(ROWS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    known = RUN if data.draw(st.booleans()) else None
    sound(read_run(tmp_path_factory.mktemp("run"), bytes(whole), known))


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([1e300, -1, "maj@3", "1", 10**30, "generate_until"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.just("name"), inner, max_size=2)
    ),
    max_leaves=4,
)


def paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: Any = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    return [above, *(p for key, v in inner for p in paths(v, (*above, key)))]


@FUZZED
@given(st.data())
def test_no_odd_value_escapes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = copy.deepcopy({"rows": ROWS, "run": RUN})
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from([p for p in paths(whole) if len(p) > 2]))
        place: Any = whole
        for key in above:
            place = place[key]
        if data.draw(st.booleans()):
            place[last] = data.draw(ODD)
        else:
            del place[last]
    sound(read_run(tmp_path_factory.mktemp("run"), whole["rows"], whole["run"]))


# Real ones


@pytest.mark.realdata
def test_a_real_run_gives_its_own_accuracies(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "logs" / "lm_eval" / "run"
    if not folder.is_dir():
        pytest.skip(f"real logs are not there: no folder {folder}")
    found = outcome(read, [folder], tmp_path / "out")
    assert not found.problems
    (path,) = folder.glob("results_*.json")
    told = json.loads(path.read_text())["results"]

    def accuracy(task: str, method: str) -> float:
        rows = [r for r in found.rows if (r["question_set"], r["method"]) == (task, method)]
        assert len(rows) == 4
        return sum(float(r["correct"]) for r in rows) / 4

    assert accuracy("toy_mc", "greedy") == told["toy_mc"]["acc,none"]
    assert accuracy("toy_math", "sampled") == told["toy_math"]["exact_match,score-first"]
    assert accuracy("toy_math", "majority_vote") == told["toy_math"]["exact_match,maj@4"]
    assert len(found.rows) == 12
