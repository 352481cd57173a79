"""An allocation problem: arrays over classes, options and fleets, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.allocate.demands import Rules, ShareLimit, Tie, Training
from planner.domain.objective import ObjectiveKind

Array = NDArray[np.float64]

API_FLEET = -1
"""Fleet index of an option that is bought by the token, or carries its whole cost per query."""


@dataclass(frozen=True)
class Blocks:
    """GPUs that can be had at one price each, in pools of GPUs that are alike.

    Within a pool blocks stand cheapest first: its dollars are then a convex, piecewise linear
    function of its GPUs, and the cheapest blocks are the ones in use.
    """

    pool: NDArray[np.int64]
    """(block,)"""
    usd_per_gpu_day: Array
    """(block,)"""
    gpus: Array
    """(block,) GPUs that can be had; inf where unlimited."""

    def __post_init__(self) -> None:
        order = np.lexsort((self.usd_per_gpu_day, self.pool))
        if (order != np.arange(len(self))).any():
            raise ValueError("blocks stand pool by pool, and in a pool cheapest first")

    def __len__(self) -> int:
        return len(self.pool)

    @property
    def pool_gpus(self) -> Array:
        """(pool,) GPUs that can be had in all blocks of a pool."""
        total = np.zeros(int(self.pool.max(initial=-1)) + 1)
        np.add.at(total, self.pool, self.gpus)
        return total

    def used(self, pool_gpus: Array) -> Array:
        """(block,) GPUs in use of each block where a pool uses `pool_gpus` (pool,).

        What is over the stock stands in the dearest block, so that it has a price.
        """
        left = np.array(pool_gpus, dtype=np.float64)
        taken = np.zeros(len(self))
        for b, pool in enumerate(self.pool):
            last = b + 1 == len(self) or self.pool[b + 1] != pool
            taken[b] = left[pool] if last else min(left[pool], self.gpus[b])
            left[pool] -= taken[b]
        return taken


@dataclass(frozen=True)
class Fleets:
    """The fleets that may be bought, one entry each."""

    gpus_per_replica: NDArray[np.int64]
    """(fleet,)"""
    capacity_gpu_s_per_day: Array
    """(fleet,) GPU-seconds a day that one replica serves at the wanted utilisation and peak."""
    min_replicas: NDArray[np.int64]
    """(fleet,) replicas as soon as the fleet is used at all."""
    pool: NDArray[np.int64]
    """(fleet,) the pool that its GPUs come from; several fleets may share one."""
    blocks: Blocks
    fixed_usd_per_day: Array
    """(fleet,) dollars a day as soon as the fleet is used at all: people, on-call."""

    @classmethod
    def none(cls) -> Fleets:
        """For problems whose options carry their whole cost per query."""
        floats, ints = np.zeros(0), np.zeros(0, dtype=np.int64)
        return cls(ints, floats, ints, ints, Blocks(ints, floats, floats), floats)

    @classmethod
    def rented(
        cls,
        gpus_per_replica: NDArray[np.int64],
        usd_per_replica_day: Array,
        capacity_gpu_s_per_day: Array,
        min_replicas: NDArray[np.int64],
        stock_gpus: Array,
    ) -> Fleets:
        """Fleets with one price each and a stock of their own (inf where unlimited)."""
        each = np.arange(len(gpus_per_replica))
        blocks = Blocks(each, usd_per_replica_day / gpus_per_replica, stock_gpus)
        nothing = np.zeros(len(each))
        return cls(gpus_per_replica, capacity_gpu_s_per_day, min_replicas, each, blocks, nothing)

    def __len__(self) -> int:
        return len(self.gpus_per_replica)

    def gpus(self, replicas: NDArray[np.int64]) -> NDArray[np.int64]:
        """(fleet,) GPUs of the replicas."""
        return replicas * self.gpus_per_replica

    def pool_gpus(self, replicas: NDArray[np.int64]) -> Array:
        """(pool,) GPUs in use of each pool."""
        total = np.zeros(len(self.blocks.pool_gpus))
        np.add.at(total, self.pool, self.gpus(replicas))
        return total

    def usd_per_day(self, replicas: NDArray[np.int64]) -> Array:
        """(fleet,) dollars a day of each fleet: its GPUs at its pool's mean price, and what it
        costs to run at all. Which fleet has the owned GPUs and which the rented is not told.
        """
        blocks, used = self.blocks, self.pool_gpus(replicas)
        spent = np.zeros(len(used))
        np.add.at(spent, blocks.pool, blocks.used(used) * blocks.usd_per_gpu_day)
        mean = spent / np.maximum(used, 1.0)
        rent = self.gpus(replicas) * mean[self.pool]
        return np.asarray(rent + np.where(replicas > 0, self.fixed_usd_per_day, 0.0))

    def next_usd_per_gpu_day(self, replicas: NDArray[np.int64]) -> Array:
        """(fleet,) price of the GPU that would be bought next: of the first block with room."""
        blocks = self.blocks
        room = blocks.used(self.pool_gpus(replicas)) < blocks.gpus
        price = np.zeros(len(blocks.pool_gpus))
        for b in reversed(range(len(blocks))):
            last = b + 1 == len(blocks) or blocks.pool[b + 1] != blocks.pool[b]
            if room[b] or last:
                price[blocks.pool[b]] = blocks.usd_per_gpu_day[b]
        return price[self.pool]


@dataclass(frozen=True)
class Problem:
    """Choose the share of each class that each option answers, and whole replicas.

    Shapes by name: `class_` a query class or one difficulty bucket of it, `option` an entry of
    the option table, `fleet` a pool of replicas. A cell that is not `allowed` is never bought.
    """

    queries_per_day: Array
    """(class_,)"""
    accuracy: Array
    """(class_, option) in [0, 1]."""
    allowed: NDArray[np.bool_]
    """(class_, option)"""
    gpu_s: Array
    """(class_, option) GPU-seconds of one query on the option's fleet."""
    direct_usd: Array
    """(class_, option) dollars of one query beside the fleet: API spend, or the whole cost."""
    flop: Array
    """(class_, option) FLOPs of one query; nan where they are not known."""
    fleet: NDArray[np.int64]
    """(option,) index into fleets, or API_FLEET."""
    model: NDArray[np.int64]
    """(option,) index of the model, for limits on how many are kept."""
    also_model: NDArray[np.int64] | None = None
    """(option,) a second model that it needs, or -1 where there is none. None: no option has."""
    reader_fleet: NDArray[np.int64] | None = None
    """(option,) fleet on which its verifier reads, or API_FLEET where it has no fleet of its own.
    None: no option has one."""
    reader_gpu_s: Array | None = None
    """(class_, option) GPU-seconds of one query on the verifier's own fleet."""
    fleets: Fleets = field(default_factory=Fleets.none)
    model_fixed_usd_per_day: Array | None = None
    """(model,) dollars a day for keeping a model at all."""
    extra_model_usd_per_day: float | None = None
    """Dollars a day of each model kept beside the first."""
    objective: ObjectiveKind = "accuracy"
    value_per_correct_usd: Array | None = None
    """(class_,) what a correct answer is worth, for net_value."""
    cost_per_wrong_usd: Array | None = None
    """(class_,) what a wrong answer costs, for net_value."""
    budget_usd_per_day: float | None = None
    budget_flop_per_day: float | None = None
    eflop: Array | None = None
    """(class_, option) memory-aware FLOPs of one query; nan where they are not known."""
    budget_eflop_per_day: float | None = None
    kwh_per_gpu_day: Array | None = None
    """(fleet,) energy of one GPU in service; nan where the card has no watts."""
    budget_kwh_per_day: float | None = None
    budget_gpus: int | None = None
    min_accuracy: Array | None = None
    """(group,) floor of the mean accuracy of each group; nan where it has none."""
    group: NDArray[np.int64] | None = None
    """(class_,) the group of each: the difficulty buckets of one query class share a floor. None:
    each is a group of its own."""
    min_accuracy_overall: float | None = None
    max_models: int | None = None
    whole: bool = False
    """Each class is answered by one option only."""
    shares: tuple[ShareLimit, ...] | None = None
    ties: tuple[Tie, ...] | None = None
    rules: Rules | None = None
    """What `allowed` was made by; None where nothing more is known of it."""
    training: Training | None = None
    """Training that is bought with the options that need it; None: none is part of the cost."""

    def __post_init__(self) -> None:
        shape = self.accuracy.shape
        for name in ("allowed", "gpu_s", "direct_usd", "flop"):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, accuracy {shape}")

    @property
    def maximised(self) -> bool:
        """True where more of the objective is better."""
        return self.objective in ("accuracy", "net_value")

    @property
    def buyable(self) -> NDArray[np.bool_]:
        """(class_, option) allowed, and of known FLOPs and energy where those have a budget."""
        known = self.allowed
        if self.budget_flop_per_day is not None:
            known = known & np.isfinite(self.flop)
        if self.budget_eflop_per_day is not None and self.eflop is not None:
            known = known & np.isfinite(self.eflop)
        if self.budget_kwh_per_day is not None and self.kwh_per_gpu_day is not None:
            for fleet, _ in self.loads:
                dark = np.append(np.isnan(self.kwh_per_gpu_day), False)
                known = known & ~dark[fleet]  # API_FLEET is the last entry
        return known

    @property
    def worth_usd(self) -> Array:
        """(class_, option) dollars of one answer: value * accuracy - loss * (1 - accuracy)."""
        nothing = np.zeros(len(self.queries_per_day))
        value = nothing if self.value_per_correct_usd is None else self.value_per_correct_usd
        loss = nothing if self.cost_per_wrong_usd is None else self.cost_per_wrong_usd
        accuracy = self.accuracy
        return np.asarray(value[:, None] * accuracy - loss[:, None] * (1 - accuracy))

    @property
    def loads(self) -> list[tuple[NDArray[np.int64], Array]]:
        """(fleet of each option, GPU-seconds of one query there): its own, then its verifier's."""
        found = [(self.fleet, self.gpu_s)]
        if self.reader_fleet is not None and self.reader_gpu_s is not None:
            found.append((self.reader_fleet, self.reader_gpu_s))
        return found

    @property
    def n_models(self) -> int:
        """Models that some option uses."""
        return int(self.model.max()) + 1

    def models_used(self, used: NDArray[np.bool_] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Models that the `used` options (option,) need, each once."""
        found = self.model[used]
        if self.also_model is not None:
            second = self.also_model[used]
            found = np.concatenate([found, second[second >= 0]])
        return np.unique(found)

    @property
    def permitted(self) -> NDArray[np.bool_]:
        """(class_, option) allowed, those included that the central case has no use for."""
        return self.allowed if self.rules is None else self.rules.allowed()

    @property
    def groups(self) -> NDArray[np.int64]:
        """(class_,) the group of each."""
        return np.arange(len(self.queries_per_day)) if self.group is None else self.group

    @property
    def weight_in_group(self) -> Array:
        """(class_,) share of the queries of its group."""
        totals = np.bincount(self.groups, self.queries_per_day)[self.groups]
        members = np.bincount(self.groups)[self.groups]
        safe = np.where(totals > 0, totals, 1.0)
        return np.where(totals > 0, self.queries_per_day / safe, 1 / members)

    @property
    def weight(self) -> Array:
        """(class_,) share of all queries."""
        total = self.queries_per_day.sum()
        if total == 0:
            return np.full(len(self.queries_per_day), 1 / len(self.queries_per_day))
        return np.asarray(self.queries_per_day / total, dtype=np.float64)


def replica_capacity_gpu_s_per_day(
    gpus_per_replica: NDArray[np.int64], utilisation: Array | float, peak_to_mean: Array | float
) -> Array:
    """GPU-seconds of mean load a day that one replica serves.

    capacity = gpus_per_replica * seconds per day * utilisation / peak_to_mean: at the peak a
    replica is no fuller than `utilisation`.
    """
    seconds = units.SECONDS_PER_DAY * np.asarray(utilisation) / np.asarray(peak_to_mean)
    return np.asarray(gpus_per_replica * seconds, dtype=np.float64)
