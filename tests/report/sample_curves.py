"""Observations with known truths, and the commands that make pages of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from typer.testing import CliRunner, Result

from planner.cli import app

COLUMNS = (
    "model", "method", "verifier", "question_set", "bucket", "n_samples", "accuracy",
    "n_questions",
)  # fmt: skip
VOTE, GREEDY = "majority_vote", "greedy"
RISING = {1: 0.20, 2: 0.28, 4: 0.36, 8: 0.44, 16: 0.52}
FALLING = {1: 0.30, 2: 0.36, 4: 0.42, 8: 0.40, 16: 0.34}

Row = tuple[str, str, str, str, str, int, float, int]


def rows(
    model: str,
    points: Mapping[int, float],
    method: str = VOTE,
    *,
    verifier: str = "",
    question_set: str = "Maths",
    bucket: str = "all",
    questions: int = 2000,
) -> list[Row]:
    """The rows of one curve."""
    return [
        (model, method, verifier, question_set, bucket, n, accuracy, questions)
        for n, accuracy in points.items()
    ]


def write(path: Path, *curves: Sequence[Row]) -> Path:
    """An observations CSV of these curves."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(row for curve in curves for row in curve)
    return path


def planner(*words: object) -> Result:
    """Runs a command of the planner in this process."""
    return CliRunner().invoke(app, [str(word) for word in words])


def page_of(folder: Path, *curves: Sequence[Row]) -> str:
    """The page of an observations CSV of these curves, made by `planner report`."""
    observations = write(folder / "obs.csv", *curves)
    done = planner("report", observations, "-o", folder / "page.html")
    assert done.exit_code == 0, done.output
    return (folder / "page.html").read_text(encoding="utf-8")


def log_of(path: Path, verifier: str = "prm-7b") -> Path:
    """A log of 60 questions in two levels, 4 samples each, with answers and verifier scores.

    Right samples are scored .8 and wrong ones .3, but every tenth question has them the other
    way round: the verifier's AUC is known to lie well above a half and below 1.
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["model", "question_set", "problem_id", "bucket", "sample_index", "correct", "answer",
             "score", "verifier"]
        )  # fmt: skip
        for question in range(60):
            for sample in range(4):
                right = (question + sample * (1 + question % 3)) % 4 < (3 if question % 2 else 1)
                high = right != (question % 10 == 0)
                writer.writerow(
                    ["tutor-7b", "Maths", f"q{question}", f"level {1 + (question + 1) % 2}",
                     sample, int(right), "A" if right else "B", 0.8 if high else 0.3, verifier]
                )  # fmt: skip
    return path
