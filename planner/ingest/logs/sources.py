"""Which files were named: paths, folders and globs to a list of files, each once."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.domain.nearest import nearest
from planner.errors import Problem

Report = Callable[[Problem], None]

_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class SourceFile:
    """One file that was named, alone or by its folder or a glob."""

    name: str
    """As the user gave it, for messages."""
    path: Path
    """Absolute, without symbolic links."""
    size: int
    mtime_ns: int
    named: bool
    """Whether it was named itself: a folder may hold files that are no logs."""


def expand(paths: Sequence[Path], report: Report) -> list[SourceFile]:
    """The files behind paths, in the order given, those of a folder sorted by name.

    A folder is read with its subfolders. What begins with a dot is left out of folders and globs.
    A symbolic link that was named is followed; one that is found in a folder is followed only to
    a place in that folder. What cannot be read goes to `report`.
    """
    found: dict[Path, SourceFile] = {}
    for path in paths:
        for file in _one(path, report):
            found.setdefault(file.path, file)
    return list(found.values())


def _one(path: Path, report: Report) -> Iterator[SourceFile]:
    try:
        if path.is_dir():
            yield from _folder(path, report)
        elif not path.exists() and _GLOB.search(str(path)):
            yield from _glob(path, report)
        elif (file := _file(path, report, named=True)) is not None:
            yield file
    except (OSError, ValueError) as error:
        report(_unreadable(path, error))


def _folder(folder: Path, report: Report) -> Iterator[SourceFile]:
    inside = [
        Path(parent) / name
        for parent, folders, names in _walk(folder, report)
        for name in (*names, *(f for f in folders if (Path(parent) / f).is_symlink()))
        if not name.startswith(".")
    ]
    yield from _within(folder, sorted(inside), report)


def _walk(folder: Path, report: Report) -> Iterator[tuple[str, list[str], list[str]]]:
    def broken(error: OSError) -> None:
        report(_unreadable(Path(error.filename or folder), error))

    for parent, folders, names in os.walk(folder, onerror=broken):
        yield parent, list(folders), names
        folders[:] = [f for f in folders if not f.startswith(".")]


def _glob(pattern: Path, report: Report) -> Iterator[SourceFile]:
    parts = pattern.parts
    fixed = next(i for i, part in enumerate(parts) if _GLOB.search(part))
    base = Path(*parts[:fixed])
    # Python 3.11 finds folders only where a pattern ends in **.
    below = [*parts[fixed:], *(["*"] if parts[-1] == "**" else [])]
    found = sorted(p for p in base.glob("/".join(below)) if not _hidden(p.relative_to(base)))
    if not found:
        what = "no file matches this pattern"
        report(Problem(str(pattern), what, remedy="check the folder and the pattern"))
    files = [p for p in found if not p.is_dir()]
    yield from _within(base, files, report)
    for folder in (p for p in found if p.is_dir() and "**" not in parts):
        if _leads_inside(folder, base.resolve(), report):
            yield from _folder(folder, report)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _within(base: Path, paths: Iterable[Path], report: Report) -> Iterator[SourceFile]:
    root = base.resolve()
    for path in paths:
        if path.is_symlink() and path.is_dir():
            # Its files are read where they stand; outside, it would open other folders.
            _leads_inside(path, root, report)
            continue
        file = _file(path, report, named=False)
        if file is not None and _leads_inside(path, root, report):
            yield file


def _leads_inside(path: Path, root: Path, report: Report) -> bool:
    if path.resolve().is_relative_to(root):
        return True
    what = "this symbolic link leads out of the folder that was named"
    report(Problem(str(path), what, str(path.resolve()), remedy="name the file it leads to"))
    return False


def _file(path: Path, report: Report, *, named: bool) -> SourceFile | None:
    try:
        resolved = path.resolve(strict=True)
        status = resolved.stat()
        str(resolved).encode()
        if not stat.S_ISREG(status.st_mode):
            what = "this is not a regular file"
            report(Problem(str(path), what, remedy="save the log to a file first"))
            return None
        with resolved.open("rb"):
            pass
    except UnicodeEncodeError:
        what = "the file's name is not text"
        report(Problem(repr(os.fsencode(path)), what, remedy="rename it"))
        return None
    except (OSError, RuntimeError, ValueError) as error:
        report(_unreadable(path, error))
        return None
    return SourceFile(str(path), resolved, status.st_size, status.st_mtime_ns, named)


def _unreadable(path: Path, error: Exception) -> Problem:
    name = str(path)
    match error:
        case FileNotFoundError() if path.is_symlink():
            return Problem(name, "this symbolic link leads nowhere", remedy="remove it")
        case FileNotFoundError():
            return Problem(name, "there is no such file", remedy=_neighbour(path))
        case PermissionError():
            return Problem(name, "it may not be read", remedy=f"allow it: chmod +r {name}")
        case OSError():
            return Problem(name, f"it cannot be read: {error.strerror or error}")
        case _:
            return Problem(name, f"this is not the name of a file: {error}")


def _neighbour(path: Path) -> str:
    try:
        found = nearest(path.name, (other.name for other in path.parent.iterdir()))
    except OSError:
        return f"there is no folder {path.parent} either; check the path"
    return f"did you mean {path.parent / found}?" if found else "check the name and the folder"
