"""A candidate with its inputs where one wants them: rows of probes in place of random draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.cost.assumptions import LENGTH_CV
from planner.cost.fleets import Fleet
from planner.cost.hardware import Hardware
from planner.cost.memory import memory_batch
from planner.cost.supply import Supply
from planner.cost.work import running_context
from planner.domain.draws import CENTRAL, Draws
from planner.domain.observation import ALL
from planner.domain.ranges import Range
from planner.options.candidate import Candidate
from planner.options.spending import samples_per_prompt

Array = NDArray[np.float64]

Place = Callable[[Array], Array]
"""Draws (draw,) of an input -> what it is in each row (row,); row 0 is the central case."""


def probed(made: Candidate, at: Place, supply: Supply) -> Candidate:
    """The candidate whose draws are rows of chosen inputs; accuracies are those of the middle.

    supply: its own, as `probed_supply` has it. Fleets keep their GPUs and the batch of the central
    case, as they do in every draw.
    """
    output = {bucket: at(tokens) for bucket, tokens in made.output_tokens.items()}
    beside = made.reader if made.reader_fleet is None else None
    fleets = {
        name: None if fleet is None else _fleet(fleet, at, supply, output[ALL], held)
        for name, fleet, held in (
            ("fleet", made.fleet, samples_per_prompt(supply, beside)),
            ("reader_fleet", made.reader_fleet, 1.0),
        )
    }
    api = made.api
    if api is not None and np.ndim(api.cached_share):
        api = replace(api, cached_share=at(np.asarray(api.cached_share)))
    return replace(
        made,
        curves={bucket: curve.central() for bucket, curve in made.curves.items()},
        supply=supply,
        output_tokens=output,
        assumed=None if made.assumed is None else _each(made.assumed, at),
        api=api,
        fleet=fleets["fleet"],
        reader_fleet=fleets["reader_fleet"],
    )


def probed_supply(supply: Supply, at: Place) -> Supply:
    """A supply whose draws are rows of chosen inputs."""
    terms = supply.terms
    if terms.cold_start is not None:
        middle = terms.cold_start.value
        terms = replace(terms, cold_start=Range(low=middle, value=middle, high=middle))
    return replace(
        supply,
        terms=terms,
        draws=Draws(max(len(at(supply.utilisation)) - 1, 1), supply.draws.seed),
        hardware=_hardware(supply.hardware, at),
        blocks=tuple(
            replace(
                block,
                usd_per_gpu_hour=at(block.usd_per_gpu_hour),
                sunk_usd_per_gpu_hour=at(block.sunk_usd_per_gpu_hour),
                whole_usd_per_gpu_hour=at(block.whole_usd_per_gpu_hour),
            )
            for block in supply.blocks
        ),
        kwh_per_gpu_day=at(supply.kwh_per_gpu_day),
        engine_efficiency=at(supply.engine_efficiency),
        utilisation=at(supply.utilisation),
        prompt_tokens=_each(supply.prompt_tokens, at),
        output_tokens=_each(supply.output_tokens, at),
        thinking_output_tokens=at(supply.thinking_output_tokens),
    )


def _each(draws: Mapping[str, Array], at: Place) -> dict[str, Array]:
    return {bucket: at(values) for bucket, values in draws.items()}


def _hardware(hardware: Hardware, at: Place) -> Hardware:
    def moved(factor: Array | float) -> Array | float:
        return at(np.asarray(factor)) if np.ndim(factor) else factor

    formats = {
        weights: replace(kernels, time_factor=moved(kernels.time_factor))
        for weights, kernels in hardware.formats.items()
    }
    return replace(hardware, time_factor=moved(hardware.time_factor), formats=formats)


def _fleet(fleet: Fleet, at: Place, supply: Supply, output: Array, held: float) -> Fleet:
    efficiency = np.broadcast_to(fleet.engine_efficiency, (max(len(fleet.engine_efficiency), 1),))
    moved = at(efficiency) if len(efficiency) > 1 else efficiency[[CENTRAL]]
    return _same_replicas(fleet, supply.hardware, supply.prompt(ALL), output, moved, held)


def _same_replicas(
    fleet: Fleet,
    hardware: Hardware,
    prompt_tokens: Array,
    sample_tokens: Array,
    engine_efficiency: Array,
    sharing: float,
) -> Fleet:
    """A fleet's replicas in the batch of its central case where inputs are others, (draw,).

    A batch that longer contexts leave no room for is what fits; at least 1. What generates nothing
    holds no contexts.
    """
    if not np.any(fleet.context_tokens):
        return replace(fleet, hardware=hardware, engine_efficiency=engine_efficiency)
    context = np.atleast_1d(running_context(prompt_tokens, sample_tokens, LENGTH_CV))
    held = context - prompt_tokens * (1 - 1 / sharing)
    room = memory_batch(fleet.generator, hardware, held, fleet.gpus_per_replica, fleet.verifier)
    return replace(
        fleet,
        hardware=hardware,
        context_tokens=context,
        batch=np.minimum(fleet.batch[CENTRAL], np.maximum(room, 1.0)),
        engine_efficiency=engine_efficiency,
    )
