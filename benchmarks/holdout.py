"""Curves on real data: fitted to n <= N/4, asked for N, beside two simple rules.

    python benchmarks/holdout.py [--data ../shared/data] [--splits 10]

Rules: "last value stays" (the last measured draw) and log-linear alone. Scored by the mean
absolute error and the interval score of the 90% interval (width, plus 20 times what the truth
misses it by: Gneiting and Raftery 2007), both in points of accuracy, and by the share of truths
held.

"ahead" says by how much the planner errs less than a rule, and its interval scores less, each with
its standard error over runs or splits, whichever is the larger: below two of them is no finding.

same   the interval for the same questions against what those questions show at N
new    half of the questions against the other half and back, the own sampling noise of the half
       that is asked for added to the draws
Aggregates have no questions one by one: error and interval score alone count there.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from holdout_cases import Array, Case, aggregates, epoch, pythia
from surfaces import print_surfaces

from planner.curves import FAMILIES, fit_curves
from planner.curves.curve import Curve
from planner.domain.draws import CENTRAL, Draws
from planner.domain.measured import Replicated, row_key
from planner.domain.observation import ALL, Observation, Observations
from planner.measure.summary import standard_error

REPLICATES = 400
RULES = ("planner", "last value stays", "log-linear")
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


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


def scores(cases: Sequence[Case], rule: str) -> Array:
    """(case, (absolute error, interval score, held)), the first two in points."""
    found = []
    for case, curve in zip(cases, curve_of_case(cases, rule), strict=True):
        draws = predicted(curve, case, rule)
        low, high = np.quantile(draws[1:], [0.05, 0.95])
        missed = max(low - case.truth, case.truth - high, 0.0)
        error = abs(draws[CENTRAL] - case.truth)
        found.append((100 * error, 100 * (high - low + 20.0 * missed), float(missed == 0.0)))
    return np.array(found)


def error_of_mean(cases: Sequence[Case], values: Array) -> float:
    """Standard error of the mean of values (case,): that over runs or over splits, the larger."""
    by: list[dict[str, list[float]]] = [defaultdict(list), defaultdict(list)]
    for case, value in zip(cases, values, strict=True):
        by[0][case.run or case.name].append(value)
        by[1][str(case.split)].append(value)
    groups = [np.array([np.mean(group) for group in groups.values()]) for groups in by]
    return float(max(g.std(ddof=1) / len(g) ** 0.5 for g in groups if len(g) > 1))


def print_table(title: str, cases: Sequence[Case], what: str) -> None:
    """One row a rule."""
    own = scores(cases, RULES[0])
    for rule in RULES:
        found = own if rule == RULES[0] else scores(cases, rule)
        error, score, share = found.mean(0)
        row = f"{title:<20}{what:<7}{len(cases):>6}  {rule:<18}{error:>7.2f}{score:>9.2f}"
        held = "" if what == "means" else f"{share:.1%}"
        ahead = ""
        if rule != RULES[0]:
            apart = (found - own)[:, :2].T
            ahead = "".join(f"{x.mean():>9.2f} ± {error_of_mean(cases, x):<6.2f}" for x in apart)
        print(f"{row}{held:>8}{ahead}".rstrip(), flush=True)


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
        f"{'data':<20}{'asked':<7}{'cases':>6}  {'rule':<18}{'error':>7}{'interval':>9}{'held':>8}"
        f"{'ahead, error':>18}{'ahead, interval':>18}"
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
