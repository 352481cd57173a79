"""One measured accuracy, and a table of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from planner.domain.base import Strict
from planner.errors import Note

if TYPE_CHECKING:
    from planner.domain.measured import (
        PartitionUsed,
        Replicated,
        RouterConfusion,
        VerifierBucket,
    )

MOST_SAMPLES = 10**12
"""Samples of a query beyond which nothing is read or told."""
ALL = "all"
"""The bucket that is a question set's whole."""


class Observation(Strict):
    """One row of the observations CSV: a mean score over the questions of a bucket."""

    model: str = Field(min_length=1)
    """Name of a card, or any name with params_b."""
    method: str
    """A name of `planner.domain.method.METHODS`."""
    question_set: str = Field(min_length=1)
    """Names the questions behind the number (MATH and MATH-500 are two)."""
    bucket: str = Field(min_length=1)
    """Difficulty bucket within the question set; `all` is the whole set."""
    n_samples: int = Field(ge=1)
    """Samples, beams or rollouts, as the method reads them."""
    accuracy: float = Field(ge=0, le=1)
    """Mean score in [0, 1]."""
    n_questions: int = Field(ge=1)
    """Questions behind the mean."""
    params_b: float | None = Field(default=None, gt=0)
    """Nominal parameters, billions, as the source names them."""
    active_params_b: float | None = Field(default=None, gt=0)
    """Active parameters of a mixture of experts, billions."""
    verifier: str | None = None
    """Name of the verifier, where the method has one."""
    verifier_params_b: float | None = Field(default=None, gt=0)
    """Nominal parameters of the verifier, billions."""
    depth: int | None = Field(default=None, ge=0)
    """Revisions in a chain, or search steps."""
    width: int | None = Field(default=None, ge=1)
    """Branches per beam."""
    thinking_tokens: int | None = Field(default=None, ge=0)
    """Cap on thinking tokens of each sample."""
    temperature: float | None = Field(default=None, ge=0)
    """Sampling temperature."""
    prompt_tokens: float | None = Field(default=None, ge=0)
    """Mean prompt tokens of a query."""
    output_tokens: float | None = Field(default=None, ge=0)
    """Mean generated tokens of one sample."""
    output_tokens_p95: float | None = Field(default=None, ge=0)
    """95th percentile of generated tokens of one sample."""
    accuracy_se: float | None = Field(default=None, ge=0)
    """Standard error over questions; binomial where blank."""
    source: str | None = None
    """Where the number was published or measured."""


@dataclass(frozen=True)
class Observations:
    """A checked table of observations, with where each row stood."""

    rows: tuple[Observation, ...]
    places: tuple[str, ...]
    """`file:line` of each row."""
    digests: dict[str, str]
    """SHA-256 of each file read, by its name as given."""
    notes: tuple[Note, ...] = ()
    """What was understood or repaired on reading."""
    replicates: tuple[Replicated, ...] = ()
    """Resamples of the questions behind rows that `planner measure` made."""
    partitions: tuple[PartitionUsed, ...] = ()
    """How `planner measure` cut the questions into buckets, a file each."""
    verifier_quality: tuple[VerifierBucket, ...] = ()
    """How well verifiers tell right samples from wrong ones, by bucket."""
    confusions: tuple[RouterConfusion, ...] = ()
    """Where signals that a router can use send the questions of each true bucket."""

    def __add__(self, other: Observations) -> Observations:
        return Observations(
            self.rows + other.rows,
            self.places + other.places,
            self.digests | other.digests,
            self.notes + other.notes,
            self.replicates + other.replicates,
            self.partitions + other.partitions,
            self.verifier_quality + other.verifier_quality,
            self.confusions + other.confusions,
        )
