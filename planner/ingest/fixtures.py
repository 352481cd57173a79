"""The published measurements that ship with the planner, and what is known of them.

`fixtures/NAME.csv` is an observations CSV; `fixtures/NAME.toml` beside it is its codebook: the
paper, the digest, which words of the source became which names here, what was left out and
why, and the traps. `fixtures/reference/` holds published rows that no curve may be fitted to.
`fixtures/question_sets.toml` names the questions behind the numbers.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources.abc import Traversable
from typing import Literal, Self

from pydantic import Field, model_validator

from planner._resources import bundled
from planner.domain.base import Strict
from planner.domain.card import Tuning
from planner.domain.nearest import did_you_mean
from planner.domain.observation import ALL
from planner.errors import InputError, Problem

DEFAULT_FIXTURE = "sun2024_easy_to_hard"
"""What `ask` reads where no data is given: Llemma-7B and 34B at n = 1 to 1024."""


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


class QuestionSet(Strict):
    """Questions behind a number. MATH and MATH-500 are two sets."""

    name: str
    aliases: tuple[str, ...] = ()
    """Other names of exactly these questions."""
    n_questions: int = Field(ge=1)
    description: str
    source: str
    subset_of: str | None = None
    """The larger set these were taken from: still another set."""
    partitions: dict[str, dict[str, int]] = {}
    """Questions of each difficulty bucket, by the partition's name."""

    @model_validator(mode="after")
    def _buckets_are_the_whole(self) -> Self:
        for name, buckets in self.partitions.items():
            if sum(buckets.values()) != self.n_questions:
                raise ValueError(f"the buckets of {name} do not add up to {self.n_questions}")
        return self

    def questions_in(self, bucket: str) -> int | None:
        """Number of questions in a bucket; None where no partition knows the bucket."""
        if bucket == ALL:
            return self.n_questions
        found = (buckets[bucket] for buckets in self.partitions.values() if bucket in buckets)
        return next(found, None)


def fixture_names() -> tuple[str, ...]:
    """Names of the bundled observations CSVs, sorted."""
    return _csv_names(bundled("fixtures"))


def reference_names() -> tuple[str, ...]:
    """Names of the bundled tables that no curve may be fitted to, sorted."""
    return _csv_names(_reference())


def fixture_path(name: str) -> Traversable:
    """The CSV of a bundled fixture.

    Raises InputError where there is none of that name.
    """
    return bundled("fixtures") / f"{_known(name, fixture_names(), 'fixture')}.csv"


def reference_path(name: str) -> Traversable:
    """The CSV of a bundled reference table.

    Raises InputError where there is none of that name.
    """
    return _reference() / f"{_known(name, reference_names(), 'reference table')}.csv"


@cache
def load_codebook(name: str) -> Codebook:
    """The codebook of a bundled fixture.

    Raises InputError where there is no fixture of that name.
    """
    return _codebook(bundled("fixtures"), _known(name, fixture_names(), "fixture"))


@cache
def load_reference_codebook(name: str) -> Codebook:
    """The codebook of a bundled reference table.

    Raises InputError where there is no such table.
    """
    return _codebook(_reference(), _known(name, reference_names(), "reference table"))


def question_sets() -> dict[str, QuestionSet]:
    """The known question sets by their canonical name, in the order of the file."""
    return dict(_catalogue())


def canonical_question_set(name: str) -> str:
    """The canonical name of a question set: `MATH500` and `math 500` are `MATH-500`.

    Case, spaces and punctuation do not count. A name that is not in the catalogue is a set of
    its own and comes back as it is, trimmed.
    """
    return _names_by_plain().get(_plain(name), name.strip())


@cache
def _catalogue() -> Mapping[str, QuestionSet]:
    text = (bundled("fixtures") / "question_sets.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)["question_sets"]
    return {s.name: s for s in map(QuestionSet.model_validate, entries)}


@cache
def _names_by_plain() -> Mapping[str, str]:
    return {_plain(n): s.name for s in _catalogue().values() for n in (s.name, *s.aliases)}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _reference() -> Traversable:
    return bundled("fixtures") / "reference"


def _csv_names(folder: Traversable) -> tuple[str, ...]:
    return tuple(sorted(f.name[:-4] for f in folder.iterdir() if f.name.endswith(".csv")))


def _codebook(folder: Traversable, name: str) -> Codebook:
    text = (folder / f"{name}.toml").read_text(encoding="utf-8")
    return Codebook.model_validate(tomllib.loads(text))


def _known(name: str, names: tuple[str, ...], what: str) -> str:
    if name in names:
        return name
    raise InputError(
        Problem(
            where=f"bundled {what}s",
            what=f"there is no {what} of that name",
            value=name,
            remedy=did_you_mean(name, names) or f"one of {', '.join(names)}",
        )
    )
