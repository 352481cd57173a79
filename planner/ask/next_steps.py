"""Which measurement would help to decide, read off the answer itself.

Ranked by plain reasons, not yet by expected value: gaps in the data that the answer leans on
come first, then more questions where sampling noise alone keeps it open.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from planner.ask.judge import Contender, Judgement
from planner.curves.gaps import WIDE_GAP
from planner.domain.answer import Measurement
from planner.domain.observation import ALL
from planner.economics.verdict import SURE
from planner.options import Candidate

Z_SURE = 0.8416212335729143
"""Standard normal quantile at SURE = 0.8."""
MAX_QUESTIONS = 20_000
"""More questions than this no benchmark of the kind has: then noise is not what to work on."""


def next_measurements(
    sides: Sequence[Contender],
    judgement: Judgement,
    question_set: str,
    buckets: Sequence[str],
    *,
    tokens_measured: bool,
) -> tuple[Measurement, ...]:
    """Measurements worth making, the most useful first."""
    found: list[Measurement] = []
    for i in judgement.parity_accuracy:
        found += _in_gaps(sides[i])
    reference = sides[judgement.reference]
    missing = [b for b in buckets if b not in reference.candidate.curves]
    more = _more_questions(sides, judgement, question_set)
    if more is not None:
        found.append(more)
    if missing:
        found.append(_by_bucket(reference, question_set, missing))
    if not tokens_measured:
        found.append(_tokens(sides, question_set))
    return tuple(found)


def _in_gaps(side: Contender) -> list[Measurement]:
    """Sample counts between measured points that stand far apart."""
    found = []
    for bucket, curve in side.candidate.curves.items():
        known = curve.n_measured
        for low, high in pairwise(known):
            if high / low <= WIDE_GAP:
                continue
            between = _doublings_between(int(low), int(high))
            found.append(
                Measurement(
                    what=f"{side.candidate.label} at n = {_listed(between)}",
                    question_set=curve.key.question_set,
                    bucket=bucket,
                    model=side.candidate.model,
                    method=side.candidate.method,
                    n_samples=between,
                    questions=min(curve.n_questions),
                    why=(
                        f"nothing is known between n = {low:g} and {high:g}: how the curve bends"
                        " there is assumed, and the n that matches the rival hangs on it"
                    ),
                )
            )
    return found


def _doublings_between(low: int, high: int) -> tuple[int, ...]:
    powers = [low * 2**k for k in range(1, 20) if low * 2**k < high]
    return tuple(powers[:4])


def _questions(candidate: Candidate) -> int:
    """Fewest questions behind a candidate: of the whole set, else of its buckets together."""
    whole = candidate.curves.get(ALL)
    curves = candidate.curves.values() if whole is None else [whole]
    return sum(min(curve.n_questions) for curve in curves)


def _more_questions(
    sides: Sequence[Contender], judgement: Judgement, question_set: str
) -> Measurement | None:
    """Questions enough to be SURE, if the middle of the estimates is right.

    In log n, accuracy parity less cost parity has a middle m and a spread s over the draws; the
    part of s that comes from the number of questions shrinks with its square root.
    """
    if judgement.verdict.decided or not judgement.parity_accuracy:
        return None
    i = next(iter(judgement.parity_accuracy))
    a, c = judgement.parity_accuracy[i].n, judgement.parity_cost[i].n
    both = np.isfinite(a) & np.isfinite(c) & (c > 0)
    if both[1:].sum() < len(a) // 2:
        return None
    log_a, log_c = np.log(a[both]), np.log(c[both])
    margin = abs(float(np.median(log_a - log_c)))
    noise, rest = float(np.std(log_a[1:])), float(np.std(log_c[1:]))
    side, reference = sides[i], sides[judgement.reference]
    questions = min(_questions(made.candidate) for made in (side, reference))
    allowed = (margin / Z_SURE) ** 2 - rest**2
    needed = questions * noise**2 / allowed if allowed > 0 else float("inf")
    near = _near(judgement.parity_accuracy[i].quantile(0.5), side)
    what = f"{side.candidate.label} at n = {_listed(near)}, and {reference.candidate.label}"
    if needed > MAX_QUESTIONS:
        why = (
            "the two lie too close together for any benchmark of this kind: decide on price,"
            " latency or what is simpler to run"
        )
        return Measurement(
            what=f"nothing more of {what}",
            question_set=question_set,
            bucket=ALL,
            model=side.candidate.model,
            method=side.candidate.method,
            n_samples=near,
            questions=None,
            why=why,
        )
    rounded = int(np.ceil(max(needed, questions * 1.5) / 100) * 100)
    return Measurement(
        what=what,
        question_set=question_set,
        bucket=ALL,
        model=side.candidate.model,
        method=side.candidate.method,
        n_samples=near,
        questions=rounded,
        why=(
            f"{questions} questions leave the parity uncertain; about {rounded} of the same kind"
            f" would settle it at {SURE:.0%}, if the middle of today's estimate is right"
        ),
    )


def _near(parity: float | None, side: Contender) -> tuple[int, ...]:
    if parity is None:
        return side.candidate.measured_n()[-2:]
    low = 2 ** int(np.floor(np.log2(max(parity, 1.0))))
    return (low, 2 * low)


def _by_bucket(side: Contender, question_set: str, missing: Sequence[str]) -> Measurement:
    return Measurement(
        what=f"{side.candidate.label} by difficulty bucket",
        question_set=question_set,
        bucket=", ".join(missing),
        model=side.candidate.model,
        method=side.candidate.method,
        n_samples=(side.n or 1,),
        questions=None,
        why="it was published for the whole set only, so that who wins on which traffic is assumed",
    )


def _tokens(sides: Sequence[Contender], question_set: str) -> Measurement:
    first = sides[0].candidate
    return Measurement(
        what="prompt and output tokens of each side on your own traffic",
        question_set=question_set,
        bucket=ALL,
        model=first.model,
        method=first.method,
        n_samples=(1,),
        questions=100,
        why="the source prints no token counts; every dollar here rests on assumed ones",
    )


def _listed(numbers: Sequence[int]) -> str:
    *head, last = [str(n) for n in numbers]
    return f"{', '.join(head)} and {last}" if head else last
