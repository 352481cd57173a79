"""Accuracy that an option of an answer has on real traffic, beside that on its question set."""

from __future__ import annotations

from collections.abc import Mapping

from planner.allocate.transferred import option_of
from planner.domain.answer import AnswerOption
from planner.domain.draws import interval90
from planner.domain.transfer import Transfer
from planner.options import Candidate
from planner.options.transferred import Shifts

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
