"""One cell of a log to a value, in SQL: what DuckDB makes of it, and which cells it refuses.

`planner.ingest.logs.explain` says what is wrong with those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from planner.ingest.logs.engine import text
from planner.ingest.logs.record import COUNTS, RECORD

TYPES = {
    "text": "VARCHAR",
    "whole": "BIGINT",
    "count": "BIGINT",
    "number": "DOUBLE",
    "size": "DOUBLE",
    "grade": "DOUBLE",
    "scores": "DOUBLE[]",
}
"""SQL type of each kind of column."""
BLANK_WORDS = ("na", "nan", "null", "none")
"""What a CSV writes, in any case, where there is nothing."""
GRADES: Mapping[str, float] = {"true": 1.0, "false": 0.0, "c": 1.0, "p": 0.5, "i": 0.0, "n": 0.0}
"""Grades that are words: inspect_ai's are correct, partial, incorrect and no answer."""
LARGEST_WHOLE = 10**15
"""Whole numbers up to here are exact in a float."""
LARGEST_SIZE = 10**12
"""More tokens, seconds or billions of parameters than anything has: the column holds something
else, and the sum of a log's would not fit a whole number."""
MAX_TEXT_BYTES = 900_000
"""Longest text: an answer, not the transcript that led to it. DuckDB reads rows of twice that."""

_WHITE = text(" \t\n\r\f")
_GRADES = " ".join(f"WHEN {text(word)} THEN {value}" for word, value in GRADES.items())
_BOUNDS = {
    "number": ("'-infinity'::DOUBLE", "'infinity'::DOUBLE", "<"),
    "size": ("0", str(LARGEST_SIZE), "<="),
    "grade": ("0", "1", "<="),
    "whole": ("0", str(LARGEST_WHOLE), "<="),
    "count": ("1", str(LARGEST_WHOLE), "<="),
}
"""Where values of a kind lie: lowest, highest, and how they compare with these."""
_FLOATING = re.compile(r"DOUBLE|FLOAT")
_NUMERIC = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL\(\d+,\d+\)")
_NESTED = re.compile(r"STRUCT.*|MAP.*|UNION.*|.*\]", re.DOTALL)


@dataclass(frozen=True)
class Cast:
    """SQL of one raw column: conditions on a cell, values of a cell, and an aggregate."""

    tidy: str
    """Aggregate: whether `plain` reads every cell. Quick; a column that is not tidy may be sound
    all the same."""
    bad: str
    """True of a cell that is not what the column takes."""
    plain: str
    """The value of a cell of a tidy column."""
    mended: str
    """The value of any sound cell: trimmed, null where it is blank."""


def kind_of(column: str) -> str:
    """Kind of a column of RECORD or COUNTS."""
    return (RECORD.get(column) or COUNTS[column]).kind


def is_required(column: str) -> bool:
    """Whether a cell of the column may not be blank: a sample may stand without its grade."""
    return column in COUNTS or (RECORD[column].required and RECORD[column].kind != "grade")


def cast(column: str, raw: str, sql_type: str = "VARCHAR", *, words: bool = False) -> Cast:
    """How a raw column is read.

    raw is its identifier, sql_type what DuckDB says it holds; words: whether NA and the like are
    blank.
    """
    if sql_type.startswith("ENUM"):
        raw, sql_type = f"CAST({raw} AS VARCHAR)", "VARCHAR"
    kind, blank = kind_of(column), BLANK_WORDS if words else ()
    if kind == "scores":
        return _scores(raw, sql_type, blank)
    if kind != "text":
        return _number(kind, raw, sql_type, blank, is_required(column))
    if _NESTED.fullmatch(sql_type):
        return _none(raw, "VARCHAR")
    return _text(column, raw, sql_type, () if column == "answer" else blank)


def _text(column: str, raw: str, sql_type: str, words: tuple[str, ...]) -> Cast:
    value = raw if sql_type == "VARCHAR" else f"CAST({raw} AS VARCHAR)"
    mended = f"CASE WHEN NOT {_blank(value, words)} THEN trim({value}, {_WHITE}) END"
    # Functions of one column: DuckDB applies them to the words of a dictionary, not to each row.
    untidy = [f"ascii({value}) <= 32", f"ascii(reverse({value})) <= 32"]
    if words:
        untidy.append(f"lower({value}) IN ({', '.join(map(text, words))})")
    if column == "problem_id":
        # pandas writes whole numbers beside a missing one as 43.0.
        mended = f"regexp_replace({mended}, '^(-?[0-9]+)\\.0$', '\\1')"
        untidy.append(f"ends_with({value}, '.0')")
    if _FLOATING.fullmatch(sql_type):
        mended = f"CASE WHEN NOT isnan({raw}) THEN {mended} END"
        untidy.append(f"isnan({raw})")
    longest = f"coalesce(max(strlen({value})), 0)"
    tidy = f"count_if({' OR '.join(untidy)}) = 0 AND {longest} <= {MAX_TEXT_BYTES}"
    bad = f"strlen({value}) > {MAX_TEXT_BYTES}"
    if is_required(column):
        tidy += f" AND count({raw}) = count(*)"
        bad += f" OR ({mended}) IS NULL"
    return Cast(tidy, bad, value, mended)


def _number(kind: str, raw: str, sql_type: str, words: tuple[str, ...], required: bool) -> Cast:
    if kind == "grade" and sql_type == "BOOLEAN":
        return Cast("bool_and(true)", "false", f"{raw}::DOUBLE", f"{raw}::DOUBLE")
    is_text = sql_type == "VARCHAR"
    if not is_text and not _NUMERIC.fullmatch(sql_type):
        return _none(raw, TYPES[kind])
    value = raw
    if is_text:
        value = f"TRY_CAST({raw} AS DOUBLE)"
    elif sql_type.startswith("DECIMAL"):
        value = f"CAST({raw} AS DOUBLE)"
    if is_text and kind == "grade":
        value = f"coalesce({value}, CASE lower(trim({raw}, {_WHITE})) {_GRADES} END)"
    lowest, highest, compared = _BOUNDS[kind]
    within = f"{lowest} {compared} {{0}} AND {{1}} {compared} {highest}"
    # In SQL nan is above every number.
    tidy = (
        f"count({value}) = count({'*' if required else raw}) "
        f"AND coalesce({within.format(f'min({value})', f'max({value})')}, true)"
    )
    outside = f"NOT ({within.format(value, value)})"
    if kind in ("whole", "count") and (is_text or not sql_type.endswith(("INT", "INTEGER"))):
        tidy += f" AND NOT coalesce(bool_or({value} <> trunc({value})), false)"
        outside += f" OR {value} <> trunc({value})"
    nothing = f"isnan({value})" if is_text or _FLOATING.fullmatch(sql_type) else "false"
    if _FLOATING.fullmatch(sql_type):
        # DuckDB takes the largest from the statistics of a Parquet file, which leave out nan.
        tidy += f" AND count_if({nothing}) = 0"
    not_blank = f"NOT {_blank(raw, words or ('nan',))}" if is_text else "true"
    bad = (
        f"CASE WHEN {raw} IS NULL THEN {required} WHEN {value} IS NULL THEN {required} OR "
        f"{not_blank} WHEN {nothing} THEN {required} ELSE {outside} END"
    )
    plain = f"TRY_CAST({value} AS {TYPES[kind]})"
    return Cast(tidy, bad, plain, f"CASE WHEN NOT {nothing} THEN {plain} END")


def _scores(raw: str, sql_type: str, words: tuple[str, ...]) -> Cast:
    is_text = sql_type == "VARCHAR"
    if not is_text and not (
        sql_type.endswith("[]") and _NUMERIC.fullmatch(sql_type.removesuffix("[]"))
    ):
        return _none(raw, "DOUBLE[]")
    value = f"TRY_CAST({raw} AS DOUBLE[])"
    odd = f"len(list_filter({value}, lambda x: x IS NULL OR NOT isfinite(x))) > 0"
    not_blank = f"NOT {_blank(raw, words or ('nan',))}" if is_text else "true"
    bad = f"CASE WHEN {raw} IS NULL THEN false WHEN {value} IS NULL THEN {not_blank} ELSE {odd} END"
    tidy = f"count({value}) = count({raw}) AND count_if(len({value}) = 0 OR {odd}) = 0"
    return Cast(tidy, bad, value, f"CASE WHEN len({value}) > 0 THEN {value} END")


def _none(raw: str, sql_type: str) -> Cast:
    """A column of a type that cannot be read: sound where it is empty."""
    empty = f"CAST(NULL AS {sql_type})"
    return Cast(f"count({raw}) = 0", f"{raw} IS NOT NULL", empty, empty)


def _blank(raw: str, words: tuple[str, ...]) -> str:
    pattern = rf"(?i)\s*(?:{'|'.join(words)})?\s*"
    return f"regexp_full_match({raw}, {text(pattern)})"
