"""Names as an observations CSV can hold them: on one line, of characters that can be seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from planner.errors import InputError, Note, Problem
from planner.measure.table import OUTCOMES, OutcomeTable

_COLUMNS = ("question_set", "model", "verifier", "bucket", "bucket_last")


def tidy_names(table: OutcomeTable) -> Iterator[Note]:
    """Tidies the names of a table in place, and says which.

    Names that then are the same are one. Raises InputError where nothing is left of a name.
    """
    for column in _COLUMNS:
        found = table.connection.execute(
            f"SELECT DISTINCT {column} FROM {OUTCOMES} WHERE {column} IS NOT NULL ORDER BY 1"
        ).fetchall()
        odd = {name: tidy for (name,) in found if (tidy := tidy_name(name)) != name}
        if empty := [name for name, tidy in odd.items() if not tidy]:
            what, remedy = "it holds no character that can be seen", "write a name"
            raise InputError(Problem("planner measure", what, column, empty[0], remedy))
        for name, tidy in odd.items():
            table.connection.execute(
                f"UPDATE {OUTCOMES} SET {column} = ? WHERE {column} = ?", [tidy, name]
            )
            if column != "bucket_last":
                yield Note("tidied_name", f"{column} {name!r} was read as {tidy!r}")


def tidy_name(name: str) -> str:
    """A name with single spaces between its words, without characters that cannot be seen."""
    seen = "".join(c for c in name if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf"))
    return " ".join(seen.split())
