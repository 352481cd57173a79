"""Tables for `planner train`: measured runs (N, D, loss), and models scored by bucket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from planner import units
from planner.ingest._table import Columns, Problems, Record, read_table
from planner.ingest._text import read_text

RUNS = Columns(
    required=("params", "train_tokens", "loss"),
    optional=("samples", "model"),
    meant={
        "n": "name the column params",
        "d": "name the column train_tokens",
        "k": "name the column samples",
        "tokens": "name the column train_tokens",
    },
)
SCORES = Columns(
    required=("model", "bucket", "accuracy", "n_questions"),
    optional=("loss", "params", "train_tokens"),
    meant={"n": "name the column params", "d": "name the column train_tokens"},
)


@dataclass(frozen=True)
class Run:
    """One training run, or one of it scored at so many samples."""

    params: float
    train_tokens: float
    loss: float
    samples: float | None


@dataclass(frozen=True)
class Score:
    """One model's accuracy on one bucket; either its loss or its size and tokens are known."""

    model: str
    bucket: str
    accuracy: float
    n_questions: float
    loss: float | None
    params: float | None
    train_tokens: float | None


def read_runs(path: Path) -> list[Run]:
    """Rows of a table of runs: params and train_tokens as "70M" or 7e7, loss in nats.

    `samples`, where there is such a column, is filled in on every row. Raises InputError with
    every problem of the file at once.
    """
    text = read_text(path)
    problems = Problems(text.name)
    table = read_table(text, RUNS, problems)
    problems.raise_any()
    cells = [_Cells(record, problems) for record in table.records]
    sampled = "samples" in table.columns
    found = [
        Run(
            params=row.number("params", _params),
            train_tokens=row.number("train_tokens", units.parse_tokens),
            loss=row.number("loss", _plain),
            samples=row.number("samples", units.parse_count) if sampled else None,
        )
        for row in cells
    ]
    problems.raise_any()
    return found


def read_scores(path: Path) -> list[Score]:
    """Rows of a table of scored models, each with a loss or with params and train_tokens.

    A model has one loss, one size and one number of tokens, and one row a bucket. Raises
    InputError with every problem of the file at once.
    """
    text = read_text(path)
    problems = Problems(text.name)
    table = read_table(text, SCORES, problems)
    by_loss = "loss" in table.columns
    if not problems.count and not by_loss and not {"params", "train_tokens"} <= set(table.columns):
        problems.add(
            None,
            "nothing tells the loss of a model",
            remedy="add a column loss, or the columns params and train_tokens",
        )
    problems.raise_any()
    found = [_score(_Cells(record, problems), by_loss) for record in table.records]
    _consistent(found, table.records, problems)
    problems.raise_any()
    return found


def _score(row: _Cells, by_loss: bool) -> Score:
    return Score(
        model=row.name("model"),
        bucket=row.name("bucket"),
        accuracy=row.number("accuracy", units.parse_fraction, least=0.0),
        n_questions=row.number("n_questions", units.parse_count),
        loss=row.number("loss", _plain) if by_loss else None,
        params=None if by_loss else row.number("params", _params),
        train_tokens=None if by_loss else row.number("train_tokens", units.parse_tokens),
    )


def _consistent(scores: list[Score], records: list[Record], problems: Problems) -> None:
    first: dict[str, tuple[tuple[float | None, ...], int]] = {}
    rows: dict[tuple[str, str], int] = {}
    for score, record in zip(scores, records, strict=True):
        told = (score.loss, score.params, score.train_tokens)
        known, line = first.setdefault(score.model, (told, record.line))
        if known != told:
            what = f"{score.model} has another loss, size or number of tokens on line {line}"
            problems.add(record.line, what, remedy="give each model one")
        line = rows.setdefault((score.model, score.bucket), record.line)
        if line != record.line:
            what = f"{score.model} on {score.bucket} stands on line {line} already"
            problems.add(record.line, what, remedy="take one of the two out")


@dataclass(frozen=True)
class _Cells:
    record: Record
    problems: Problems

    def name(self, column: str) -> str:
        cell = self.record.cells[column]
        if not cell:
            self.problems.add(self.record.line, "a name is missing", column, remedy="write one")
        return cell

    def number(
        self, column: str, parse: Callable[[str], float], least: float | None = None
    ) -> float:
        """A number above 0, or from `least` on; 1 stands where a problem was noted."""
        cell = self.record.cells[column]
        try:
            value = parse(cell)
        except ValueError as error:
            self.problems.add(self.record.line, str(error), column)
            return 1.0
        if value > 0 or (least is not None and value >= least):
            return value
        self.problems.add(self.record.line, "it must be above 0", column, cell)
        return 1.0


def _params(text: str) -> float:
    return units.parse_params_b(text) * units.PARAMS_PER_B


def _plain(text: str) -> float:
    try:
        return units.parse_count(float(text))
    except ValueError:
        raise ValueError(f"{text!r} is not a loss; write a number such as 2.31") from None
