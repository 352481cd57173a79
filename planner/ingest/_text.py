"""Bytes of a file to text: what the editors and spreadsheets of this world write."""

from __future__ import annotations

import codecs
import errno
import hashlib
import os
import re
import select
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO

from planner.domain.nearest import nearest
from planner.errors import InputError, Note, Problem

MAX_BYTES = 64 * 1024 * 1024
"""Largest file read whole. Tables of means and scenarios are far smaller; logs are not."""

PIPE_WAIT_S = 5.0
"""How long a pipe may say nothing before it is given up."""

_SAVE_CSV = "save the sheet as CSV"
_MAGIC = {
    b"PK\x03\x04": ("a spreadsheet or a ZIP archive", _SAVE_CSV),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", _SAVE_CSV),
    b"PAR1": ("a Parquet file", "write the table as CSV"),
    b"\x1f\x8b": ("compressed with gzip", "unpack it"),
    b"\x28\xb5\x2f\xfd": ("compressed with Zstandard", "unpack it"),
    b"%PDF": ("a PDF", "copy the table into a CSV"),
    b"SQLite format 3": ("an SQLite database", "export the table as CSV"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
"""Characters that no text file holds; tabs, line ends and page breaks are not among them."""


@dataclass(frozen=True)
class Text:
    """A file's text, and how it was told."""

    name: str
    """As the user gave it, for messages."""
    text: str
    sha256: str
    """Digest of the bytes, not of the text."""
    notes: tuple[Note, ...]


def read_text(path: Path | Traversable, name: str | None = None) -> Text:
    """Reads a text file of at most `MAX_BYTES`: UTF-8, UTF-16 and UTF-32, or Windows-1252.

    Anything but plain UTF-8 is noted. Raises InputError where the file is missing, unreadable,
    a folder, too large or not text.
    """
    name = name if name is not None else str(path) if isinstance(path, Path) else path.name
    raw = _read_bytes(path, name)
    text, notes = _decoded(raw, name)
    return Text(name, text, hashlib.sha256(raw).hexdigest(), notes)


def _read_bytes(path: Path | Traversable, name: str) -> bytes:
    try:
        with _opened(path) as stream:
            known = os.fstat(stream.fileno()).st_size if isinstance(path, Path) else 0
            raw = stream.read(MAX_BYTES + 1) if known <= MAX_BYTES else b""
    except (OSError, ValueError) as error:
        raise InputError(_unreadable(path, name, error)) from None
    if max(known, len(raw)) > MAX_BYTES:
        raise InputError(
            Problem(
                name,
                f"the file is larger than {MAX_BYTES // 1024**2} MiB",
                remedy="give a table of means, one row for each model, method, bucket and "
                "n_samples; a log with one line per sample is not such a table",
            )
        )
    return raw


def _opened(path: Path | Traversable) -> IO[bytes]:
    """The file, open for reading. Raises OSError, also where nobody writes to a pipe."""
    if not (isinstance(path, Path) and path.is_fifo()):
        return path.open("rb")
    # Opened in the plain way, a pipe without a writer would be waited on for ever.
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not select.select([pipe], [], [], PIPE_WAIT_S)[0]:
        os.close(pipe)
        raise TimeoutError(errno.ETIMEDOUT, "it is a pipe, and nobody writes to it")
    os.set_blocking(pipe, True)
    return os.fdopen(pipe, "rb")


def _unreadable(path: Path | Traversable, name: str, error: OSError | ValueError) -> Problem:
    match error:
        case FileNotFoundError():
            return Problem(name, "there is no such file", remedy=_neighbour(path))
        case IsADirectoryError():
            return Problem(name, "this is a folder, not a file", remedy="name a file in it")
        case PermissionError():
            return Problem(
                name, "the file may not be read", remedy=f"allow it, for example: chmod +r {name}"
            )
        case OSError():
            reason = error.strerror or str(error)
            return Problem(name, f"the file cannot be read: {reason}")
        case _:
            return Problem(name, f"this is not the name of a file: {error}")


def _neighbour(path: Path | Traversable) -> str:
    """The file beside it that was probably meant."""
    if isinstance(path, Path):
        try:
            found = nearest(path.name, (other.name for other in path.parent.iterdir()))
        except OSError:
            return f"there is no folder {path.parent} either; check the path"
        if found is not None:
            return f"did you mean {path.parent / found}?"
    return "check the name and the folder"


def _decoded(raw: bytes, name: str) -> tuple[str, tuple[Note, ...]]:
    for magic, kind in _MAGIC.items():
        if raw.startswith(magic):
            what = f"this is not a text file but {kind[0]}"
            raise InputError(Problem(name, what, remedy=kind[1]))
    encoding, note = _encoding(raw, name)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise InputError(_not_text(raw, name, error.start, encoding)) from None
        text, note = _windows(raw, name, error)
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise InputError(
            Problem(
                f"{name}:{line}",
                "this is not a text file: it holds a control character",
                value=found.group(),
                remedy="save it as plain text (UTF-8)",
            )
        )
    return text, () if note is None else (note,)


def _encoding(raw: bytes, name: str) -> tuple[str, Note | None]:
    """Encoding by the byte order mark, or by where the zero bytes of UTF-16 stand."""
    # UTF-32's little-endian mark begins with UTF-16's.
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32", Note("utf32", f"{name}: read as UTF-32")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", Note("utf16", f"{name}: read as UTF-16")
    if raw.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", Note("bom", f"{name}: a byte order mark at its beginning was skipped")
    head = raw[:2000]
    even, odd = head[::2], head[1::2]
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if high.count(0) > len(high) * 0.4 and low.count(0) == 0:
            return encoding, Note("utf16", f"{name}: read as UTF-16 without a byte order mark")
    return "utf-8", None


def _windows(raw: bytes, name: str, error: UnicodeDecodeError) -> tuple[str, Note]:
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        raise InputError(_not_text(raw, name, error.start, "utf-8")) from None
    line = raw.count(b"\n", 0, error.start) + 1
    return text, Note(
        "cp1252",
        f"{name}: read as Windows-1252, for line {line} is not UTF-8; "
        "check names with accents, or save the file as UTF-8",
    )


def _not_text(raw: bytes, name: str, position: int, encoding: str) -> Problem:
    line = raw.count(b"\n", 0, position) + 1
    return Problem(
        f"{name}:{line}",
        f"this is not text in {encoding.upper()}: byte {position} does not fit",
        remedy="save it as plain text (UTF-8)",
    )
