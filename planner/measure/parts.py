"""The samples of a series, some problems at a time, for estimators that need each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from planner.ingest.logs.record import SERIES
from planner.measure.outcomes import WEIGHT
from planner.measure.samples import BLANK, ProblemSamples
from planner.measure.shuffle import random_order
from planner.measure.table import OUTCOMES, TYPES, OutcomeTable, Tally, plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]

PART_CELLS = 2_000_000
"""Cells of problem x sample that are held as arrays at a time: 16 MB a column."""


class SampleReader:
    """Reads the graded samples of the problems of several series, in parts that fit the memory.

    Equal samples are one row of the table: they come back as many as they are, in a random
    order that depends on the names of series and problem and on the seed alone. The first few
    of them are as good as any few.
    """

    def __init__(self, table: OutcomeTable, tallies: Sequence[Tally], seed: int) -> None:
        """Sorts the samples of these series by problem, on disk where memory ends."""
        self.connection = table.connection
        self.tallies = tallies
        self.seed = seed
        self.parts = [(i, rows) for i, tally in enumerate(tallies) for rows in _parts(tally)]
        if tallies:
            self._number_problems()
            self._sort()

    def read(self, tally: Tally) -> Iterator[tuple[Ints, ProblemSamples]]:
        """Parts of the samples of one series, each with the indices of its problems."""
        owner = next(i for i, known in enumerate(self.tallies) if known is tally)
        for number, (i, rows) in enumerate(self.parts):
            if i == owner:
                yield rows, self._part(number, tally, rows)

    def _number_problems(self) -> None:
        """A table that says of each problem of each series which part and row it is."""
        import numpy as np

        columns: dict[str, Any] = {
            "part": np.concatenate([np.full(len(r), p) for p, (_, r) in enumerate(self.parts)]),
            "place": np.concatenate([np.arange(len(r)) for _, r in self.parts]),
        }
        owners = [(self.tallies[i], int(row)) for i, rows in self.parts for row in rows]
        for name in SERIES:
            values = [getattr(tally.series, name) for tally, _ in owners]
            if TYPES[name] == "VARCHAR":
                columns[name] = np.array(values, dtype=object)
            else:
                columns[name] = np.array([np.nan if v is None else v for v in values], dtype=float)
        columns["problem_id"] = np.array([t.problem[row] for t, row in owners], dtype=object)
        self.connection.register("numbered", columns)
        chosen = ", ".join(
            name
            if TYPES[name] == "VARCHAR"
            else f"CASE WHEN isnan({name}) THEN NULL ELSE CAST({name} AS {TYPES[name]}) END {name}"
            for name in SERIES
        )
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE numbered_problems AS "
            f"SELECT part, place, problem_id, {chosen} FROM numbered"
        )
        self.connection.unregister("numbered")

    def _sort(self) -> None:
        same = " AND ".join(
            f"p.{key} IS NOT DISTINCT FROM o.{key}" for key in (*SERIES, "problem_id")
        )
        # An answer is told from others by its hash: 64 bits, compared within one problem only.
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE ordered AS
            SELECT p.part, p.place, hash(o.answer) AS answer, o.answer IS NULL AS blank,
                   o.score, o.correct, CAST(sum(o.{WEIGHT}) AS BIGINT) AS {WEIGHT}
            FROM {OUTCOMES} o JOIN numbered_problems p ON {same}
            WHERE o.correct IS NOT NULL GROUP BY ALL ORDER BY ALL"""
        )

    def _part(self, number: int, tally: Tally, rows: Ints) -> ProblemSamples:
        import numpy as np

        found = self.connection.execute(
            f"SELECT place, blank, answer, score, correct, {WEIGHT} FROM ordered "
            "WHERE part = ? ORDER BY place, blank, answer, score, correct",
            [number],
        ).fetchnumpy()
        times = np.ma.getdata(found[WEIGHT]).astype(np.int64)
        row = np.repeat(np.ma.getdata(found["place"]).astype(np.int64), times)
        n = np.bincount(row, minlength=len(rows))
        place = (row, np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n))
        shape = (len(rows), int(n.max(initial=0)))

        def filled(values: Array) -> Array:
            array = np.full(shape, np.nan)
            array[place] = np.repeat(values, times)
            return array

        answer = None
        if tally.n_answer.any():
            answer = np.full(shape, BLANK, dtype=np.int64)
            answer[place] = np.repeat(_codes(found), times)
        samples = ProblemSamples(
            tuple(tally.problem[i] for i in rows),
            n,
            filled(plain(found["correct"])),
            answer,
            filled(plain(found["score"])) if tally.n_score.any() else None,
        )
        # Sorted samples are in no order that sampling would give: the first few are alike.
        order = random_order(samples.problem, n, shape[1], f"order|{tally.series}", self.seed)
        return samples.columns(order, n)


def _codes(found: Any) -> Ints:
    """0, 1, ... for the answers of each problem, of rows sorted by both; BLANK for none."""
    import numpy as np

    blank = np.ma.getdata(found["blank"]).astype(bool)
    hashes, problem = np.ma.getdata(found["answer"]), np.ma.getdata(found["place"])
    first = np.ones(len(hashes), dtype=bool)
    first[1:] = problem[1:] != problem[:-1]
    fresh = first.copy()
    fresh[1:] |= hashes[1:] != hashes[:-1]
    fresh &= ~blank
    rank = np.cumsum(fresh)
    before = np.maximum.accumulate(np.where(first, rank - fresh, 0))
    codes: Ints = np.where(blank, BLANK, rank - 1 - before)
    return codes


def _parts(tally: Tally) -> Iterator[Ints]:
    """Problems of a series in parts of at most PART_CELLS samples, those of like n together."""
    import numpy as np

    order = np.argsort(tally.n, kind="stable")
    start = 0
    for i in range(len(order)):
        if i > start and (i + 1 - start) * tally.n[order[i]] > PART_CELLS:
            yield order[start:i]
            start = i
    yield order[start:]
