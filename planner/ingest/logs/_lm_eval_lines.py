"""Lines of lm-evaluation-harness's samples as records: one line a document and filter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from planner.errors import Problem
from planner.ingest.logs._lm_eval_run import Task, drawn
from planner.ingest.logs._values import bucket, grade, members, number, shown, text
from planner.ingest.logs.reading import Reading

Tell = Callable[[str, str], None]
"""Takes the code of a note and its message."""

_NO_METRIC = re.compile(
    r"doc(?:_id)?|target|arguments|(?:filtered_)?resps|filter|metrics|(?:doc|prompt|target)_hash"
)
_NO_GRADE = re.compile(r"(?:\w+_)?perplexity|bits_per_byte|brier_score|likelihood|bypass")
_PASS = re.compile(r"pass(?:@|_at_)(\d+)")
_INVALID = "[invalid]"
# What the harness writes where a filter found no answer.
_REFUSED = "no metric of this line is a grade of one response"


class TaskLines:
    """Reads the lines of one task, in their order."""

    def __init__(
        self, task: Task, shared: Mapping[str, object], reading: Reading, tell: Tell
    ) -> None:
        self._task = task
        self._shared = shared
        self._reading = reading
        self._tell = tell
        self._metric: str | None = None
        self._times: Counter[tuple[str | None, str]] = Counter()
        self._votes: dict[int, str] = {}
        self._plain = self._wanted()
        self.filters: dict[str, None] = {}
        """Filters that were met."""

    @property
    def unread(self) -> list[str]:
        """Filters that were met and not read."""
        return [f for f in self.filters if f not in {self._plain, *self._votes.values()}]

    @property
    def plain(self) -> str | None:
        """The filter whose answers are samples."""
        return self._plain

    def take(self, where: str, line: object) -> None:
        """One line; its records are written or it is complained about."""
        doc = members(line)
        doc_id = text(doc.get("doc_id"))
        if doc_id is None:
            self._bad(where, "this line names no document", "doc_id", shown(line))
            return
        given = text(doc.get("filter"))
        time = self._times[given, doc_id]
        self._times[given, doc_id] += 1
        if given is not None and time:
            self._bad(where, "this document stands here twice with one filter", "doc_id", doc_id)
            return
        name = given or self._unnamed(time)
        self.filters[name] = None
        repeats = self._repeats(doc)
        n_samples = self._task.votes(name, repeats)
        if n_samples is not None and n_samples > 1:
            if self._votes.setdefault(n_samples, name) == name:
                self._take_vote(where, doc, doc_id, n_samples)
            return
        self._plain = self._plain or name
        if name == self._plain:
            self._take_samples(where, doc, doc_id, repeats)

    def _wanted(self) -> str | None:
        """The filter that is read as samples; None: the first that is met."""
        asked = self._reading.options.filter
        votes = self._task.votes
        plain = [f for f in self._task.filters if (votes(f, self._task.repeats) or 1) == 1]
        if asked is not None and (asked in self._task.filters or len(plain) != 1):
            return asked
        return plain[0] if plain else None

    def _unnamed(self, time: int) -> str:
        """Filter of a line that names none, as before 2025: they come in the task's order."""
        names = list(self._task.filters)
        return names[time] if time < len(names) else f"filter {time + 1}"

    def _repeats(self, doc: Mapping[str, object]) -> int:
        responses = _first(doc.get("resps"))
        if _is_choice(self._task, doc) or not isinstance(responses, list):
            return 1 if _is_choice(self._task, doc) else self._task.repeats
        return max(1, len(responses))

    def _take_vote(
        self, where: str, doc: Mapping[str, object], doc_id: str, n_samples: int
    ) -> None:
        values = self._values(where, doc, 1)
        if values is not None:
            vote = {"method": "majority_vote", "n_samples": n_samples, "sample": 0}
            answer = _answer(_first(doc.get("filtered_resps")))
            self._write(doc, doc_id, {**vote, "correct": values[0], "answer": answer})

    def _take_samples(
        self, where: str, doc: Mapping[str, object], doc_id: str, repeats: int
    ) -> None:
        filtered = _first(doc.get("filtered_resps"))
        several = isinstance(filtered, list) and not _is_choice(self._task, doc)
        graded = len(filtered) if isinstance(filtered, list) and several else repeats
        values = self._values(where, doc, graded)
        if values is None:
            return
        if len(values) == graded:
            answers = self._answers(doc, graded)
            for i, (value, answer) in enumerate(zip(values, answers, strict=True)):
                self._write(doc, doc_id, {"sample": i, "correct": value, "answer": answer})
        elif not several:
            self._tell(
                "no_per_sample_correctness",
                "of several responses only the one that the filter picked was graded, so pass@k "
                "beyond 1 and votes at other n cannot be measured: run again with a filter that "
                "keeps all responses and a metric that grades each of them",
            )
            row = {"sample": 0, "correct": values[0], "answer": _answer(filtered)}
            self._write(doc, doc_id, row)
        else:
            self._take_count(where, doc, doc_id, values[0] * graded, graded)

    def _take_count(
        self, where: str, doc: Mapping[str, object], doc_id: str, right: float, graded: int
    ) -> None:
        """pass@1 of several responses is the share of right ones."""
        name = self._metric or ""
        if not _PASS.fullmatch(name) or abs(right - round(right)) > 1e-6 * graded:
            what = "one number stands for several responses, and not which of them are right"
            self._bad(where, what, name, shown(doc.get(name)))
            return
        self._write(doc, doc_id, {"n_total": graded, "n_correct": round(right)})

    def _write(self, doc: Mapping[str, object], doc_id: str, row: Mapping[str, object]) -> None:
        method, temperature = "greedy", None
        if not _is_choice(self._task, doc):
            argument = members(_second_argument(doc))
            method, temperature = drawn({**self._task.generation, **argument})
        about = {
            "problem_id": doc_id,
            "bucket": bucket(doc.get("doc")),
            "method": method,
            "temperature": temperature,
        }
        self._reading.rows.write({**self._shared, **about, **row})

    def _values(self, where: str, doc: Mapping[str, object], repeats: int) -> list[float] | None:
        """Grades by the metric: of each response, or one; None with a complaint."""
        names = self._metrics(doc)
        found = {name: v for name in names if (v := _grades(doc.get(name), repeats)) is not None}
        if self._metric is None and found:
            self._metric = next(iter(found))
            others = [shown(n) for n in names if n != self._metric]
            if others:
                read = f"the metric {shown(self._metric)} is read as correctness"
                self._tell("other_metrics", f"{read}; also there: {', '.join(others)}")
        values = found.get(self._metric or "")
        if values is None:
            seen = {n: doc.get(n) for n in self._names(doc) if self._metric in {None, n}}
            deep = [n for n in seen if (passed := _PASS.fullmatch(n)) and passed[1] != "1"]
            why = f": {deep[0]} tells whether any of several is right" if deep else ""
            self._bad(where, _REFUSED + why, self._metric, shown(seen))
        return values

    def _names(self, doc: Mapping[str, object]) -> list[str]:
        """Metrics of a line, in the task's order."""
        listed = doc.get("metrics")
        there = (
            listed if isinstance(listed, list) else [n for n in doc if not _NO_METRIC.fullmatch(n)]
        )
        names = dict.fromkeys(n for n in there if isinstance(n, str))
        return [n for n in dict.fromkeys((*self._task.metrics, *names)) if n in names]

    def _metrics(self, doc: Mapping[str, object]) -> list[str]:
        passes = ((n, _PASS.fullmatch(n)) for n in self._names(doc) if not _NO_GRADE.fullmatch(n))
        return [n for n, passed in passes if passed is None or passed[1] == "1"]

    def _answers(self, doc: Mapping[str, object], graded: int) -> Sequence[str | None]:
        filtered = doc.get("filtered_resps")
        if _is_choice(self._task, doc):
            return [_likeliest(filtered)]
        first = _first(filtered)
        if isinstance(first, list):
            return [_answer(f) for f in first]
        return [_answer(first)] + [None] * (graded - 1)

    def _bad(self, where: str, what: str, column: str | None, value: str | None) -> None:
        remedy = "log it anew, or keep what is sound"
        self._reading.faults.bad(Problem(where, what, column, value, remedy))


def _grades(value: object, repeats: int) -> list[float] | None:
    """Grades of each response, or one; None where the value is neither."""
    several = value if isinstance(value, list) and len(value) == repeats else [value]
    grades = [g for v in several if (g := grade(v)) is not None]
    return grades if len(grades) == len(several) else None


def _is_choice(task: Task, doc: Mapping[str, object]) -> bool:
    """Whether the likelihoods of given choices were compared, and nothing was generated."""
    if task.output_type is not None:
        return task.output_type != "generate_until"
    generated = isinstance(_second_argument(doc), dict)
    return not generated and isinstance(_first(doc.get("filtered_resps")), list)


def _second_argument(doc: Mapping[str, object]) -> object:
    """What a response was asked with beside its prompt: settings, or a choice."""
    arguments = members(doc.get("arguments"))
    return members(next(iter(arguments.values()), None)).get("arg_1")


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _answer(value: object) -> str | None:
    found = text(value) if isinstance(value, str) else None
    return None if found == _INVALID else found


def _likeliest(choices: object) -> str | None:
    """Number of the choice of the highest likelihood; None where there is no choice."""
    likelihoods = [number(_first(c)) for c in choices] if isinstance(choices, list) else []
    sound = [v for v in likelihoods if v is not None]
    if len(sound) < 2 or len(sound) != len(likelihoods):
        return None
    return str(sound.index(max(sound)))
