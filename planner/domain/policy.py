"""What `planner export --to policy` writes: planner.policy/1, the routing that a plan decided."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from planner.domain.base import Strict


class Route(Strict):
    """How a share of one query class and bucket is answered."""

    query_class: str
    bucket: str
    """Of difficulty, as the router tells it; `all` where it is not told."""
    share: float = Field(ge=0, le=1)
    """Of the queries of its class and bucket; the shares of a class and bucket add up to 1."""
    up_to: float = Field(ge=0, le=1)
    """Upper end of its part of [0, 1): a query's number falls into one part. See the reader."""
    option: str
    model: str
    method: str
    verifier: str | None = None
    temperature: float | None = None
    n_samples: int
    depth: int | None = None
    width: int | None = None
    thinking_tokens: int | None = None
    """Most tokens that a sample may think."""
    hands_on_to: str | None = None
    """Of a cascade: the option that answers what the verifier does not pass."""
    then_model: str | None = None
    """Of a cascade: the model of that option."""
    threshold: float | None = None
    """Of a cascade: the verifier's score from which an answer is kept. None where a checker passes
    answers, or in a plan without cascades."""


class Policy(Strict):
    """The routing of a plan, for a serving team."""

    schema_: Literal["planner.policy/1"] = Field(default="planner.policy/1", alias="schema")
    plan_sha256: str
    """Digest of the plan that it was made from."""
    version: str = ""
    """Of the planner that made the plan."""
    signal: str | None = None
    """What tells the difficulty: the router of the plan; None where nothing does."""
    routes: tuple[Route, ...]
    """In the order of the plan."""
