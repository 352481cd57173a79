"""Tables of records or counts read by Apache Spark, wherever the cluster finds them.

Paths are the cluster's: they are never looked at from here. Tables are CSV, JSON lines and
Parquet; what other tools log is read without Spark.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from planner.errors import InputError, Problem
from planner.ingest.logs.frame import FrameSamples, read_frame
from planner.ingest.logs.reading import Faults, LogOptions
from planner.ingest.logs.record import by_alias, plain_name
from planner.ingest.logs.shape import Shape, shape_of

BROKEN = "_corrupt_record"
"""Column of the text of rows that Spark could not split."""
FORMATS = ("records", "counts")
"""Formats that Spark reads."""

_HEAD_LINES = 50
_LOOPBACK = "127.0.0.1"
_QUIET = {"spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
# Names that differ in case are two columns; bytes of a Parquet file are text.
_AS_FILES = {"spark.sql.caseSensitive": "true", "spark.sql.parquet.binaryAsString": "true"}


def read_spark(
    session: Any, paths: Sequence[str], options: LogOptions, faults: Faults
) -> Iterator[FrameSamples]:
    """The samples of each path that has sound ones; complaints go to `faults`.

    session: a SparkSession. A path is a file, a folder or a glob of tables of one shape.
    Raises InputError where options ask for a format that Spark does not read.
    """
    if options.format not in (None, *FORMATS):
        raise InputError(
            Problem("--format", "Spark reads tables of records and counts only", None,
                    options.format, "leave out --engine: other logs are read without Spark")
        )  # fmt: skip
    for path in paths:
        found = None
        with spark_problems(path, faults):
            table, words = _table(session, path)
            found = _samples(table, options, faults, path, words=words)
        if found is not None:
            yield found


@contextmanager
def spark_session(master: str) -> Iterator[Any]:
    """A SparkSession, that of the caller where there is one.

    One that is made here ends with the context, and talks to nobody outside this machine if its
    master is local. Raises InputError where there is no PySpark, no Java, or no such master.
    """
    _need_spark()
    with warnings.catch_warnings():
        # About versions of pandas, which is not used.
        warnings.simplefilter("ignore", FutureWarning)
        from pyspark.sql import SparkSession

        running = SparkSession.getActiveSession()
        session = running or _started(SparkSession.builder, master)
    if running is not None:
        yield running
        return
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def spark_problems(where: str, faults: Faults) -> Iterator[None]:
    """Has what Spark complains of told as a problem."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        faults.bad(_told(where, error), None)


def _told(where: str, error: Exception) -> Problem:
    text = str(error)
    if "PATH_NOT_FOUND" in text:
        what = "Spark finds no such file or folder"
        return Problem(where, what, remedy="write the path as the cluster sees it")
    if "CSV header does not conform" in text:
        what = "its CSV files do not have the same columns"
        return Problem(where, what, remedy="name files of different columns one by one")
    lines = [line for line in text.splitlines() if line.strip()]
    reason = next((line for line in lines if line.startswith("Caused by")), lines[0])
    return Problem(where, f"Spark cannot read it: {reason[:300]}")


def _need_spark() -> None:
    from importlib.util import find_spec

    if find_spec("pyspark") is None:
        remedy = 'pip install "inference-planner[spark]"'
        raise InputError(Problem("--engine spark", "PySpark is not installed", remedy=remedy))
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=f"{home}/bin" if home else None) is None:
        remedy = "install a JDK, 17 or newer, and put java on the PATH or name it by JAVA_HOME"
        raise InputError(Problem("--engine spark", "Spark needs Java: none found", remedy=remedy))


def _started(builder: Any, master: str) -> Any:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    settings = {**_QUIET, **_AS_FILES}
    local = master.startswith("local")
    if local:
        settings |= {
            "spark.driver.host": _LOOPBACK,
            "spark.driver.bindAddress": _LOOPBACK,
            "spark.ui.enabled": "false",
        }
    builder = builder.master(master).appName("planner measure")
    for name, value in settings.items():
        builder = builder.config(name, value)
    with tempfile.TemporaryFile() as log, _said_to(log), _only_loopback(local):
        try:
            return builder.getOrCreate()
        except (PySparkException, Py4JError) as error:
            raise InputError(_not_started(master, error, log)) from None


def _not_started(master: str, error: Exception, log: IO[bytes]) -> Problem:
    log.seek(0)
    said = log.read().decode(errors="replace")
    remedy = "check --master: local[*], spark://HOST:7077, yarn, k8s://..."
    if "UnsupportedClassVersionError" in said:
        remedy = "install a JDK, 17 or newer: the one found is older"
    lines = [line for line in f"{error}\n{said}".splitlines() if "Exception" in line]
    reason = (lines or str(error).splitlines() or ["it gives no reason"])[0]
    return Problem("--engine spark", f"Spark does not start: {reason[:300]}", None, master, remedy)


@contextmanager
def _said_to(log: IO[bytes]) -> Iterator[None]:
    """Sends what is said on stderr to a file: Java keeps the one that it was started with."""
    kept = os.dup(2)
    os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _only_loopback(local: bool) -> Iterator[None]:
    before = os.environ.get("SPARK_LOCAL_IP")
    if local:
        os.environ["SPARK_LOCAL_IP"] = _LOOPBACK
    try:
        yield
    finally:
        if local and before is None:
            del os.environ["SPARK_LOCAL_IP"]
        elif before is not None:
            os.environ["SPARK_LOCAL_IP"] = before


def _table(session: Any, path: str) -> tuple[Any, bool]:
    """A path as Spark's data frame, and whether it is CSV."""
    lines = [row[0] for row in session.read.text(path).take(_HEAD_LINES)]
    shape = shape_of("\n".join(lines).encode())
    if shape.kind == "parquet":
        return session.read.option("mergeSchema", "true").parquet(path), False
    if shape.kind == "json":
        return session.read.option("primitivesAsString", "true").json(path), False
    return _csv(session, path, shape), True


def _csv(session: Any, path: str, shape: Shape) -> Any:
    """All files below a path must begin with the same header, which Spark checks."""
    from pyspark.sql.types import StringType, StructField, StructType

    named = [*shape.names, BROKEN]
    options = {
        "header": True,
        "sep": shape.separator,
        "quote": '"',
        "escape": '"',
        # A quoted answer may hold line ends.
        "multiLine": True,
        "enforceSchema": False,
        "mode": "PERMISSIVE",
        "columnNameOfCorruptRecord": BROKEN,
    }
    schema = StructType([StructField(name, StringType()) for name in named])
    return session.read.options(**options).schema(schema).csv(path)


def _samples(
    table: Any, options: LogOptions, faults: Faults, path: str, *, words: bool
) -> FrameSamples | None:
    import narwhals as nw

    broken = BROKEN if BROKEN in table.columns else None
    for name in table.columns:
        if by_alias().get(plain_name(name)) == "step_scores":
            table = table.withColumn(name, _scores(table, name))
    frame = nw.from_native(table).lazy()
    return read_frame(frame, options, faults, path, words=words, broken=broken)


def _scores(table: Any, name: str) -> Any:
    """A column of step scores as lists; text that is none becomes a list of nothing known."""
    from pyspark.sql import functions

    column, kind = table[name], dict(table.dtypes)[name]
    if kind == "string":
        bare = functions.lower(functions.trim(column))
        blank = column.isNull() | bare.isin("", "na", "nan", "null", "none")
        unread = functions.array(functions.lit(None).cast("double"))
        parsed = functions.from_json(column, "array<double>")
        return functions.when(~blank, functions.coalesce(parsed, unread))
    return column.try_cast("array<double>") if kind == "array<string>" else column
