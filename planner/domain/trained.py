"""What has to be trained before a model or a verifier answers anything, as a scenario says it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from planner.domain.base import Strict
from planner.domain.quantity import (
    CountRange,
    Flop,
    Params,
    ShareRange,
    Tokens,
    UsdPerHourRange,
    UsdRange,
)

Training = Literal["exists", "fine-tune", "from scratch"]


class TrainingInputs(Strict):
    """What a training takes: tokens, FLOPs or dollars; what is None is a stated default."""

    tokens: Tokens | None = Field(default=None, gt=0)
    """Tokens trained on, epochs counted."""
    flop: Flop | None = Field(default=None, gt=0)
    """Instead of 6 x parameters x tokens."""
    usd: UsdRange | None = None
    """Instead of FLOPs on rented GPUs."""
    params_b: Params | None = Field(default=None, gt=0, alias="params")
    """Parameters run for a token; without it the model's active ones."""
    mfu: ShareRange | None = None
    """Share of the accelerator's peak that the training reaches."""
    usd_per_gpu_hour: UsdPerHourRange | None = Field(default=None, alias="price")
    """Of a GPU that trains; without it what the supply's dearest GPUs cost."""

    @property
    def work_given(self) -> bool:
        """Whether it says how much is trained."""
        return any(value is not None for value in (self.tokens, self.flop, self.usd))

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        if self.usd is not None and (self.tokens is not None or self.flop is not None):
            raise ValueError("usd is the whole training: remove tokens and flop, or usd")
        return self


class VerifierTraining(TrainingInputs):
    """The same of a verifier, with the labels it learns from."""

    labels: CountRange | None = None
    """Steps labelled by people: PRM800K has 800 thousand."""
    usd_per_label: UsdRange | None = None
    rollout_steps: CountRange | None = None
    """Steps labelled automatically, by continuing each to an answer several times."""
    completions: int | None = Field(default=None, ge=1, strict=True)
    """Continuations of a step."""
    completion_tokens: Tokens | None = Field(default=None, gt=0)
    """Generated tokens of a continuation."""

    @model_validator(mode="after")
    def _rollouts_are_whole(self) -> Self:
        if self.rollout_steps is not None and self.completion_tokens is None:
            raise ValueError(
                "labels by rollouts need the tokens of a continuation; add completion_tokens"
            )
        if self.rollout_steps is None and (self.completions or self.completion_tokens):
            raise ValueError("completions need rollout_steps, the number of steps labelled so")
        if self.usd_per_label is not None and self.labels is None:
            raise ValueError("usd_per_label needs labels, the number of steps labelled by people")
        return self
