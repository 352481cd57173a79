"""`[router]` of a scenario: how difficulty is told, how well, and what telling it costs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from planner.domain.base import Strict
from planner.domain.quantity import Count, Fraction
from planner.domain.workload import SUM_TOLERANCE


class Router(Strict):
    """How the difficulty of a query is told before it is answered."""

    signal: Literal["level", "none"] = "level"
    """`level`: the bucket is known when a query arrives; `none`: a class is served as one."""
    cost: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Dollars a routed query that telling its difficulty costs, beside a model."""
    model: str | None = Field(default=None, min_length=1)
    """Card of the model that tells it; it runs on the GPUs that answer."""
    tokens: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Tokens that the model reads of a query."""
    output_tokens: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    """Tokens that the model generates: one names a bucket; more where it tries the query."""
    samples: Count = 1
    """Times that the model generates: 4 where the agreement of four samples tells the bucket."""
    confusion: dict[str, dict[str, Fraction]] | Path | None = None
    """P(told | true): of each true bucket the share that is taken for each bucket; or the
    obs.meta.json that `planner measure` wrote with it. Not where accuracies were measured by the
    buckets that a router tells: they hold its errors already."""
    accuracy: Fraction | None = None
    """Share of each bucket that is told right, the rest going evenly to the others; a confusion for
    want of a better one."""

    @model_validator(mode="after")
    def _costs_belong_to_a_router(self) -> Self:
        if self.signal == "none" and (self.cost is not None or self.model is not None):
            raise ValueError(
                'signal = "none" tells no difficulty, so nothing is paid for it; '
                "remove cost and model, or the signal"
            )
        if self.signal == "none" and (self.confusion is not None or self.accuracy is not None):
            raise ValueError('signal = "none" tells no difficulty; remove confusion and accuracy')
        if self.confusion is not None and self.accuracy is not None:
            raise ValueError("confusion and accuracy say the same thing twice; remove one")
        if (self.model is None) != (self.tokens is None):
            raise ValueError(
                "model and tokens go together; write both, "
                'such as model = "qwen2.5-0.5b" and tokens = 250'
            )
        return self

    @field_validator("confusion")
    @classmethod
    def _every_query_is_told_something(
        cls, confusion: dict[str, dict[str, float]] | Path | None
    ) -> dict[str, dict[str, float]] | Path | None:
        for true, row in ({} if not isinstance(confusion, dict) else confusion).items():
            total = math.fsum(row.values())
            if abs(total - 1) > SUM_TOLERANCE:
                raise ValueError(
                    f"the shares of the true bucket {true!r} add up to {total:.6g}, not to 1; "
                    "each row says where the queries of one true bucket go"
                )
        return confusion

    def told(self, buckets: Iterable[str]) -> dict[str, dict[str, float]] | None:
        """P(told | true) of these buckets; None where they are told without error."""
        names = list(buckets)
        if isinstance(self.confusion, dict):
            return self.confusion
        if self.accuracy is None or len(names) < 2:
            return None
        other = (1.0 - self.accuracy) / (len(names) - 1)
        return {t: {p: self.accuracy if p == t else other for p in names} for t in names}
