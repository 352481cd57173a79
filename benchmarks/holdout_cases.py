"""What `holdout` asks: curves measured up to N/4, and the truth at N."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planner.measure.coverage import pass_at_k_by_question
from planner.measure.samples import ProblemSamples
from planner.measure.votes import majority_vote

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A measured curve: accuracies at n up to N/4, and the truth at N."""

    name: str
    method: str
    seen: dict[int, float]
    questions: int
    n: int
    truth: float
    truth_questions: int | None = None
    """Questions of another half; None for the same questions."""
    by_question: Array | None = None
    """Accuracies (question, n) of what is seen, where they are known."""
    run: str = ""
    """What was run: its halves, and the n asked for, are no independent cases; else `name`."""
    split: int = 0
    """Which cut into halves, the same one for all runs of a set."""


def halves(count: int, splits: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Random halves of `count` questions, each of both told from the other in turn.

    Both ways, so that no half is the easier one on average.
    """
    rng = np.random.default_rng(0)
    for _ in range(splits):
        order = rng.permutation(count)
        here, there = order[: count // 2], order[count // 2 :]
        yield here, there
        yield there, here


def from_questions(
    run: str, method: str, accuracy: Array, n: Sequence[int], splits: int
) -> tuple[list[Case], list[Case]]:
    """Cases for the same and for new questions of accuracies (question, n); the last n is N."""
    far = n[-1]
    name = f"{run} {far}"
    kept = [i for i, x in enumerate(n) if x <= far // 4]

    def seen(rows: Array) -> dict[int, float]:
        return {n[i]: float(rows[:, i].mean()) for i in kept}

    same = [
        Case(
            name,
            method,
            seen(accuracy),
            len(accuracy),
            far,
            float(accuracy[:, -1].mean()),
            by_question=accuracy[:, kept],
            run=run,
        )
    ]
    new = [
        Case(
            f"{name} {i}",
            method,
            seen(accuracy[here]),
            len(here),
            far,
            float(accuracy[there, -1].mean()),
            len(there),
            accuracy[here][:, kept],
            run,
            i // 2,
        )
        for i, (here, there) in enumerate(halves(len(accuracy), splits))
    ]
    return same, new


def pythia(data: Path, splits: int) -> tuple[list[Case], list[Case]]:
    """Coverage of 5 Pythia sizes on 128 MATH problems, 10,000 samples each (Brown et al. 2024)."""
    right: dict[str, list[int]] = defaultdict(list)
    with (data / "pythia" / "per_problem_counts_fixed10000.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            right[row["model"]].append(int(float(row["n_correct"])))
    same, new = [], []
    for far in (1024, 10_000):
        n = [2**i for i in range(14) if 2**i <= far // 4] + [far]
        for model, correct in right.items():
            accuracy = pass_at_k_by_question(correct, [10_000] * len(correct), n)
            one, other = from_questions(model, "oracle_best_of_n", accuracy, n, splits)
            same += one
            new += other
    return same, new


def epoch(data: Path, name: str, splits: int) -> tuple[list[Case], list[Case]]:
    """Votes of the runs of Epoch AI with 16 samples a question."""
    runs: dict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(data / "epoch_inspect" / f"per_sample_{name}.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            runs[row["run_id"]].append(row)
    same, new = [], []
    n = [1, 2, 3, 4, 16]
    for run, rows in runs.items():
        samples = ProblemSamples.from_columns(
            [row["problem_id"] for row in rows],
            [float(row["correct"] or "nan") for row in rows],
            answer=[row["answer"] for row in rows],
        )
        if samples.n.min() < 16 or np.isnan(samples.correct).any():
            continue
        one, other = from_questions(run, "majority_vote", majority_vote(samples, n), n, splits)
        same += one
        new += other
    return same, new


def aggregates(data: Path) -> Iterator[tuple[str, list[Case]]]:
    """Published means: Sun et al. 2024 (n to 256, then 1024), Qwen PRM (n to 4, then 16)."""
    methods = {
        "majority_vote": "majority_vote",
        "weighted_vote": "weighted_vote",
        "best_of_n": "best_of_n",
        "best_of_n_prm_last": "best_of_n",
        "weighted_best_of_n_prm": "weighted_vote",
    }
    files = {
        "Sun et al. 2024": ("published/sun2024_easy_to_hard.csv", 1024),
        "Qwen2.5-Math PRM": ("qwen_math_prm/aggregated.csv", 16),
    }
    for title, (path, far) in files.items():
        curves: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
        questions: dict[tuple[str, ...], int] = {}
        with (data / path).open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["method"].split(":")[0] in methods and row["n_samples"]:
                    key = (row["model"], row["method"], row["verifier"], row["bucket"])
                    curves[key][int(row["n_samples"])] = float(row["accuracy"])
                    questions[key] = int(row["n_questions"])
        yield (
            title,
            [
                Case(
                    " ".join(key),
                    methods[key[1]],
                    {n: y for n, y in points.items() if n <= far // 4},
                    questions[key],
                    far,
                    points[far],
                )
                for key, points in curves.items()
                if far in points and len(points) > 3
            ],
        )
