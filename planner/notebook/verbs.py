"""The verbs for notebooks: `planner.pipeline` with data frames and text for every term."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from planner.errors import InputError
from planner.notebook.frames import csv_of, is_frame
from planner.notebook.shown import (
    ShownAnswer,
    ShownCurves,
    ShownFrontier,
    ShownPlan,
    ShownPrice,
    shown_answer,
    shown_curves,
    shown_frontier,
    shown_plan,
)

if TYPE_CHECKING:
    from planner.cost.settings import Settings

Result = TypeVar("Result", bound=BaseModel)

FRAME = "frame.csv"
"""What a data frame is called in messages and digests; several are numbered."""


def ask(
    question: str,
    *,
    data: Any = (),
    scenario: str | Path | None = None,
    settings: Settings | None = None,
    terms: dict[str, str] | None = None,
    **options: Any,
) -> ShownAnswer:
    """Answers a question such as "7B+PRM or 34B greedy at 1M queries/day".

    data: observations as data frames or CSV files, one or several. terms: what the command line
    takes as options, such as {"accelerator": "h100-sxm", "price": "$2.50/h"}. Other arguments as
    in `planner.pipeline.ask`. Raises InputError for what cannot be used.
    """
    from planner import pipeline

    with _files(data) as (files, folder):
        found = pipeline.ask(
            question,
            data=files,
            scenario=None if scenario is None else Path(scenario),
            settings=_settings(settings, terms),
            **options,
        )
        return shown_answer(_renamed(found, folder))


def fit(observations: Any, **options: Any) -> ShownCurves:
    """Fits every curve of observations: data frames or CSV files, one or several.

    Other arguments as in `planner.pipeline.fit`. Raises InputError for what cannot be used.
    """
    from planner import pipeline
    from planner.ingest.observations_csv import read_observations

    with _files(observations) as (files, folder):
        read = [
            read_observations(path, path.name if path.parent == folder else None) for path in files
        ]
        return shown_curves(pipeline.fit(read, **options))


def solve(
    scenario: Any,
    *,
    budget: str | float | None = None,
    settings: Settings | None = None,
    terms: dict[str, str] | None = None,
    **options: Any,
) -> ShownPlan:
    """The best plan of a scenario file, or of a data frame of bare options.

    The columns of such a frame: query_class, queries_per_day, option, model, accuracy, cost_usd.
    budget: dollars a day, or text with a unit. Other arguments as in `planner.pipeline.solve` and
    `solve_table`. Raises InputError for what cannot be used.
    """
    from planner import pipeline

    limit = None if budget is None else str(budget)
    with _files(scenario) as (files, folder):
        if is_frame(scenario):
            found = pipeline.solve_table(files[0], budget=limit, **options)
            return shown_plan(_renamed(found, folder))
        given = _settings(settings, terms)
        return shown_plan(pipeline.solve(files[0], budget=limit, settings=given, **options))


def frontier(scenario: Any, **options: Any) -> ShownFrontier:
    """Accuracy against budget, of a scenario file or of a data frame of bare options.

    Other arguments as in `planner.pipeline.frontier`. Raises InputError for what cannot be used.
    """
    from planner import pipeline

    with _files(scenario) as (files, folder):
        if is_frame(scenario):
            return shown_frontier(_renamed(pipeline.frontier_table(files[0], **options), folder))
        return shown_frontier(pipeline.frontier(files[0], **options))


def price(
    model: str,
    method: str = "greedy",
    *,
    settings: Settings | None = None,
    terms: dict[str, str] | None = None,
    **options: Any,
) -> ShownPrice:
    """What one query of a configuration takes: tokens, FLOPs, GPU-seconds, memory.

    terms: as in `ask`. Other arguments as in `planner.pipeline.price`. Raises InputError.
    """
    from planner import pipeline

    return ShownPrice(pipeline.price(model, method, settings=_settings(settings, terms), **options))


def _settings(settings: Settings | None, terms: dict[str, str] | None) -> Settings | None:
    from planner.cost.settings import settings_from_text

    if terms is None:
        return settings
    told = settings_from_text(**terms)
    return told if settings is None else told.over(settings)


@contextmanager
def _files(given: Any) -> Iterator[tuple[list[Path], Path]]:
    """Files of what was given, and the folder of those made of frames.

    Problems with a frame name it as FRAME and not by the folder, which is another at every run.
    """
    single = isinstance(given, str | Path) or is_frame(given)
    several: Sequence[Any] = [given] if single else list(given)
    with tempfile.TemporaryDirectory(prefix="planner-") as made:
        folder = Path(made)
        files = []
        for i, one in enumerate(several):
            if is_frame(one):
                path = folder / (FRAME if i == 0 else f"frame-{i + 1}.csv")
                path.write_text(csv_of(one), encoding="utf-8")
                files.append(path)
            else:
                files.append(Path(one))
        try:
            yield files, folder
        except InputError as error:
            raise InputError(
                (replace(p, where=_plain(p.where, folder)) for p in error.problems),
                _plain(error.heading, folder),
            ) from None


def _plain(text: str, folder: Path) -> str:
    return text.replace(f"{folder}/", "")


def _renamed(found: Result, folder: Path) -> Result:
    """The result with frames named as FRAME."""
    text = found.model_dump_json(by_alias=True)
    if str(folder) not in text:
        return found
    return type(found).model_validate_json(_plain(text, folder))
