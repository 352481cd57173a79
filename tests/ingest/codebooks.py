"""What is written beside each bundled table, and the tables that no curve may be fitted to."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib.resources.abc import Traversable
from typing import Literal

from pydantic import Field

from planner._resources import bundled
from planner.domain.base import Strict
from planner.domain.card import Tuning
from planner.domain.observation import ALL
from planner.ingest.fixtures import QuestionSet


class ModelEntry(Strict):
    """A model of a fixture: its name here and in the source."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9.+-]*$")
    """Name in the CSV and on the card."""
    source: tuple[str, ...] = Field(min_length=1)
    """The source's own words; more than one where it has several names for one model."""
    params_b: float | None = Field(default=None, gt=0)
    """Nominal parameters, billions; absent where unpublished."""
    active_params_b: float | None = Field(default=None, gt=0)
    tuning: Tuning
    base: str | None = None
    """Public model whose architecture it has; absent where unpublished."""
    mode: str | None = None
    """Way of answering that the name carries as a suffix: reasoning effort, tools."""


class VerifierEntry(Strict):
    """A verifier of a fixture: its name here and in the source."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9.+-]*$")
    source: tuple[str, ...] = Field(min_length=1)
    kind: Literal["ORM", "PRM", "OPRM"]
    params_b: float | None = Field(default=None, gt=0)
    base: str | None = None
    trained_on: str | None = None


class QuestionSetEntry(Strict):
    """What one wording of the source for its questions became here."""

    source: str
    question_set: str
    bucket: str


class Codebook(Strict):
    """Everything that a reader of one CSV must know to use it."""

    schema_: Literal["planner.codebook/1"] = Field(alias="schema")
    kind: Literal["observations", "reference"]
    """`reference` rows lack something that fitting needs; each says what in `why_not`."""
    name: str
    title: str
    """Of the paper or model card."""
    citation: str
    url: str = Field(min_length=1)
    """Address of the paper or model card."""
    read: dt.date
    licence: str
    """`facts`: published figures, transcribed with their source."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Digest of the CSV."""
    rows: int = Field(ge=1)
    columns: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """What of the source is not in the CSV, and why."""
    traps: tuple[str, ...] = ()
    """What a reader could get wrong."""
    methods: dict[str, str] = {}
    """Source wording to registered method."""
    question_sets: tuple[QuestionSetEntry, ...] = ()
    models: tuple[ModelEntry, ...] = ()
    verifiers: tuple[VerifierEntry, ...] = ()
    reasons: dict[str, int] = {}
    """Reference only: why rows are kept out of fitting, and how many each."""


FIXTURES = bundled("fixtures")
REFERENCE = FIXTURES / "reference"


def reference_names() -> list[str]:
    """Names of the bundled tables that no curve may be fitted to, sorted."""
    return sorted(f.name[:-4] for f in REFERENCE.iterdir() if f.name.endswith(".csv"))


def reference_path(name: str) -> Traversable:
    return REFERENCE / f"{name}.csv"


@cache
def load_codebook(name: str, folder: Traversable = FIXTURES) -> Codebook:
    """What is written beside a bundled table, of a fixture or of `folder`."""
    return Codebook.model_validate(tomllib.loads((folder / f"{name}.toml").read_text("utf-8")))


def questions_in(known: QuestionSet, bucket: str) -> int | None:
    """Number of questions in a bucket; None where no partition knows the bucket."""
    if bucket == ALL:
        return known.n_questions
    found = (buckets[bucket] for buckets in known.partitions.values() if bucket in buckets)
    return next(found, None)
