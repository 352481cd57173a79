"""One configuration, priced in its central case: tokens, FLOPs, seconds, memory, dollars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner import units
from planner.cost.assumptions import FLEET_EFFICIENCY, UTILISATION
from planner.cost.fleets import Fleet, gpu_seconds, operating_fleet
from planner.cost.flops import full_flop, memory_aware_flop
from planner.cost.hardware import Hardware
from planner.cost.idle import idle_query_s
from planner.cost.memory import activation_byte, free_byte, kv_byte_per_sequence, weight_byte
from planner.cost.methods import METHODS
from planner.cost.price_range import Open, interval90
from planner.cost.settings import (
    PEAK_TO_MEAN,
    READ_ONCE,
    SHARING_ASSUMED,
    SHARING_FLAG,
    SHARING_ROW,
)
from planner.cost.shape import Shape
from planner.cost.work import Spending, TokenWork, without_sharing
from planner.domain.ranges import Range
from planner.errors import InputError, Problem


@dataclass(frozen=True)
class Configuration:
    """A model, a method and what runs them."""

    generator: Shape
    verifier: Shape | None
    method: str
    spending: Spending
    hardware: Hardware
    gpus: int | None
    """GPUs of a replica; None: those that make a sample cheapest."""
    engine_efficiency: Open
    prompt_tokens: Open
    output_tokens: Open
    """Lengths whose middles stand in `spending`."""
    usd_per_gpu_hour: Range | None
    """None where no rent is known: then there are no dollars."""
    prefix_sharing: bool | None = None
    """Whether the samples share the cache of their prompt; None: as assumed, they do."""
    offered: tuple[Hardware, ...] = ()
    """Accelerators that a message may name where the model does not fit."""

    def work(self, spending: Spending) -> TokenWork:
        """Tokens of one query that spends this."""
        work = METHODS[self.method](spending)
        return without_sharing(work) if self.prefix_sharing is False else work


def priced(asked: Configuration) -> dict[str, Any]:
    """Everything that one query takes on a full fleet, and alone on an idle replica.

    GPU-seconds are those of one more query on a full fleet. `usd_per_query` is their rent with
    every second in use; `fleet_usd_per_query` what a query costs of a fleet sized for its peak,
    rent x peak_to_mean / utilisation, which `planner ask` calls the cost of one more query. Whole
    replicas and a load are its business. Raises InfeasibleError where the model does not fit,
    and InputError of GPUs that cannot be one replica.
    """
    _check_gpus(asked)
    spending = asked.spending
    fleet = operating_fleet(
        asked.generator,
        asked.hardware,
        spending.prompt_tokens,
        spending.sample_tokens,
        length_cv=spending.length_cv,
        verifier=asked.verifier,
        engine_efficiency=asked.engine_efficiency.value.value,
        gpus_per_replica=asked.gpus,
        offered=asked.offered,
    )
    work = asked.work(spending)
    intensity = asked.hardware.flop_per_s / asked.hardware.bandwidth_byte_per_s
    flop = full_flop(work, asked.generator, asked.verifier)
    seconds = gpu_seconds(fleet, work)
    alone = _alone(asked, fleet, work)
    gpu_s, ends = _one(seconds.total), _ends(asked, fleet)
    low, high = interval90(gpu_s, ends)
    return {
        "method": asked.method,
        "n_samples": _one(spending.n),
        "tokens": {
            "prefill": _one(work.prefill_tokens),
            "decoded": _one(work.decoded_tokens),
            "verifier": _one(work.verifier_tokens),
        },
        "flop_per_query": _one(flop.total),
        "eflop_per_query": _one(
            memory_aware_flop(work, asked.generator, intensity, asked.verifier)
        ),
        "gpu_s_per_query": gpu_s,
        "gpu_s_per_query_low": low,
        "gpu_s_per_query_high": high,
        "gpu_s": {
            "prefill": _one(seconds.prefill),
            "decode": _one(seconds.decode),
            "verifier": _one(seconds.verifier),
        },
        **alone,
        **_usd(gpu_s, ends, asked.usd_per_gpu_hour),
        "fleet": _fleet(fleet),
        "memory": _memory(fleet),
        "assumptions": [*(known.row() for known in _assumed(asked)), _sharing(asked), *_sized()],
    }


def _alone(asked: Configuration, fleet: Fleet, work: TokenWork) -> dict[str, float | None]:
    """Seconds alone on an idle replica: each sample with a prompt of its own, and with one copy of
    it, None where that is one sample, samples share none, or the accelerator was not measured so.
    """

    def seconds(*, one_prefix: bool) -> float:
        found = idle_query_s(
            asked.generator,
            asked.hardware,
            work,
            asked.verifier,
            fleet.gpus_per_replica,
            one_prefix=one_prefix,
        )
        return _one(found.total_s) / asked.engine_efficiency.value.value

    known = asked.hardware.kernels(asked.generator.weights).efficiency.cascade_layer_s is not None
    one_copy = known and _one(work.parallel) > 1 and asked.prefix_sharing is not False
    shared = seconds(one_prefix=True) if one_copy else None
    return {"idle_replica_s": seconds(one_prefix=False), "idle_replica_one_prefix_s": shared}


def _assumed(asked: Configuration) -> list[Open]:
    """What the figures rest on beside the cards."""
    spread = asked.hardware.kernels(asked.generator.weights).time_range
    return [
        asked.prompt_tokens,
        asked.output_tokens,
        asked.engine_efficiency,
        Open(
            "engine efficiency of one model over the engine's",
            FLEET_EFFICIENCY,
            "factor",
            "assumed: kernels and lengths suit some models better",
        ),
        Open(
            "kernel time over the modelled",
            spread,
            "factor",
            "errors of the time form; wider where the accelerator or the format was not measured",
        ),
    ]


def _sized() -> Iterator[dict[str, Any]]:
    """What a fleet that is sized for its peak pays for beside the seconds in use."""
    for name, value, unit in (
        ("utilisation at the peak", UTILISATION, "share"),
        ("peak over mean load", PEAK_TO_MEAN, "ratio"),
    ):
        yield Open(name, Range.model_validate(value), unit, "assumed").row()


def _sharing(asked: Configuration) -> dict[str, Any]:
    told = asked.prefix_sharing
    return {
        "name": SHARING_ROW,
        "value": READ_ONCE[told is not False],
        "low": None,
        "high": None,
        "unit": "reading",
        "source": SHARING_ASSUMED if told is None else "given",
        "flag": SHARING_FLAG,
    }


def _ends(asked: Configuration, fleet: Fleet) -> list[tuple[float, float]]:
    """GPU-seconds of a query with each input at the ends of its range, at the same batch."""

    def at(spending: Spending) -> float:
        return _one(gpu_seconds(fleet, asked.work(spending)).total)

    prompt, output, engine, *factors = _assumed(asked)
    spent = asked.spending
    middle = at(spent)
    prompts = [
        at(replace(spent, prompt_tokens=end)) for end in (prompt.value.low, prompt.value.high)
    ]
    outputs = [
        at(replace(spent, output_tokens=end)) for end in (output.value.low, output.value.high)
    ]
    # GPU-seconds are kernel time over efficiency.
    mine = (known.value for known in (engine, *factors))
    scaled = [(middle * m.value / m.low, middle * m.value / m.high) for m in mine]
    return [(prompts[0], prompts[1]), (outputs[0], outputs[1]), *scaled]


def _usd(
    gpu_s: float, ends: Sequence[tuple[float, float]], rent: Range | None
) -> dict[str, float | None]:
    """Dollars of a query's GPU-seconds, with their range, and of its part of a fleet that is sized
    for the peak; None where no rent is known.
    """
    names = ("usd_per_query", "usd_per_query_low", "usd_per_query_high")
    if rent is None:
        return dict.fromkeys((*names, "fleet_usd_per_query"))
    asked = (gpu_s * rent.low / rent.value, gpu_s * rent.high / rent.value)
    found = (gpu_s, *interval90(gpu_s, [*ends, asked]))
    usd = [s * rent.value / units.SECONDS_PER_HOUR for s in found]
    idle = PEAK_TO_MEAN / UTILISATION
    return {**dict(zip(names, usd, strict=True)), "fleet_usd_per_query": usd[0] * idle}


def _check_gpus(asked: Configuration) -> None:
    gpus, on = asked.gpus, asked.hardware
    if gpus is None:
        return
    models = [m for m in (asked.generator, asked.verifier) if m is not None]
    uneven = [m for m in models if not m.splits_over(gpus)]
    what = None
    if gpus > on.max_gpus and on.link_byte_per_s is None:
        what = f"no link between GPUs is known of {on.name}, so that a replica is one of them"
    elif gpus > on.max_gpus:
        what = f"a node has {on.max_gpus} of {on.name}, and a replica stays within one"
    elif uneven:
        heads = f"{uneven[0].heads} heads and {uneven[0].kv_heads} cached ones"
        what = f"{uneven[0].name} has {heads}, which do not split over so many GPUs"
    if what is not None:
        may = range(1, on.max_gpus + 1)
        fitting = ", ".join(str(g) for g in may if all(m.splits_over(g) for m in models))
        remedy = f"leave it out, or write {'one of ' * (',' in fitting)}{fitting}"
        raise InputError(Problem("--gpus", what, value=str(gpus), remedy=remedy))


def _fleet(fleet: Fleet) -> dict[str, Any]:
    return {
        "accelerator": fleet.hardware.name,
        "gpus_per_replica": fleet.gpus_per_replica,
        "weights": fleet.generator.weights,
        "batch": _one(fleet.batch),
        "limited_by": fleet.limited_by,
        "step_s": _one(fleet.step_s),
    }


def _memory(fleet: Fleet) -> dict[str, Any]:
    models = [m for m in (fleet.generator, fleet.verifier) if m is not None]
    gpus = fleet.gpus_per_replica
    held = kv_byte_per_sequence(fleet.generator, fleet.context_tokens, gpus)
    room = free_byte(fleet.generator, fleet.hardware, gpus, fleet.verifier)
    return {
        "gb": fleet.hardware.memory_byte * gpus / units.BYTES_PER_GB,
        "weights_gb": sum(map(weight_byte, models)) / units.BYTES_PER_GB,
        "activations_gb": max(map(activation_byte, models)) / units.BYTES_PER_GB,
        "cache_gb": room / units.BYTES_PER_GB,
        "cache_gb_per_sequence": _one(held) / units.BYTES_PER_GB,
        "largest_batch": float(np.floor(room / _one(held))),
    }


def _one(value: Any) -> float:
    return float(np.asarray(value, dtype=np.float64).ravel()[0])
