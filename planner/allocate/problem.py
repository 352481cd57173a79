"""An allocation problem: arrays over classes, options and fleets, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner import units

Array = NDArray[np.float64]
Objective = Literal["accuracy", "cost"]

API_FLEET = -1
"""Fleet index of an option that is bought by the token, or carries its whole cost per query."""


@dataclass(frozen=True)
class Fleets:
    """The fleets that may be bought, one entry each."""

    gpus_per_replica: NDArray[np.int64]
    """(fleet,)"""
    usd_per_replica_day: Array
    """(fleet,) rent of one replica for a day."""
    capacity_gpu_s_per_day: Array
    """(fleet,) GPU-seconds a day that one replica serves at the wanted utilisation and peak."""
    min_replicas: NDArray[np.int64]
    """(fleet,) replicas as soon as the fleet is used at all."""
    stock_gpus: Array
    """(fleet,) GPUs that can be had; inf where unlimited."""

    @classmethod
    def none(cls) -> Fleets:
        """For problems whose options carry their whole cost per query."""
        floats, ints = np.zeros(0), np.zeros(0, dtype=np.int64)
        return cls(ints, floats, floats, ints, floats)

    def __len__(self) -> int:
        return len(self.gpus_per_replica)


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
    """(class_, option) FLOPs of one query."""
    fleet: NDArray[np.int64]
    """(option,) index into fleets, or API_FLEET."""
    model: NDArray[np.int64]
    """(option,) index of the model, for limits on how many are kept."""
    fleets: Fleets = field(default_factory=Fleets.none)
    model_fixed_usd_per_day: Array | None = None
    """(model,) dollars a day for keeping a model at all."""
    objective: Objective = "accuracy"
    budget_usd_per_day: float | None = None
    budget_flop_per_day: float | None = None
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

    def __post_init__(self) -> None:
        shape = self.accuracy.shape
        for name in ("allowed", "gpu_s", "direct_usd", "flop"):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, accuracy {shape}")

    @property
    def n_models(self) -> int:
        """Models that some option uses."""
        return int(self.model.max()) + 1

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
