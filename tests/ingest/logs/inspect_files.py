"""Logs of inspect_ai as tests write them, in both forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from log_files import Outcome, outcome, zip_of

from planner.ingest.logs.inspect_ai import read

Json = dict[str, Any]


def sample(problem: str = "q0", epoch: int = 1, value: Any = "C", **others: Any) -> Json:
    usage = {"input_tokens": 20, "output_tokens": 7, "total_tokens": 27}
    return {
        "id": problem,
        "epoch": epoch,
        "input": "2+3?",
        "target": "5",
        "messages": [{"role": "user", "content": 'say "}{" \\'}],
        "output": {"model": "m-1", "choices": [], "usage": usage},
        "scores": {"match": {"value": value, "answer": " 5 ", "history": []}},
        "metadata": {"level": 3, "bucket": "easy"},
        "events": [{"event": "span_begin", "id": "x"}],
        "model_usage": {"org/m": usage},
        "total_time": 0.9,
        "working_time": 0.5,
        **others,
    }


def log(*samples: Json, **spec: Any) -> Json:
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "eval_id": "e1",
            "run_id": "r1",
            "created": "2026-01-01T00:00:00+00:00",
            "task": "tests/toy",
            "dataset": {"name": "toy_set"},
            "model": "org/m",
            "model_generate_config": {},
            **spec,
        },
        "plan": {"name": "plan", "steps": [], "config": {"temperature": 0.7}},
        "results": {"scores": [{"name": "match", "scorer": "match", "reducer": "mean"}]},
        "stats": {"started_at": ""},
        "samples": list(samples),
        "reductions": [],
    }


def members(whole: Json) -> list[tuple[str, bytes]]:
    """The files of the `.eval` that says what a `.json` does."""
    parts = [
        (f"samples/{s['id']}_epoch_{s['epoch']}.json", json.dumps(s).encode())
        for s in whole["samples"]
    ]
    start = {k: whole[k] for k in ("version", "eval", "plan")}
    header = {k: v for k, v in whole.items() if k not in {"samples", "reductions"}}
    return [
        ("_journal/start.json", json.dumps(start).encode()),
        *parts,
        ("summaries.json", b"[]"),
        ("header.json", json.dumps(header).encode()),
    ]


def read_json(folder: Path, whole: Json | bytes, name: str = "a.json", **options: Any) -> Outcome:
    path = folder / name
    path.write_bytes(whole if isinstance(whole, bytes) else json.dumps(whole).encode())
    return outcome(read, [path], folder / "out", **options)


def read_eval(folder: Path, whole: Json | bytes, name: str = "a.eval") -> Outcome:
    data = whole if isinstance(whole, bytes) else zip_of(members(whole))
    return read_json(folder, data, name)
