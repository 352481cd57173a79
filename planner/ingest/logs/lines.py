"""Lines of a log and the rows of a CSV, one by one and in bounded memory.

What is wrong with a line stands in its place as an UnsoundError, and the next one is read.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from planner.ingest.logs.cells import UnsoundError
from planner.ingest.logs.unpack import UnpackError

Line = tuple[int, str | UnsoundError]
Row = tuple[int, list[str] | UnsoundError]

MAX_LINE_BYTES = 64 << 20
"""Longest line that is held; the rest of a longer one is passed over."""
MAX_ROW_LETTERS = 8 << 20
"""Longest row of a CSV that spans lines: beyond it, a quotation mark was never closed."""


def lines(unpacked: Iterator[bytes], encoding: str) -> Iterator[Line]:
    """Numbered lines of a text, without their ends.

    Raises UnpackError where the stream breaks.
    """
    if encoding.startswith("utf-16"):
        unpacked = _as_utf8(unpacked, encoding)
    number = 1
    for raw in _split(unpacked):
        yield number, _text(raw, first=number == 1)
        number += 1


def csv_rows(numbered: Iterator[Line], separator: str) -> Iterator[Row]:
    """Rows of a CSV, each with the number of its first line."""
    rows = _Rows(numbered, separator)
    while (line := rows.following()) is not None:
        number, text = line
        if isinstance(text, UnsoundError):
            yield number, text
        elif '"' not in text:
            yield number, text.split(separator)
        else:
            yield number, rows.quoted(text)


@contextmanager
def long_cells() -> Iterator[None]:
    """Lets the csv module read cells as long as a line, which it does not by itself."""
    before = csv.field_size_limit(MAX_LINE_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class _Rows:
    def __init__(self, numbered: Iterator[Line], separator: str) -> None:
        self._numbered = numbered
        self._separator = separator
        self._waiting: deque[Line] = deque()

    def following(self) -> Line | None:
        return self._waiting.popleft() if self._waiting else next(self._numbered, None)

    def quoted(self, first: str) -> list[str] | UnsoundError:
        """The row that begins with a line that holds a quotation mark."""
        taken: list[Line] = []
        reader = csv.reader(
            self._continued(first, taken),
            delimiter=self._separator,
            strict=True,
            skipinitialspace=True,
        )
        try:
            return next(reader)
        except csv.Error:
            # The row is lost; the lines below it may be sound.
            self._waiting.extendleft(reversed(taken))
            remedy = 'close it, and write one within a quoted cell twice: "say ""yes"""'
            return UnsoundError("a quotation mark is out of place", remedy, first)

    def _continued(self, first: str, taken: list[Line]) -> Iterator[str]:
        yield first + "\n"
        held = len(first)
        while held <= MAX_ROW_LETTERS and (line := self.following()) is not None:
            taken.append(line)
            if isinstance(line[1], UnsoundError):
                return
            held += len(line[1])
            yield line[1] + "\n"


def _split(unpacked: Iterator[bytes]) -> Iterator[bytes | None]:
    """Lines as bytes; None in place of one that is too long."""
    held: list[bytes] = []
    size = 0
    for block in unpacked:
        *ends, rest = block.split(b"\n")
        for end in ends:
            size += len(end)
            yield b"".join([*held, end]) if size <= MAX_LINE_BYTES else None
            held, size = [], 0
        size += len(rest)
        held = [*held, rest] if size <= MAX_LINE_BYTES else []
    if size:
        yield b"".join(held) if size <= MAX_LINE_BYTES else None


def _text(raw: bytes | None, *, first: bool) -> str | UnsoundError:
    if raw is None:
        what = f"this line is longer than {MAX_LINE_BYTES >> 20} MiB"
        return UnsoundError(what, "write one record a line")
    try:
        text = raw.decode("utf-8-sig" if first else "utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode(errors="replace")
        return UnsoundError("this line is not UTF-8", "save the file as UTF-8", f"{before}...")
    return text.removesuffix("\r")


def _as_utf8(unpacked: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    given = 0
    try:
        for block in unpacked:
            yield decoder.decode(block).encode()
            given += len(block)
        yield decoder.decode(b"", final=True).encode()
    except UnicodeDecodeError:
        raise UnpackError("it is not UTF-16 from here on", given, "save it as UTF-8") from None
