"""A plan by dataset and subject on real questions, against random routing on unused ones.

    python benchmarks/routellm.py [--data ../shared/data] [--resamples 2000]

Mixtral-8x7B and GPT-4 answered the same 15,361 questions of GSM8K and MMLU (RouteLLM, Ong et al.
2024, arXiv:2406.18665). A call to GPT-4 costs 1, one to Mixtral 0, and the budget is a share of
calls to GPT-4. The plan is made on one half of the questions, by bucket (dataset and subject), and
judged on the other, and the other way round. Random routing sends the same share of those
questions to GPT-4, whatever they are. Gains are in points, with the 90% interval of a bootstrap
over questions: with p the plan's share of a question's bucket and d what GPT-4 gains on it,

    gain = mean(p * d) - mean(p) * mean(d)
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import API_FLEET, Problem
from planner.allocate.solvers import own

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
STRONG = "gpt-4-1106-preview"
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


def read_questions(data: Path) -> tuple[Ints, Ints, Ints]:
    """(bucket, cheap model correct, strong model correct) of every question, (question,)."""
    found: dict[tuple[str, str, str], dict[bool, int]] = defaultdict(dict)
    with gzip.open(data / "routellm" / "per_problem.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            question = (row["dataset"], row["bucket"], row["problem_id"])
            found[question][row["model"] == STRONG] = int(row["correct"])
    names = {name: i for i, name in enumerate(dict.fromkeys(q[:2] for q in found))}
    bucket = np.array([names[q[:2]] for q in found])
    cheap = np.array([answers[False] for answers in found.values()])
    strong = np.array([answers[True] for answers in found.values()])
    return bucket, cheap, strong


def routing_problem(
    bucket: Ints, cheap: Ints, strong: Ints, share: float, *, whole: bool = False
) -> Problem:
    """Which of two models answers each bucket, for a share of calls to the strong one."""
    count = np.bincount(bucket)
    right = np.stack([np.bincount(bucket, answers) for answers in (cheap, strong)], axis=1)
    accuracy = right / np.maximum(count, 1)[:, None]
    usd = np.broadcast_to([0.0, 1.0], accuracy.shape)
    return Problem(
        queries_per_day=count.astype(float),
        accuracy=accuracy,
        allowed=np.ones(accuracy.shape, dtype=bool),
        gpu_s=np.zeros(accuracy.shape),
        direct_usd=usd,
        flop=np.zeros(accuracy.shape),
        fleet=np.full(2, API_FLEET),
        model=np.arange(2),
        budget_usd_per_day=float(np.floor(share * len(bucket))),
        whole=whole,
    )


def routed(
    bucket: Ints, cheap: Ints, strong: Ints, share: float, rng: np.random.Generator
) -> Array:
    """(question,) share of the question's bucket, planned without the question's half."""
    half = rng.permutation(len(bucket)) < len(bucket) // 2
    found = np.zeros(len(bucket))
    for used in (half, ~half):
        plan = own.solve(routing_problem(bucket[used], cheap[used], strong[used], share))
        found[~used] = plan.share[bucket[~used], 1]
    return found


def gain_interval(p: Array, d: Array, resamples: int, rng: np.random.Generator) -> Array:
    """Points gained over random routing: as measured, and the 90% interval of a bootstrap."""

    def points(at: Ints) -> float:
        return 100 * float((p[at] * d[at]).mean() - p[at].mean() * d[at].mean())

    every = np.arange(len(p))
    drawn = [points(rng.integers(0, len(p), len(p))) for _ in range(resamples)]
    return np.array([points(every), *np.quantile(drawn, [0.05, 0.95])])


def main() -> None:
    """Print the gain at each share of calls to the strong model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--resamples", type=int, default=2000)
    given = parser.parse_args()
    if not (given.data / "routellm").is_dir():
        print(f"routellm: no folder {given.data / 'routellm'}, nothing measured")
        return
    bucket, cheap, strong = read_questions(given.data)
    rng = np.random.default_rng(0)
    d = (strong - cheap).astype(float)
    print(
        f"{len(bucket)} questions in {bucket.max() + 1} buckets;"
        f" accuracy {cheap.mean():.4f} and {strong.mean():.4f}"
    )
    print(f"{'budget':>8}{'used':>8}{'plan':>9}{'random':>9}{'gain, points (90%)':>28}")
    for share in SHARES:
        p = routed(bucket, cheap, strong, share, rng)
        gain, low, high = gain_interval(p, d, given.resamples, rng)
        plan = cheap.mean() + (p * d).mean()
        random = cheap.mean() + p.mean() * d.mean()
        interval = f"{gain:.2f} ({low:.2f} to {high:.2f})"
        print(f"{share:>8.2f}{p.mean():>8.3f}{plan:>9.4f}{random:>9.4f}{interval:>28}")


if __name__ == "__main__":
    main()
