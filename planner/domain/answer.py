"""What `ask` gives back: planner.answer/1. Names are a contract; intervals are 90%."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from planner.domain.base import Strict
from planner.domain.money_answer import CostOverTime, HumanCompared, ParityWindow
from planner.domain.page_facts import DataRead
from planner.domain.pictured import AnswerCurve, Basis
from planner.domain.plan import Assumption, Caution, PlanAnswer
from planner.domain.report import SectionName
from planner.domain.tornado import TornadoBar, TornadoOf, WinnerMap
from planner.domain.what_if import WhatIf

Role = Literal["asked", "accuracy parity", "cost parity", "largest measured"]
Criterion = Literal["cost_at_equal_accuracy", "accuracy_at_equal_cost", "net_value"]

UNDECIDED = "undecided"


class BucketAccuracy(Strict):
    """Accuracy of one option on one difficulty bucket."""

    bucket: str
    accuracy: float | None
    """None where it was not measured; `reason` says so."""
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    basis: Basis | None = None
    reason: str | None = None


class AnswerOption(Strict):
    """One way to serve the queries, with everything it takes."""

    label: str
    side: int
    """Which side of the question it belongs to, from 0."""
    role: Role
    """Why this n: named in the question, the whole n next to a parity, or the largest measured
    where no measured n is accurate enough."""
    model: str
    model_title: str
    method: str
    verifier: str | None = None
    n_samples: int
    depth: int | None = None
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    production_accuracy_low: float | None = None
    """On real traffic, which is not the question set: a 90% interval with the transfer."""
    production_accuracy_high: float | None = None
    basis: Basis
    cost_usd_per_query: float
    cost_usd_per_query_low: float
    cost_usd_per_query_high: float
    cost_usd_per_day: float
    cost_usd_per_day_low: float
    cost_usd_per_day_high: float
    cost_usd_per_correct: float | None
    cost_usd_per_correct_low: float | None = None
    cost_usd_per_correct_high: float | None = None
    last_point_usd_per_day: float | None = None
    """What each point costs that it has over the next smaller n measured, on full GPUs; None where
    there is none, or where it brings no accuracy."""
    last_point_from_n: int | None = None
    """That smaller n."""
    marginal_cost_usd_per_query: float
    """One more query once the fleet is full: its share of another replica; or its tokens."""
    flop_per_query: float | None
    """None where the model's size is not published."""
    eflop_per_query: float | None = None
    """With cache reads counted at the accelerator's FLOPs a byte (Kinetics, arXiv:2506.05333)."""
    gpu_s_per_query: float | None = None
    """None where it is bought by the token; so are the others that only GPUs have."""
    gpu_s_per_query_low: float | None = None
    gpu_s_per_query_high: float | None = None
    verifier_share: float | None = None
    """Share of the GPU time that the verifier takes."""
    latency_p50_s: float | None
    """In full batches, with no wait: what a replica does at its busiest. None where it is bought by
    the token: no price card says how fast it is."""
    latency_p95_s: float | None
    """As latency_p50_s."""
    latency_p95_at_mean_load_s: float | None = None
    """At the mean load of its own fleet, queue included."""
    same_gpus_up_to_n: int | None = None
    """Most samples that the whole GPUs bought for it hold: up to there more of them are free."""
    idle_s_per_query: float | None = None
    """Kernel time of a query alone on a replica, central case: its samples are the whole batch."""
    idle_times_one_sample: float | None = None
    """That over the kernel time of one sample alone."""
    bought: str = "GPUs"
    """What is paid for: "GPUs" by the day, "GPU-seconds", or "tokens of" a provider."""
    batch: int | None = None
    """Sequences that a replica runs side by side when full; a latency cap may have chosen it."""
    gpus: int
    """Whole GPUs in the central case; 0 where none is rented by the day."""
    gpus_low: int
    gpus_high: int
    replicas: int
    gpus_per_replica: int | None = None
    utilisation: float | None
    """Mean share of the bought GPU time that is used."""
    accelerator: str | None = None
    capex_usd: float | None = None
    capex_reason: str | None = None
    by_bucket: tuple[BucketAccuracy, ...] = ()


class ParityBucket(Strict):
    """Parity n on one difficulty bucket."""

    bucket: str
    median: float | None
    low: float | None
    high: float | None
    share_of_draws: float
    reason: str | None = None
    """Why there is no number, or what the number compares with."""


class Parity(Strict):
    """The real-valued sample count at which two options are equal; above high it may not exist."""

    side: int
    """Side of the question whose n it is."""
    reference: str
    """What it is compared with."""
    central: float | None
    """In the central case: every input at its middle."""
    median: float | None
    """Median over the draws, those without a parity counted as infinite; None where infinite."""
    low: float | None
    high: float | None
    """None where more than 5% of the draws have no parity within the measured n."""
    share_of_draws: float
    """Share of the draws in which it exists."""
    currency: str = "GPU time"
    """What a cost parity is equal in: GPU time, or dollars where a side is bought by the token."""
    flop_nominal: float | None = None
    """Cost parity in FLOPs as papers count them: 2 x nominal parameters x generated tokens."""
    flop_full: float | None = None
    """Cost parity in FLOPs with prompts and attention counted, central case."""
    by_bucket: tuple[ParityBucket, ...] = ()


class BreakEven(Strict):
    """Volume at which a greater CAPEX is paid back by a smaller OPEX."""

    median: float | None
    low: float | None
    high: float | None
    share_of_draws: float


class PairBreakEven(Strict):
    """The break-even of a further side, of which a question has three or more."""

    compared: tuple[str, str]
    """Labels of the side and of the reference."""
    queries_per_day: BreakEven | None
    reason: str | None
    """What it is the volume of, or why there is none."""


class MixWinner(Strict):
    """Who wins when the traffic has this mix of difficulty."""

    mix: dict[str, float]
    winner: str
    probability: float
    leader: str
    """The likelier side, also where undecided."""


class VolumePoint(Strict):
    """Whole-GPU cost at one volume."""

    queries_per_day: float
    cost_usd_per_day: dict[str, float]
    """By option label, central case."""
    gpus: dict[str, int]


class FlopStep(Strict):
    """One step of the accuracy frontier in FLOPs, as papers count them."""

    flop_units: float
    """In units of 2e9 FLOP a generated token: billions of parameters, run for each token."""
    times_reference: float
    """In units of the reference option's FLOPs."""
    accuracy: float
    label: str
    model: str
    method: str
    verifier: str | None
    n_samples: int


class Measurement(Strict):
    """A measurement that would help to decide."""

    what: str
    question_set: str
    bucket: str
    model: str
    method: str
    n_samples: tuple[int, ...]
    questions: int | None = None
    probability_changes_decision: float | None = None
    expected_gain_usd: float | None = None
    cost_usd: float | None = None
    why: str


class Answer(Strict):
    """The answer to a question, with all it rests on."""

    schema_: Literal["planner.answer/1"] = Field(default="planner.answer/1", alias="schema")
    question: str
    title: str | None = None
    """Of its page, where the scenario names one; else the question."""
    sections: tuple[SectionName, ...] = ()
    """Of its page; empty: all there are."""
    answer: str
    """One sentence."""
    explanation: tuple[str, ...] = ()
    """What a reader should know next, one sentence each."""
    criterion: Criterion
    winner: str
    probability_winner: float
    """Probability of the likelier side, also where undecided, on questions like those measured."""
    probability_winner_on_traffic: float | None = None
    """The same side's where traffic suits each side more or less than the questions did; None where
    `[transfer]` is nothing."""
    leader: str
    """The likelier side."""
    meets_wishes: bool | None = None
    """Whether a side keeps the budget, floor and latency asked for; None where none was."""
    sides: tuple[str, ...] = ()
    """Label of each side, in the order of the question."""
    queries_per_day: float
    question_set: str
    mix: dict[str, float]
    options: tuple[AnswerOption, ...]
    parity_n_cost: Parity | None = None
    parity_n_accuracy: Parity | None = None
    parities_reason: str | None = None
    parity_windows: tuple[ParityWindow, ...] = ()
    """For the mix, then by bucket."""
    human: tuple[HumanCompared, ...] = ()
    """People among the scenario's candidates."""
    break_even_queries_per_day: BreakEven | None = None
    break_even_reason: str | None = None
    other_break_evens: tuple[PairBreakEven, ...] = ()
    """Of three sides or more: every further one against the reference, in the order of `sides`;
    the first stands in `break_even_queries_per_day`."""
    over_time: CostOverTime | None = None
    """CAPEX against OPEX over the horizon."""
    second_fleet_queries_per_day: float | None = None
    """Volume from which a second fleet beside the first raises accuracy at no more cost."""
    second_fleet_reason: str | None = None
    tornado: tuple[TornadoBar, ...] = ()
    """Each input at the ends of its range, the parity found anew there; the widest first."""
    tornado_of: TornadoOf | None = None
    winner_map: WinnerMap | None = None
    winner_by_mix: tuple[MixWinner, ...] = ()
    winner_by_mix_reason: str | None = None
    cost_by_volume: tuple[VolumePoint, ...] = ()
    flop_frontier: tuple[FlopStep, ...] = ()
    flop_frontier_sentence: str | None = None
    curves: tuple[AnswerCurve, ...] = ()
    best_plan: PlanAnswer | None = None
    best_plan_sentence: str | None = None
    next: tuple[Measurement, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    warnings: tuple[Caution, ...] = ()
    sources: tuple[str, ...] = ()
    """Where the measured accuracies come from."""
    inputs: dict[str, str] = {}
    """SHA-256 of each file read."""
    data: tuple[DataRead, ...] = ()
    """Rows read and used, by file."""
    repaired: tuple[str, ...] = ()
    """What was understood or repaired on reading."""
    seed: int = 0
    draws: int = 0
    version: str = ""
    prices_as_of: str = ""
    """Day on which the prices of the cards were read."""
    command: str = ""
    """The command that makes this again."""
    what_if: WhatIf | None = None
    """The draws behind it, for the sliders of its page."""

    def to_json(self) -> dict[str, Any]:
        """Plain data with the contract's names."""
        return self.model_dump(mode="json", by_alias=True)
