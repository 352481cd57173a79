"""Results that print what they know, draw their chart in a notebook and become data frames."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import fields
from typing import Any

from planner.curves.fitted import Fitted
from planner.domain.answer import Answer
from planner.domain.curves import FittedCurves, ReportedCurves
from planner.domain.plan import Frontier, PlanAnswer
from planner.notebook.frames import Backend, frame_of
from planner.report import terminal, terminal_curves
from planner.report.page import Pictures, Section
from planner.report.terminal_price import print_price
from planner.units import jsonable

Rows = list[dict[str, Any]]

OPTION = (
    *("label", "model", "method", "verifier", "n_samples", "depth", "accuracy", "accuracy_low"),
    *("accuracy_high", "cost_usd_per_query", "cost_usd_per_day", "gpus", "latency_p95_s"),
)
CURVE = ("model", "method", "verifier", "question_set", "bucket", "temperature", "family")
POINT = ("n_samples", "depth", "thinking_tokens", "accuracy", "low", "high", "extrapolated")


class _Shown:
    """What all shown results do; each says its rows, its text and its page."""

    def _rows(self) -> Rows:
        raise TypeError(f"{type(self).__name__} has no rows")

    def _print(self) -> None:
        raise TypeError(f"{type(self).__name__} prints nothing")

    def _chart(self) -> str:
        return ""

    def frame(self, backend: Backend | None = None) -> Any:
        """The rows as a data frame: pandas, polars or pyarrow, the first that is installed."""
        return frame_of(self._rows(), backend)

    def __repr__(self) -> str:
        return _printed(self._print)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """What a notebook shows: the text, and the first chart of the page."""
        text = html.escape(_printed(self._print))
        return f"<div><pre>{text}</pre>{self._chart()}</div>"


class ShownAnswer(_Shown, Answer):
    """What `ask` gives back."""

    def _rows(self) -> Rows:
        return [{name: getattr(option, name) for name in OPTION} for option in self.options]

    def _print(self) -> None:
        terminal.print_answer(self, quiet=True)

    def _chart(self) -> str:
        from planner.report.charts.style import unchecked
        from planner.report.sections import curves
        from planner.report.text import Sides

        with unchecked():
            return _first_of([curves.section(self, Sides(self))])


class ShownPlan(_Shown, PlanAnswer):
    """What `solve` gives back."""

    def _rows(self) -> Rows:
        return [row.model_dump() for row in self.allocation]

    def _print(self) -> None:
        terminal.print_plan(self, quiet=True)

    def _chart(self) -> str:
        return _first_chart(self)


class ShownFrontier(_Shown, Frontier):
    """What `frontier` gives back."""

    def _rows(self) -> Rows:
        rows = [point.model_dump() for point in self.points]
        return [{**row, "options": ", ".join(row["options"])} for row in rows]

    def _print(self) -> None:
        terminal.print_frontier(self, quiet=True)


class ShownCurves(_Shown, Fitted):
    """What `fit` gives back."""

    def _rows(self) -> Rows:
        return [
            {**{name: curve.get(name) for name in CURVE}, **{name: p.get(name) for name in POINT}}
            for curve in self.to_json()["curves"]
            for p in curve["predictions"]
        ]

    def _print(self) -> None:
        terminal_curves.print_curves(self.to_json(), True)

    def _chart(self) -> str:
        read = FittedCurves.model_validate(jsonable(self.to_json()))
        return _first_chart(ReportedCurves(**dict(read), data_quality=(), commands=()))


class ShownPrice(_Shown, dict[str, Any]):
    """What `price` gives back: planner.price/1."""

    def _rows(self) -> Rows:
        return [{name: v for name, v in self.items() if not isinstance(v, dict | list)}]

    def _print(self) -> None:
        print_price(self, quiet=True)


def shown_answer(found: Answer) -> ShownAnswer:
    """The answer, shown."""
    return ShownAnswer.model_construct(**dict(found))


def shown_plan(found: PlanAnswer) -> ShownPlan:
    """The plan, shown."""
    return ShownPlan.model_construct(**dict(found))


def shown_frontier(found: Frontier) -> ShownFrontier:
    """The frontier, shown."""
    return ShownFrontier.model_construct(**dict(found))


def shown_curves(found: Fitted) -> ShownCurves:
    """The curves, shown."""
    return ShownCurves(**{field.name: getattr(found, field.name) for field in fields(found)})


def _printed(write: Callable[[], None]) -> str:
    text = io.StringIO()
    with redirect_stdout(text):
        write()
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()).strip()


def _first_chart(found: Answer | PlanAnswer | ReportedCurves) -> str:
    """The SVG of the first chart of its page; empty where it has none."""
    from planner.report.charts.style import unchecked
    from planner.report.sections.pages import page_of

    with unchecked():
        page = page_of(found)
    return _first_of(page.sections)


def _first_of(sections: Sequence[Section]) -> str:
    blocks = (block for section in sections for block in section.blocks)
    pictures = (p for block in blocks if isinstance(block, Pictures) for p in block.pictures)
    return next((picture.svg for picture in pictures if picture.svg), "")
