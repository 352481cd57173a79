"""Several plans side by side: planner.plans/1."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from planner.domain.base import Strict
from planner.domain.plan import PlanAnswer


class Plans(Strict):
    """The plans of several scenarios, low, base and high say."""

    schema_: Literal["planner.plans/1"] = Field(default="planner.plans/1", alias="schema")
    names: tuple[str, ...]
    plans: tuple[PlanAnswer, ...]
    command: str = ""
    """What makes the page again."""
