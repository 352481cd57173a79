"""Files of one shape as one table of DuckDB: its source, its check, its typed records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import Problem
from planner.ingest._table import shown
from planner.ingest.logs.casts import TYPES, Cast, cast, kind_of
from planner.ingest.logs.cells import method_name, refusal
from planner.ingest.logs.engine import file_literal, identifier, text
from planner.ingest.logs.header import Header, understand
from planner.ingest.logs.reading import CLEAN_COLUMNS
from planner.ingest.logs.record import by_alias, plain_name
from planner.ingest.logs.shape import Shape
from planner.ingest.logs.sources import SourceFile

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

PLACE = "place"
"""Column of the line or row that a record stands in."""
_FETCHED_ROWS = 10_000
_SHOWN_LETTERS = 200


@dataclass(frozen=True)
class Facts:
    """What a check told of a table."""

    rows: int = 0
    bad: int = 0
    """Rows that are refused."""
    unnamed: bool = False
    """Whether a record names no question set."""
    partial: bool = False
    """Whether a grade may lie between 0 and 1."""
    untidy: tuple[str, ...] = ()
    """Columns with cells that must be mended or refused."""
    methods: Mapping[str, str] = field(default_factory=dict)
    """Registered name of each method as the table spells it."""
    late: tuple[str, ...] = ()
    """Keys of JSON lines that the first few of them do not have."""


@dataclass(frozen=True)
class Table:
    """Files of one shape, read in place, or one file that was split into lines and cells."""

    shape: Shape
    counts: bool
    files: tuple[SourceFile, ...]
    split: Path | None = None
    """CSV of the places and cells of the only one of `files`."""
    facts: Facts = Facts()

    @property
    def header(self) -> Header:
        """How the names of its columns were understood."""
        return understand(self.shape.names, self.counts)

    @property
    def tells_places(self) -> bool:
        """Whether it knows where each record stands."""
        return self.split is not None or (self.shape.kind == "parquet" and len(self.files) == 1)

    def by_file(self) -> list[Table]:
        """Each of its files as a table."""
        return [replace(self, files=(file,)) for file in self.files]

    def where(self, place: int) -> str:
        """A place in words."""
        name = self.files[0].name
        return f"{name}:{place}" if self.split is not None else f"{name}: row {place}"

    def checked(self, connection: Connection) -> Table:
        """The same with its facts: every cell is read, and those of untidy columns twice.

        Raises duckdb.Error where a file is malformed.
        """
        told = replace(self, facts=self._first_facts(connection))
        return replace(told, facts=told.all_facts(connection))

    def _first_facts(self, connection: Connection) -> Facts:
        """What one scan tells: which columns are tidy, and so sound."""
        places, late = self.header.places, self._late()
        method = self._raw("method") if "method" in places else "NULL::VARCHAR"
        spelled = f"list(DISTINCT {method}) FILTER (WHERE {method} IS NOT NULL)"
        named = f"count({self._raw('question_set')})" if "question_set" in places else "0"
        tidiness = [self._cast(column).tidy for column in places]
        keys = [f"count({identifier(key)})" for key in late]
        counted = ["count(*)", named, f"coalesce({spelled}, [])", self._between()]
        rows, named_rows, methods, between, *found = self._row(
            connection, [*counted, *tidiness, *keys], late
        )
        untidy = [column for column, tidy in zip(places, found, strict=False) if not tidy]
        known = {m: name for m in methods if (name := method_name(m)) is not None}
        if len(known) < len(methods):
            untidy.append("method")
        if "n_correct" in places:
            # It must be compared with n_total, row by row.
            untidy.append("n_correct")
        return Facts(
            rows=rows,
            unnamed=named_rows < rows,
            partial=bool(between) or "correct" in untidy,
            untidy=tuple(dict.fromkeys(untidy)),
            methods=known,
            late=tuple(k for k, n in zip(late, found[len(places) :], strict=True) if n),
        )

    def _between(self) -> str:
        """SQL that tells whether a tidy grade lies between 0 and 1."""
        places, types = self.header.places, self.shape.types
        if "correct" not in places or (types and types[places["correct"]] == "BOOLEAN"):
            return "false"
        grade = self._cast("correct").plain
        return f"coalesce(bool_or({grade} > 0 AND {grade} < 1), false)"

    def all_facts(self, connection: Connection) -> Facts:
        """What a second scan tells, of the untidy columns only: which cells are refused."""
        untidy = self.facts.untidy
        if not untidy:
            return self.facts
        unnamed = "0"
        if "question_set" in untidy:
            unnamed = f"count_if(({self._cast('question_set').mended}) IS NULL)"
        bad, unnamed_rows = self._row(connection, [f"count_if({self._any_bad})", unnamed])
        # DuckDB counts nothing, not 0, where there is no row.
        return replace(self.facts, bad=bad or 0, unnamed=self.facts.unnamed or bool(unnamed_rows))

    def typed(self, *, place: bool = False) -> str:
        """SQL of its sound records: CLEAN_COLUMNS, and PLACE where it is asked for."""
        columns = [f"{self._place} AS {PLACE}"] if place else []
        for column in CLEAN_COLUMNS:
            value = f"CAST(NULL AS {TYPES[kind_of(column)]})"
            if column in self.header.places:
                how = self._cast(column)
                value = how.mended if column in self.facts.untidy else how.plain
            columns.append(f"{value} AS {column}")
        sql = f"SELECT {', '.join(columns)} FROM {self._source(place=place)}"
        return f"{sql} WHERE ({self._any_bad}) IS NOT TRUE" if self.facts.bad else sql

    def refused(self, connection: Connection) -> Iterator[list[Problem]]:
        """What is wrong with each record that is refused; the table must tell places."""
        names = self.facts.untidy
        conditions = [f"({self._cast(column).bad}) IS TRUE" for column in names]
        cells = [f"left({self._raw(column)}::VARCHAR, {_SHOWN_LETTERS})" for column in names]
        found = connection.execute(
            f"SELECT {', '.join([self._place, *conditions, *cells])} "
            f"FROM {self._source(place=True)} WHERE {self._any_bad}"
        )
        while rows := found.fetchmany(_FETCHED_ROWS):
            for place, *row in rows:
                told = zip(names, row[: len(names)], row[len(names) :], strict=True)
                yield [self._problem(place, c, cell) for c, is_bad, cell in told if is_bad]

    def _problem(self, place: int, column: str, cell: str | None) -> Problem:
        why = refusal(column, cell)
        name = self.header.names[self.header.places[column]]
        return Problem(self.where(place), why.what, name, shown(cell), why.remedy)

    @cached_property
    def _any_bad(self) -> str:
        return " OR ".join(f"({self._cast(column).bad})" for column in self.facts.untidy)

    def _cast(self, column: str) -> Cast:
        raw, types, words = self._raw(column), self.shape.types, self.shape.kind == "csv"
        sql_type = types[self.header.places[column]] if types else "VARCHAR"
        how = cast(column, raw, sql_type, words=words)
        if column == "method":
            return _named(how, raw, self.facts.methods)
        if column == "n_correct":
            total = self._cast("n_total").mended
            return replace(how, bad=f"({how.bad}) OR {how.mended} > {total}")
        return how

    def _raw(self, column: str) -> str:
        """Identifier of a column in the source."""
        position = self.header.places[column]
        in_place = self.split is None and self.shape.kind != "csv"
        return identifier(self.shape.names[position] if in_place else f"c{position}")

    @property
    def _place(self) -> str:
        return PLACE if self.split is not None else "file_row_number + 1"

    def _row(
        self, connection: Connection, selected: Sequence[str], extra: Sequence[str] = ()
    ) -> tuple[Any, ...]:
        """One row of aggregates."""
        sql = f"SELECT {', '.join(selected)} FROM {self._source(extra)}"
        row: tuple[Any, ...] = connection.execute(sql).fetchall()[0]
        return row

    def _source(self, extra: Sequence[str] = (), *, place: bool = False) -> str:
        """The files as DuckDB reads them.

        extra names further keys of JSON lines; place: whether `_place` is wanted.
        """
        files = [file.path for file in self.files] if self.split is None else [self.split]
        listed = f"[{', '.join(map(file_literal, files))}]"
        numbered = [f"c{i}" for i in range(len(self.shape.names))]
        how = f"compression = {text(self.shape.compression)}, auto_detect = false"
        quoted = "quote = '\"', escape = '\"', strict_mode = true"
        if self.split is not None:
            return (
                f"read_csv({listed}, header = false, auto_detect = false, delim = ',', {quoted}, "
                f"new_line = '\\n', "
                f"columns = {{{text(PLACE)}: 'BIGINT', {_texts(numbered)}}})"
            )
        match self.shape.kind:
            case "parquet":
                return f"read_parquet({listed}, binary_as_string = true, file_row_number = {place})"
            case "json":
                return (
                    f"read_json({listed}, format = 'newline_delimited', records = true, {how}, "
                    f"columns = {{{_texts([*self.shape.names, *extra])}}})"
                )
            case "csv":
                return (
                    f"read_csv({listed}, header = true, {how}, {quoted}, "
                    f"delim = {text(self.shape.separator)}, columns = {{{_texts(numbered)}}})"
                )

    def _late(self) -> tuple[str, ...]:
        """Keys that JSON lines may have beside those that were seen."""
        if self.shape.kind != "json" or self.split is not None:
            return ()
        seen = set(map(plain_name, self.shape.names))
        return tuple(name for name in by_alias(self.counts) if name not in seen)


def _named(how: Cast, raw: str, methods: Mapping[str, str]) -> Cast:
    """A method under its registered name; bad where there is none."""
    if not methods:
        return replace(how, bad=f"({how.mended}) IS NOT NULL")
    spelled = ", ".join(map(text, methods))
    names = " ".join(f"WHEN {text(m)} THEN {text(name)}" for m, name in methods.items())
    named = f"CASE {raw} {names} END"
    return Cast(
        how.tidy,
        f"({how.mended}) IS NOT NULL AND {raw} NOT IN ({spelled})",
        raw if all(m == name for m, name in methods.items()) else named,
        named,
    )


def _texts(names: Sequence[str]) -> str:
    """Columns as DuckDB's readers take them, all of them text."""
    return ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
