"""What `solve` and `frontier` give back: planner.plan/1 and planner.frontier/1."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from planner.domain.base import Strict
from planner.domain.money_answer import CostOverTime, HumanCompared
from planner.domain.objective import ObjectiveKind
from planner.domain.page_facts import Change, Made
from planner.domain.pictured import AnswerCurve
from planner.domain.plan_next import PlanNext
from planner.domain.routed import RouterRow, RouterValue
from planner.domain.tornado import MixOutcome, TornadoBar, TornadoOf, WinnerMap
from planner.domain.uncertainty import HowSure
from planner.domain.what_if import WhatIf
from planner.domain.why import Check, Compared, Relaxation, RunnerUp, SameAccuracy, ShadowPrice

Status = Literal["optimal", "feasible", "infeasible", "node_limit"]
SolverName = Literal["planner", "HiGHS"]
OptimismBy = Literal["halves", "simulation"]

STATUS_SENTENCE: dict[Status, str] = {
    "optimal": "No plan over these options does better, within the stated gap.",
    "feasible": "The plan meets every requirement; a better one may exist, up to the bound.",
    "infeasible": "No plan meets every requirement.",
    "node_limit": "The search reached its node limit; the best plan found stands, up to the bound.",
}


class Assumption(Strict):
    """A number that a result rests on and the data do not hold."""

    name: str
    value: float | str
    low: float | None = None
    high: float | None = None
    unit: str
    source: str
    date: str | None = None
    flag: str | None = None
    """The command-line option that changes it."""
    key: str | None = None
    """The key of a scenario that does: "[workload] peak_to_mean"."""


class Caution(Strict):
    """Something that weakens a result."""

    code: str
    message: str


class AllocationRow(Strict):
    """The share of one query class and bucket that one option answers."""

    query_class: str
    bucket: str
    queries_per_day: float | None = None
    """Of the class and bucket."""
    share: float = Field(ge=0, le=1)
    """Share of the class and bucket's queries."""
    option: str
    model: str
    method: str
    verifier: str | None = None
    temperature: float | None = None
    n_samples: int
    samples_drawn: float | None = None
    """Generations expected: fewer than n_samples with early stopping, more with retries."""
    hands_on_to: str | None = None
    """Of a cascade: the option that answers what the verifier does not pass."""
    then_model: str | None = None
    """Of a cascade: the model of that option."""
    depth: int | None = None
    width: int | None = None
    thinking_tokens: int | None = None
    accuracy: float
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    cost_usd_per_query: float
    """Allocated by GPU-seconds with its share of the fleet: the rows add up to cost_usd_per_day."""
    marginal_cost_usd_per_query: float
    """One more query on a full fleet: part of another replica, or its tokens; 0 with room left."""
    latency_p50_s: float | None = None
    """At the mean load of the fleet, queue included. A cap is judged in full batches."""
    latency_p95_s: float | None = None
    """As latency_p50_s."""


class FleetRow(Strict):
    """Whole replicas of one model on one accelerator."""

    model: str
    verifier: str | None = None
    accelerator: str
    replicas: int = Field(ge=0)
    gpus: int = Field(ge=0)
    utilisation: float
    """Mean share of the bought GPU time that is used."""
    batch: float | None = None
    """Sequences that a replica runs side by side when full; a latency cap may have chosen it."""
    batch_at_mean_load: float
    token_s: float | None = None
    """Seconds a token of a sample on full replicas, with its 90% interval."""
    token_s_low: float | None = None
    token_s_high: float | None = None
    token_late_in: float | None = None
    """Share of the draws in which that is over the limit: the batch is set once, in the middle."""
    usd_per_day: float
    """Its GPUs at the mean price of their supply, and what a fleet costs to run."""
    kwh_per_day: float | None = None
    """Energy, cooling included; None where the accelerator's watts are not known."""


class BlockRow(Strict):
    """GPUs in use that are had at one price."""

    accelerator: str
    kind: str
    gpus: int
    usd_per_gpu_hour: float


class CapexRow(Strict):
    """One training that a plan needs."""

    what: str
    usd: float
    low: float
    high: float
    made_of: str


class Totals(Strict):
    """A plan's or a baseline's headline figures."""

    label: str
    accuracy: float
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    cost_usd_per_day: float
    cost_usd_per_day_low: float | None = None
    cost_usd_per_day_high: float | None = None
    cost_usd_per_correct: float | None = None
    flop_per_day: float | None = None
    gpus: int | None = None
    latency_p95_s: float | None = None


class FrontierPoint(Strict):
    """The best accuracy that a budget buys."""

    budget_usd_per_day: float
    accuracy: float
    accuracy_low: float | None = None
    """None where the accuracies that were given have no intervals."""
    accuracy_high: float | None = None
    cost_usd_per_day: float
    """What the plan spends; whole GPUs leave some of the budget unspent."""
    options: tuple[str, ...] = ()
    """Options with a share."""


class KneeOption(Strict):
    """What one option answers at a knee."""

    option: str
    model: str
    share: float
    """Of all queries."""
    n_samples: int | None = None
    """Samples of each of its queries; None where it has none, or its name holds no number."""


class Knee(Strict):
    """A budget from which a dollar buys at most half of what it bought from the knee before."""

    budget_usd_per_day: float
    accuracy: float
    accuracy_per_usd_per_day: float
    """Of one more dollar there; 0 at the last."""
    options: tuple[KneeOption, ...]


class PlanAnswer(Strict):
    """An allocation of a workload to options, with its proof."""

    schema_: Literal["planner.plan/1"] = Field(default="planner.plan/1", alias="schema")
    status: Status
    status_sentence: str
    solver: SolverName | None = None
    """Whose search it is: the planner's own of one budget, or HiGHS. None where infeasible."""
    objective: ObjectiveKind
    gap: float | None = None
    """Relative distance to the bound; 0 is proven optimal."""
    bound: float | None = None
    """No plan over these options can do better than this (accuracy, or dollars a day)."""
    accuracy: float | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    """Both on real traffic: with [transfer] of the scenario."""
    benchmark_accuracy_low: float | None = None
    """On questions of the benchmark's kind; None where traffic is taken to be as they are."""
    benchmark_accuracy_high: float | None = None
    optimism: float | None = None
    """Accuracy that choosing among noisy estimates promises too much. It is taken off `accuracy`;
    the rows of the allocation are before it."""
    optimism_by: OptimismBy | None = None
    """`halves`: chosen on one half of the questions and judged on the other. `simulation`: chosen
    again from simulated estimates, where the questions are not known one by one."""
    accuracy_unshrunk: float | None = None
    """Of the same plan as measured, before estimates are shrunk and optimism is taken off."""
    how_sure: HowSure | None = None
    cost_usd_per_day: float | None = None
    cost_usd_per_day_low: float | None = None
    cost_usd_per_day_high: float | None = None
    fixed_usd_per_day: float | None = None
    """Of models and training: part of cost_usd_per_day that no row of the allocation carries."""
    objective_value: float | None = None
    cost_usd_per_correct: float | None = None
    net_value_usd_per_day: float | None = None
    """Worth less cost. It and cost_usd_per_correct are at `accuracy`, objective_value before it."""
    flop_per_day: float | None = None
    eflop_per_day: float | None = None
    """Where they have a budget."""
    queries_per_day: float | None = None
    kwh_per_day: float | None = None
    """Energy of the fleets; what runs by the token or the second is not in it."""
    kwh_per_day_low: float | None = None
    kwh_per_day_high: float | None = None
    sunk_usd_per_day: float | None = None
    """Spent on owned and reserved GPUs whatever the plan; not in cost_usd_per_day."""
    shadow_price_accuracy_per_usd_per_day: float | None = None
    """Accuracy gained by one more dollar a day, from the continuous relaxation."""
    last_point_usd_per_day: float | None = None
    """What one more point of accuracy costs at the plan: 0.01 over the shadow price."""
    human: tuple[HumanCompared, ...] = ()
    """People among the candidates, beside the plan."""
    over_time: CostOverTime | None = None
    """The plan's shares over the horizon, CAPEX against OPEX."""
    shadow_prices: tuple[ShadowPrice, ...] = ()
    allocation: tuple[AllocationRow, ...] = ()
    fleet: tuple[FleetRow, ...] = ()
    blocks: tuple[BlockRow, ...] = ()
    """What the fleets' GPUs are had at, cheapest first."""
    capex_usd: float | None = None
    """Paid once for what the plan has trained; not in cost_usd_per_day. None with capex_reason."""
    capex_usd_low: float | None = None
    capex_usd_high: float | None = None
    capex_reason: str | None = None
    capex: tuple[CapexRow, ...] = ()
    router: RouterRow | None = None
    """None where telling the difficulty costs nothing, or nobody tells it."""
    router_value: RouterValue | None = None
    """None where no class has several buckets that are told apart."""
    baseline: Totals | None = None
    probability_beats_baseline: float | None = None
    budget_usd_per_day: float | None = None
    budget_flop_per_day: float | None = None
    budget_eflop_per_day: float | None = None
    budget_kwh_per_day: float | None = None
    budget_gpus: int | None = None
    tornado: tuple[TornadoBar, ...] = ()
    """Each input at the ends of its range, with the best plan there; the widest first."""
    tornado_of: TornadoOf | None = None
    winner_map: WinnerMap | None = None
    mix_map: tuple[MixOutcome, ...] = ()
    compared: tuple[Compared, ...] = ()
    """What else could be done: each option everywhere, one option for every query."""
    same_accuracy: SameAccuracy | None = None
    runners_up: tuple[RunnerUp, ...] = ()
    conflict: tuple[str, ...] = ()
    """Where infeasible: a smallest set of requirements that cannot be kept together."""
    relaxations: tuple[Relaxation, ...] = ()
    relaxation: str | None = None
    """Where infeasible: the cheapest change that makes it feasible."""
    feasibility: str | None = None
    """Result of the independent check against every requirement."""
    checked: Check | None = None
    """Result of an independent reading of the numbers printed here, in fractions."""
    prices_as_of: str | None = None
    """Day on which the prices of the cards were read."""
    assumptions: tuple[Assumption, ...] = ()
    warnings: tuple[Caution, ...] = ()
    changes: tuple[Change, ...] = ()
    """Against the baseline, by class and bucket."""
    curves: tuple[AnswerCurve, ...] = ()
    """Of the options in use, of the baseline and of some others, for the page."""
    frontier: tuple[FrontierPoint, ...] = ()
    """Accuracy against budget, for the page."""
    knees: tuple[Knee, ...] = ()
    """Of the frontier."""
    next: PlanNext | None = None
    """What to measure before it is carried out; None where that was not asked for."""
    made: Made | None = None
    what_if: WhatIf | None = None
    """The draws behind it, for the sliders of its page."""
    inputs: dict[str, str] = {}
    """SHA-256 of each file and card that it was made of, by name; `planner check` compares them."""
    seed: int = 0
    draws: int = 0
    """0 over a bare table of options, where nothing is drawn."""
    version: str = ""
    """Of the planner."""


class Frontier(Strict):
    """Accuracy against budget."""

    schema_: Literal["planner.frontier/1"] = Field(default="planner.frontier/1", alias="schema")
    points: tuple[FrontierPoint, ...]
    knees: tuple[Knee, ...] = ()
    """From the cheapest plan to the most accurate one."""
    gap: float | None = None
    """At no budget has any plan more accuracy than this over the frontier; None where budgets were
    solved one at a time."""
    warnings: tuple[Caution, ...] = ()
