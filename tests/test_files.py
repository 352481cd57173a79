"""Files are written whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from planner._files import write_atomic
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


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no such device")
def test_a_device_is_replaced_by_a_file() -> None:
    write_atomic(Path("/dev/null"), "x")
    assert not Path("/dev/null").is_file()


def test_no_two_test_files_share_a_name_or_neither_can_be_collected(project: Path) -> None:
    names = [path.name for path in project.glob("tests/**/*.py") if path.name != "conftest.py"]
    assert sorted({name for name in names if names.count(name) > 1}) == []
