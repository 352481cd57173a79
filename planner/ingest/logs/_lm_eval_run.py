"""What lm-evaluation-harness says of a run: results_*.json, and the names of its files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from planner.ingest.logs._json_stream import Wanted
from planner.ingest.logs._values import flag, members, size, text, whole
from planner.ingest.logs.sources import SourceFile

RUN: Wanted = {
    "results": {"*": {"alias": None}},
    "group_subtasks": None,
    "configs": None,
    "config": {"model_args": None, "gen_kwargs": None},
    "date": None,
    "model_name": None,
}
"""What is read of results_*.json."""

_ENDING = r"(?:\.gz|\.zst)?"
_STAMP = r"(?:_(?P<stamp>\d{4}-\d\d-\d\dT[\d.:-]+))?"
_SAMPLES = re.compile(rf"(?:samples_)?(?P<task>.+?){_STAMP}\.jsonl?{_ENDING}", re.DOTALL)
_MODEL_FOLDER = re.compile(r"([^_]+(?:_[^_]+)*)__(.+)", re.DOTALL)
_VOTE = re.compile(r"maj(?:ority)?(?:[_-]?vote)?@(\d+)|majority[_-]vote", re.IGNORECASE)
_MODEL_ARGUMENTS = ("peft", "delta", "pretrained", "model", "path", "engine")
# The harness looks for a model's name in this order.


@dataclass(frozen=True)
class Task:
    """How one task of a run was asked and scored."""

    output_type: str | None = None
    filters: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    """Functions of each filter, by its name, in the task's order; empty where unknown."""
    metrics: Sequence[str] = ()
    """In the task's order."""
    repeats: int = 1
    generation: Mapping[str, object] = field(default_factory=dict)

    def votes(self, name: str, repeats: int) -> int | None:
        """Responses that a filter has vote; None where it is no vote."""
        functions = self.filters.get(name, ())
        named = _VOTE.fullmatch(name)
        called = [text(f.get("function")) for f in functions]
        if "majority_vote" not in called:
            k = whole(named.group(1)) if named else None
            return None if named is None else min(k or repeats, repeats)
        before = functions[: called.index("majority_vote")]
        k = next((k for f in before if (k := whole(f.get("k"))) is not None), repeats)
        return min(k, repeats)


@dataclass(frozen=True)
class Run:
    """One run, as its results file tells it."""

    file: SourceFile
    model: str | None
    run_id: str | None
    tasks: Mapping[str, Task]

    @classmethod
    def of(cls, file: SourceFile, document: Mapping[str, object]) -> Run:
        """The run from the wanted part of its results file."""
        spec = members(document.get("config"))
        asked = _arguments(spec.get("gen_kwargs"))
        model_args = _arguments(spec.get("model_args"))
        named = (text(model_args.get(key)) for key in _MODEL_ARGUMENTS)
        groups = members(document.get("group_subtasks"))
        aggregates = {name for name, tasks in groups.items() if tasks}
        configs = members(document.get("configs"))
        names = configs or members(document.get("results"))
        return cls(
            file=file,
            model=text(document.get("model_name")) or next(filter(None, named), None),
            run_id=stamp_of(file) or text(document.get("date")),
            tasks={
                name: _task(members(configs.get(name)), asked)
                for name in names
                if name not in aggregates
            },
        )


def task_of(file: SourceFile, run: Run | None) -> str:
    """Name of the task whose samples a file holds."""
    found = _SAMPLES.fullmatch(Path(file.name).name)
    name = found.group("task") if found else Path(file.name).stem
    if run is None or name in run.tasks or len(run.tasks) != 1:
        return name
    return next(iter(run.tasks))


def stamp_of(file: SourceFile) -> str | None:
    """When a file says that its run ended."""
    found = _SAMPLES.fullmatch(Path(file.name).name)
    return found.group("stamp") if found else None


def run_of(file: SourceFile, runs: Iterable[Run]) -> Run | None:
    """The run that a file of samples belongs to, by folder and time."""
    stamp, folder = stamp_of(file), Path(file.name).parent
    of_time = [r for r in runs if stamp is not None and stamp_of(r.file) == stamp]
    here = [r for r in of_time if Path(r.file.name).parent == folder]
    if here or len(of_time) == 1:
        return (here or of_time)[0]
    beside = [r for r in runs if Path(r.file.name).parent == folder]
    timeless = len(beside) == 1 and None in {stamp, stamp_of(beside[0].file)}
    return beside[0] if timeless else None


def model_of(file: SourceFile) -> str | None:
    """The model that the folder of a file is named after, as the harness does it."""
    found = _MODEL_FOLDER.fullmatch(Path(file.name).parent.name)
    return None if found is None else f"{found.group(1)}/{found.group(2)}"


def drawn(settings: Mapping[str, object]) -> tuple[str, int | float | None]:
    """Method and temperature of responses that were generated with these settings."""
    temperature, sampled = size(settings.get("temperature")), flag(settings.get("do_sample"))
    if sampled is False or temperature == 0 or (temperature is None and not sampled):
        return "greedy", None
    return "sampled", temperature


def _task(spec: Mapping[str, object], asked: Mapping[str, object]) -> Task:
    listed = [(text(members(f).get("name")), members(f)) for f in _rows(spec.get("filter_list"))]
    filters = {
        name: [members(function) for function in _rows(about.get("filter"))]
        for name, about in listed
        if name is not None
    }
    metrics = (text(members(m).get("metric")) for m in _rows(spec.get("metric_list")))
    return Task(
        output_type=text(spec.get("output_type")),
        filters=filters or ({"none": [{"function": "take_first"}]} if spec else {}),
        metrics=[name for name in metrics if name is not None],
        repeats=whole(spec.get("repeats")) or 1,
        generation={**members(spec.get("generation_kwargs")), **asked},
    )


def _rows(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _arguments(value: object) -> Mapping[str, object]:
    """Arguments as an object, or as the command line has them: a=1,b=2."""
    if not isinstance(value, str):
        return members(value)
    assigned = (part.partition("=") for part in value.split(","))
    return {name.strip(): given.strip() for name, equals, given in assigned if equals}
