"""What `planner measure` writes beside its observations: obs.meta.json, planner.measured/1.

The observations CSV holds means; this holds what a mean cannot say: which questions went
wrong together (the replicate tables), how the questions were cut into buckets, how good the
verifier is, what could not be measured and why.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from planner.domain.base import Strict
from planner.domain.observation import Observation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA: Literal["planner.measured/1"] = "planner.measured/1"

RowKey = tuple[object, ...]


def row_key(row: Observation) -> RowKey:
    """What tells an observation from every other of its file."""
    return (
        row.model,
        row.method,
        row.verifier,
        row.question_set,
        row.bucket,
        row.n_samples,
        row.depth,
        row.width,
        row.thinking_tokens,
        row.temperature,
    )


def meta_path(csv: Path) -> Path:
    """Where the measured file of an observations CSV stands: obs.csv has obs.meta.json."""
    return csv.with_name(f"{csv.stem}.meta.json")


@dataclass(frozen=True)
class Replicated:
    """Accuracies of observations under resamples of the questions they share."""

    question_set: str
    column: Mapping[RowKey, int]
    """Column of each observation, by `row_key`."""
    accuracy: NDArray[np.float64]
    """Shape (replicate, column)."""


class ReplicateTable(Strict):
    """Accuracies of the rows of one question set under resamples of its questions.

    One replicate is one resample of the questions, the same for every row: what two rows lose
    or win together in a replicate, they lose or win together in the draws.
    """

    question_set: str
    questions: int = Field(ge=1)
    """Questions that were resampled."""
    replicates: int = Field(ge=1)
    rows: tuple[Annotated[int, Field(ge=0)], ...]
    """Rows of the CSV, the first below the header being 0, in the order of the columns."""
    accuracy: str
    """Base64 of little-endian float32 (replicate, row), by rows."""

    @classmethod
    def of(
        cls,
        question_set: str,
        questions: int,
        rows: tuple[int, ...],
        accuracy: NDArray[np.float64],
    ) -> ReplicateTable:
        """A table from its accuracies, shape (replicate, row)."""
        import numpy as np

        raw = np.ascontiguousarray(accuracy, dtype="<f4").tobytes()
        return cls(
            question_set=question_set,
            questions=questions,
            replicates=accuracy.shape[0],
            rows=rows,
            accuracy=base64.b64encode(raw).decode("ascii"),
        )

    def values(self) -> NDArray[np.float64]:
        """Accuracies, shape (replicate, row).

        Raises ValueError where they are not as many as the table says, or no accuracies.
        """
        import numpy as np

        raw = base64.b64decode(self.accuracy, validate=True)
        shape = (self.replicates, len(self.rows))
        values = np.frombuffer(raw, dtype="<f4").astype(np.float64)
        if values.size != shape[0] * shape[1]:
            raise ValueError(f"{values.size} replicates where {shape[0]} x {shape[1]} are stated")
        if not (np.isfinite(values).all() and (values >= 0.0).all() and (values <= 1.0).all()):
            raise ValueError("a replicate lies outside 0 to 1")
        return values.reshape(shape)


class Bucket(Strict):
    """One difficulty bucket of a question set."""

    question_set: str
    bucket: str
    questions: int = Field(ge=0)


class PartitionUsed(Strict):
    """How the questions were cut into difficulty buckets; one way for all models."""

    name: str
    """As `--partition` names it."""
    sentence: str
    """In words, with its reference."""
    deployable: bool
    """Known before the query is answered in full, without the right answer."""
    router_samples: int = 0
    """Samples a query pays for the signal."""
    buckets: tuple[Bucket, ...] = ()


class CalibrationBin(Strict):
    """Samples whose score lies in one range."""

    score: float
    """Their mean score."""
    correct: float
    """Their share of right ones."""
    samples: int


class VerifierBucket(Strict):
    """How well a verifier tells right samples from wrong ones in one bucket."""

    question_set: str
    model: str
    verifier: str
    bucket: str
    samples: int
    auc: float | None
    """Chance that a right sample is scored above a wrong one; null where one kind is missing."""
    calibration_error: float | None
    """Mean distance of score and share right; null where scores are no probabilities."""
    false_positive_rate: float | None
    """Wrong samples scored at the threshold or above."""
    false_negative_rate: float | None
    """Right samples scored below the threshold."""
    threshold: float
    calibration: tuple[CalibrationBin, ...] = ()


class Gap(Strict):
    """Oracle, verifier and vote at one number of samples, on the same questions."""

    question_set: str
    model: str
    verifier: str
    n_samples: int
    oracle: float
    verifier_picked: float
    vote: float | None


class RouterConfusion(Strict):
    """Where a deployable signal sends the questions of each true bucket."""

    question_set: str
    true_buckets: tuple[str, ...]
    """By pass@1 of all models together."""
    predicted_buckets: tuple[str, ...]
    share: tuple[tuple[float, ...], ...]
    """Share of the questions of each true bucket (row) sent to each predicted one (column)."""


class SampleTime(Strict):
    """How long a sample took, where the logs say it."""

    question_set: str
    model: str
    method: str
    bucket: str
    time_s: float
    """Mean seconds over the problems."""


class VarianceOfSample(Strict):
    """Variance of the grade of one sample: between questions, and within one on average.

    The standard error of an accuracy over Q questions with k samples each is
    sqrt((between + within / k) / Q): which of the two to buy more of.
    """

    question_set: str
    model: str
    method: str
    between: float
    within: float


class Refusal(Strict):
    """What was asked for and not measured, and why."""

    what: str
    why: str


class Left(Strict):
    """Rows of a log that were left out, and why."""

    where: str
    why: str
    rows: int | None
    """None where nobody can tell: the rest of a broken file."""


class Measured(Strict):
    """The measured file of an observations CSV."""

    schema_: Literal["planner.measured/1"] = Field(default=SCHEMA, alias="schema")
    csv: str
    """Name of the CSV beside it."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Digest of the CSV's bytes; a CSV that was edited since has another."""
    seed: int
    inputs: dict[str, str]
    """SHA-256 of each log read."""
    partition: PartitionUsed
    replicates: tuple[ReplicateTable, ...] = ()
    verifier_quality: tuple[VerifierBucket, ...] = ()
    gaps: tuple[Gap, ...] = ()
    router: tuple[RouterConfusion, ...] = ()
    times: tuple[SampleTime, ...] = ()
    variance: tuple[VarianceOfSample, ...] = ()
    not_measured: tuple[Refusal, ...] = ()
    left_out: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()
