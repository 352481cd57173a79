"""Files are written whole, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planner._files import STALE_S, write_atomic
from planner.errors import InputError


def test_text_or_bytes_are_written_otherwise_than_given(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.json", "é\n")
    write_atomic(tmp_path / "b.bin", b"\r\n\x00")
    assert (tmp_path / "a.json").read_bytes() == "é\n".encode()
    assert (tmp_path / "b.bin").read_bytes() == b"\r\n\x00"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.bin"]


def test_a_failed_write_leaves_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


def test_an_existing_file_loses_its_permissions_or_its_link(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text("old")
    real.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(real)
    write_atomic(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_new_file_ignores_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_place_that_cannot_be_written_is_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make the folder"):
        write_atomic(tmp_path / "nowhere" / "a", "x")
    with pytest.raises(InputError, match="cannot be written"):
        write_atomic(tmp_path, "x")
    with pytest.raises(InputError, match="cannot be written"):
        write_atomic(tmp_path / ("x" * 5000), "x")
    with pytest.raises(InputError, match="cannot be written"):
        write_atomic(tmp_path / "a\0b", "x")


def left_behind(folder: Path, name: str, age_s: float = 2 * STALE_S) -> Path:
    path = folder / name
    path.write_text("half a pl")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_what_a_killed_run_left_stays_for_ever(tmp_path: Path) -> None:
    stale = left_behind(tmp_path, ".planner-0123456789abcdef.tmp")
    write_atomic(tmp_path / "plan.json", "new")
    assert not stale.exists()
    assert (tmp_path / "plan.json").read_text() == "new"


def test_a_temporary_file_of_a_run_that_lives_or_of_anyone_else_is_removed(tmp_path: Path) -> None:
    held = left_behind(tmp_path, ".planner-aaaaaaaaaaaaaaaa.tmp")
    young = left_behind(tmp_path, ".planner-bbbbbbbbbbbbbbbb.tmp", age_s=STALE_S / 2)
    kept = [held, young]
    kept += [left_behind(tmp_path, name) for name in (".planner-notes.tmp", "planner.tmp")]
    link = tmp_path / ".planner-cccccccccccccccc.tmp"
    link.symlink_to(kept[-1])
    (tmp_path / ".planner-dddddddddddddddd.tmp").mkdir()
    hold = (
        "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); "
        "print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, held], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        write_atomic(tmp_path / "plan.json", "new")
        assert all(path.exists() for path in (*kept, link))
        writer.kill()
    write_atomic(tmp_path / "plan.json", "newer")
    assert not held.exists()
    assert all(path.exists() for path in (*kept[1:], link))


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no such device")
def test_a_device_is_replaced_by_a_file() -> None:
    write_atomic(Path("/dev/null"), "x")
    assert not Path("/dev/null").is_file()


def test_no_two_test_files_share_a_name_or_neither_can_be_collected(project: Path) -> None:
    names = [path.name for path in project.glob("tests/**/*.py") if path.name != "conftest.py"]
    assert sorted({name for name in names if names.count(name) > 1}) == []
