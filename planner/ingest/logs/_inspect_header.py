"""What an inspect_ai log (EvalLog 1 and 2) says of all its samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.ingest.logs._json_stream import Wanted
from planner.ingest.logs._values import members, size, text, whole

HEADER: Wanted = {
    "status": None,
    "eval": {
        "task": None,
        "model": None,
        "eval_id": None,
        "run_id": None,
        "dataset": {"name": None, "sample_ids": None},
        "model_generate_config": None,
        "scorers": None,
    },
    "plan": {"config": None},
    "results": {"scores": None, "scorer": None},
}
"""What is read of a log beside its samples."""


@dataclass(frozen=True)
class Header:
    """What a log says of all its samples."""

    task: str | None
    model: str | None
    run_id: str | None
    effort: str | None
    thinking_tokens: int | None
    temperature: int | float | None
    scorers: Sequence[str]
    """In the log's order."""
    sample_ids: Sequence[str]
    finished: bool

    @classmethod
    def of(cls, log: Mapping[str, object]) -> Header:
        """The header from the wanted part of a log."""
        spec = members(log.get("eval"))
        dataset = members(spec.get("dataset"))
        results = members(log.get("results"))
        plan = members(log.get("plan"))
        # What the task asks for goes before what the model was opened with.
        settings = _stated(spec.get("model_generate_config")) | _stated(plan.get("config"))
        task = text(spec.get("task"))
        ids = dataset.get("sample_ids")
        return cls(
            task=task.rsplit("/", 1)[-1] if task else text(dataset.get("name")),
            model=text(spec.get("model")),
            run_id=text(spec.get("eval_id")) or text(spec.get("run_id")),
            effort=_asked(settings.get("reasoning_effort")) or _asked(settings.get("effort")),
            thinking_tokens=whole(settings.get("reasoning_tokens")),
            temperature=size(settings.get("temperature")),
            scorers=(
                *_names(results.get("scores")),
                *_names([results.get("scorer")]),
                *_names(spec.get("scorers")),
            ),
            sample_ids=[t for i in ids if (t := text(i))] if isinstance(ids, list) else (),
            finished=log.get("status") == "success",
        )


def _stated(settings: object) -> dict[str, object]:
    return {name: value for name, value in members(settings).items() if value is not None}


def _asked(effort: object) -> str | None:
    asked = text(effort)
    return None if asked == "none" else asked


def _names(scorers: object) -> Sequence[str]:
    """Names of scorers; of one that gives several scores, its own after theirs."""
    rows = [members(s) for s in scorers] if isinstance(scorers, list) else []
    found = [row.get(key) for row in rows for key in ("name", "scorer")]
    return [name for name in found if isinstance(name, str)]
