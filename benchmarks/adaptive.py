"""Adaptive sampling beside uniform compute on real logs, on problems that were not used.

    python benchmarks/adaptive.py [--data ../shared/data] [--budget 8]

Of every run with 16 samples a problem (Epoch AI, CC BY 4.0). The first 4 samples are drawn and paid
for; how many of them agree is the bucket, and the plan says whether 4, 8 or 16 are drawn in all
before the vote: the accuracies and shares of the buckets are those of one half of the problems, the
planner's solver chooses under a mean of `budget` samples, and the other half is answered so; then
the other way round. Uniform: a vote of `budget` samples for every problem. Intervals are 90%,
over resamples of the problems; a problem counts once, with the mean over runs and orders.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import API_FLEET, Problem
from planner.allocate.solvers.milp import solve_milp

Array = NDArray[np.float64]
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SETS = ("otis_mock_aime_2024_2025", "gpqa_diamond")
SIGNAL, DRAWN = 4, 16
COUNTS = (4, 8, 16)
ORDERS, RESAMPLES = 8, 2000


@dataclass(frozen=True)
class Run:
    """One model's samples: answers by problem, and which of them are right."""

    problems: tuple[str, ...]
    answers: tuple[tuple[str, ...], ...]
    right: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Compared:
    """Adaptive against uniform on unused problems."""

    runs: int
    problems: int
    adaptive: float
    uniform: float
    low: float
    high: float
    """Of adaptive less uniform."""
    samples: float
    """Mean that the adaptive plan drew."""

    @property
    def gain(self) -> float:
        """Accuracy that adaptive sampling adds."""
        return self.adaptive - self.uniform


def read_runs(path: Path) -> list[Run]:
    """Runs that have DRAWN samples of 20 problems or more; the others are left out."""
    found: dict[str, dict[str, list[tuple[str, float]]]] = defaultdict(lambda: defaultdict(list))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            right = float(row["correct"] or 0)
            found[row["run_id"]][row["problem_id"]].append((row["answer"].strip(), right))
    runs = []
    for problems in found.values():
        full = {p: s[:DRAWN] for p, s in sorted(problems.items()) if len(s) >= DRAWN}
        if len(full) >= 20:
            answers = tuple(tuple(a for a, _ in s) for s in full.values())
            good = tuple(frozenset(a for a, r in s if r >= 0.5 and a) for s in full.values())
            runs.append(Run(tuple(full), answers, good))
    return runs


def vote(answers: Sequence[str], right: frozenset[str]) -> float:
    """Chance that the vote is right: blank answers cast none, ties are split."""
    counts = Counter(a for a in answers if a)
    if not counts:
        return 0.0
    most = max(counts.values())
    tied = [a for a, n in counts.items() if n == most]
    return sum(a in right for a in tied) / len(tied)


def agreement(answers: Sequence[str]) -> int:
    """How many of the answers agree."""
    return max(Counter(a for a in answers if a).values(), default=0)


def plan_of(bucket: Array, accuracy: Array, budget: float) -> Array:
    """Shares (bucket, count) of the best plan on problems with these buckets and accuracies.

    bucket (problem,), accuracy (problem, count): of a vote of each of COUNTS.
    """
    buckets = np.arange(SIGNAL + 1)
    seen = np.array([np.sum(bucket == b) for b in buckets], dtype=np.float64)
    overall = accuracy.mean(axis=0)
    mean = np.array([accuracy[bucket == b].mean(0) if n else overall for b, n in enumerate(seen)])
    shape = mean.shape
    problem = Problem(
        queries_per_day=seen,
        accuracy=mean,
        allowed=np.ones(shape, dtype=np.bool_),
        gpu_s=np.zeros(shape),
        direct_usd=np.tile(np.array(COUNTS, dtype=np.float64), (shape[0], 1)),
        flop=np.zeros(shape),
        fleet=np.full(shape[1], API_FLEET),
        model=np.zeros(shape[1], dtype=np.int64),
        budget_usd_per_day=budget * float(seen.sum()),
    )
    return solve_milp(problem).share


def compared(runs: Sequence[Run], budget: int, seed: int = 0) -> Compared:
    """Both on every run's problems, each half planned for by the other."""
    rng = np.random.default_rng(seed)
    gains: dict[str, list[float]] = defaultdict(list)
    totals: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    names = sorted({p for run in runs for p in run.problems})
    for _ in range(ORDERS):
        half = dict(zip(names, rng.permutation(len(names)) % 2, strict=True))
        for run in runs:
            order = rng.permutation(DRAWN)
            drawn = [[a[i] for i in order] for a in run.answers]
            bucket = np.array([agreement(a[:SIGNAL]) for a in drawn])
            votes = np.array(
                [[vote(a[:n], r) for n in COUNTS] for a, r in zip(drawn, run.right, strict=True)]
            )
            same = [vote(a[:budget], r) for a, r in zip(drawn, run.right, strict=True)]
            side = np.array([half[p] for p in run.problems])
            for fold in (0, 1):
                share = plan_of(bucket[side != fold], votes[side != fold], budget)
                for i in np.flatnonzero(side == fold):
                    mine = float(share[bucket[i]] @ votes[i])
                    paid = float(share[bucket[i]] @ np.array(COUNTS))
                    gains[run.problems[i]].append(mine - same[i])
                    totals[run.problems[i]].append((mine, same[i], paid))
    kept = sorted(gains)
    gain = np.array([np.mean(gains[p]) for p in kept])
    adaptive, uniform, samples = np.mean([np.mean(totals[p], axis=0) for p in kept], axis=0)
    picks = rng.integers(0, len(kept), (RESAMPLES, len(kept)))
    low, high = np.quantile(gain[picks].mean(axis=1), [0.05, 0.95])
    return Compared(
        len(runs), len(kept), float(adaptive), float(uniform), float(low), float(high),
        float(samples),
    )  # fmt: skip


def main() -> None:
    """Print a row for each question set."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--budget", type=int, default=8)
    given = parser.parse_args()
    folder = given.data / "epoch_inspect"
    if not folder.is_dir():
        print(f"adaptive sampling: no logs in {folder}")
        return
    print(
        f"{'question set':<28}{'runs':>5}{'problems':>9}{'adaptive':>9}{'uniform':>9}  gain, points"
    )
    for name in SETS:
        found = compared(read_runs(folder / f"per_sample_{name}.csv.gz"), given.budget)
        print(
            f"{name:<28}{found.runs:>5}{found.problems:>9}{found.adaptive:>9.4f}"
            f"{found.uniform:>9.4f}  {100 * found.gain:+.2f} ({100 * found.low:+.2f} to"
            f" {100 * found.high:+.2f}), {found.samples:.2f} samples a problem"
        )


if __name__ == "__main__":
    main()
