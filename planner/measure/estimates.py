"""What is measured of a series: which methods at which n, and their values problem by problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.domain.measured import Refusal
from planner.domain.method import METHODS
from planner.measure.best_of import best_of_n, weighted_vote
from planner.measure.coverage import coverage, pass_at_k_by_question
from planner.measure.samples import ProblemSamples
from planner.measure.table import Tally
from planner.measure.votes import DRAWS, majority_vote

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

POOLS = ("sampled", "long_cot")
"""Methods of single samples, among which an answer may be chosen later."""
_CHOOSERS = ("majority_vote", "best_of_n", "weighted_vote")


@dataclass(frozen=True)
class Wanted:
    """One method at several n, measured on the samples of a series."""

    method: str
    n: tuple[int, ...]
    as_logged: bool = False
    """The log holds the answers that the method chose, not those it chose from."""

    @property
    def by_verifier(self) -> bool:
        """Whether a verifier's scores choose."""
        return METHODS[self.method].verifier


@dataclass(frozen=True)
class Asked:
    """What the user asks of every series."""

    at: tuple[int, ...] | None = None
    """The n to measure; None: powers of two and the largest that the samples allow."""
    adaptive: bool = False
    """Sampling went on until an answer was right."""
    draws: int = DRAWS
    seed: int = 0


def grid(largest: int, at: Sequence[int] | None) -> tuple[int, ...]:
    """The n measured where `largest` samples of every problem are to be had."""
    if at is not None:
        return tuple(n for n in sorted(set(at)) if n <= largest)
    powers = [2**i for i in range(largest.bit_length())]
    return tuple(sorted({*powers, largest} - {0}))


def wanted_of(tally: Tally, largest: int, asked: Asked) -> tuple[list[Wanted], list[Refusal]]:
    """What can be measured of a series of which `largest` samples a problem are to be had."""
    method = tally.series.method
    if method not in POOLS:
        n_samples = tally.series.n_samples if METHODS[method].samples else None
        return [Wanted(method, (n_samples or 1,), as_logged=True)], []
    n = grid(largest, asked.at)
    refused = [
        Refusal(what=f"n = {k}, {tally.series}", why=_too_few(tally, largest))
        for k in asked.at or ()
        if k > largest
    ]
    if asked.adaptive:
        return [], [Refusal(what=str(tally.series), why=_ADAPTIVE)]
    found = [Wanted(method, (1,))] if 1 in n or asked.at is None else []
    found.append(Wanted("oracle_best_of_n", n))
    no_votes = why_no_votes(tally)
    if no_votes is None:
        found.append(Wanted("majority_vote", n))
    else:
        refused.append(Refusal(what=f"majority vote, {tally.series}", why=no_votes))
    if tally.n_score.any():
        missing = int((tally.n - tally.n_score).sum()) - _blanks(tally)
        if missing > 0:
            why = f"{missing} samples have an answer and no score; score every sample"
            refused.append(Refusal(what=f"best-of-n, {tally.series}", why=why))
        else:
            found.append(Wanted("best_of_n", n))
            if tally.n_negative.any():
                why = "weights must be 0 or more: log the verifier's probability, not its logit"
                refused.append(Refusal(what=f"weighted vote, {tally.series}", why=why))
            elif no_votes is None:
                found.append(Wanted("weighted_vote", n))
    return [w for w in found if w.n], refused


_ADAPTIVE = (
    "sampling went on until an answer was right, so the share of right samples is too high for "
    "questions that are seldom solved, and no formula over counts mends it; use questions that "
    "were sampled a fixed number of times"
)


def why_no_votes(tally: Tally) -> str | None:
    """Why votes cannot be measured on a series, or None where they can."""
    if not tally.n_answer.any():
        return "no answers were logged, so it is unknown which samples agree: coverage only"
    right = int(tally.n_blank_right.sum())
    if right:
        return (
            f"{right} samples are marked right and have a blank answer: answers were not logged, "
            "so it is unknown which samples agree: coverage only"
        )
    return None


def _blanks(tally: Tally) -> int:
    """Samples that may lack a score: those without an answer, where answers were logged."""
    return int((tally.n - tally.n_answer).sum()) if tally.n_answer.any() else 0


def _too_few(tally: Tally, largest: int) -> str:
    few = tally.problem[int(tally.n.argmin())]
    return (
        f"only {largest} samples of problem {few} are to be had, and beyond them nothing was "
        "measured; fit a curve and read it there"
    )


def needs_samples(tally: Tally, wanted: Sequence[Wanted]) -> bool:
    """Whether counts of right samples do not suffice."""
    methods = {w.method for w in wanted if not w.as_logged}
    partly_right = bool(tally.n_fraction.any()) and "oracle_best_of_n" in methods
    return partly_right or not methods.isdisjoint(_CHOOSERS)


def values_of_counts(tally: Tally, wanted: Sequence[Wanted]) -> Array:
    """As `values_of`, for methods that need counts only."""
    import numpy as np

    right = np.rint(tally.n_correct).astype(np.int64)
    mean = (tally.n_correct / tally.n)[:, None]
    columns = [
        mean
        if w.as_logged or w.method != "oracle_best_of_n"
        else pass_at_k_by_question(right, tally.n, w.n)
        for w in wanted
    ]
    joined: Array = np.concatenate(columns, axis=1)
    return joined


def values_of(samples: ProblemSamples, wanted: Sequence[Wanted], asked: Asked) -> Array:
    """Expected score of each problem by each method and n, shape (problem, row)."""
    import numpy as np

    joined: Array = np.concatenate([_values(samples, w, asked) for w in wanted], axis=1)
    return joined


def _values(samples: ProblemSamples, wanted: Wanted, asked: Asked) -> Array:
    match wanted.method:
        case "oracle_best_of_n":
            return coverage(samples, wanted.n)
        case "best_of_n":
            return best_of_n(samples, wanted.n)
        case "majority_vote":
            return majority_vote(samples, wanted.n, draws=asked.draws, seed=asked.seed)
        case "weighted_vote":
            return weighted_vote(samples, wanted.n, draws=asked.draws, seed=asked.seed)
        case _:
            return samples.solve_rate()[:, None]
