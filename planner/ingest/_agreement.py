"""What rows say of each other: duplicates, sizes that differ, question counts that differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.domain.observation import Observation
from planner.errors import Note
from planner.ingest._table import Problems

Placed = tuple[int, Observation]
"""A row with its line."""

_KEY = ("model", "method", "verifier", "question_set", "bucket", "n_samples", "depth", "width",
        "thinking_tokens", "temperature")  # fmt: skip
_SIZES = (
    ("model", "params_b"),
    ("model", "active_params_b"),
    ("verifier", "verifier_params_b"),
)


def check_agreement(rows: Sequence[Placed], problems: Problems) -> list[Note]:
    """Adds duplicates and contradictions to `problems`; gives back what is only worth a note."""
    _duplicates(rows, problems)
    for owner, size in _SIZES:
        _one_size(rows, owner, size, problems)
    return _question_counts(rows, problems.name)


def _duplicates(rows: Iterable[Placed], problems: Problems) -> None:
    first: dict[tuple[object, ...], Placed] = {}
    for line, row in rows:
        earlier, before = first.setdefault(tuple(getattr(row, k) for k in _KEY), (line, row))
        if earlier == line:
            continue
        same = "with the same accuracy" if before.accuracy == row.accuracy else (
            f"with accuracy {before.accuracy:g} there and {row.accuracy:g} here"
        )  # fmt: skip
        problems.add(
            line,
            f"this row measures the same as line {earlier}, {same}",
            value=f"{row.model}, {row.method}, {row.question_set}, {row.bucket}, "
            f"n_samples {row.n_samples}",
            remedy="keep one of the two; rows differ by at least one of " + ", ".join(_KEY),
        )


def _one_size(rows: Iterable[Placed], owner: str, size: str, problems: Problems) -> None:
    first: dict[str, tuple[int, float]] = {}
    for line, row in rows:
        name, value = getattr(row, owner), getattr(row, size)
        if name is None or value is None:
            continue
        earlier, known = first.setdefault(name, (line, value))
        if known != value:
            problems.add(
                line,
                f"{name} has {size} {known:g} on line {earlier} and {value:g} here",
                size,
                f"{value:g}",
                f"correct one of the two lines, or give the two {owner}s different names",
            )


def _question_counts(rows: Iterable[Placed], name: str) -> list[Note]:
    counts: dict[tuple[str, str], dict[int, int]] = {}
    for line, row in rows:
        counts.setdefault((row.question_set, row.bucket), {}).setdefault(row.n_questions, line)
    return [
        Note(
            "n_questions_differ",
            f"{name}: {question_set}, bucket {bucket}, has "
            + ", ".join(f"{n} questions (first on line {line})" for n, line in seen.items())
            + "; rows of one question set are taken to be measured on the same questions",
        )
        for (question_set, bucket), seen in counts.items()
        if len(seen) > 1
    ]
