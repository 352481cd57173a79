"""Training, a case of its own: weights that exist cost nothing to train, nothing breaks even."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from planner.ask.judge import Contender, Judgement
from planner.cost.supply import Supply
from planner.cost.training import training_flop, training_usd
from planner.domain.answer import BreakEven
from planner.domain.cardbook import CardBook
from planner.domain.draws import CENTRAL
from planner.economics.break_even import break_even_volume
from planner.economics.parity import Crossing
from planner.errors import InputError
from planner.options import Candidate

Array = NDArray[np.float64]

WEIGHTS_EXIST = "the weights exist: nothing is trained"


@dataclass(frozen=True)
class Training:
    """The case in which every model asked about is trained from scratch."""

    cards: CardBook
    supply: Supply
    horizon_days: float
    """Over which it must be paid back."""

    def usd(self, candidate: Candidate) -> tuple[Array | None, str | None]:
        """(draw,) dollars of pre-training a candidate's model, or None with the reason."""
        try:
            card = self.cards.model(candidate.model)
        except InputError:
            return None, f"{candidate.model} has no card, so that its training tokens are not known"
        found = self.cards.train_tokens_of(card)
        if found is None:
            return None, f"the training tokens of {candidate.title} are not published"
        tokens, stated = found
        flop = training_flop(candidate.generator.active_params, tokens)
        usd = training_usd(flop, self.supply.hardware.flop_per_s, self.supply.usd_per_gpu_hour)
        by = "" if stated.name == candidate.model else f" of {stated.title}, on which it rests"
        return usd, (
            f"6 x active parameters x {tokens / 1e12:.3g}T tokens{by}, on rented"
            f" {self.supply.terms.accelerator.title}; fine-tuning, data and people are left out"
        )


def capex_of(training: Training | None, candidate: Candidate) -> tuple[float | None, str | None]:
    """(dollars in the central case or None, the reason or what it is made of)."""
    if training is None:
        return None, WEIGHTS_EXIST
    usd, reason = training.usd(candidate)
    return None if usd is None else float(usd[CENTRAL]), reason


def break_even(
    training: Training | None,
    sides: Sequence[Contender],
    judgement: Judgement,
) -> tuple[BreakEven | None, str | None]:
    """Volume from which the side that is dearer to train is paid back by its cheaper queries."""
    if training is None:
        return None, (
            "There is no training to pay back: the weights of every side exist."
            " --train-from-scratch asks from which volume training them would pay."
        )
    if len(sides) != 2:
        return None, "A break-even compares two sides."
    capex = [training.usd(side.candidate) for side in sides]
    for usd, reason in capex:
        if usd is None:
            return None, f"No break-even: {reason}."
    first, second = capex[0][0], capex[1][0]
    assert first is not None
    assert second is not None
    dear, cheap = (0, 1) if first[CENTRAL] > second[CENTRAL] else (1, 0)
    extra = np.maximum((first, second)[dear] - (first, second)[cheap], 0.0)
    found = break_even_volume(
        partial(_opex, sides, judgement, dear),
        partial(_opex, sides, judgement, cheap),
        extra,
        training.horizon_days,
    )
    return _as_break_even(found), (
        f"Queries a day from which training {sides[dear].candidate.title} pays within"
        f" {training.horizon_days:.0f} days, undiscounted, at equal accuracy, with whole replicas."
    )


def _as_break_even(found: Crossing) -> BreakEven:
    return BreakEven(
        median=found.quantile(0.5),
        low=found.quantile(0.05),
        high=found.quantile(0.95),
        share_of_draws=found.share_of_draws,
    )


def _opex(sides: Sequence[Contender], judgement: Judgement, side: int, volumes: Array) -> Array:
    """Dollars a day by volume, (draw, volume), at the n that the side is judged at."""
    candidate, n = sides[side].candidate, sides[side].n
    if n is not None:
        gpu_s = candidate.gpu_s([n])
    else:
        at = judgement.parity_accuracy[side].n[:, None]
        # Where there is no parity the side cannot do it at any cost.
        gpu_s = np.where(np.isfinite(at), candidate.gpu_s(np.where(np.isfinite(at), at, 1.0)), 1e12)
    return candidate.served(gpu_s, volumes).usd_per_day
