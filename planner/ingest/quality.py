"""The quality of the data behind fitted curves, from the measured files beside them."""

from __future__ import annotations

from pathlib import Path

from planner.domain.curves import DataQuality
from planner.domain.measured import meta_path
from planner.errors import InputError
from planner.ingest.measured_json import read_measured


def quality_of(file: str, sha256: str, near: Path) -> DataQuality:
    """The quality of a file of observations whose bytes had this digest.

    file: its name as it was given when it was read. near: folder where it is looked for too, as
    curves and observations are often moved together. Where its measured file is missing, broken
    or written for other bytes, the quality says so; nothing is raised.
    """
    name = Path(file).name
    if not name:
        return DataQuality(file=file, reason="its name is not the name of a file")
    beside = meta_path(Path(name)).name
    reason = f"no {beside} stands beside it: planner measure did not make it, or files were moved"
    for folder in dict.fromkeys((Path(file).parent, near / Path(file).parent, near)):
        path = folder / beside
        if not _is_file(path):
            continue
        try:
            measured = read_measured(path)
        except InputError:
            reason = f"{beside} cannot be read: it is broken, or of another version of the planner"
            continue
        if measured.sha256 == sha256:
            return DataQuality(file=file, measured=measured.model_copy(update={"replicates": ()}))
        reason = f"{beside} was written for another {name}: its digest is not that of what was read"
    return DataQuality(file=file, reason=reason)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
