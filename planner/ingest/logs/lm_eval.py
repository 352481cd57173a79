"""Logs of lm-evaluation-harness: results_*.json and samples_*.jsonl beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from planner.errors import Problem
from planner.ingest.logs._json_stream import JsonError, JsonStream
from planner.ingest.logs._lm_eval_lines import TaskLines
from planner.ingest.logs._lm_eval_run import RUN, Run, Task, model_of, run_of, stamp_of, task_of
from planner.ingest.logs._values import members, shown
from planner.ingest.logs.cells import UnsoundError
from planner.ingest.logs.lines import lines
from planner.ingest.logs.reading import Reading
from planner.ingest.logs.sources import SourceFile
from planner.ingest.logs.unpack import Compression, UnpackError, blocks, compression_of

_RESULTS = re.compile(rb'\s*\{\s*"results"\s*:\s*\{')
_LINE = re.compile(rb'\s*\{\s*"doc_id"\s*:')
_MANY = 3


def sniff(file: SourceFile, head: bytes) -> bool:
    """Whether a file that begins so looks like a log of lm-evaluation-harness."""
    name = Path(file.name).name
    if _LINE.match(head):
        return name.startswith("samples_") or b'"filtered_resps"' in head or b'"doc_hash"' in head
    told = any(word in head for word in (b'"alias"', b'"configs"', b'"lm_eval_version"', b",none"))
    return _RESULTS.match(head) is not None and (name.startswith("results_") or told)


def read(files: list[SourceFile], reading: Reading) -> None:
    """Reads logs of lm-evaluation-harness; one record a response that was graded."""
    samples = [f for f in files if _holds_samples(f)]
    runs = [run for f in files if f not in samples and (run := _run(f, reading)) is not None]
    notes = _Notes()
    met: set[tuple[str, str]] = set()
    for file in samples:
        run = run_of(file, runs)
        name = task_of(file, run)
        if run is not None:
            met.add((run.file.name, name))
        _read_samples(file, run, name, reading, notes)
    for run in runs:
        without = [name for name in run.tasks if (run.file.name, name) not in met]
        _without_samples(run, without, reading)
    notes.give(reading)


class _Notes:
    """Notes that several tasks share, given once with the tasks' names."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, str], dict[str, None]] = {}

    def add(self, task: str, code: str, message: str) -> None:
        self._tasks.setdefault((code, message), {})[task] = None

    def give(self, reading: Reading) -> None:
        for (code, message), tasks in self._tasks.items():
            reading.note(code, f"{_some(list(tasks))}: {message}")


def _holds_samples(file: SourceFile) -> bool:
    name = Path(file.name).name
    return name.startswith("samples_") or ".jsonl" in name


def _run(file: SourceFile, reading: Reading) -> Run | None:
    reading.progress(file.size)
    try:
        with closing(blocks(file.path, _compression(file))) as unpacked:
            stream = JsonStream(unpacked)
            found = members(stream.pick(RUN))
            stream.end()
    except (JsonError, UnpackError) as error:
        what = f"this results file is broken: {error}"
        remedy = "copy it again, whole"
        reading.faults.bad(Problem(file.name, what, remedy=remedy), None)
        return None
    run = Run.of(file, found)
    if not run.tasks:
        what = "this results file names no tasks"
        remedy = "name results_*.json of lm-evaluation-harness"
        reading.faults.bad(Problem(file.name, what, remedy=remedy), None)
    return run


def _read_samples(
    file: SourceFile, run: Run | None, name: str, reading: Reading, notes: _Notes
) -> None:
    model = run.model if run is not None and run.model is not None else model_of(file)
    task = run.tasks.get(name, Task()) if run is not None else Task()
    problem = None
    if model is None:
        what = "nothing says which model answered: there is no results file of this run"
        remedy = "name its folder, or results_*.json too; or name the folder org__model"
        problem = Problem(file.name, what, remedy=remedy)
    elif task.output_type == "loglikelihood_rolling":
        what = "this task measures likelihoods of texts: nothing in it is right or wrong"
        problem = Problem(file.name, what, remedy="leave this file out")
    if problem is not None:
        reading.faults.bad(problem, None)
        reading.progress(file.size)
        return
    run_id = stamp_of(file) if run is None else run.run_id
    shared = {"model": model, "question_set": name, "run_id": run_id}
    found = TaskLines(task, shared, reading, lambda code, said: notes.add(name, code, said))
    _take_lines(file, found, reading)
    asked = reading.options.filter
    if asked is not None and asked == found.plain and asked not in found.filters:
        what = "the filter that was asked for is not in this file"
        there = ", ".join(map(shown, found.filters))
        problem = Problem(file.name, what, "filter", asked, f"choose one of: {there}")
        reading.faults.bad(problem, None)
    if found.unread:
        others = ", ".join(map(shown, found.unread))
        said = f"the filter {shown(found.plain)} is read; also there: {others}"
        notes.add(name, "other_filters", said)


def _take_lines(file: SourceFile, found: TaskLines, reading: Reading) -> None:
    def tap(block: bytes) -> None:
        reading.progress(len(block))

    try:
        with closing(blocks(file.path, _compression(file), tap)) as unpacked:
            for number, line in lines(unpacked, "utf-8"):
                where = f"{file.name}:{number}"
                if isinstance(line, UnsoundError):
                    reading.faults.bad(Problem(where, line.what, remedy=line.remedy))
                elif line.strip():
                    _take_line(where, line, found, reading)
    except UnpackError as error:
        what = f"the file is broken: {error.what}; the lines before it were read"
        reading.faults.bad(Problem(file.name, what, remedy=error.remedy), None)


def _take_line(where: str, line: str, found: TaskLines, reading: Reading) -> None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        what = "this line is not JSON"
        remedy = "copy the log again, whole, or keep what is sound"
        reading.faults.bad(Problem(where, what, value=shown(line), remedy=remedy))
        return
    found.take(where, value)


def _without_samples(run: Run, names: Sequence[str], reading: Reading) -> None:
    """Says which tasks of a run have accuracies only."""
    if not names:
        return
    remedy = "run it again with --log_samples"
    if len(names) == len(run.tasks):
        what = "this run logged accuracies only, and no samples"
        reading.faults.bad(Problem(run.file.name, what, None, _some(names), remedy), None)
    else:
        said = f"{run.file.name} has accuracies only, and no samples, of {_some(names)}: {remedy}"
        reading.note("no_samples", said)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return ", ".join(map(shown, names[:_MANY])) + more


def _compression(file: SourceFile) -> Compression:
    with file.path.open("rb") as stream:
        return compression_of(stream.read(4))
