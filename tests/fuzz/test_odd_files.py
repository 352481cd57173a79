"""What stands where a file should: devices, pipes, folders, links, archives, files without end."""

from __future__ import annotations

import gzip
import io
import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from readers import LOGS, READERS, RECORDS, read_log_files

from planner.errors import InputError, Problem
from planner.ingest import _text
from planner.ingest.check import Checked, check_file
from planner.ingest.logs import unpack

SPARSE_BYTES = 10 * 1024**3
MOST_MEMORY_BYTES = 300 * 1024**2


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(SPARSE_BYTES)


def circle(path: Path) -> None:
    path.symlink_to(path)


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def packed(path: Path) -> None:
    path.write_bytes(gzip.compress(bytes(1000)))


def climbing_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../climbed.csv", "a,b\n")
        archive.writestr("/tmp/planner-climbed.csv", "a,b\n")


ODD: dict[str, Callable[[Path], None]] = {
    "a device": device,
    "a pipe nobody writes to": pipe,
    "a folder": folder,
    "ten gigabytes of nothing": sparse,
    "a link in a circle": circle,
    "a link to nowhere": dangling,
    "a gzip file": packed,
    "an archive that climbs": climbing_archive,
}


def complaints(read: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        found = read()
    except InputError as error:
        return error.problems
    return found.problems if isinstance(found, Checked) else ()


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there are no such devices")
@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_file_is_read_for_ever_or_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    monkeypatch.setattr(_text, "PIPE_WAIT_S", 0.02)
    monkeypatch.setattr(_text, "MAX_BYTES", 1 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for name, reader in READERS.items():
        path = tmp_path / name / reader.file
        path.parent.mkdir(parents=True)
        ODD[odd](path)
        start = time.monotonic()
        found = complaints(lambda path=path, reader=reader: reader.read(path))
        if (name, odd) == ("observations", "a folder"):
            assert "no cards" in found[0].what
        assert found, name
        assert all(path.name in f"{p.where} {p.value}" for p in found), (name, found)
        assert time.monotonic() - start < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before < MOST_MEMORY_BYTES
    assert not Path("/tmp/planner-climbed.csv").exists()
    assert not list(tmp_path.rglob("climbed.csv"))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there are no such devices")
@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_log_is_read_for_ever_or_a_traceback(tmp_path: Path, odd: str) -> None:
    for name, _ in LOGS.values():
        path = tmp_path / name
        ODD[odd](path)
    start = time.monotonic()
    found = complaints(lambda: read_log_files(sorted(tmp_path.iterdir()), skip_bad=False))
    assert found
    assert all(str(tmp_path) in p.where or p.where == "logs" for p in found), found
    assert time.monotonic() - start < 10
    assert not Path("/tmp/planner-climbed.csv").exists()


def test_observations_from_a_pipe_that_is_written_to_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "obs.csv"
    os.mkfifo(path)
    text = READERS["observations"].sound
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; open(sys.argv[1], 'w').write(sys.argv[2])", path, text]
    ) as writer:
        found = check_file(path)
        assert writer.wait(10) == 0
    assert not found.problems, found


def test_a_small_table_of_huge_texts_takes_more_memory_than_allowed(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'm' AS model, 'p' || i AS problem_id, 0 AS sample, 1 AS correct, "
            f"repeat('x', 4000000) AS answer FROM range(100) t(i)) TO '{path}' "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
    assert path.stat().st_size < 4_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found = complaints(lambda: read_log_files([path], skip_bad=False))
    assert all(str(path) in p.where for p in found)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before < 1024**3


def test_a_packed_table_of_zeros_is_unpacked_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "FREE_EXPANSION", 1 << 22)
    path = tmp_path / "bomb.csv.gz"
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb") as stream:
        stream.write(RECORDS.encode())
        for _ in range(5):
            stream.write(bytes(1_000_000))
    path.write_bytes(made.getvalue())
    found = complaints(lambda: read_log_files([path], skip_bad=False))
    assert any("unpacks to more" in p.what for p in found), found
