"""A scenario: what is to be answered, by which candidates, on what, and what is wanted.

The types of the scenario TOML ("planner.scenario/1"). Only what the planner acts on is here; a
key that it does not act on is refused, never ignored.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from planner.domain.base import Strict
from planner.domain.cascade import Cascade
from planner.domain.limits import Budget, Constraints
from planner.domain.method import METHODS, STOPPABLE
from planner.domain.nearest import did_you_mean
from planner.domain.objective import Accuracy, NetValue, Objective
from planner.domain.quantity import Count, Fraction, UsdPerDay
from planner.domain.report import ReportWish
from planner.domain.router import Router
from planner.domain.supply import SupplyEntry, disagreeing
from planner.domain.trained import Training, TrainingInputs, VerifierTraining
from planner.domain.transfer import Transfer
from planner.domain.uncertainty import Uncertainty
from planner.domain.weights import Weights
from planner.domain.workload import SUM_TOLERANCE, Workload


class Data(Strict):
    """What was measured."""

    observations: tuple[Path, ...] = ()
    """Observations CSVs. Without any, the published measurements that ship with the planner."""


class Candidate(Strict):
    """A model that may serve, and how."""

    model: str = Field(min_length=1)
    """Name of a card or of the observations."""
    methods: tuple[str, ...] = Field(min_length=1)
    """Names of `planner.domain.method.METHODS`."""
    verifier: str | None = None
    """Reward model that picks, for the methods that need one."""
    verifier_fleet: Literal["shared", "own"] = "shared"
    """`shared`: it reads on the GPUs that generate; `own`: on replicas of its own."""
    samples: tuple[Count, ...] | None = None
    """Sample counts that may be bought; without it those that were measured."""
    weights: Weights | None = None
    """Format of the model's weights; without it its card's, else bf16."""
    early_stopping: bool | Count = Field(default=False, union_mode="left_to_right")
    """Draw no sample that cannot change the answer: one at a time, or so many at a time."""
    retries: Count | None = None
    """Times that a generation which cannot be used is made again at most."""
    failure_rate: Fraction | None = Field(default=None, lt=1)
    """Share of generations that cannot be used: cut short, or without an answer."""
    usd_per_query: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """What a person is paid for an answer; for the method human."""

    training: Training = "exists"
    """What has to be paid before the model answers anything."""
    capex: TrainingInputs | None = None
    """What its training takes; without it what its card says."""
    verifier_capex: VerifierTraining | None = None
    """What training its verifier takes; without it the verifier exists."""

    @model_validator(mode="after")
    def _training_is_used(self) -> Self:
        if self.capex is not None and self.training == "exists":
            raise ValueError(
                'capex stands beside training = "exists"; write training = "fine-tune" or '
                '"from scratch", or remove it'
            )
        if self.training == "fine-tune" and (self.capex is None or not self.capex.work_given):
            raise ValueError(
                "a fine-tune needs what it takes; add [candidates.capex] with tokens, flop or usd"
            )
        if self.verifier_capex is not None and self.verifier is None:
            raise ValueError("verifier_capex stands without a verifier; remove it")
        return self

    @field_validator("methods")
    @classmethod
    def _methods_can_be_bought(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        for name in methods:
            if name not in METHODS:
                near = did_you_mean(name, METHODS) or f"the methods are {', '.join(METHODS)}"
                raise ValueError(f"there is no method {name!r}; {near}")
            if not METHODS[name].buyable:
                raise ValueError(
                    f"{name} cannot be bought: it is the coverage of a perfect verifier; "
                    "write best_of_n or weighted_vote with a verifier"
                )
        return methods

    @model_validator(mode="after")
    def _verifier_is_used(self) -> Self:
        needing = [name for name in self.methods if METHODS[name].verifier]
        if needing and self.verifier is None:
            raise ValueError(f'{needing[0]} needs a verifier; write verifier = "..."')
        if self.verifier is not None and not needing:
            raise ValueError(
                f"none of its methods uses the verifier {self.verifier!r}; "
                "add weighted_vote or best_of_n, or remove it"
            )
        if self.verifier_fleet == "own" and self.verifier is None:
            raise ValueError('verifier_fleet = "own" needs a verifier; name one, or remove it')
        return self

    @model_validator(mode="after")
    def _stops_where_it_can(self) -> Self:
        if self.early_stopping and not set(self.methods) & set(STOPPABLE):
            raise ValueError(
                "early_stopping needs a method that can tell when more samples change nothing: "
                f"{' or '.join(STOPPABLE)}"
            )
        if (self.retries is None) != (self.failure_rate is None):
            raise ValueError(
                "retries and failure_rate go together; write both, "
                "such as retries = 2 and failure_rate = 0.03"
            )
        return self

    @model_validator(mode="after")
    def _a_person_is_paid(self) -> Self:
        person = "human" in self.methods
        if person and (len(self.methods) > 1 or self.usd_per_query is None):
            raise ValueError(
                "a person's answers need a price and a candidate of their own; "
                'write methods = ["human"] and usd_per_query = 2.5'
            )
        if self.usd_per_query is not None and not person:
            raise ValueError(
                "usd_per_query is what a person is paid; models are priced by their supply: "
                'remove it, or write methods = ["human"]'
            )
        return self


class Operations(Strict):
    """What running costs beside the machines."""

    usd_per_fleet_day: UsdPerDay = Field(default=0.0, alias="fleet_cost")
    """People and on-call of each fleet in service: fleet_cost = "$300/day"."""
    usd_per_extra_model_day: UsdPerDay = Field(default=0.0, alias="extra_model_cost")
    """Of each model in service beside the first: tests, prompts, people."""


class Baseline(Strict):
    """What the plan is compared with."""

    option: str | None = Field(default=None, min_length=1)
    """As one side of a question: "34B greedy", "7B+PRM@64"."""
    shares: dict[str, Fraction] = {}
    """Today's allocation where it is several options: the share of all queries of each, by its
    label or as one side of a question."""

    @model_validator(mode="after")
    def _it_says_one_thing(self) -> Self:
        if (self.option is None) == (not self.shares):
            raise ValueError('give an option or shares, one of them: option = "34B greedy"')
        total = math.fsum(self.shares.values())
        if self.shares and abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(f"the shares add up to {total:.6g}, not to 1; correct them")
        return self


class Scenario(Strict):
    """One planning question, complete."""

    schema_: Literal["planner.scenario/1"] = Field(default="planner.scenario/1", alias="schema")
    title: str | None = None
    data: Data = Data()
    workload: Workload
    candidates: tuple[Candidate, ...] = Field(min_length=1)
    supply: tuple[SupplyEntry, ...] = Field(min_length=1)
    """Where all candidates run. Entries of one accelerator are one pool, bought cheapest first."""
    operations: Operations = Operations()
    router: Router = Router()
    baseline: Baseline | None = None
    objective: Objective = Accuracy()
    budget: Budget = Budget()
    constraints: Constraints = Constraints()
    report: ReportWish = ReportWish()
    """What its page is called, and which sections it has."""
    uncertainty: Uncertainty | None = None
    transfer: Transfer = Transfer()
    cascades: tuple[Cascade, ...] = ()
    """Options that hand on what a verifier does not pass."""

    @model_validator(mode="after")
    def _pools_agree(self) -> Self:
        if said := disagreeing(self.supply):
            raise ValueError(said)
        return self

    @model_validator(mode="after")
    def _a_model_is_stored_once(self) -> Self:
        formats = {(c.model, c.weights) for c in self.candidates}
        twice = sorted(
            model for model, count in Counter(m for m, _ in formats).items() if count > 1
        )
        if twice:
            raise ValueError(
                f"{twice[0]} has different weights in several candidates; write the same weights in"
                " each, or name a second card for the other format"
            )
        return self

    @model_validator(mode="after")
    def _the_confusion_knows_the_buckets(self) -> Self:
        known = self.router.confusion
        buckets = {b for c in self.workload.classes for b, share in c.mix.items() if share > 0}
        stray = sorted(buckets - set(known)) if isinstance(known, dict) else []
        if stray:
            raise ValueError(
                f"router.confusion has no row for {', '.join(map(repr, stray))}; write one for "
                "every bucket of the mixes"
            )
        return self

    @model_validator(mode="after")
    def _classes_name_candidates(self) -> Self:
        known = {candidate.model for candidate in self.candidates}
        for query_class in self.workload.classes:
            for model in (*query_class.allow, *query_class.forbid):
                if model not in known:
                    near = did_you_mean(model, known) or "write the model of a candidate"
                    raise ValueError(
                        f"class {query_class.name!r} allows or forbids {model!r}, which is the "
                        f"model of no candidate; {near}"
                    )
        return self

    @model_validator(mode="after")
    def _constraints_name_classes(self) -> Self:
        known = {query_class.name for query_class in self.workload.classes}
        for name in sorted(self.constraints.named_classes - known):
            near = did_you_mean(name, known) or f"the classes are {', '.join(sorted(known))}"
            raise ValueError(f"a constraint names the class {name!r}, which is not there; {near}")
        return self

    @model_validator(mode="after")
    def _answers_are_worth_something(self) -> Self:
        if not isinstance(self.objective, NetValue) or self.objective.value_per_correct_usd:
            return self
        if not any(query_class.value_per_correct_usd for query_class in self.workload.classes):
            raise ValueError(
                "net_value needs what a correct answer is worth; add value_per_correct_usd = 0.05 "
                "to [objective], or to classes"
            )
        return self
