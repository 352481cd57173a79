"""Packed files come out as they went in, or as far as they are sound."""

from __future__ import annotations

import gzip
import random
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from planner.ingest.logs import unpack
from planner.ingest.logs.unpack import UnpackError, blocks, compression_of, inflate

TEXT = random.Random(1).randbytes(3000) + b"lorem ipsum " * 500
PACKERS = {
    "none": lambda data: data,
    "gzip": gzip.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}


def taken(path: Path) -> tuple[bytes, str | None]:
    """What came out, and what was said of the rest."""
    found = bytearray()
    said, at = None, None
    try:
        for block in blocks(path, compression_of(path.read_bytes()[:8])):
            found += block
    except UnpackError as error:
        said, at = str(error), error.at
    assert at in {None, len(found)}
    return bytes(found), said


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("text", [b"a", TEXT, b"\n" * 5_000_000], ids=["short", "text", "long"])
def test_a_file_comes_out_as_it_went_in(tmp_path: Path, packer: str, text: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(PACKERS[packer](text))
    assert taken(path) == (text, None)


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_streams_one_after_another_are_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packer: str, block: int
) -> None:
    monkeypatch.setattr(unpack, "BLOCK", block)
    path = tmp_path / "log"
    path.write_bytes(b"".join(PACKERS[packer](text) for text in (b"one", b"", b"two")))
    assert taken(path) == (b"onetwo", None)


def test_zeros_behind_a_gzip_stream_are_padding(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(b"text") + bytes(600))
    assert taken(path) == (b"text", None)


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
@given(cut=st.integers(10, 3000))
def test_a_cut_stream_keeps_its_beginning_and_says_so(
    tmp_path_factory: pytest.TempPathFactory, packer: str, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "log"
    path.write_bytes(PACKERS[packer](TEXT)[:cut])
    found, said = taken(path)
    assert TEXT.startswith(found)
    assert said is not None
    assert "cut off" in said


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
@given(data=st.data())
def test_no_damage_escapes_as_another_error(
    tmp_path_factory: pytest.TempPathFactory, packer: str, data: st.DataObject
) -> None:
    whole = bytearray(PACKERS[packer](TEXT))
    whole[data.draw(st.integers(4, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "log"
    path.write_bytes(whole)
    found, said = taken(path)
    assert said is not None or packer == "zstd" or found == TEXT


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packer: str) -> None:
    monkeypatch.setattr(unpack, "FREE_EXPANSION", 1 << 20)
    path = tmp_path / "log"
    path.write_bytes(PACKERS[packer](bytes(64 << 20)))
    found, said = taken(path)
    assert said is not None
    assert "unpacks to more than" in said
    assert len(found) <= max(1 << 20, unpack.MAX_RATIO * path.stat().st_size)


def test_packed_bytes_are_told_once_each(tmp_path: Path) -> None:
    path = tmp_path / "log"
    for packer in PACKERS.values():
        path.write_bytes(packer(TEXT))
        told: list[bytes] = []
        list(blocks(path, compression_of(path.read_bytes()), told.append))
        assert b"".join(told) == path.read_bytes()


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_a_bare_deflate_stream_comes_out_whole_or_is_refused(text: bytes, length: int) -> None:
    packed = zlib.compress(text, wbits=-15)
    pieces = [packed[i : i + length] for i in range(0, len(packed), length)]
    assert b"".join(inflate(iter(pieces))) == text
    with pytest.raises(UnpackError, match="cut off"):
        list(inflate(iter([packed[:-1]])))
