"""What is wanted of a plan, one type each; a file tells them apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from planner.domain.base import Strict

ObjectiveKind = Literal["accuracy", "cost", "net_value", "cost_per_correct"]

UsdPerAnswer = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Dollars of one answer."""


class Accuracy(Strict):
    """The most correct answers within the budgets."""

    kind: Literal["accuracy"] = "accuracy"


class Cost(Strict):
    """The fewest dollars a day that meet every demand."""

    kind: Literal["cost"] = "cost"


class NetValue(Strict):
    """The most dollars a day that are left: what correct answers are worth, less what wrong ones
    cost, less what answering costs.
    """

    kind: Literal["net_value"] = "net_value"
    value_per_correct_usd: UsdPerAnswer | None = None
    """Of an answer of every class that states none of its own."""
    cost_per_wrong_usd: UsdPerAnswer | None = None
    """Likewise; 0 where neither says it."""


class CostPerCorrect(Strict):
    """The fewest dollars for each correct answer, whatever the day then costs."""

    kind: Literal["cost_per_correct"] = "cost_per_correct"


def _kind(given: Any) -> Any:
    """The kind that a table names; accuracy where it names none."""
    if isinstance(given, dict):
        return given.get("kind", "accuracy")
    return getattr(given, "kind", None)


Objective = Annotated[
    Annotated[Accuracy, Tag("accuracy")]
    | Annotated[Cost, Tag("cost")]
    | Annotated[NetValue, Tag("net_value")]
    | Annotated[CostPerCorrect, Tag("cost_per_correct")],
    Discriminator(_kind),
]
