"""Archives are unpacked as they were packed, and what is damaged is never given out as sound."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_files import zip_of

from planner.ingest.logs import _zip
from planner.ingest.logs._zip import Archive
from planner.ingest.logs.unpack import UnpackError

TEXTS = {"a.json": b"{}", "b/c.json": b"lorem ipsum " * 900, "../d": b"\0" * 70_000, "e": b""}


def archive(folder: Path, data: bytes) -> Archive:
    path = folder / "log.eval"
    path.write_bytes(data)
    return Archive(path)


def unpacked(found: Archive) -> dict[str, bytes]:
    return {name: b"".join(found.blocks(member)) for name, member in found.members.items()}


@pytest.mark.parametrize("method", [0, 8, 93])
def test_members_come_out_as_they_went_in(tmp_path: Path, method: int) -> None:
    found = archive(tmp_path, zip_of(TEXTS, method))
    assert found.whole
    assert unpacked(found) == TEXTS


@pytest.mark.parametrize("method", [0, 8, 93])
def test_a_lost_directory_loses_no_member(tmp_path: Path, method: int) -> None:
    data = zip_of(TEXTS, method)
    found = archive(tmp_path, data[: data.index(b"PK\x01\x02")])
    assert not found.whole
    assert unpacked(found) == TEXTS


def test_the_last_member_of_a_name_counts(tmp_path: Path) -> None:
    data = zip_of([("a", b"old"), ("b", b"other"), ("a", b"new")])
    for part in (data, data[: data.index(b"PK\x01\x02")]):
        assert unpacked(archive(tmp_path, part)) == {"a": b"new", "b": b"other"}


def test_a_member_of_many_zstandard_frames_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import log_files

    pack = log_files._PACK[93]
    monkeypatch.setitem(log_files._PACK, 93, lambda data: pack(data[:5]) + pack(data[5:]))
    assert unpacked(archive(tmp_path, zip_of({"a": b"0123456789"}))) == {"a": b"0123456789"}


@pytest.mark.parametrize("method", [0, 8, 93])
@given(data=st.data())
def test_no_damaged_byte_goes_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, method: int, data: st.DataObject
) -> None:
    sound = zip_of({"a": b"some text that is packed", "b": b"more of it, and more of it"}, method)
    begin, end = sound.index(b"PK\x03\x04", 4), sound.index(b"PK\x01\x02")
    at = data.draw(st.integers(begin + 31, end - 1))
    broken = bytearray(sound)
    broken[at] ^= data.draw(st.integers(1, 255))
    found = archive(tmp_path_factory.mktemp("zip"), bytes(broken))
    assert b"".join(found.blocks(found.members["a"])) == b"some text that is packed"
    try:
        second = b"".join(found.blocks(found.members["b"]))
    except UnpackError:
        return
    # Some bits of a packed stream mean nothing.
    assert second == b"more of it, and more of it"


@given(st.integers(0, 400))
def test_a_cut_archive_keeps_the_members_before_the_cut(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    texts = {f"m{i}": bytes(range(i, i + 40)) for i in range(5)}
    whole = zip_of(texts)
    part = whole[: min(cut, len(whole) - 1)]
    found = archive(tmp_path_factory.mktemp("zip"), part)
    assert not found.whole
    sound = {}
    for name, member in found.members.items():
        with suppress(UnpackError):
            sound[name] = b"".join(found.blocks(member))
    ends = [whole.index(b"PK\x03\x04", whole.index(n.encode())) for n in list(texts)[:-1]]
    ends.append(whole.index(b"PK\x01\x02"))
    assert sound == dict(list(texts.items())[: sum(end <= len(part) for end in ends)])


@pytest.mark.parametrize("block", [5, 7, 64])
def test_members_are_found_behind_damage_wherever_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(_zip, "BLOCK", block)
    for junk in range(1, 20):
        data = b"?" * junk + zip_of(TEXTS)
        assert unpacked(archive(tmp_path, data[: data.index(b"PK\x01\x02")])) == TEXTS


def test_a_member_within_a_member_is_only_a_text(tmp_path: Path) -> None:
    inner = zip_of({"inner": b"text"})
    data = zip_of({"a": inner[: inner.index(b"PK\x01\x02")], "b": b"more"}, method=0)
    assert list(archive(tmp_path, data[: data.index(b"PK\x01\x02")]).members) == ["a", "b"]


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.ingest.logs.unpack.FREE_EXPANSION", 1 << 20)
    found = archive(tmp_path, zip_of({"a": b"\0" * (8 << 20)}))
    given_out: list[int] = []
    with pytest.raises(UnpackError, match="unpacks to more than"):
        given_out.extend(map(len, found.blocks(found.members["a"])))
    assert sum(given_out) < 2 << 20


def test_many_small_bombs_are_stopped_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_zip, "FREE_EXPANSION", 1 << 20)
    monkeypatch.setattr(_zip, "MAX_RATIO", 1)
    found = archive(tmp_path, zip_of({f"m{i}": b"\0" * (1 << 18) for i in range(8)}))
    *first, last = found.members.values()
    for member in first[:4]:
        b"".join(found.blocks(member))
    with pytest.raises(UnpackError, match="unpacks to more than"):
        b"".join(found.blocks(last))


def test_a_member_that_grows_beyond_its_stated_size_is_stopped(tmp_path: Path) -> None:
    data = zip_of({"a": b"x" * 1000}).replace((1000).to_bytes(4, "little"), b"\x0a\0\0\0")
    found = archive(tmp_path, data)
    assert found.members["a"].size == 10
    with pytest.raises(UnpackError, match="unpacks to more"):
        b"".join(found.blocks(found.members["a"]))


@pytest.mark.parametrize(("offset", "value", "what"), [(6, 1, "encrypted"), (8, 14, "method 14")])
def test_a_member_that_cannot_be_unpacked_says_why(
    tmp_path: Path, offset: int, value: int, what: str
) -> None:
    data = bytearray(zip_of({"a": b"text"}))
    directory = data.index(b"PK\x01\x02")
    data[offset] = data[directory + offset + 2] = value
    found = archive(tmp_path, bytes(data))
    with pytest.raises(UnpackError, match=what):
        b"".join(found.blocks(found.members["a"]))


def test_what_is_no_archive_has_no_members(tmp_path: Path) -> None:
    for data in (b"", b"PK", b'{"eval": {}}', b"PK\x03\x04"):
        assert not archive(tmp_path, data).members
