"""Bytes of a file, unpacked block by block, with bounds and with where they end."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

Compression = Literal["none", "gzip", "zstd"]

BLOCK = 1 << 20
"""Bytes read at once."""
FREE_EXPANSION = 1 << 30
"""Bytes that a file may unpack to whatever its size."""
MAX_RATIO = 250
"""Beyond that, how many times its size a file may unpack to. Logs reach 50."""
MAX_ZSTD_WINDOW = 1 << 27
"""Memory that a Zstandard stream may ask for."""

_ZSTD_STEP = 1 << 11
# A block of 4 bytes may unpack to 128 KiB: small steps bound what one of them returns.

MAGIC: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass
class UnpackError(Exception):
    """The stream is broken from here on; what came before is sound."""

    what: str
    at: int
    """Unpacked bytes before it."""
    remedy: str | None = None

    def __str__(self) -> str:
        return self.what


def compression_of(head: bytes) -> Compression:
    """How a file that begins so is packed."""
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "none")


def blocks(
    path: Path, compression: Compression, tap: Callable[[bytes], None] | None = None
) -> Generator[bytes]:
    """Unpacked bytes of a file, in blocks; `tap` sees the packed ones.

    Raises UnpackError where the stream is cut off, damaged or a bomb; the blocks before it have
    been given out.
    """
    with path.open("rb") as stream:
        match compression:
            case "none":
                yield from _packed(stream, tap)
            case "gzip":
                yield from bounded(_gzip(_packed(stream, tap)), path.stat().st_size)
            case "zstd":
                yield from bounded(zstd(_packed(stream, tap)), path.stat().st_size)


def bounded(unpacked: Iterator[bytes], packed_size: int) -> Iterator[bytes]:
    """Stops a stream that unpacks to more than logs do."""
    most = max(FREE_EXPANSION, MAX_RATIO * packed_size)
    total = 0
    for block in unpacked:
        total += len(block)
        if total > most:
            raise UnpackError(
                f"it unpacks to more than {most:,} bytes, {MAX_RATIO} times its size or more",
                total - len(block),
                "unpack it yourself, if you trust it",
            )
        yield block


def _packed(stream: BinaryIO, tap: Callable[[bytes], None] | None) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        if tap is not None:
            tap(block)
        yield block


def _gzip(packed: Iterator[bytes]) -> Iterator[bytes]:
    given = 0
    member: zlib._Decompress | None = None
    for block in packed:
        rest = block
        while rest:
            if member is None:
                # Some writers pad the end of a file with zeros.
                rest = rest.lstrip(b"\0") if given else rest
                if not rest:
                    break
                member = zlib.decompressobj(wbits=31)
            try:
                data = member.decompress(rest, BLOCK)
            except zlib.error as error:
                raise UnpackError(f"the gzip stream is damaged ({error})", given) from None
            given += len(data)
            if data:
                yield data
            rest = member.unconsumed_tail or member.unused_data
            if member.eof:
                member = None
    while member is not None and not member.eof:
        data = member.decompress(b"", BLOCK)
        if not data:
            raise UnpackError("the gzip stream is cut off", given, "copy the file again, whole")
        given += len(data)
        yield data


def zstd(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpacks frames of Zstandard.

    Raises UnpackError where the stream is cut off or damaged.
    """
    import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW)
    given = 0
    frame = None
    for block in packed:
        for start in range(0, len(block), _ZSTD_STEP):
            rest = block[start : start + _ZSTD_STEP]
            while rest:
                frame = frame or unpacker.decompressobj()
                try:
                    data = frame.decompress(rest)
                except zstandard.ZstdError as error:
                    what = f"the Zstandard stream is damaged ({error})"
                    raise UnpackError(what, given) from None
                given += len(data)
                if data:
                    yield data
                rest = b""
                if frame.eof:
                    rest, frame = frame.unused_data, None
    if frame is not None:
        raise UnpackError("the Zstandard stream is cut off", given, "copy the file again, whole")


def inflate(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpacks a bare deflate stream, as ZIP members hold it.

    Raises UnpackError where the stream is cut off or damaged.
    """
    given = 0
    stream = zlib.decompressobj(wbits=-15)
    for block in packed:
        rest = block
        while rest and not stream.eof:
            try:
                data = stream.decompress(rest, BLOCK)
            except zlib.error as error:
                raise UnpackError(f"the member is damaged ({error})", given) from None
            given += len(data)
            if data:
                yield data
            rest = stream.unconsumed_tail
    while not stream.eof:
        data = stream.decompress(b"", BLOCK)
        if not data:
            raise UnpackError("the member is cut off", given)
        given += len(data)
        yield data
