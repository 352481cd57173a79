"""What serves the queries and at which price, drawn once for all options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.cost.assumptions import FLEET_EFFICIENCY
from planner.cost.blocks import Block, PricedBlock, drawn_kwh, priced
from planner.cost.fleets import Fleet
from planner.cost.hardware import Hardware, hardware_of
from planner.cost.replicas import replicas
from planner.domain.card import AcceleratorCard
from planner.domain.draws import Draws
from planner.domain.observation import ALL
from planner.domain.ranges import Range
from planner.errors import Note

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SupplyTerms:
    """The terms of supply as ranges, before they are drawn."""

    accelerator: AcceleratorCard
    blocks: tuple[Block, ...]
    """What can be had of it, at which prices."""
    engine_efficiency: Range
    utilisation: Range
    """Most of a replica's capacity that is used at the peak."""
    peak_to_mean: float
    """Load of the busiest hour over the mean."""
    min_replicas: int
    """Replicas as soon as a fleet is there at all; 2 leaves one when one fails."""
    prefix_sharing: bool
    """Whether the samples of a query share the cache of their prompt."""
    prompt_tokens: Mapping[str, Range]
    """By difficulty bucket; `all` serves those that are not named."""
    output_tokens: Mapping[str, Range]
    """Generated tokens of one sample, by difficulty bucket; `all` serves the rest."""
    thinking_output_tokens: Range
    """Generated tokens of one sample of a model that thinks at length."""
    output_given: frozenset[str] = frozenset()
    """Buckets whose output tokens the user gave: they go before what was measured."""
    queries_per_day: float | None = None
    """Of all queries, where it is known: a serverless GPU is as full as they make it."""
    fleet_usd_per_day: float = 0.0
    """People and on-call of a fleet in service."""
    cold_start: Range | None = None
    """Part of the billed seconds in which a GPU only starts, where GPUs are billed by the second;
    None where they are bought by the day."""


@dataclass(frozen=True)
class Supply:
    """The terms of supply drawn; every array is (draw,), row 0 the central case."""

    terms: SupplyTerms
    draws: Draws
    hardware: Hardware
    blocks: tuple[PricedBlock, ...]
    """Cheapest first: the order in which they are used."""
    kwh_per_gpu_day: Array
    """Of a GPU in service; nan where the card has no watts."""
    engine_efficiency: Array
    utilisation: Array
    prompt_tokens: Mapping[str, Array]
    output_tokens: Mapping[str, Array]
    thinking_output_tokens: Array
    notes: tuple[Note, ...]

    @property
    def usd_per_gpu_hour(self) -> Array:
        """Price of the dearest block, (draw,): what more GPUs cost once the others are in use."""
        return self.blocks[-1].usd_per_gpu_hour

    @cached_property
    def serverless_usd_per_gpu_s(self) -> Array | None:
        """Dollars of a GPU-second in use, with its share of starts, (draw,); None where GPUs are
        bought by the day.

        usd = price / 3600 / (1 - cold_start) / utilisation: a container is as full as a replica.
        """
        if self.terms.cold_start is None:
            return None
        starts = self.draws.fraction("cold start", self.terms.cold_start)
        seconds = units.SECONDS_PER_HOUR * (1 - starts) * self.utilisation
        return np.asarray(self.usd_per_gpu_hour / seconds)

    @property
    def sunk_usd_per_day(self) -> Array:
        """Dollars a day of owned and reserved GPUs that are spent whatever the plan, (draw,)."""
        total = np.zeros(self.draws.rows)
        for block in self.blocks:
            total = total + block.sunk_usd_per_day
        return total

    def usd_per_day(self, gpus: Array | NDArray[np.int64]) -> Array:
        """Dollars a day of `gpus` (draw, ...) in service, the cheapest blocks first.

        What is over the stock is priced as the dearest block.
        """
        per_draw = (slice(None),) + (None,) * (gpus.ndim - 1)
        left = np.asarray(gpus, dtype=np.float64)
        hourly = np.zeros_like(left)
        for block in self.blocks:
            taken = left if block is self.blocks[-1] else np.minimum(left, block.gpus)
            hourly = hourly + taken * block.usd_per_gpu_hour[per_draw]
            left = left - taken
        return hourly * units.HOURS_PER_DAY

    def efficiency_of(self, fleet: str) -> Array:
        """Engine efficiency of one fleet, (draw,): the engine's, and the fleet's own deviation."""
        own = self.draws.positive(f"engine efficiency|{fleet}", FLEET_EFFICIENCY)
        return np.minimum(self.engine_efficiency * own, 1.0)

    def prompt(self, bucket: str) -> Array:
        """Prompt tokens of a query of a bucket, (draw,)."""
        return self.prompt_tokens.get(bucket, self.prompt_tokens[ALL])

    def output(self, bucket: str, *, thinks: bool = False) -> Array:
        """Generated tokens of one sample on a bucket, (draw,), where nothing was measured."""
        named = bucket in self.terms.output_given or ALL in self.terms.output_given
        if thinks and not named:
            return self.thinking_output_tokens
        return self.output_tokens.get(bucket, self.output_tokens[ALL])


def drawn_supply(terms: SupplyTerms, lender: AcceleratorCard, draws: Draws) -> Supply:
    """Draws the terms; `lender` lends its kernel efficiencies to an accelerator without its own."""
    hardware, notes = hardware_of(terms.accelerator, lender, draws)
    return Supply(
        terms=terms,
        draws=draws,
        hardware=hardware,
        blocks=priced(terms.blocks, terms.accelerator, draws),
        kwh_per_gpu_day=drawn_kwh(terms.accelerator, draws),
        engine_efficiency=draws.fraction("engine efficiency", terms.engine_efficiency),
        utilisation=draws.fraction("utilisation", terms.utilisation),
        prompt_tokens={
            bucket: draws.positive(f"prompt tokens|{bucket}", quantity)
            for bucket, quantity in terms.prompt_tokens.items()
        },
        output_tokens={
            bucket: draws.positive(f"output tokens|{bucket}", quantity)
            for bucket, quantity in terms.output_tokens.items()
        },
        thinking_output_tokens=draws.positive(
            "output tokens, thinking", terms.thinking_output_tokens
        ),
        notes=notes,
    )


@dataclass(frozen=True)
class Daily:
    """A fleet that serves one load: whole replicas, and what they cost. Shapes follow the load."""

    replicas: NDArray[np.int64]
    gpus: NDArray[np.int64]
    usd_per_day: Array
    busy: Array
    """Mean share of the bought GPU time in use."""


def daily(fleet: Fleet, supply: Supply, gpu_s: Array, queries_per_day: Array | float) -> Daily:
    """Whole replicas and dollars a day for queries of `gpu_s` GPU-seconds.

    gpu_s (draw, ...) and queries_per_day broadcast. replicas = max(min_replicas,
    ceil(load x peak_to_mean / (utilisation x gpus_per_replica))), load = gpu_s x queries a second.
    The fleet has the supply for itself: the cheapest GPUs first, and what a fleet costs to run.
    """
    load = gpu_s * np.asarray(queries_per_day) / units.SECONDS_PER_DAY
    # The draws stand first; the load may have axes behind.
    per_draw = (slice(None),) + (None,) * (load.ndim - 1)
    wanted = load * supply.terms.peak_to_mean / supply.utilisation[per_draw]
    count = replicas(wanted, fleet, 1.0, 1.0, supply.terms.min_replicas)
    gpus = count * fleet.gpus_per_replica
    usd = supply.usd_per_day(gpus) + supply.terms.fleet_usd_per_day
    return Daily(count, gpus, usd, load / gpus)
