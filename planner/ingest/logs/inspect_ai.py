"""Logs of inspect_ai: `.eval`, a ZIP of JSON files, and `.json`, one document of the same.

Either may be many gigabytes: samples are read one by one, and only what is wanted of them.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import closing

from planner.errors import Problem
from planner.ingest.logs._inspect_header import HEADER, Header
from planner.ingest.logs._inspect_log import SAMPLE, Log, open_log
from planner.ingest.logs._json_stream import JsonError, JsonStream, Wanted
from planner.ingest.logs._values import members, shown
from planner.ingest.logs._zip import SIGNATURE, Archive, Member
from planner.ingest.logs.reading import Reading
from planner.ingest.logs.sources import SourceFile
from planner.ingest.logs.unpack import UnpackError, blocks, compression_of

_HEADERS = ("header.json", "_journal/start.json")
# The first is written at the end of a run, the second at its start.
_SAMPLE = re.compile(r"samples/((.+)_epoch_\d+)(?:/sample)?\.json", re.DOTALL)
# Large samples are a folder of parts.
_JSON_LOG = re.compile(rb'\s*\{.*?"eval"\s*:\s*\{', re.DOTALL)
_EVAL = re.compile(rb'"(?:created|run_id|eval_id|task_id)"\s*:')


def sniff(file: SourceFile, head: bytes) -> bool:
    """Whether a file that begins so looks like a log of inspect_ai."""
    if file.name.endswith(".eval"):
        return True
    if head.startswith(SIGNATURE):
        return any(name in head for name in (b"_journal/", b"header.json", b"samples/"))
    start = _JSON_LOG.match(head.removeprefix(b"\xef\xbb\xbf"))
    return start is not None and _EVAL.search(head) is not None


def read(files: list[SourceFile], reading: Reading) -> None:
    """Reads logs of inspect_ai; one record a sample."""
    for file in files:
        try:
            with file.path.open("rb") as stream:
                head = stream.read(len(SIGNATURE))
            if head == SIGNATURE or file.name.endswith(".eval"):
                _read_archive(file, reading)
            else:
                _read_document(file, head, reading)
        except OSError as error:
            _bad(file, reading, f"it cannot be read: {error.strerror or error}", None)


def _read_archive(file: SourceFile, reading: Reading) -> None:
    archive = Archive(file.path)
    if not archive.members:
        _bad(file, reading, "this is no ZIP file, as .eval files are", "copy the log again, whole")
        return
    if not archive.whole:
        what = "the ZIP file is cut off: the list of its members is missing"
        _bad(file, reading, what, "copy the log again, whole")
    header = _archive_header(file, archive, reading)
    if header is None:
        return
    whole = archive.whole
    told = 0
    with open_log(file.name, header, reading) as log:
        for member in archive.members.values():
            name = _SAMPLE.fullmatch(member.name)
            if name is not None:
                whole &= _add_member(file, archive, member, log, reading)
                log.saw(name.group(2))
            reading.progress(member.packed)
            told += member.packed
        reading.progress(max(0, file.size - told))
        log.finish(whole=whole)


def _add_member(
    file: SourceFile, archive: Archive, member: Member, log: Log, reading: Reading
) -> bool:
    place = f"{file.name}: {shown(member.name)}"
    try:
        sample = _member(archive, member, SAMPLE)
        part = archive.members.get(f"{member.name.removesuffix('sample.json')}metadata.json")
        if part is not None and member.name.endswith("/sample.json"):
            sample = {**members(sample), "metadata": _member(archive, part, SAMPLE["metadata"])}
    except (JsonError, UnpackError) as error:
        problem = Problem(place, f"this sample cannot be read: {error}", remedy=_REMEDY)
        reading.faults.bad(problem)
        return False
    log.add(place, sample)
    return True


_REMEDY = "copy the log again, whole, or keep what is sound"


def _archive_header(file: SourceFile, archive: Archive, reading: Reading) -> Header | None:
    for name in _HEADERS:
        member = archive.members.get(name)
        if member is None:
            continue
        try:
            found = members(_member(archive, member, HEADER))
        except (JsonError, UnpackError) as error:
            problem = Problem(f"{file.name}: {name}", f"it cannot be read: {error}", remedy=_REMEDY)
            reading.faults.bad(problem, 0)
            continue
        if members(found.get("eval")):
            return Header.of(found)
    what = f"it says nothing of the evaluation: no sound {' or '.join(_HEADERS)}"
    _bad(file, reading, what, "name .eval files of inspect_ai, whole ones")
    return None


def _member(archive: Archive, member: Member, wanted: Wanted | None) -> object:
    with closing(archive.blocks(member)) as unpacked:
        stream = JsonStream(unpacked)
        found = stream.pick(wanted)
        stream.end()
    return found


def _read_document(file: SourceFile, head: bytes, reading: Reading) -> None:
    try:
        header = _document_header(file, head)
    except (JsonError, UnpackError) as error:
        _bad(file, reading, f"the log is broken: {error}", _REMEDY)
        return
    if header is None:
        what = "it says nothing of the evaluation: there is no eval in it"
        _bad(file, reading, what, "name logs of inspect_ai")
        return
    with open_log(file.name, header, reading) as log:
        whole = False
        try:
            with closing(_blocks(file, head, reading)) as unpacked:
                _add_samples(file, JsonStream(unpacked), log)
            whole = True
        except (JsonError, UnpackError) as error:
            what = f"the log is broken: {error}; the samples before it were read"
            _bad(file, reading, what, _REMEDY)
        log.finish(whole=whole)


def _document_header(file: SourceFile, head: bytes) -> Header | None:
    found: dict[str, object] = {}
    with closing(_blocks(file, head, None)) as unpacked:
        stream = JsonStream(unpacked)
        for name in stream.names():
            if name == "samples" and "eval" in found:
                break
            if name in HEADER:
                found[name] = stream.pick(HEADER[name])
    return Header.of(found) if members(found.get("eval")) else None


def _add_samples(file: SourceFile, stream: JsonStream, log: Log) -> None:
    for name in stream.names():
        if name != "samples" or stream.kind() != "[":
            continue
        for number in stream.elements():
            place = f"{file.name}: samples[{number}]"
            log.add(place, stream.pick(SAMPLE))
    stream.end()


def _blocks(file: SourceFile, head: bytes, reading: Reading | None) -> Generator[bytes]:
    def tap(block: bytes) -> None:
        if reading is not None:
            reading.progress(len(block))

    return blocks(file.path, compression_of(head), tap)


def _bad(file: SourceFile, reading: Reading, what: str, remedy: str | None) -> None:
    reading.faults.bad(Problem(file.name, what, remedy=remedy), None)
