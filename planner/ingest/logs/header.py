"""Which column of a log is which: names and aliases, and what to say of those that are neither."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from planner.domain.nearest import nearest
from planner.errors import Problem
from planner.ingest._table import shown
from planner.ingest.logs.record import COUNTS, RECORD, by_alias, plain_name

YIELDING = frozenset({"problem", "question", "task", "eval", "accuracy"})
"""Aliases that as often hold something else, such as the text of the question: beside another
name of their column they are left unread."""
OF_SAMPLES = frozenset({"sample", "correct", "answer", "score", "step_scores"})
"""Columns that a table of counts has no use for."""
EXAMPLE_RECORDS = "model,problem_id,sample,correct,answer"
EXAMPLE_COUNTS = "model,problem_id,n_total,n_correct"


@dataclass(frozen=True)
class Header:
    """How the names of a table were understood."""

    names: tuple[str, ...]
    counts: bool
    places: Mapping[str, int]
    """Position of each column of RECORD or COUNTS that is there."""
    unread: tuple[str, ...]
    """Names that are none of ours."""
    doubled: tuple[tuple[str, str, str], ...]
    """Columns that stand there twice: the column, and two names that mean it."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that are not there."""
        return tuple(c for c in required(self.counts) if c not in self.places)

    @property
    def example(self) -> str:
        """What to write instead, for messages."""
        start = EXAMPLE_COUNTS if self.counts else EXAMPLE_RECORDS
        return f"begin the file, for example, with {start}"

    @property
    def is_observations(self) -> bool:
        """Whether these are the columns of an observations CSV: means, not samples."""
        return "n_questions" in map(plain_name, self.names)


def required(counts: bool) -> tuple[str, ...]:
    """Columns that a table must have."""
    sampled = (c for c, about in RECORD.items() if about.required)
    return ("model", "problem_id", *COUNTS) if counts else tuple(sampled)


@lru_cache(maxsize=1 << 12)
def understand(names: tuple[str, ...], counts: bool) -> Header:
    """Finds the columns of RECORD, or of COUNTS, among the names of a table."""
    known = by_alias(counts)
    found: dict[str, list[int]] = {}
    unread = []
    for i, name in enumerate(names):
        column = known.get(plain_name(name))
        if column is not None and not (counts and column in OF_SAMPLES):
            found.setdefault(column, []).append(i)
        elif name.strip() and not name.casefold().startswith("unnamed:"):
            # A nameless first column is the row number of a data frame.
            unread.append(name)
    places, doubled = {}, []
    for column, positions in found.items():
        firm = [i for i in positions if plain_name(names[i]) not in YIELDING] or positions
        unread += [names[i] for i in positions if i not in firm]
        places[column] = firm[0]
        if len(firm) > 1:
            doubled.append((column, names[firm[0]], names[firm[1]]))
    return Header(names, counts, places, tuple(unread), tuple(doubled))


def complaints(header: Header, where: str) -> Iterator[Problem]:
    """What is wrong with a header, for people."""
    if not header.names:
        yield Problem(where, "it names no columns", remedy=header.example)
        return
    if header.is_observations and header.missing:
        what = "this holds accuracies of many questions, not samples: it is observations already"
        name = where.rsplit(":", 1)[0]
        yield Problem(where, what, "n_questions", remedy=f"use it as it is: planner fit {name}")
        return
    for column, one, other in header.doubled:
        what = f"the columns {one} and {other} both mean {column}"
        yield Problem(where, what, other, remedy="rename or remove the one that does not")
    for column in header.missing:
        yield Problem(
            where,
            f"there is no column {column}: {(RECORD.get(column) or COUNTS[column]).about}",
            value=shown(", ".join(header.names)),
            remedy=_remedy(column, header),
        )


def _remedy(column: str, header: Header) -> str:
    about = RECORD.get(column) or COUNTS[column]
    names = (column, *about.aliases)
    for name in header.unread:
        near = nearest(name, by_alias(header.counts))
        if near in names:
            return f"did you mean {name}? Then name it {column}"
    return header.example
