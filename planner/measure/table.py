"""From a table of samples to arrays: counts of every problem, and the samples of a few at a time.

Two passes over the logs. The first counts (`planner.measure.counts`). The second, made only
where answers or scores were logged, keeps one row for equal samples of a problem, sorted and
spilt to disk where memory ends, from which parts are then read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from planner.measure.counts import SERIES, WEIGHT, counts_per_problem
from planner.measure.samples import BLANK, ProblemCounts, ProblemSamples
from planner.measure.shuffle import random_order
from planner.measure.source import SOURCE, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

PART_CELLS = 2_000_000
"""Cells of problem x sample that are held as arrays at a time: 16 MB a column."""


@dataclass(frozen=True)
class Series:
    """Samples that were drawn alike: one model, one way of sampling, one question set."""

    question_set: str
    model: str
    method: str
    """`sampled`, `long_cot`, `greedy`, or a method that is measured as it was logged."""
    depth: int | None = None
    thinking_tokens: int | None = None
    temperature: float | None = None

    def __str__(self) -> str:
        axes = {
            "depth": self.depth,
            "thinking tokens": self.thinking_tokens,
            "temperature": self.temperature,
        }
        known = "".join(f", {name} {value:g}" for name, value in axes.items() if value is not None)
        return f"{self.method} of {self.model} on {self.question_set}{known}"


@dataclass(frozen=True)
class Tally:
    """What was counted of one series; arrays have the shape (problem,)."""

    series: Series
    problem: tuple[str, ...]
    """Names, in the order of the alphabet."""
    bucket: tuple[str | None, ...]
    """Level given in the logs."""
    params_b: float | None
    n: Ints
    """Samples whose correctness is known; 1 or more."""
    n_correct: Array
    """Sum of their scores."""
    n_unknown: Ints
    """Samples whose correctness was not logged: left out."""
    n_fraction: Ints
    """Samples neither right nor wrong."""
    n_blank: Ints
    n_blank_right: Ints
    n_score: Ints
    prompt_tokens: Array
    """Mean over the samples; nan where none were logged."""
    output_tokens: Array

    @property
    def has_answers(self) -> bool:
        """Whether any answer was logged."""
        return bool((self.n_blank < self.n).any())

    @property
    def has_scores(self) -> bool:
        """Whether any verifier's score was logged."""
        return bool(self.n_score.any())

    def counts(self) -> ProblemCounts:
        """Counts of right samples, where every sample is right or wrong."""
        import numpy as np

        return ProblemCounts(self.problem, self.n, np.rint(self.n_correct).astype(np.int64))


def read_tallies(source: Source) -> tuple[list[Tally], dict[Series, int]]:
    """Counts of every series, sorted, and of those without any known correctness the samples."""
    import narwhals as nw
    import numpy as np

    counted = nw.to_native(counts_per_problem(source.connection.table(SOURCE))).fetchnumpy()
    columns = {name: _plain(values) for name, values in counted.items()}
    groups: dict[Series, list[int]] = {}
    for i, key in enumerate(zip(*(columns[name] for name in SERIES), strict=True)):
        groups.setdefault(series_of(key), []).append(i)
    tallies, unknown = [], {}
    for series in sorted(groups, key=str):
        rows = np.array(groups[series])
        known = rows[columns["n"][rows] > 0]
        if len(known):
            tallies.append(_tally(series, columns, known))
        else:
            unknown[series] = int(columns["n_unknown"][rows].sum())
    return tallies, unknown


def series_of(key: Sequence[Any]) -> Series:
    """The series of a row of its columns, in the order of SERIES."""
    question_set, model, method, *axes = key
    depth, thinking_tokens, temperature = (
        None if axis is None or isnan(axis) else axis for axis in axes
    )
    return Series(
        str(question_set),
        str(model),
        str(method),
        None if depth is None else int(depth),
        None if thinking_tokens is None else int(thinking_tokens),
        None if temperature is None else float(temperature),
    )


def _tally(series: Series, columns: dict[str, Any], rows: Ints) -> Tally:
    import numpy as np

    rows = rows[np.argsort(columns["problem_id"][rows].astype(np.str_), kind="stable")]
    c = {name: values[rows] for name, values in columns.items()}

    def mean(kind: str) -> Array:
        count = c[f"samples_{kind}"].astype(np.float64)
        total = c[f"{kind}_tokens_sum"].astype(np.float64)
        means: Array = np.divide(total, count, out=np.full(len(rows), np.nan), where=count > 0)
        return means

    params = c["params_b"].astype(np.float64)
    known = params[~np.isnan(params)]
    return Tally(
        series,
        tuple(str(name) for name in c["problem_id"]),
        tuple(c["bucket"].tolist()),
        float(known.max()) if len(known) else None,
        c["n"].astype(np.int64),
        c["n_correct"].astype(np.float64),
        c["n_unknown"].astype(np.int64),
        c["n_fraction"].astype(np.int64),
        c["n_blank"].astype(np.int64),
        c["n_blank_right"].astype(np.int64),
        c["n_score"].astype(np.int64),
        mean("prompt"),
        mean("output"),
    )


def _plain(values: Any) -> Any:
    """A column without mask: numbers with nan, texts with None."""
    import numpy as np

    if not isinstance(values, np.ma.MaskedArray):
        return values
    plain = np.array(np.ma.getdata(values), dtype=object if values.dtype == object else float)
    plain[np.ma.getmaskarray(values)] = None
    return plain


class SampleReader:
    """Reads the samples of problems, some at a time, for estimators that need each of them."""

    def __init__(self, source: Source, tallies: Sequence[Tally], seed: int) -> None:
        """Makes the sorted table of the samples of these series."""
        self.source = source
        self.connection = source.connection
        self.tallies = tallies
        self.seed = seed
        self.parts = [part for i, tally in enumerate(tallies) for part in _parts(i, tally)]
        if tallies:
            self._number_problems()
            self._sort_samples()

    def read(self, tally: Tally) -> Iterator[tuple[Ints, ProblemSamples]]:
        """Parts of the samples of one series, each with the indices of its problems."""
        i = next(i for i, known in enumerate(self.tallies) if known is tally)
        for number, (owner, rows) in enumerate(self.parts):
            if owner == i:
                yield rows, self._part(number, tally, rows)

    def _number_problems(self) -> None:
        import numpy as np

        part = np.concatenate([np.full(len(r), p) for p, (_, r) in enumerate(self.parts)])
        place = np.concatenate([np.arange(len(r)) for _, r in self.parts])
        owners = [(self.tallies[i], int(row)) for i, r in self.parts for row in r]
        columns: dict[str, Any] = {"part": part, "place": place}
        for name in ("question_set", "model", "method"):
            columns[name] = np.array([getattr(t.series, name) for t, _ in owners], dtype=object)
        for name in ("depth", "thinking_tokens", "temperature"):
            values = [getattr(t.series, name) for t, _ in owners]
            columns[name] = np.array([np.nan if v is None else v for v in values], dtype=float)
        columns["problem_id"] = np.array([t.problem[row] for t, row in owners], dtype=object)
        self.connection.register("numbered", columns)
        nullable = ", ".join(
            f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}"
            for name in ("depth", "thinking_tokens", "temperature")
        )
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE problems AS SELECT part, place, question_set, model, "
            f"method, problem_id, {nullable} FROM numbered"
        )
        self.connection.unregister("numbered")

    def _sort_samples(self) -> None:
        keys = (*SERIES, "problem_id")
        same = " AND ".join(f"p.{key} IS NOT DISTINCT FROM s.{key}" for key in keys)
        weight = self.source.sums[WEIGHT]
        # An answer is told from others by its hash: 64 bits, compared within one problem only.
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE outcomes AS
            SELECT p.part, p.place, s.answer, s.score, s.correct, s.n
            FROM (SELECT {", ".join(keys)},
                         CASE WHEN trim(coalesce(answer, ''), E' \\t\\n\\r') = '' THEN NULL
                              ELSE hash(trim(answer, E' \\t\\n\\r')) END AS answer,
                         score, correct, CAST({weight} AS BIGINT) AS n
                  FROM {SOURCE} WHERE correct IS NOT NULL GROUP BY ALL) s
            JOIN problems p ON {same}
            ORDER BY ALL"""
        )

    def _part(self, number: int, tally: Tally, rows: Ints) -> ProblemSamples:
        import numpy as np

        found = self.connection.execute(
            "SELECT place, answer, score, correct, n FROM outcomes WHERE part = ? "
            "ORDER BY place, answer, score, correct",
            [number],
        ).fetchnumpy()
        times = np.ma.getdata(found["n"]).astype(np.int64)
        row = np.repeat(np.ma.getdata(found["place"]).astype(np.int64), times)
        n = np.bincount(row, minlength=len(rows))
        place = (row, np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n))
        shape = (len(rows), int(n.max(initial=0)))

        def filled(values: Array) -> Array:
            array = np.full(shape, np.nan)
            array[place] = np.repeat(values, times)
            return array

        answer = None
        if tally.has_answers:
            answer = np.full(shape, BLANK, dtype=np.int64)
            answer[place] = np.repeat(_codes(found["place"], found["answer"]), times)
        samples = ProblemSamples(
            tuple(tally.problem[i] for i in rows),
            n,
            filled(_plain(found["correct"])),
            answer,
            filled(_plain(found["score"])) if tally.has_scores else None,
        )
        # Sorted samples are in no order that sampling would give: the first few are alike.
        order = random_order(samples.problem, n, shape[1], f"order|{tally.series}", self.seed)
        return samples.columns(order, n)


def _codes(place: Any, answer: Any) -> Ints:
    """0, 1, ... for the answers of each problem, of rows sorted by both; BLANK for null."""
    import numpy as np

    blank = np.ma.getmaskarray(answer)
    hashes, problem = np.ma.getdata(answer), np.ma.getdata(place)
    fresh = np.ones(len(hashes), dtype=bool)
    fresh[1:] = (hashes[1:] != hashes[:-1]) | (problem[1:] != problem[:-1]) | blank[:-1]
    fresh &= ~blank
    rank = np.cumsum(fresh)
    first = np.ones(len(hashes), dtype=bool)
    first[1:] = problem[1:] != problem[:-1]
    before = np.maximum.accumulate(np.where(first, rank - fresh, 0))
    codes: Ints = np.where(blank, BLANK, rank - 1 - before)
    return codes


def _parts(owner: int, tally: Tally) -> Iterator[tuple[int, Ints]]:
    """Problems of a series in parts of at most PART_CELLS cells, those of like n together."""
    import numpy as np

    order = np.argsort(tally.n, kind="stable")
    start = 0
    for i in range(len(order)):
        if i > start and (i + 1 - start) * tally.n[order[i]] > PART_CELLS:
            yield owner, order[start:i]
            start = i
    yield owner, order[start:]
