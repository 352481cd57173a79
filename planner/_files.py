"""Writes files so that a reader finds the old one or the new one, whole, and never a half."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from planner.errors import InputError, Problem


def write_atomic(path: Path, data: bytes | str) -> None:
    """Writes `data` (text as UTF-8) to a temporary file beside `path`, then renames it.

    An existing file keeps its permissions; a symbolic link keeps pointing where it does. What is
    no regular file, such as /dev/stdout, is written to directly. Raises InputError where the
    place cannot be written.
    """
    raw = data.encode() if isinstance(data, str) else data
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            target.write_bytes(raw)
            return
        _replace(target, raw)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if isinstance(error, IsADirectoryError):
            reason = "it is a folder"
        problem = Problem(str(path), f"it cannot be written: {reason}", remedy=_remedy(error, path))
        raise InputError(problem) from None


def keep_inputs(output: Path | None, inputs: Iterable[Path | None]) -> None:
    """Raises InputError where an output would be written over one of the inputs."""
    if output is None or not output.is_file():
        return
    for path in inputs:
        if path is not None and path.exists() and path.samefile(output):
            what = "it is read here, and would be written over"
            raise InputError(Problem(str(output), what, remedy="name another file for the output"))


def _replace(target: Path, raw: bytes) -> None:
    temporary = target.with_name(f".planner-{secrets.token_hex(8)}.tmp")
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666
    try:
        # os.open keeps to the user's umask, which tempfile does not.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _remedy(error: Exception, path: Path) -> str | None:
    match error:
        case FileNotFoundError():
            return f"make the folder {path.parent} first"
        case IsADirectoryError():
            return "name a file in this folder"
        case PermissionError():
            return "choose a folder that you may write to"
        case _:
            return None
