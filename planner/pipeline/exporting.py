"""The verb `export`: a plan as what a serving team runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.domain.plan import AllocationRow
    from planner.domain.policy import Policy, Route

TARGETS = ("policy",)
"""What a plan is exported to."""


def export(plan: Path, to: str = "policy") -> Policy:
    """The routing of a saved plan (planner.policy/1), or of the best plan of a saved answer.

    Raises InputError where the file is no plan, the plan is infeasible, or `to` is not known.
    """
    from hashlib import sha256

    from planner.domain.answer import Answer
    from planner.domain.plan import PlanAnswer
    from planner.domain.policy import Policy
    from planner.ingest.saved import read_result

    if to not in TARGETS:
        raise InputError(Problem("--to", "unknown target", None, to, f"write {TARGETS[0]}"))
    saved = read_result(plan)
    found = saved.best_plan if isinstance(saved, Answer) else saved
    if not isinstance(found, PlanAnswer):
        remedy = "planner solve scenario.toml -o plan.json writes one"
        raise InputError(Problem(str(plan), "it holds no plan", remedy=remedy))
    if not found.allocation:
        remedy = found.relaxation or "solve again with a larger budget"
        raise InputError(
            Problem(str(plan), "the plan answers no query", "status", found.status, remedy)
        )
    return Policy(
        plan_sha256=sha256(plan.read_bytes()).hexdigest(),
        version=found.version,
        signal=None if found.router is None else found.router.signal,
        routes=routes(found.allocation),
    )


def routes(rows: tuple[AllocationRow, ...]) -> tuple[Route, ...]:
    """Routes with their parts of [0, 1), in the order of the plan."""
    from planner.domain.policy import Route

    last = {(row.query_class, row.bucket): i for i, row in enumerate(rows) if row.share > 0}
    reached: dict[tuple[str, str], float] = {}
    routes = []
    for i, row in enumerate(rows):
        key = (row.query_class, row.bucket)
        if row.share == 0:
            continue
        up_to = min(reached.get(key, 0.0) + row.share, 1.0)
        # Shares are rounded: the last part reaches 1 whatever they add up to.
        reached[key] = 1.0 if last[key] == i else up_to
        kept = {name: getattr(row, name) for name in Route.model_fields if hasattr(row, name)}
        routes.append(Route(**kept, up_to=reached[key], threshold=_threshold(row.option)))
    return tuple(routes)


def _threshold(option: str) -> float | None:
    """The score in the label of a cascade: "7B greedy, else 34B greedy (score from 0.5)"."""
    import re

    found = re.search(r"\(score from ([0-9.]+)\)$", option)
    return float(found.group(1)) if found else None
