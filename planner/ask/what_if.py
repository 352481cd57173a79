"""What the page of an answer needs to move its sliders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.ask.judge import ACCURACY_MATTERS, Contender, Judgement
from planner.domain.answer import AnswerOption
from planner.domain.what_if import WhatIf
from planner.economics.months import Array
from planner.economics.what_if import Packer
from planner.economics.what_if.lines import side_line


def answer_what_if(
    sides: Sequence[Contender],
    judgement: Judgement,
    rows: Sequence[AnswerOption],
    labels: Sequence[str],
    queries_per_day: float,
    cost_matters: float,
    mix: Mapping[str, float],
    training_usd_per_day: Sequence[Array],
) -> WhatIf:
    """A line a side, at the n of its first row, with the n at which it is judged in each draw.

    The n of the reference is held where others are judged by it. training_usd_per_day: of each
    side, (draw,), spread over the horizon.
    """
    packer = Packer([side.candidate for side in sides])
    lines = []
    for i, side in enumerate(sides):
        row = next(row for row in rows if row.side == i)
        parity = judgement.parity_accuracy.get(i)
        held = i == judgement.reference and bool(judgement.parity_accuracy)
        lines.append(
            side_line(
                packer,
                side.candidate,
                labels[i],
                i,
                row.n_samples,
                mix,
                None if parity is None else parity.n,
                sliding=not held,
                training_usd_per_day=training_usd_per_day[i],
            )
        )
    return packer.packed(
        lines,
        judged="answer",
        queries_per_day=queries_per_day,
        reference=judgement.reference,
        criterion=judgement.criterion,
        cost_matters=cost_matters,
        accuracy_matters=ACCURACY_MATTERS,
    )
