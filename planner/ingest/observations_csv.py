"""The observations CSV: one row for each accuracy that was measured or published.

Required columns: model, method, question_set, bucket, n_samples, accuracy, n_questions. A file
without question_set is read with the bucket's name for it. What is understood beyond plain
text is noted; what is wrong is refused, all of it at once, never repaired by a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path

from planner.domain.method import METHODS
from planner.domain.nearest import did_you_mean
from planner.domain.observation import MOST_SAMPLES, Observation, Observations
from planner.errors import Note
from planner.ingest._agreement import check_agreement
from planner.ingest._axes import complaints
from planner.ingest._cells import CellError, Number
from planner.ingest._table import Columns, Problems, Record, read_table
from planner.ingest._text import read_text

Value = str | float | int

NUMBERS: Mapping[str, Number] = {
    "n_samples": Number(low=1, high=MOST_SAMPLES, whole=True, required=True),
    "accuracy": Number(high=1, fraction=True, required=True),
    "n_questions": Number(low=1, whole=True, required=True),
    "params_b": Number(above_low=True),
    "active_params_b": Number(above_low=True),
    "verifier_params_b": Number(above_low=True),
    "depth": Number(whole=True),
    "width": Number(low=1, whole=True),
    "thinking_tokens": Number(whole=True),
    "temperature": Number(),
    "prompt_tokens": Number(),
    "output_tokens": Number(),
    "output_tokens_p95": Number(),
    # The standard deviation of scores in [0, 1] is at most 0.5.
    "accuracy_se": Number(high=0.5, fraction=True),
}

_REQUIRED = ("model", "method", "bucket", "n_samples", "accuracy", "n_questions")
_A_LOG = "a log of samples or counts? `planner measure` makes observations of it"
_PERCENTAGES = "name it accuracy and write fractions (0.662) or percent signs (66.2%)"
COLUMNS = Columns(
    required=_REQUIRED,
    optional=("question_set", *(f for f in Observation.model_fields
                                if f not in _REQUIRED and f != "question_set")),
    ignored=frozenset(
        {"provenance", "note", "notes", "comment", "comments", "remark", "remarks", "url", "index"}
    ),
    meant={
        "no bucket": "add a column named bucket; write `all` where the whole set was measured",
        **dict.fromkeys(("n", "k", "samples", "num_samples"), "did you mean n_samples?"),
        **dict.fromkeys(("acc", "score", "pass_rate", "mean_score"), "did you mean accuracy?"),
        **dict.fromkeys(("accuracy_pct", "accuracy_percent", "acc_pct"), _PERCENTAGES),
        **dict.fromkeys(("dataset", "benchmark", "task", "eval"), "did you mean question_set?"),
        **dict.fromkeys(("level", "difficulty"), "did you mean bucket?"),
        **dict.fromkeys(("questions", "problems", "n_problems"), "did you mean n_questions?"),
        **dict.fromkeys(("params", "size", "parameters", "size_b"),
                        "did you mean params_b, in billions?"),
        **dict.fromkeys(("stderr", "se", "std_err", "standard_error"), "did you mean accuracy_se?"),
        **dict.fromkeys(("problem_id", "question_id", "sample_index", "correct", "n_correct",
                         "n_total", "answer"), _A_LOG),
        **dict.fromkeys(("reward_model", "prm", "orm"), "did you mean verifier?"),
        **dict.fromkeys(("strategy", "technique"), "did you mean method?"),
    },
)  # fmt: skip

_METHOD_MEANT = {
    "self_consistency": "majority_vote",
    "sc": "majority_vote",
    "maj": "majority_vote",
    "voting": "majority_vote",
    "coverage": "oracle_best_of_n",
    "pass_k": "oracle_best_of_n",
    "pass_n": "oracle_best_of_n",
    "pass_1": "sampled",
    "bon": "best_of_n",
    "rerank": "best_of_n",
    "cot": "sampled",
    "zero_shot": "greedy",
    "thinking": "long_cot",
    "self_refine": "refine",
}
_UNDERSTOOD = {
    "decimal_comma": "{count} with a decimal comma read as decimals",
    "percent": "{count} with a percent sign read as fractions",
    "whole": "{count} such as 16.0 read as whole numbers",
    "method": "{count} with another spelling of a method read by its registered name",
    "question_set": "{count} without question_set: the bucket's name serves; rows of one bucket "
    "are taken to be measured on the same questions",
}


def read_observations(path: Path | Traversable, name: str | None = None) -> Observations:
    """Reads and checks an observations CSV.

    `name` stands for the file in messages and digests; without it, the path as given. Where
    `planner measure` wrote a measured file beside it, the replicates are read with it. Raises
    InputError with every problem of the file: line, column, value and remedy.
    """
    text = read_text(path, name)
    problems = Problems(text.name)
    table = read_table(text, COLUMNS, problems)
    reader = _RowReader(problems)
    checked = [(r.line, row) for r in table.records if (row := reader.read(r)) is not None]
    agreed = check_agreement(checked, problems)
    problems.raise_any()
    observations = Observations(
        rows=tuple(row for _, row in checked),
        places=tuple(f"{text.name}:{line}" for line, _ in checked),
        digests={text.name: text.sha256},
        notes=(*text.notes, *table.notes, *reader.notes(text.name), *agreed),
    )
    if isinstance(path, Path):
        # Its types take as long to load as all else of a short command.
        from planner.ingest.measured_json import with_replicates

        return with_replicates(observations, path, text.sha256)
    return observations


def sniff(head: str) -> bool:
    """Whether the beginning of a file looks like an observations CSV."""
    if head.lstrip().startswith(("{", "[")):
        return False
    first = re.sub(r"[\s-]+", "_", head.strip().partition("\n")[0].casefold())
    return all(re.search(rf"(?:^|\W|_){c}(?:$|\W|_)", first) for c in ("model", "accuracy"))


@dataclass
class _RowReader:
    """Turns records into observations, and keeps count of what it understood."""

    problems: Problems
    understood: Counter[str] = field(default_factory=Counter)

    def read(self, record: Record) -> Observation | None:
        """The observation of a record, or None where something is wrong with it."""
        before = self.problems.count
        row: dict[str, Value] = {}
        for column, cell in record.cells.items():
            if not cell:
                if column in _REQUIRED:
                    self._empty(record, column)
                continue
            try:
                row[column] = self._value(column, cell)
            except CellError as error:
                self.problems.add(record.line, error.what, column, cell, error.remedy)
        for column, what, remedy in complaints(row):
            self.problems.add(record.line, what, column, record.cells.get(column) or None, remedy)
        if self.problems.count > before or not all(column in row for column in _REQUIRED):
            return None
        if "question_set" not in row:
            row["question_set"] = row["bucket"]
            self.understood["question_set"] += 1
        return Observation.model_validate(row)

    def _value(self, column: str, cell: str) -> Value:
        if column in NUMBERS:
            return NUMBERS[column].read(cell, self.understood)
        return self._method(cell) if column == "method" else _name(cell)

    def _method(self, cell: str) -> str:
        plain = re.sub(r"[\s_/-]+", "_", cell.casefold())
        if plain not in METHODS:
            meant = _METHOD_MEANT.get(re.sub(r"(?<=maj)_\d+$|[\W_]+$", "", re.sub("@", "_", plain)))
            near = f"did you mean {meant}?" if meant else did_you_mean(cell, METHODS)
            raise CellError(
                "there is no method of this name",
                near or f"the methods are {', '.join(METHODS)}",
            )
        if plain != cell:
            self.understood["method"] += 1
        return plain

    def _empty(self, record: Record, column: str) -> None:
        remedy = {
            "bucket": "write the difficulty bucket, or `all` for the whole question set",
            "n_samples": "write 1 for greedy and sampled, else the samples that were drawn",
            "n_questions": "write how many questions the mean was taken over",
        }.get(column, "fill it, or remove the row")
        self.problems.add(record.line, "this cell is empty and may not be", column, remedy=remedy)

    def notes(self, name: str) -> list[Note]:
        """What was understood, counted."""
        noun = {"question_set": "row"}
        return [
            Note(code, f"{name}: " + sentence.format(
                count=f"{self.understood[code]} {noun.get(code, 'cell')}"
                f"{'s' if self.understood[code] != 1 else ''}"
            ))
            for code, sentence in _UNDERSTOOD.items()
            if self.understood[code]
        ]  # fmt: skip


def _name(cell: str) -> str:
    # Escape sequences and text direction marks would reach terminals and pages.
    if not cell.isprintable() and any(unicodedata.category(c) in ("Cc", "Cf") for c in cell):
        raise CellError("it holds characters that cannot be seen", "type the name anew")
    return cell
