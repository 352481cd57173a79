"""Writes files so that a reader finds the old one or the new one, whole, and never a half."""

from __future__ import annotations

import os
import re
import secrets
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from planner.errors import InputError, Problem

STALE_S = 600.0
"""Age at which a temporary file that nobody holds was left by a run that was killed."""
_TEMPORARY = re.compile(r"\.planner-[0-9a-f]{16}\.tmp")


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
    _clear_stale(target.parent)
    temporary = target.with_name(f".planner-{secrets.token_hex(8)}.tmp")
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666
    try:
        # os.open keeps to the user's umask, which tempfile does not.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            _hold(descriptor)
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _hold(descriptor: int) -> bool:
    """Locks an open file for as long as its process lives; whether nobody else holds it."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, or a file system without locks
        return False
    return True


def _clear_stale(folder: Path) -> None:
    """Removes what killed runs left of their writing: old, and held by no process that lives."""
    with suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _remove_stale(entry.path)


def _remove_stale(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    try:
        old = time.time() - os.fstat(descriptor).st_mtime > STALE_S
        if old and _hold(descriptor):
            Path(path).unlink()
    finally:
        os.close(descriptor)


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
