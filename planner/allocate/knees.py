"""Knees of a frontier: where a dollar begins to buy half of what it did, and at which n."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.frontier_lines import FrontierPath
from planner.allocate.solvers.hull import upper_hull
from planner.domain.plan import Knee, KneeOption

_EXPLICIT = re.compile(r"(?:@|\bn ?= ?|\bbest[ -]of[ -]|[x×])(\d+)\b", re.IGNORECASE)
SHARE_DIGITS = 6
_LAST = re.compile(r"[ _-](\d+)$")


def samples_in(option: str, model: str) -> int | None:
    """The n that an option's name holds: "vote@16", "n=8", "best of 4", "x32", or its last number.

    None where it holds none, and where its last number is a part of the model's name.
    """
    if found := _EXPLICIT.search(option):
        return int(found[1])
    named = _bare(option) in _bare(model)
    last = None if named else _LAST.search(option)
    return int(last[1]) if last else None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def through(budget_usd: Array, accuracy: Array) -> FrontierPath:
    """The path along the upper hull of points that were solved one by one, each (point,)."""
    points = upper_hull(budget_usd, accuracy, np.zeros(len(budget_usd), dtype=np.int64))
    usd, reached = budget_usd[points], accuracy[points]
    price = np.append(np.diff(reached) / np.diff(usd), 0.0)
    return FrontierPath(usd, reached, price, np.zeros((len(points), 0), dtype=bool), np.nan)


def knee(
    path: FrontierPath,
    point: int,
    problem: Problem,
    share: Array,
    names: Sequence[tuple[str, str, int | None]],
) -> Knee:
    """A knee in words. share: (class_, option) of its plan; names: (option,) of name, model, n.

    Shares of all queries are told to SHARE_DIGITS: what is less is rounding of the budget.
    """
    answered = np.round(share.T @ problem.weight, SHARE_DIGITS)
    order = np.argsort(-answered, kind="stable")
    return Knee(
        budget_usd_per_day=float(path.budget_usd[point]),
        accuracy=float(path.accuracy[point]),
        accuracy_per_usd_per_day=float(path.usd_price[point]),
        options=tuple(
            KneeOption(
                option=names[o][0],
                model=names[o][1],
                share=float(answered[o]),
                n_samples=names[o][2],
            )
            for o in order[answered[order] > 0].tolist()
        ),
    )
