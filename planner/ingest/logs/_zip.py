"""ZIP archives whose members `zipfile` cannot unpack (Zstandard), or that were cut off.

Nothing is written to disk, so the names of members are only names.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from planner.ingest.logs.unpack import (
    BLOCK,
    FREE_EXPANSION,
    MAX_RATIO,
    UnpackError,
    bounded,
    inflate,
    zstd,
)

SIGNATURE = b"PK\x03\x04"
"""Begins every member, and so the archive."""

_HEADER = struct.Struct("<4s5H3I2H")
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 1, 8, 1 << 11
_ZIP64 = 0xFFFFFFFF

_UNPACK: dict[int, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    0: lambda packed: packed,
    8: inflate,
    93: zstd,
}


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    name: str
    method: int
    encrypted: bool
    packed: int
    """Bytes it takes in the archive."""
    size: int
    """Bytes it says it unpacks to."""
    crc: int
    at: int
    """Bytes before its header."""


class Archive:
    """A ZIP file: its members, the last of each name, and whether its directory is lost."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.unpacked = 0
        """Bytes that were unpacked, of all members."""
        listed = _listed(path)
        self.whole = listed is not None
        """False where the directory at its end is missing: members were searched for."""
        self.members = {m.name: m for m in (_found(path) if listed is None else listed)}

    def blocks(self, member: Member) -> Generator[bytes]:
        """Unpacked bytes of a member, in blocks.

        Raises UnpackError where it is damaged, cut off, encrypted, a bomb or packed in a way that
        is not known; what came before is not to be trusted then.
        """
        unpack = _UNPACK.get(member.method)
        if unpack is None or member.encrypted:
            why = "it is encrypted" if member.encrypted else f"no reader for method {member.method}"
            raise UnpackError(f"it cannot be unpacked: {why}", 0, "pack it anew, without that")
        crc = given = 0
        with self.path.open("rb") as stream:
            for block in bounded(unpack(self._packed(stream, member)), member.packed):
                given += len(block)
                self.unpacked += len(block)
                if given > member.size or self.unpacked > self._most:
                    raise UnpackError("it unpacks to more than it may", given)
                crc = zlib.crc32(block, crc)
                yield block
        if (given, crc) != (member.size, member.crc):
            raise UnpackError("it is damaged: its checksum does not match", given)

    @property
    def _most(self) -> int:
        return max(FREE_EXPANSION, MAX_RATIO * self.size)

    def _packed(self, stream: BinaryIO, member: Member) -> Iterator[bytes]:
        if not 0 <= member.at < self.size:
            raise UnpackError("it is damaged: it is said to lie outside of the file", 0)
        stream.seek(member.at)
        header = _header(stream)
        if header is None:
            raise UnpackError("it is damaged: it does not begin as a member does", 0)
        stream.seek(header[-2] + header[-1], 1)
        left = member.packed
        while left:
            block = stream.read(min(left, BLOCK))
            if not block:
                raise UnpackError("it is cut off: the file ends in it", 0)
            left -= len(block)
            yield block


def _listed(path: Path) -> list[Member] | None:
    """Members as the directory at the end lists them; None where it is missing or broken."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [
                Member(
                    name=info.filename,
                    method=info.compress_type,
                    encrypted=bool(info.flag_bits & _ENCRYPTED),
                    packed=info.compress_size,
                    size=info.file_size,
                    crc=info.CRC,
                    at=info.header_offset,
                )
                for info in archive.infolist()
            ]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error):
        return None


def _found(path: Path) -> Iterator[Member]:
    """Members as their own headers tell, in order of the file."""
    length = path.stat().st_size
    with path.open("rb") as stream:
        at = _next(stream, 0)
        while at is not None:
            stream.seek(at)
            header = _header(stream)
            if header is None:
                return
            _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = header
            name = stream.read(name_length).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
            extra = stream.read(extra_length)
            if _ZIP64 in (packed, size):
                size, packed = _sizes(extra) or (size, packed)
            if not flags & _SIZES_FOLLOW or packed:
                encrypted = bool(flags & _ENCRYPTED)
                yield Member(name, method, encrypted, packed, size, crc, at)
            # A damaged length leads out of the file: the search goes on behind the header then.
            end = at + _HEADER.size + name_length + extra_length + packed
            at = _next(stream, end if end <= length else at + _HEADER.size)


def _header(stream: BinaryIO) -> tuple[int, ...] | None:
    raw = stream.read(_HEADER.size)
    whole = len(raw) == _HEADER.size and raw.startswith(SIGNATURE)
    return _HEADER.unpack(raw) if whole else None


def _sizes(extra: bytes) -> tuple[int, int] | None:
    """Unpacked and packed size of a member that is too big for 32 bits."""
    while len(extra) >= 4:
        kind, length = struct.unpack("<2H", extra[:4])
        if kind == 1 and len(extra) >= 20:
            size, packed = struct.unpack("<2Q", extra[4:20])
            return size, packed
        extra = extra[4 + length :]
    return None


def _next(stream: BinaryIO, at: int) -> int | None:
    """Where the next member begins, from `at` on."""
    stream.seek(at)
    before = b""
    while block := stream.read(BLOCK):
        window = before + block
        found = window.find(SIGNATURE)
        if found >= 0:
            return at - len(before) + found
        at += len(block)
        before = window[-3:]
    return None
