"""Logs of inspect_ai that are unfinished, cut off or damaged: what is sound is read."""

from __future__ import annotations

import copy
import gzip
import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_files import Json, log, members, read_eval, read_json, sample
from log_files import Outcome, zip_of

from planner.ingest.logs import _json_stream

FUZZED = settings(max_examples=max(100, settings().max_examples))


# What is unfinished, cut off or broken


def test_a_run_in_progress_is_read_as_far_as_it_went(tmp_path: Path) -> None:
    whole = log(sample("q0"), sample("q1"), dataset={"sample_ids": ["q0", "q1", "q2", 3]})
    parts = [part for part in members(whole) if part[0] != "header.json"]
    found = read_eval(tmp_path, zip_of(parts))
    assert found.column("problem_id") == ["q0", "q1"]
    assert found.column("temperature") == ["0.7", "0.7"]
    assert [p.where.rsplit("/", 1)[-1] for p in found.problems] == ["a.eval: id q2", "a.eval: id 3"]
    assert all("no samples" in p.what for p in found.problems)
    assert [left.rows for left in found.faults.left_out] == [None]
    assert "unfinished_log" in found.notes


def test_a_log_without_samples_says_so_once(tmp_path: Path) -> None:
    whole = log(dataset={"sample_ids": ["q0", "q1"]})
    whole["samples"] = None
    assert "no samples" in read_json(tmp_path, whole).only.what


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.8, 0.97])
def test_an_archive_that_was_cut_off_keeps_its_first_samples(tmp_path: Path, cut: float) -> None:
    ids = [f"q{i}" for i in range(8)]
    whole = log(*(sample(i) for i in ids), dataset={"sample_ids": ids})
    data = zip_of(members(whole), method=0)
    part = data[: int(cut * len(data))]
    found = read_eval(tmp_path, part)
    kept = sum(data.index(b'"working_time": 0.5}', data.index(f"samples/{i}_".encode())) + 20
               <= len(part) for i in ids)  # fmt: skip
    assert found.column("problem_id") == ids[:kept]
    assert 0 < kept <= 8
    assert "cut off" in found.problems[0].what
    assert found.faults.left_out[0].rows is None


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.8])
def test_a_document_that_was_cut_off_keeps_its_first_samples(tmp_path: Path, cut: float) -> None:
    ids = [f"q{i}" for i in range(8)]
    data = json.dumps(log(*(sample(i) for i in ids), dataset={"sample_ids": ids})).encode()
    part = data[: int(cut * len(data))]
    found = read_json(tmp_path, part)
    assert found.column("problem_id") == ids[: part.count(b'"working_time": 0.5}')]
    assert found.rows
    assert f"cut off at byte {len(part):,}" in found.only.what
    assert found.faults.left_out[0].rows is None


def test_a_document_broken_in_the_middle_names_the_byte(tmp_path: Path) -> None:
    data = json.dumps(log(sample("q0"), sample("q1"))).encode()
    at = data.rindex(b'"epoch"')
    found = read_json(tmp_path, data[:at] + b"#" + data[at:])
    assert found.column("problem_id") == ["q0"]
    assert f"at byte {at:,}" in found.only.what


@pytest.mark.parametrize("lost", ["samples/q1_epoch_1.json", "header.json"])
def test_a_damaged_member_is_named_and_the_others_are_read(tmp_path: Path, lost: str) -> None:
    data = bytearray(zip_of(members(log(sample("q0"), sample("q1"), sample("q2"))), method=0))
    data[data.index(lost.encode()) + len(lost) + 4] ^= 1
    found = read_eval(tmp_path, bytes(data))
    expected = ["q0", "q1", "q2"] if lost == "header.json" else ["q0", "q2"]
    assert found.column("problem_id") == expected
    assert lost in found.only.where


def test_a_damaged_sample_is_no_problem_without_samples(tmp_path: Path) -> None:
    whole = log(sample("q0"), sample("q1"), dataset={"sample_ids": ["q0", "q1"]})
    parts = [(n, b"{" if "q1" in n else data) for n, data in members(whole)]
    assert "cannot be read" in read_eval(tmp_path, zip_of(parts)).only.what


@pytest.mark.parametrize("others", [{"id": None}, {"id": [1]}, {"epoch": 0}, {"epoch": "x"}])
def test_a_sample_that_cannot_be_placed_is_named(tmp_path: Path, others: Json) -> None:
    found = read_json(tmp_path, log(sample("q0"), sample("q1", **others)))
    assert found.column("problem_id") == ["q0"]
    assert "samples[1]" in found.only.where


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x00" * 100, b"{}", b"[]", b"\x1f\x8b"])
@pytest.mark.parametrize("name", ["a.eval", "a.json"])
def test_what_is_no_log_is_refused_in_words(tmp_path: Path, data: bytes, name: str) -> None:
    found = read_json(tmp_path, data, name)
    assert not found.rows
    assert name in found.only.where


def test_a_packed_document_is_read(tmp_path: Path) -> None:
    data = gzip.compress(json.dumps(log(sample())).encode())
    assert read_json(tmp_path, data, "a.json.gz").column("problem_id") == ["q0"]
    cut = read_json(tmp_path, data[:-9], "a.json.gz")
    assert cut.column("problem_id") == ["q0"]
    assert "cut off" in cut.only.what


def test_no_member_name_reaches_the_disk(tmp_path: Path) -> None:
    escaping = [("samples/../../../evil_epoch_1.json", json.dumps(sample("evil")).encode())]
    found = read_eval(tmp_path, zip_of([*members(log(sample())), *escaping]))
    assert found.column("problem_id") == ["q0", "evil"]
    assert {p.name for p in tmp_path.rglob("*")} == {"a.eval", "out", "rows.csv"}


def test_half_characters_and_zero_bytes_do_not_break_the_records(tmp_path: Path) -> None:
    odd = sample("q\0\udc80", value="C")
    odd["scores"]["match"]["answer"] = 'a\0"\n\ud800,'
    (row,) = read_json(tmp_path, log(odd)).rows
    assert (row["problem_id"], row["answer"]) == ("q?", 'a"\n?,')


def test_long_answers_are_shortened_and_still_told_apart(tmp_path: Path) -> None:
    long = "x" * 100_000
    samples = [sample(f"q{i}", scores={"match": {"value": 1, "answer": long + end}})
               for i, end in enumerate("aab")]  # fmt: skip
    first, second, third = read_json(tmp_path, log(*samples)).column("answer")
    assert first == second != third
    assert len(first or "") < 2000


def test_a_huge_sample_takes_little_memory(tmp_path: Path) -> None:
    rng = random.Random(1)
    words = [f'a "quoted" {rng.random()}\n' for _ in range(400_000)]
    events = json.dumps(
        [{"event": "model", "text": words[i : i + 20]} for i in range(0, 400_000, 20)]
    )
    huge = json.dumps(sample("q1")).replace('"events": [', f'"events": {events[:-1]}, ').encode()
    assert len(huge) > 12_000_000
    tracemalloc.start()
    base = len(huge)
    found = read_eval(
        tmp_path, zip_of([*members(log(sample())), ("samples/q1_epoch_1.json", huge)])
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.column("problem_id") == ["q0", "q1"]
    assert not found.problems
    # The archive is made here, of a copy of the sample; the rest is the reader's.
    assert peak < base + (24 << 20)


# Whatever is in them


def sound(found: Outcome) -> None:
    for row in found.rows:
        assert row["model"]
        assert row["problem_id"]
        assert int(row["sample"]) >= 0
        assert 0 <= float(row["correct"]) <= 1
        assert float(row.get("output_tokens", 0)) >= 0
    assert all(str(p) for p in found.problems)


SMALL = log(sample("q0"), sample("q1", 2, 0.5), dataset={"sample_ids": ["q0", "q1"]})


@FUZZED
@given(st.data())
def test_no_damaged_bytes_of_an_archive_escape(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(zip_of(members(SMALL), data.draw(st.sampled_from([0, 8, 93]))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.just(len(whole)) | st.integers(0, len(whole)))
    sound(read_eval(tmp_path_factory.mktemp("log"), bytes(whole[:cut])))


@FUZZED
@given(st.data())
def test_no_damaged_bytes_of_a_document_escape(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(json.dumps(SMALL).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    sound(read_json(tmp_path_factory.mktemp("log"), bytes(whole)))


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["C", 1e300, -1, "none", "1", 10**30]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=3) | st.just("value"), inner, max_size=2)
    ),
    max_leaves=4,
)


def paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(
        value, list) else ()  # fmt: skip
    return [above, *(p for key, v in inner for p in paths(v, (*above, key)))]


@FUZZED
@given(st.data())
def test_no_odd_value_escapes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = copy.deepcopy(SMALL)
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from(paths(whole)[1:]))
        place: Any = whole
        for key in above:
            place = place[key]
        if data.draw(st.booleans()):
            place[last] = data.draw(ODD)
        else:
            del place[last]
    sound(read_json(tmp_path_factory.mktemp("log"), whole))


def test_fuzzing_also_covers_long_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_json_stream, "_AHEAD", 0)
    monkeypatch.setattr("planner.ingest.logs.unpack.BLOCK", 7)
    whole = json.dumps(SMALL).encode()
    for cut in range(0, len(whole), 11):
        sound(read_json(tmp_path, whole[:cut] + whole[cut + 1 :]))
