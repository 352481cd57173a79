"""What real traffic makes of an answer: accuracies of its options, and who is ahead there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.allocate.transferred import option_of
from planner.ask.hangs_on import Case
from planner.ask.judge import Contender, judge
from planner.domain.answer import AnswerOption
from planner.domain.draws import interval90
from planner.domain.transfer import Transfer
from planner.economics.verdict import SURE
from planner.options import Candidate
from planner.options.transferred import Shifts
from planner.units import format_percent

Array = NDArray[np.float64]

TRAFFIC = "all queries"
"""Name of the one class that a question is about."""


def with_traffic(
    row: AnswerOption, candidate: Candidate, mix: Mapping[str, float], transfer: Transfer
) -> AnswerOption:
    """The row with the interval of its accuracy on real traffic.

    Parities, verdicts and `accuracy` stay those of the question set: what all options share moves
    both sides of a comparison, and most of the transfer is shared.
    """
    shifts = Shifts(transfer, candidate.supply.draws)
    said = candidate.accuracy([row.n_samples], mix)[:, 0]
    low, high = interval90(shifts.shifted(said, TRAFFIC, option_of(candidate)))
    return row.model_copy(update={"production_accuracy_low": low, "production_accuracy_high": high})


@dataclass(frozen=True)
class OnTraffic(Contender):
    """A side with its accuracies on real traffic."""

    transfer: Transfer = field(default_factory=Transfer)

    @cached_property
    def by_bucket(self) -> Mapping[str, Array]:
        """Accuracy on the grid by bucket, (draw, n); all of them have the side's one shift."""
        shifts = Shifts(self.transfer, self.candidate.supply.draws)
        option = option_of(self.candidate)
        said = Contender(self.candidate, self.n).by_bucket
        return {b: shifts.shifted(values, TRAFFIC, option) for b, values in said.items()}


def chance_on_traffic(case: Case, leader: int, transfer: Transfer) -> float | None:
    """Share of the draws in which the leader is ahead where each side has a shift of its own.

    The sides are judged as before, at parities that are found anew: what all share moves no parity
    much, and what one has by itself moves it far. None of one side, and where traffic is taken to
    be as the questions are.
    """
    if len(case.sides) < 2 or transfer.nothing:
        return None
    sides = [OnTraffic(side.candidate, side.n, transfer) for side in case.sides]
    moved = replace(case, sides=tuple(sides))
    judged = judge(
        moved.sides, case.reference, case.queries_per_day, case.criterion, case.matters, case.mix
    )
    return judged.verdict.probabilities[leader]


def traffic_sentence(
    chance: float | None, before: float, leader: str, question_set: str, transfer: Transfer
) -> str | None:
    """How sure it is on traffic that may suit one side better than the questions did."""
    if chance is None:
        return None
    said = format_percent(chance, 0)
    lost = " only" if chance < SURE <= before else ""
    return (
        f"That holds for questions like {question_set}. Your traffic may suit one side better"
        f" ({transfer.option_sd_logit:g} logits for each, assumed): with that drawn too {leader} is"
        f" ahead in{lost} {said} of the draws. A pilot on your own queries would tell."
    )
