"""A pilot on real traffic, read for the options and classes of a scenario."""

from __future__ import annotations

from collections.abc import Sequence

from planner.allocate.table import Table
from planner.allocate.transferred import option_of
from planner.domain.draws import Draws
from planner.domain.observation import Observation
from planner.domain.scenario import Scenario
from planner.errors import InputError, Problem
from planner.ingest.importers import read_observed
from planner.options import Candidate
from planner.options.transferred import Piloted, Shifts


def shifts_of(scenario: Scenario, table: Table, draws: Draws) -> Shifts:
    """How far traffic is from the benchmark, with what the scenario's pilot has told.

    Raises InputError, all problems at once, for rows of a pilot that name no class or no option.
    """
    transfer = scenario.transfer
    if transfer.pilot is None:
        return Shifts(transfer, draws)
    found, faults = [], []
    observations = read_observed(transfer.pilot)
    candidates = [one.candidate for whole in table.entries for one in whole.stages]
    classes = {c.name: c.mix for c in scenario.workload.classes}
    for row, where in zip(observations.rows, observations.places, strict=True):
        name = _class_of(row, list(classes))
        made = next((c for c in candidates if option_of(c) == _option(row)), None)
        if name is None:
            known = ", ".join(classes)
            remedy = f"write the name of a class as its question_set: {known}"
            faults.append(Problem(where, "no query class is named", "bucket", row.bucket, remedy))
        elif made is None or not made.covers(classes[name]):
            remedy = "name a model, method and verifier of [[candidates]]"
            faults.append(Problem(where, "it is no option here", "model", row.model, remedy))
        else:
            found.append(_piloted(row, name, made, classes[name]))
    if faults:
        raise InputError(faults, f"{transfer.pilot.name} cannot be used as a pilot")
    return Shifts(transfer, draws, tuple(found))


def _class_of(row: Observation, names: Sequence[str]) -> str | None:
    return next((name for name in (row.question_set, row.bucket) if name in names), None)


def _option(row: Observation) -> tuple[str, str, str | None]:
    return row.model, row.method, row.verifier


def _piloted(row: Observation, name: str, made: Candidate, mix: dict[str, float]) -> Piloted:
    said = made.accuracy([float(row.n_samples)], mix)[:, 0]
    return Piloted(name, option_of(made), row.accuracy, float(row.n_questions), said)
