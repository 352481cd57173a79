"""The verb `report`: what a page is made of."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import InputError, Problem
from planner.pipeline.solving import solve
from planner.pipeline.verbs import fit

if TYPE_CHECKING:
    from planner.domain.answer import Answer
    from planner.domain.curves import FittedCurves, ReportedCurves
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans


def open_for_report(
    source: Path,
    *,
    models: Path | None = None,
    draws: int = 400,
    seed: int = 0,
    measure_next: bool = False,
    command: str | None = None,
) -> Answer | PlanAnswer | ReportedCurves:
    """What a page is made of.

    A saved answer, plan or fitted curves (.json); the plan of a scenario (.toml), solved now; or
    the curves of observations (any other name), fitted now. command: what makes the page again,
    for pages that print it. measure_next: of a scenario, also which measurements would change it.
    """
    from planner.domain.curves import FittedCurves
    from planner.ingest.saved import read_saved
    from planner.units import jsonable

    suffix = source.suffix.lower()
    command = command or shlex.join(["planner", "report", str(source)])
    if suffix == ".toml":
        return solve(
            source,
            models=models,
            draws=draws,
            seed=seed,
            command=command,
            tornado=True,
            measure_next=measure_next,
        )
    if suffix == ".json":
        saved = read_saved(source)
        if not isinstance(saved, FittedCurves):
            return saved
        return _with_quality(saved, source.parent, (*_fit_command(saved, source), command))
    # As they would be saved: the page of a file of curves and this one are the same.
    found = jsonable(fit([source], draws=draws, seed=seed).to_json())
    return _with_quality(FittedCurves.model_validate(found), source.parent, (command,))


def open_side_by_side(
    sources: Sequence[Path],
    *,
    models: Path | None = None,
    draws: int = 400,
    seed: int = 0,
    command: str = "",
) -> Plans:
    """The plans of several scenarios or saved plans, named by their titles or files.

    Raises InputError for a source that is no plan, and for what `solve` refuses.
    """
    from planner.domain.plan import PlanAnswer
    from planner.domain.plans import Plans

    names: list[str] = []
    plans: list[PlanAnswer] = []
    for source in sources:
        found = open_for_report(source, models=models, draws=draws, seed=seed)
        if not isinstance(found, PlanAnswer):
            raise InputError(
                Problem(
                    str(source),
                    "only plans stand side by side",
                    value=type(found).__name__,
                    remedy="name scenarios (.toml), or the JSON that `planner solve -o` wrote",
                )
            )
        names.append(source.stem)
        # The sliders are of one plan; without their draws the page stays small.
        plans.append(found.model_copy(update={"what_if": None}))
    return Plans(names=tuple(names), plans=tuple(plans), command=command)


def _with_quality(curves: FittedCurves, near: Path, commands: tuple[str, ...]) -> ReportedCurves:
    from planner.domain.curves import ReportedCurves
    from planner.ingest.quality import quality_of

    quality = tuple(quality_of(file, digest, near) for file, digest in curves.inputs.items())
    return ReportedCurves(**dict(curves), data_quality=quality, commands=commands)


def _fit_command(curves: FittedCurves, output: Path) -> tuple[str, ...]:
    """The command that made a file of curves, as far as the file says it."""
    if not curves.inputs or not curves.draws:
        return ()
    over_n = curves.along("n_samples")
    at = {p.n_samples for c in over_n if c.family is not None for p in c.predictions}
    words = [
        *("planner", "fit", *curves.inputs),
        *(("--at", ",".join(map(str, sorted(at)))) if at else ()),
        *_size_words(curves),
        *("--draws", str(curves.draws), "--seed", str(curves.seed), "-o", str(output)),
    ]
    return (shlex.join(words),)


def _size_words(curves: FittedCurves) -> tuple[str, ...]:
    """The flags that asked for sizes."""
    from planner.curves.sizes import REACH
    from planner.curves.sizes_json import size_text

    points = [p for sizes in curves.sizes for p in sizes.predictions]
    asked = [f"--size={size_text(size)}" for size in sorted({p.params_b for p in points})]
    far = any(p.extrapolation_factor > REACH for p in points)
    return (*asked, *(("--extrapolate",) if far else ()))


def save_json(path: Path, value: dict[str, Any]) -> None:
    """Writes an object as JSON, whole or not at all, numbers to 9 significant digits."""
    from planner._files import write_atomic
    from planner.units import json_text

    write_atomic(path, json_text(value) + "\n")
