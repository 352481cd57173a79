"""What a table looks like from its first bytes: CSV, JSON lines or Parquet, and its columns."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from planner.ingest.logs.record import by_alias, plain_name
from planner.ingest.logs.unpack import Compression, UnpackError, blocks, compression_of

Kind = Literal["csv", "json", "parquet"]

HEAD_BYTES = 1 << 16
"""How much of a file is looked at to tell what it is."""
MAX_FOOTER_BYTES = 1 << 20
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}

_SEP_LINE = re.compile(r"sep=(.)", re.IGNORECASE)


@dataclass(frozen=True)
class Shape:
    """How a table is laid out; files of one shape are read together."""

    kind: Kind
    names: tuple[str, ...]
    """Columns as the file names them; of JSON lines, the keys of the first few."""
    types: tuple[str, ...] = ()
    """What DuckDB says that they hold; of Parquet only."""
    compression: Compression = "none"
    separator: str = ","
    encoding: str = "utf-8"
    header_lines: int = 0
    """Lines of a CSV down to its header."""

    @property
    def in_place(self) -> bool:
        """Whether DuckDB can read it as it stands."""
        plain = self.encoding in {"utf-8", "utf-8-sig"} and self.header_lines <= 1
        return plain and (self.kind, self.encoding) != ("json", "utf-8-sig")


def head_of(path: Path) -> tuple[bytes, Compression]:
    """The first bytes of a file, unpacked, and how they were packed."""
    with path.open("rb") as stream:
        compression = compression_of(stream.read(4))
    head = b""
    try:
        with closing(blocks(path, compression)) as unpacked:
            for block in unpacked:
                head += block
                if len(head) >= HEAD_BYTES:
                    break
    except UnpackError:
        # What can be said of the rest is said when it is read.
        pass
    return head[:HEAD_BYTES], compression


def shape_of(head: bytes, compression: Compression = "none") -> Shape:
    """The shape of a table that begins so.

    Of Parquet only the kind: its columns stand at the end of the file.
    """
    if head.startswith(b"PAR1"):
        return Shape("parquet", ())
    encoding = _encoding(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    whole = len(head) < HEAD_BYTES
    if text.lstrip().startswith("{"):
        keys = _keys(text.split("\n") if whole else text.split("\n")[:-1])
        return Shape("json", keys, (), compression, encoding=encoding)
    names, separator, lines = _header(text, whole)
    return Shape("csv", names, (), compression, separator, encoding, lines)


def names_near(path: Path, head: bytes) -> tuple[str, ...]:
    """Names of a table's columns, as far as they can be told without reading it."""
    shape = shape_of(head)
    if shape.kind == "parquet":
        return _names_in(footer(path))
    if shape.kind == "json" and not shape.names and b"\n" not in head:
        # The first line is longer than the head.
        keys = re.findall(rb'"([^"\\\n]{1,40})"\s*:', head)
        return tuple(dict.fromkeys(key.decode(errors="replace") for key in keys))
    return shape.names


def footer(path: Path) -> bytes:
    """The end of a Parquet file, which describes it; empty where it is none."""
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - 8))
        end = stream.read(8)
        if not end.endswith(b"PAR1"):
            return b""
        length = min(int.from_bytes(end[:4], "little"), MAX_FOOTER_BYTES, size - 8)
        stream.seek(size - 8 - length)
        return stream.read(length)


def _encoding(head: bytes) -> str:
    """UTF-8 or UTF-16, by the byte order mark or by where the zero bytes stand."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    even, odd = head[:2000:2], head[1:2000:2]
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if high.count(0) > 0.4 * len(high) and not low.count(0):
            return encoding
    return "utf-8"


def _keys(lines: list[str]) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            keys |= dict.fromkeys(record)
    return tuple(keys)


def _header(text: str, whole: bool) -> tuple[tuple[str, ...], str, int]:
    """Columns and separator of a CSV, and how many lines that took."""
    lines = io.StringIO(text, newline="").readlines()
    skipped = 0
    separators = list(SEPARATORS)
    while skipped < len(lines) and not lines[skipped].strip():
        skipped += 1
    if skipped < len(lines) and (found := _SEP_LINE.fullmatch(lines[skipped].strip())):
        separators = [found.group(1)]
        skipped += 1
    rows = [_first_row(lines[skipped:], separator) for separator in separators]
    known = by_alias(counts=True)

    def likely(row: tuple[list[str], int]) -> tuple[int, int]:
        return sum(plain_name(cell) in known for cell in row[0]), len(row[0])

    cells, taken = max(rows, key=likely, default=([], 0))
    if not whole and skipped + taken >= len(lines):
        return (), ",", 0
    separator = separators[rows.index((cells, taken))] if rows else ","
    return tuple(" ".join(cell.split()) for cell in cells), separator, skipped + taken


def _first_row(lines: list[str], separator: str) -> tuple[list[str], int]:
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    try:
        return next(reader, []), reader.line_num
    except csv.Error:
        return [], 0


def _names_in(footer: bytes) -> tuple[str, ...]:
    # Thrift writes a name's length before it.
    known = (*by_alias(counts=True), "n_questions")
    return tuple(name for name in known if bytes([len(name)]) + name.encode() in footer)
