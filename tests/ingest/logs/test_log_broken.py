"""Of a file that is broken everything sound is read, and the rest is named with its place."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
import zstandard
from log_tables import SOUND, csv_text, jsonl_text, only_problem, problems, samples, write

from planner.ingest.logs import lines

HEADER = "model,problem_id,sample,correct,answer\n"


def test_malformed_lines_of_a_csv_cost_themselves_only(tmp_path: Path) -> None:
    bad = [
        (b"m,p", "fewer cells"),
        (b"m,p,0,1,7,8", "more cells"),
        (b'm,p,0,1,"7" or 8', "quotation mark"),
        (b'm,p,0,1,"7', "quotation mark"),
        (b"m,p,0,1,\xff", "not UTF-8"),
        (b'm,p,0,1,"\xff', "not UTF-8"),
    ]
    sound = b'm,q,%d,1,"a ""b"",\nc"\n'
    lines_of = [line + b"\n" + sound % i for i, (line, _) in enumerate(bad)]
    path = write(tmp_path / "a.csv", HEADER.encode() + b"".join(lines_of) + b"m,r,0,1,z")
    found = problems(path)
    # Each sound row takes two lines.
    assert [p.where for p in found] == [f"{path}:{2 + 3 * i}" for i in range(len(bad))]
    for problem, (line, what) in zip(found, bad, strict=True):
        assert what in problem.what, line
    kept = samples(path, skip_bad=True)
    assert kept.column("answer") == ['a "b",\nc'] * len(bad) + ["z"]
    assert sum(rows or 0 for rows in kept.left.values()) == len(bad)


def test_malformed_lines_of_json_cost_themselves_only(tmp_path: Path) -> None:
    start = b'{"model": "m", "problem_id": "p", "correct": 1'
    bad = [
        (start, "not JSON"),
        (start + b"} {}", "not JSON"),
        (b"[1, 2]", "no JSON object"),
        (b"3", "no JSON object"),
        (start + b', "correct": 0}', "stands twice"),
        (start + b', "sample": 1, "epoch": 2}', "both mean"),
        (b'{"problem_id": "p", "correct": 1}', "blank"),
        (b'{"model": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "cannot be read"),
        (start + b"0" * 5000 + b"}", "cannot be read"),
        (start + b', "answer": "\xff"}', "not UTF-8"),
    ]
    sound = [line.encode() for line in jsonl_text(SOUND).splitlines()]
    content = [sound[0], *(line for line, _ in bad), *sound[1:]]
    path = write(tmp_path / "a.jsonl", b"\n".join(content))
    found = problems(path)
    assert [p.where for p in found] == [f"{path}:{i + 2}" for i in range(len(bad))]
    for problem, (line, what) in zip(found, bad, strict=True):
        assert what in problem.what, line[:80]
    kept = samples(path, skip_bad=True)
    assert kept.rows == samples(write(tmp_path / "sound.jsonl", SOUND)).rows
    assert sum(rows or 0 for rows in kept.left.values()) == len(bad)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_half_a_line_at_the_end_is_named(tmp_path: Path, suffix: str) -> None:
    text = csv_text(SOUND) if suffix == "csv" else jsonl_text(SOUND)
    path = write(tmp_path / f"a.{suffix}", text[: len(text) - 8])
    last = 4 if suffix == "csv" else 3
    assert only_problem(path).where == f"{path}:{last}"
    assert len(samples(path, skip_bad=True).rows) == 2


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_of_a_stream_that_is_cut_off_the_sound_part_is_kept(
    tmp_path: Path, pack: Any, suffix: str
) -> None:
    rows = [{**SOUND[0], "sample": i, "answer": str(i * 7919 % 10_007)} for i in range(20_000)]
    text = csv_text(rows) if suffix == "csv" else jsonl_text(rows)
    packed = pack(text.encode())
    path = write(tmp_path / "cut", packed[: len(packed) // 2])
    problem = only_problem(path)
    assert "cut off" in problem.what
    found = samples(path, skip_bad=True)
    assert list(found.left.values()) == [None]
    assert sorted(found.column("sample")) == list(range(len(found.rows)))
    assert 100 < len(found.rows) < 20_000


def test_a_stream_that_ends_between_lines_is_not_taken_for_whole(tmp_path: Path) -> None:
    compressor = zstandard.ZstdCompressor().compressobj()
    text = jsonl_text(SOUND).encode()
    packed = compressor.compress(text) + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    path = write(tmp_path / "a.jsonl.zst", packed)
    assert "cut off" in only_problem(path).what
    assert len(samples(path, skip_bad=True).rows) == len(SOUND)


def test_a_damaged_stream_is_not_taken_for_sound(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(csv_text(SOUND).encode()))
    # The sum of its bytes, which DuckDB does not look at.
    packed[-8] ^= 1
    assert "damaged" in only_problem(write(tmp_path / "a.csv.gz", bytes(packed))).what


def test_a_line_that_is_too_long_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 1000)
    long = {**SOUND[1], "answer": "x" * 3_000_000}
    for suffix, line in (("csv", 3), ("jsonl", 2)):
        path = write(tmp_path / f"a.{suffix}", [SOUND[0], long, SOUND[2]])
        problem = only_problem(path)
        assert problem.where == f"{path}:{line}"
        assert "longer than" in problem.what
        assert len(samples(path, skip_bad=True).rows) == 2


def test_a_quotation_mark_never_closed_does_not_hold_the_rest_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_ROW_LETTERS", 1000)
    rest = "".join(f"m,p,{i},1,x\n" for i in range(1, 2000))
    path = write(tmp_path / "a.csv", f'{HEADER}m,p,0,1,"x\n{rest}')
    assert only_problem(path).where == f"{path}:2"
    assert samples(path, skip_bad=True).column("sample") == sorted(range(1, 2000), key=repr)


@pytest.mark.parametrize("damage", [lambda raw: raw[:-20], lambda raw: raw[:100] + raw[130:]])
def test_a_damaged_parquet_file_is_refused_by_name(tmp_path: Path, damage: Any) -> None:
    whole = write(tmp_path / "whole.parquet", SOUND)
    path = write(tmp_path / "a.parquet", damage(whole.read_bytes()))
    problem = only_problem(path)
    assert problem.where == str(path)
    assert "Parquet" in problem.what
    assert samples([whole, path], skip_bad=True).rows == samples(whole).rows
