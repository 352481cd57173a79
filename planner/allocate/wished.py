"""What a scenario wishes for, as the objective, budgets, rules and constraints of a problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.allocate.demands import Rule, Rules, ShareLimit, Tie, Training
from planner.allocate.problem import Array, Problem
from planner.allocate.prune import alike, undominated
from planner.allocate.table import Entry, Table
from planner.domain.draws import CENTRAL
from planner.domain.nearest import did_you_mean
from planner.domain.objective import NetValue
from planner.domain.scenario import Scenario
from planner.domain.workload import QueryClass
from planner.errors import InputError
from planner.errors import Problem as Fault
from planner.options import Candidate
from planner.units import format_seconds

Bools = NDArray[np.bool_]
Tag = Callable[[Candidate], frozenset[str] | None]
"""What a candidate is tagged with; None where that is not stated, empty where none is needed."""


def wished(
    table: Table,
    scenario: Scenario,
    licences: Tag = lambda _: None,
    residencies: Tag = lambda _: None,
    training: Training | None = None,
) -> Problem:
    """The table's problem with the scenario's objective, budgets and constraints.

    licences: of a candidate's model and verifier; residencies: where it answers. training: what is
    bought with the options that need it, where it is part of the cost.

    Raises InputError for a share limit of something that no option is.
    """
    budget, constraints = scenario.budget, scenario.constraints
    classes = scenario.workload.classes
    names = [c.name for c in classes]
    group = np.array([names.index(load.query_class) for load in table.classes])
    floors = np.array([np.nan if c.min_accuracy is None else c.min_accuracy for c in classes])
    rules = Rules(
        np.isfinite(table.accuracy[CENTRAL]),
        tuple(_rules(table, classes, group, licences, residencies)),
    )
    problem = replace(
        table.problem,
        allowed=rules.allowed(),
        rules=rules,
        objective=scenario.objective.kind,
        budget_usd_per_day=budget.usd_per_day,
        budget_flop_per_day=budget.flop_per_day,
        budget_gpus=budget.gpus,
        budget_kwh_per_day=budget.kwh_per_day,
        budget_eflop_per_day=budget.eflop_per_day,
        eflop=None if budget.eflop_per_day is None else _eflop(table),
        kwh_per_gpu_day=np.array([r.supply.kwh_per_gpu_day[CENTRAL] for r in table.fleet_of]),
        max_models=constraints.max_models,
        extra_model_usd_per_day=scenario.operations.usd_per_extra_model_day or None,
        whole=constraints.whole,
        group=group,
        min_accuracy=None if np.isnan(floors).all() else floors,
        min_accuracy_overall=constraints.min_accuracy,
        shares=_shares(table, scenario, group) or None,
        ties=_ties(table, scenario, group) or None,
        training=training,
    )
    if isinstance(scenario.objective, NetValue):
        value, loss = _worth(classes, scenario.objective)
        problem = replace(
            problem, value_per_correct_usd=value[group], cost_per_wrong_usd=loss[group]
        )
    return problem if problem.shares or problem.ties else pruned(problem)


def pruned(problem: Problem) -> Problem:
    """The problem without options that another of the same replicas dominates."""
    nothing = np.full(len(problem.fleet), -1, dtype=np.int64)
    reader = nothing if problem.reader_fleet is None else problem.reader_fleet
    costs = [problem.gpu_s, problem.direct_usd, problem.flop]
    costs += [cost for cost in (problem.reader_gpu_s, problem.eflop) if cost is not None]
    second = nothing if problem.also_model is None else problem.also_model
    same = [problem.fleet, reader, problem.model, second]
    if problem.training is not None:
        same += [row.astype(np.int64) for row in problem.training.needed]
    kept = undominated(problem.allowed, problem.accuracy, costs, alike(*same))
    return replace(problem, allowed=kept)


def _worth(classes: Sequence[QueryClass], objective: NetValue) -> tuple[Array, Array]:
    """(class,) value of a correct and cost of a wrong answer: its own before the objective's."""

    def of(name: str) -> Array:
        default = getattr(objective, name) or 0.0
        own = [getattr(c, name) for c in classes]
        return np.array([default if usd is None else usd for usd in own], dtype=np.float64)

    return of("value_per_correct_usd"), of("cost_per_wrong_usd")


def _eflop(table: Table) -> Array:
    found = np.full(table.problem.accuracy.shape, np.nan)
    for o, entry in enumerate(table.entries):
        for c, load in enumerate(table.classes):
            if not all(stage.candidate.covers(load.mix) for stage in entry.stages):
                continue
            usage = 0.0
            for stage, part in zip(entry.stages, entry.answers(c), strict=True):
                flop = stage.candidate.memory_aware_flop([stage.n], load.mix)[CENTRAL, 0]
                usage += part * float(flop)
            # A router reads a query once: its cache is not read again.
            added = 0.0 if load.router is None else load.router.added(entry.candidate)[2]
            found[c, o] = usage + added
    return found


def _rules(
    table: Table, classes: Sequence[QueryClass], group: NDArray[np.int64], licences: Tag,
    residencies: Tag,
) -> list[Rule]:  # fmt: skip
    found, entries = [], table.entries
    models = [_tags(entry, lambda candidate: frozenset({candidate.model})) for entry in entries]
    licensed = [_tags(entry, licences) for entry in entries]
    resident = [_tags(entry, residencies) for entry in entries]
    for position, query_class in enumerate(classes):
        rows = group == position
        tags = (
            ("models allowed", models, query_class.allow, query_class.forbid),
            ("licences allowed", licensed, query_class.allow_licences, query_class.forbid_licences),
            ("residencies allowed", resident, query_class.allow_residencies,
             query_class.forbid_residencies),
        )  # fmt: skip
        for what, tagged, allow, forbid in tags:
            if allow or forbid:
                banned = np.array([not _fits(tag, allow, forbid) for tag in tagged])
                name = f"the {what} for {query_class.name}"
                found.append(Rule(name, rows[:, None] & banned))
        cap_s = query_class.max_latency_p95_s
        if cap_s is not None:
            # Where the latency is not known (nan) the cap cannot be promised.
            slow = ~(table.latency_p95_s <= cap_s)
            name = f"p95 of {format_seconds(cap_s)} for {query_class.name}"
            found.append(Rule(name, rows[:, None] & slow, table.latency_p95_s, cap_s, rows))
    return found


def _tags(entry: Entry, tag: Tag) -> frozenset[str] | None:
    """What all its stages are tagged with; None where one of them states nothing."""
    found = [tag(stage.candidate) for stage in entry.stages]
    known = [one for one in found if one is not None]
    return frozenset().union(*known) if len(known) == len(found) else None


def _fits(tag: frozenset[str] | None, allow: Sequence[str], forbid: Sequence[str]) -> bool:
    """Whether every tag is allowed and none forbidden; what is not stated is not allowed."""
    if tag is None:
        return not allow
    lowered = {one.casefold() for one in tag}
    if lowered & {one.casefold() for one in forbid}:
        return False
    return not allow or lowered <= {one.casefold() for one in allow}


def _shares(table: Table, scenario: Scenario, group: NDArray[np.int64]) -> tuple[ShareLimit, ...]:
    found, faults = [], []
    for i, limit in enumerate(scenario.constraints.share):
        options = np.array([limit.of in called(entry) for entry in table.entries])
        if not options.any():
            known = dict.fromkeys(name for entry in table.entries for name in called(entry))
            near = did_you_mean(limit.of, known) or f"options are {', '.join(list(known)[:8])}"
            where = f"constraints.share[{i}].of"
            faults.append(Fault(where, "no option is called so", value=limit.of, remedy=near))
        of = ", ".join(limit.classes) or "all queries"
        found.append(
            ShareLimit(
                f"{limit.of} of {of}",
                options,
                _rows_of(scenario, group, limit.classes),
                0.0 if limit.min is None else limit.min,
                1.0 if limit.max is None else limit.max,
            )
        )
    if faults:
        raise InputError(faults)
    return tuple(found)


def called(entry: Entry) -> tuple[str, ...]:
    """Every name by which a share limit may mean an option; a cascade has those of its stages."""
    names = [entry.label]
    for made in (stage.candidate for stage in entry.stages):
        names += [made.model, made.method, made.label]
        names += ["api"] if made.api is not None else []
    return (*names, *(stage.label for stage in entry.stages))


def _rows_of(scenario: Scenario, group: NDArray[np.int64], names: Sequence[str]) -> Bools:
    """(class_,) the classes and buckets of some query classes; of all where none is named."""
    every = [c.name for c in scenario.workload.classes]
    positions = [every.index(name) for name in names or every]
    return np.isin(group, positions)


def _ties(table: Table, scenario: Scenario, group: NDArray[np.int64]) -> tuple[Tie, ...]:
    label_of: dict[str, Callable[[Entry], str]] = {
        "model": lambda entry: " then ".join(s.candidate.model for s in entry.stages),
        "method": lambda entry: " then ".join(s.candidate.method for s in entry.stages),
        "option": lambda entry: entry.label,
    }
    found = []
    for tie in scenario.constraints.tie:
        labels = [label_of[tie.by](entry) for entry in table.entries]
        _, index = np.unique(labels, return_inverse=True)
        rows = np.flatnonzero(_rows_of(scenario, group, tie.classes))
        name = f"the same {tie.by} for {', '.join(tie.classes) or 'all classes'}"
        found.append(Tie(name, rows, np.asarray(index, dtype=np.int64)))
    return tuple(found)
