"""Curves on real data: fitted to n <= N/4, asked for N, beside two simple rules.

    python benchmarks/holdout.py [--data ../shared/data] [--splits 10]

Rules: "last value stays" (the last measured draw) and log-linear alone. Scored by the mean
absolute error and the interval score of the 90 % interval (width, plus 20 times what the truth
misses it by: Gneiting and Raftery 2007), both in points of accuracy, and by the share of truths
held.

same   the interval for the same questions against what those questions show at N
new    half of the questions against the other half, whose own sampling noise is added to the draws
Aggregates have no questions one by one: error and interval score alone count there.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from surfaces import print_surfaces

from planner.curves import FAMILIES, fit_curves
from planner.curves.curve import Curve
from planner.domain.draws import CENTRAL, Draws
from planner.domain.measured import Replicated, row_key
from planner.domain.observation import ALL, Observation, Observations
from planner.measure.coverage import pass_at_k_by_question
from planner.measure.samples import ProblemSamples
from planner.measure.summary import standard_error
from planner.measure.votes import majority_vote

Array = NDArray[np.float64]
REPLICATES = 400
RULES = ("planner", "last value stays", "log-linear")
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


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


def curve_of_case(cases: Sequence[Case], rule: str) -> list[Curve]:
    """The fitted curve of each case."""
    rows = [
        Observation(
            model=str(i),
            method=case.method,
            verifier="prm" if case.method in ("best_of_n", "weighted_vote") else None,
            question_set=f"set {i}",
            bucket=ALL,
            n_samples=n,
            accuracy=accuracy,
            n_questions=case.questions,
            accuracy_se=None if case.by_question is None else error_of(case.by_question[:, j]),
        )
        for i, case in enumerate(cases)
        for j, (n, accuracy) in enumerate(case.seen.items())
    ]
    table = Observations(tuple(rows), ("",) * len(rows), {}, (), replicated(cases, rows))
    families = [FAMILIES["log_linear"]] if rule == "log-linear" else None
    return list(fit_curves(table, Draws(400), families=families).values())


def error_of(accuracy: Array) -> float:
    """Standard error of the mean of accuracies (question,), as `planner measure` writes it."""
    count = len(accuracy)
    apart = accuracy - accuracy.mean()
    square, fourth = (np.array([(apart**order).sum()]) for order in (2, 4))
    error = standard_error(np.array([accuracy.mean()]), square, fourth, count, count)
    return min(float(error[0]), 0.5)


def replicated(cases: Sequence[Case], rows: Sequence[Observation]) -> tuple[Replicated, ...]:
    """Resamples of the questions of each case, as `planner measure` writes them."""
    found = []
    of_set: dict[str, list[Observation]] = defaultdict(list)
    for row in rows:
        of_set[row.question_set].append(row)
    for i, case in enumerate(cases):
        if case.by_question is not None:
            name, count = f"set {i}", len(case.by_question)
            rng = np.random.default_rng(i)
            share = rng.multinomial(count, np.full(count, 1.0 / count), REPLICATES) / count
            column = {row_key(row): j for j, row in enumerate(of_set[name])}
            found.append(Replicated(name, column, share @ case.by_question))
    return tuple(found)


def predicted(curve: Curve, case: Case, rule: str) -> Array:
    """Draws of what is to be seen at N, the central case first."""
    n, last = np.array([float(case.n)]), curve.measured[:, -1]
    if case.truth_questions is None:
        if rule == "last value stays":
            stays: Array = last[CENTRAL] + curve.own_error(n, last[:1])[:, 0]
            return stays
        return curve.same_questions(n)[:, 0]
    value = last if rule == "last value stays" else curve.accuracy(n)[:, 0]
    noise = Draws(len(value) - 1).normal(f"other half|{case.name}|{curve.key}")
    spread: Array = value + noise * np.sqrt(value * (1.0 - value) / case.truth_questions)
    return np.clip(spread, 0.0, 1.0)


def scores(cases: Sequence[Case], rule: str) -> tuple[float, float, float]:
    """(mean absolute error, interval score, share held), the first two in points."""
    found = []
    for case, curve in zip(cases, curve_of_case(cases, rule), strict=True):
        draws = predicted(curve, case, rule)
        low, high = np.quantile(draws[1:], [0.05, 0.95])
        missed = max(low - case.truth, case.truth - high, 0.0)
        error = abs(draws[CENTRAL] - case.truth)
        found.append((100 * error, 100 * (high - low + 20.0 * missed), float(missed == 0.0)))
    error, score, share = np.mean(found, axis=0)
    return float(error), float(score), float(share)


def halves(count: int, splits: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Random halves of `count` questions."""
    rng = np.random.default_rng(0)
    for _ in range(splits):
        order = rng.permutation(count)
        yield order[: count // 2], order[count // 2 :]


def from_questions(
    name: str, method: str, accuracy: Array, n: Sequence[int], splits: int
) -> tuple[list[Case], list[Case]]:
    """Cases for the same and for new questions of accuracies (question, n); the last n is N."""
    far = n[-1]
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
            one, other = from_questions(f"{model} {far}", "oracle_best_of_n", accuracy, n, splits)
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


def print_table(title: str, cases: Sequence[Case], what: str) -> None:
    """One row a rule."""
    for rule in RULES:
        error, score, share = scores(cases, rule)
        held = "" if what == "means" else f"{share:.1%}"
        row = f"{title:<20}{what:<7}{len(cases):>6}  {rule:<18}"
        print(f"{row}{error:>8.2f}{score:>10.2f}{held:>8}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--splits", type=int, default=10)
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"hold-out: real measurements are not there: no folder {given.data}")
        return
    print(
        f"{'data':<20}{'asked':<7}{'cases':>6}  {'rule':<18}{'error':>8}{'interval':>10}{'held':>8}"
    )
    sets: dict[str, Callable[[], tuple[list[Case], list[Case]]]] = {
        "Pythia coverage": lambda: pythia(given.data, given.splits),
        "OTIS votes": lambda: epoch(given.data, "otis_mock_aime_2024_2025", given.splits),
        "GPQA votes": lambda: epoch(given.data, "gpqa_diamond", given.splits),
    }
    for title, read in sets.items():
        same, new = read()
        print_table(title, same, "same")
        print_table(title, new, "new")
    for title, cases in aggregates(given.data):
        print_table(title, cases, "means")
    print_surfaces(given.data)


if __name__ == "__main__":
    main()
