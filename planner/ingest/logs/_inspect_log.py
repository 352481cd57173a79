"""Samples of one inspect_ai log as records."""

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from planner.errors import Problem
from planner.ingest.logs._inspect_header import Header
from planner.ingest.logs._json_stream import Wanted
from planner.ingest.logs._values import (
    BUCKET_NAMES,
    bucket,
    grade,
    members,
    shown,
    size,
    text,
    whole,
)
from planner.ingest.logs.reading import Reading

SAMPLE: Wanted = {
    "id": None,
    "epoch": None,
    "scores": {"*": {"value": None, "answer": None}},
    "score": {"value": None, "answer": None},
    "metadata": dict.fromkeys(BUCKET_NAMES),
    "output": {"model": None, "usage": None},
    "model_usage": {"*": None},
    "error": {"message": None},
    "invalidation": {"reason": None},
    "working_time": None,
    "total_time": None,
}
"""What is read of a sample: not its messages and events, which may be large."""

_NO_MODEL = {None, "none", "none/none"}
_ONLY_SCORE = "score"
# Logs of early 2024 have one score, without a name.


class Log:
    """Records of one log, kept on disk until all of it was seen.

    Only then it is known which model answered most samples, and whether any of them thought.
    """

    def __init__(self, name: str, header: Header, reading: Reading, kept: TextIO) -> None:
        self.name = name
        self.header = header
        self._reading = reading
        self._scorer: str | None = None
        self._seen: set[str] = set()
        self._answered_by: Counter[str] = Counter()
        self._thought = False
        self._kept = kept

    def saw(self, problem_id: str) -> None:
        """A problem has a sample, be it one that cannot be read."""
        self._seen.add(problem_id)

    def add(self, place: str, value: object) -> None:
        """One sample, with what is wanted of it."""
        sample = members(value)
        problem_id, epoch = text(sample.get("id")), whole(sample.get("epoch"))
        if problem_id is None or not epoch:
            what = "this sample has no id or no epoch"
            self._bad(place, what, "id", shown(value), "log it anew; epochs count from 1")
            return
        self.saw(problem_id)
        where = f"{place} (id {shown(problem_id)}, epoch {epoch})"
        score = self._score(where, sample)
        if score is None:
            return
        usage = _usage(sample, self.header.model)
        self._thought = self._thought or bool(size(usage.get("reasoning_tokens")))
        time_s = size(sample.get("working_time"))
        answered_by = text(members(sample.get("output")).get("model")) or ""
        self._answered_by[answered_by] += bool(answered_by)
        row = {
            "problem_id": problem_id,
            "sample": epoch - 1,
            "correct": grade(score.get("value")),
            "answer": text(score.get("answer")),
            "bucket": bucket(sample.get("metadata")),
            "prompt_tokens": _prompt_tokens(usage),
            "output_tokens": size(usage.get("output_tokens")),
            "reasoning_tokens": size(usage.get("reasoning_tokens")),
            "time_s": size(sample.get("total_time")) if time_s is None else time_s,
        }
        self._kept.write(json.dumps([where, answered_by, row]) + "\n")

    def finish(self, *, whole: bool) -> None:
        """Writes the records; `whole` says that no sample was lost on the way."""
        most = next(iter(self._answered_by.most_common(1)), ("", 0))[0]
        shared = self._shared(most)
        self._kept.seek(0)
        for line in self._kept:
            where, answered_by, row = json.loads(line)
            if answered_by not in {most, ""}:
                what = "mixed models: most samples of this log were answered by another model"
                self._bad(where, what, "output.model", shown(answered_by), f"most: {shown(most)}")
            elif shared is not None:
                self._reading.rows.write({**shared, **row})
        if not self.header.finished:
            read = "its samples so far are read"
            self._reading.note("unfinished_log", f"{self.name}: this run did not finish; {read}")
        if whole:
            self._missing()

    def _score(self, where: str, sample: Mapping[str, object]) -> Mapping[str, object] | None:
        """The score that holds the sample's grade; None where it has none, with a complaint."""
        scores = dict(members(sample.get("scores")))
        if sample.get("score") is not None:
            scores = {_ONLY_SCORE: sample.get("score")} | scores
        if self._scorer is None and scores:
            self._choose(scores)
        score = members(scores.get(self._scorer or ""))
        value = score.get("value")
        ungraded = _why_ungraded(sample, score)
        if ungraded is not None:
            there = ", ".join(map(shown, scores)) or "none"
            remedy = f"keep the others, or score the log anew; scorers here: {there}"
            error = sample.get("error")
            said = None if error is None else shown(members(error).get("message", error))
            self._bad(where, ungraded, None, said, remedy)
        elif grade(value) is None:
            what = "this score is no grade"
            remedy = "C, I, P, N, true, false or 0 to 1; choose another scorer where there is one"
            self._bad(where, what, f"scores.{shown(self._scorer)}", shown(value), remedy)
        else:
            return score
        return None

    def _choose(self, scores: Mapping[str, object]) -> None:
        """The scorer that was asked for, or the first that gives grades."""
        names = [*dict.fromkeys(n for n in (*self.header.scorers, *scores) if n in scores)]
        usable = (n for n in names if _may_be_grade(members(scores[n]).get("value")))
        self._scorer = self._reading.options.scorer or next(usable, names[0])
        others = [shown(n) for n in names if n != self._scorer]
        if others and self._scorer in names:
            read = f"{self.name}: the scorer {shown(self._scorer)} is read"
            self._reading.note("other_scorers", f"{read}; also there: {', '.join(others)}")

    def _shared(self, most: str) -> dict[str, object] | None:
        header = self.header
        model = most or None if header.model in _NO_MODEL else header.model
        if model is None:
            what = "the log does not say which model answered"
            self._bad(self.name, what, "eval.model", None, "log it anew", rows=None)
            return None
        long = header.effort is not None or bool(header.thinking_tokens) or self._thought
        greedy = header.temperature == 0 and not long
        return {
            "model": model,
            "question_set": self._reading.options.question_set or header.task,
            "run_id": header.run_id,
            "reasoning_effort": header.effort,
            "thinking_tokens": header.thinking_tokens or None,
            "method": "long_cot" if long else "greedy" if greedy else "sampled",
            "temperature": None if greedy else header.temperature,
        }

    def _missing(self) -> None:
        if not self._seen:
            what = "this log holds no samples"
            self._bad(self.name, what, None, None, "run it with --log-samples", rows=None)
            return
        for problem_id in self.header.sample_ids:
            if problem_id not in self._seen:
                what = "this problem of the log has no samples"
                remedy = "run the rest with `inspect eval-retry`"
                where = f"{self.name}: id {shown(problem_id)}"
                self._bad(where, what, None, None, remedy, rows=None)

    def _bad(
        self,
        where: str,
        what: str,
        column: str | None,
        value: str | None,
        remedy: str,
        rows: int | None = 1,
    ) -> None:
        self._reading.faults.bad(Problem(where, what, column, value, remedy), rows)


@contextmanager
def open_log(name: str, header: Header, reading: Reading) -> Iterator[Log]:
    """A log to add samples to and to finish."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", dir=reading.folder) as kept:
        yield Log(name, header, reading, kept)


def _may_be_grade(value: object) -> bool:
    """Whether a score is a grade, or the NaN of a scorer that came to none this time."""
    return grade(value) is not None or _is_nan(value)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _why_ungraded(sample: Mapping[str, object], score: Mapping[str, object]) -> str | None:
    if sample.get("invalidation") is not None:
        return "this sample was marked as invalid"
    if score.get("value") is not None and not _is_nan(score["value"]):
        return None
    if sample.get("error") is not None:
        return "this sample ended in an error and was not graded"
    return "the scorer came to no grade" if score else "this sample has no score of the scorer read"


def _usage(sample: Mapping[str, object], model: str | None) -> Mapping[str, object]:
    """Tokens of the model under test: a grader's stand beside them."""
    by_model = members(sample.get("model_usage"))
    found = by_model.get(model or "")
    if found is None and len(by_model) == 1:
        found = next(iter(by_model.values()))
    # Logs of 2024 tell the tokens of the last output only.
    return members(found or members(sample.get("output")).get("usage"))


def _prompt_tokens(usage: Mapping[str, object]) -> int | float | None:
    """Tokens of the prompt, cached ones included."""
    fresh = size(usage.get("input_tokens"))
    if fresh is None:
        return None
    names = ("input_tokens_cache_read", "input_tokens_cache_write")
    cached = sum(size(usage.get(name)) or 0 for name in names)
    total = size(usage.get("total_tokens"))
    output = size(usage.get("output_tokens")) or 0
    # Some providers count cached tokens among the others: the total tells.
    apart = not total or total >= fresh + output + cached
    return fresh + cached if apart else fresh
