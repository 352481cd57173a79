"""Speeds of the estimators of `planner.measure`, in one run with what they replace.

    python benchmarks/estimators.py            every case, 5 runs each
    python benchmarks/estimators.py --runs 3 --quick

Prints the median and the worst run in seconds, and how many times faster than its peer each
estimator is (median to median, and the worst run of ours to the best of the peer).

Peers: coverage by the vectorised log-gamma formula (Chen et al. 2021, arXiv:2107.03374), as
the whole table of questions and k; majority votes by a Python loop over problems that shuffles
each one's samples 100 times and counts prefixes, which is already n times less work than
drawing a subset for every n. The peer's answer carries Monte Carlo error; ours is exact.
`--quick` gives the peers a tenth of the questions and scales their time.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from planner.measure import votes as voting
from planner.measure.coverage import pass_at_k
from planner.measure.samples import ProblemSamples
from planner.measure.votes import majority_vote

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

QUESTIONS, LARGEST_K = 100_000, 1000
PROBLEMS, SAMPLES = 10_000, 64
LOOP_DRAWS = 100
ROWS_AT_ONCE = 2_000


def log_gamma_pass_at_k(right: Ints, drawn: int, k: Ints) -> Array:
    """Mean coverage at each k by log-gamma functions, in blocks that fit the memory."""
    total = np.zeros(len(k))
    for start in range(0, len(right), ROWS_AT_ONCE):
        wrong = (drawn - right[start : start + ROWS_AT_ONCE])[:, None]
        log_missed = (
            gammaln(wrong + 1.0)
            - gammaln(np.maximum(wrong - k, 0) + 1.0)
            - gammaln(drawn + 1.0)
            + gammaln(drawn - k + 1.0)
        )
        total += (1.0 - np.where(wrong >= k, np.exp(log_missed), 0.0)).sum(0)
    mean: Array = total / len(right)
    return mean


def loop_vote(answers: list[list[int]], right: list[int], draws: int) -> list[float]:
    """Mean accuracy of votes at n = 1, 2, ... by a loop over problems, draws and samples."""
    rng = random.Random(0)
    total = [0.0] * len(answers[0])
    for problem, correct in zip(answers, right, strict=True):
        order = list(problem)
        for _ in range(draws):
            rng.shuffle(order)
            votes: dict[int, int] = {}
            most, leaders, leads = 0, 0, False
            for n, answer in enumerate(order):
                count = votes.get(answer, 0) + 1
                votes[answer] = count
                if count > most:
                    most, leaders, leads = count, 1, answer == correct
                elif count == most:
                    leaders += 1
                    leads = leads or answer == correct
                if leads:
                    total[n] += 1.0 / leaders
    return [t / draws / len(answers) for t in total]


def seconds(work: Callable[[], Any], runs: int) -> tuple[list[float], Any]:
    """Wall-clock seconds of each run, and what the last one gave."""
    times, given = [], None
    for _ in range(runs):
        start = time.perf_counter()
        given = work()
        times.append(time.perf_counter() - start)
    return times, given


def coverage_case(drawn: int, runs: int, share: float) -> dict[str, Any]:
    """pass@k of 1e5 questions for k = 1..1000, against log-gamma."""
    rng = np.random.default_rng(0)
    right = rng.binomial(drawn, rng.beta(0.3, 1.5, QUESTIONS))
    k = np.arange(1, LARGEST_K + 1)
    ours, mean = seconds(lambda: pass_at_k(right, drawn, k.tolist()), max(runs, 5))
    part = right[: round(QUESTIONS * share)]
    peer, theirs = seconds(lambda: log_gamma_pass_at_k(part, drawn, k), runs)
    same = mean if share == 1.0 else pass_at_k(part, drawn, k.tolist())
    return _row(
        f"pass@k, n = {drawn}", ours, [t / share for t in peer], 300, np.abs(same - theirs).max()
    )


def vote_case(runs: int, share: float, *, exact: bool) -> dict[str, Any]:
    """Majority vote on 1e4 problems of 64 samples for n = 1..64, against a Python loop."""
    rng = np.random.default_rng(1)
    # A few answers take most of the votes, as in mathematics; the rest are given once or twice.
    strength = rng.gamma(0.3, size=(PROBLEMS, 40))
    edges = np.cumsum(strength / strength.sum(1, keepdims=True), axis=1)
    answer = (rng.random((PROBLEMS, SAMPLES, 1)) > edges[:, None, :]).sum(2)
    samples = ProblemSamples(
        tuple(map(str, range(PROBLEMS))),
        np.full(PROBLEMS, SAMPLES),
        (answer == 0) * 1.0,
        answer,
    )
    n = list(range(1, SAMPLES + 1))
    work = voting.EXACT_WORK
    voting.EXACT_WORK = work if exact else -1
    ours, votes = seconds(lambda: majority_vote(samples, n, draws=LOOP_DRAWS), runs)
    voting.EXACT_WORK = work
    part = answer[: round(PROBLEMS * share)].tolist()
    peer, theirs = seconds(lambda: loop_vote(part, [0] * len(part), LOOP_DRAWS), 1)
    apart = np.abs(votes[: len(part)].mean(0) - theirs).max()
    name = "vote, exact" if exact else f"vote, {LOOP_DRAWS} draws"
    return _row(name, ours, [t / share for t in peer], 50 if exact else None, apart)


def _row(
    name: str, ours: list[float], peer: list[float], wanted: float | None, apart: float
) -> dict[str, Any]:
    return {
        "case": name,
        "median_s": round(statistics.median(ours), 4),
        "worst_s": round(max(ours), 4),
        "peer_median_s": round(statistics.median(peer), 3),
        "times_faster": round(statistics.median(peer) / statistics.median(ours), 1),
        "times_faster_worst": round(min(peer) / max(ours), 1),
        "wanted": wanted,
        "largest_difference": float(f"{apart:.2g}"),
    }


def main() -> None:
    """Time the cases and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work for the peers")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    share = 0.1 if given.quick else 1.0
    rows = [
        coverage_case(1_000, given.runs, share),
        coverage_case(10_000, given.runs, share),
        vote_case(given.runs, share, exact=True),
        vote_case(given.runs, share, exact=False),
    ]
    if given.json:
        print(json.dumps({"runs": given.runs, "cases": rows}, indent=2))
        return
    print(
        f"{'case':<20}{'median s':>10}{'worst s':>10}{'peer s':>10}{'x':>9}{'x worst':>9}"
        f"{'wanted':>8}{'apart':>10}"
    )
    for row in rows:
        print(
            f"{row['case']:<20}{row['median_s']:>10}{row['worst_s']:>10}{row['peer_median_s']:>10}"
            f"{row['times_faster']:>9}{row['times_faster_worst']:>9}{row['wanted'] or '':>8}"
            f"{row['largest_difference']:>10}"
        )


if __name__ == "__main__":
    main()
