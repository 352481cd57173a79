"""The published measurements that ship with the planner, and what is known of them.

`fixtures/NAME.csv` is an observations CSV; `fixtures/NAME.toml` beside it is its codebook: the
paper, the digest, which words of the source became which names here, what was left out and
why, and the traps. `fixtures/reference/` holds published rows that no curve may be fitted to.
`fixtures/question_sets.toml` names the questions behind the numbers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources.abc import Traversable
from typing import Self

from pydantic import Field, model_validator

from planner._resources import bundled
from planner.domain.base import Strict
from planner.domain.nearest import did_you_mean
from planner.errors import InputError, Problem

DEFAULT_FIXTURE = "sun2024_easy_to_hard"
"""What `ask` reads where no data is given: Llemma-7B and 34B at n = 1 to 1024."""


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


def fixture_names() -> tuple[str, ...]:
    """Names of the bundled observations CSVs, sorted."""
    names = (f.name for f in bundled("fixtures").iterdir())
    return tuple(sorted(n[:-4] for n in names if n.endswith(".csv")))


def fixture_path(name: str) -> Traversable:
    """The CSV of a bundled fixture.

    Raises InputError where there is none of that name.
    """
    names = fixture_names()
    if name not in names:
        raise InputError(
            Problem(
                where="bundled fixtures",
                what="there is no fixture of that name",
                value=name,
                remedy=did_you_mean(name, names) or f"one of {', '.join(names)}",
            )
        )
    return bundled("fixtures") / f"{name}.csv"


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
