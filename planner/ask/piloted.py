"""A pilot on real traffic, read for the options and classes of a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.allocate.table import Table
from planner.allocate.transferred import option_of
from planner.domain.draws import Draws
from planner.domain.observation import Observation, Observations
from planner.domain.scenario import Scenario
from planner.errors import InputError, Problem
from planner.ingest.importers import read_observed
from planner.options import Candidate
from planner.options.transferred import Piloted, Shifts

LOGS = frozenset({".jsonl", ".eval", ".parquet"})
"""Ends of names of files that hold logs and never observations."""


def shifts_of(scenario: Scenario, table: Table, draws: Draws) -> Shifts:
    """How far traffic is from the benchmark, with what the scenario's pilot has told.

    Raises InputError, all problems at once, for rows of a pilot that name no class or no option.
    """
    transfer = scenario.transfer
    if transfer.pilot is None:
        return Shifts(transfer, draws)
    faults = []
    observations = _read(transfer.pilot, [c.name for c in scenario.workload.classes])
    candidates = [one.candidate for whole in table.entries for one in whole.stages]
    classes = {c.name: c.mix for c in scenario.workload.classes}
    # The first of those on several machines: what they answer is the same.
    options = {option_of(c): c for c in reversed(candidates)}
    used = {row.model for row in observations.rows if _option(row) in options}
    found: list[Seen] = []
    for row, where in zip(observations.rows, observations.places, strict=True):
        name = _class_of(row, list(classes))
        made = options.get(_option(row))
        if name is None:
            known = ", ".join(classes)
            remedy = f"write the name of a class as its question_set: {known}"
            faults.append(Problem(where, "no query class is named", "bucket", row.bucket, remedy))
        elif made is None and row.model in used:
            # What else the samples of an option's model would have done, as `measure` writes it.
            continue
        elif made is None or not made.covers(mix := _mix_of(row, classes[name])):
            remedy = "name a model, method and verifier of [[candidates]]"
            faults.append(Problem(where, "it is no option here", "model", row.model, remedy))
        else:
            found.append(Seen(row, name, made, mix))
    if faults:
        raise InputError(faults, f"{transfer.pilot.name} cannot be used as a pilot")
    return Shifts(transfer, draws, tuple(_piloted(one) for one in _each_once(found)))


@dataclass(frozen=True)
class Seen:
    """A row of a pilot, with the option and the queries that it is about."""

    row: Observation
    query_class: str
    option: Candidate
    mix: Mapping[str, float]


def _read(pilot: Path, classes: Sequence[str]) -> Observations:
    if pilot.suffix.casefold() in LOGS or pilot.is_dir():
        name = classes[0] if len(classes) == 1 else "CLASS"
        remedy = f"planner measure {pilot.name} --question-set '{name}' -o pilot.csv makes them"
        raise InputError(Problem(str(pilot), "these are logs, and no observations", remedy=remedy))
    return read_observed(pilot)


def _mix_of(row: Observation, mix: Mapping[str, float]) -> Mapping[str, float]:
    """Difficulty of the queries of a row: one bucket's, or those of its class."""
    return {row.bucket: 1.0} if row.bucket in mix else mix


def _each_once(rows: Sequence[Seen]) -> list[Seen]:
    """Rows that no other one repeats: a class's row where its buckets have their own, and fewer
    samples of the same queries, as many as those of the largest n.
    """
    largest: dict[tuple[object, ...], Seen] = {}
    for one in rows:
        key = (one.query_class, _option(one.row), *one.mix, one.row.n_questions)
        known = largest.get(key)
        if known is None or one.row.n_samples > known.row.n_samples:
            largest[key] = one
    cut = {(one.query_class, _option(one.row)) for one in rows if one.row.bucket in one.mix}
    return [
        one
        for one in largest.values()
        if one.row.bucket in one.mix or (one.query_class, _option(one.row)) not in cut
    ]


def _class_of(row: Observation, names: Sequence[str]) -> str | None:
    return next((name for name in (row.question_set, row.bucket) if name in names), None)


def _option(row: Observation) -> tuple[str, str, str | None]:
    return row.model, row.method, row.verifier


def _piloted(seen: Seen) -> Piloted:
    row, made = seen.row, seen.option
    said = made.accuracy([float(row.n_samples)], seen.mix)[:, 0]
    return Piloted(seen.query_class, option_of(made), row.accuracy, float(row.n_questions), said)
