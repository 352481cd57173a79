"""Smaller replicas for a low volume: the same option on fewer GPUs each, where that is cheaper.

A replica has the GPUs on which a full one serves a query with the fewest GPU-seconds. Below the
volume that fills the fewest replicas of a fleet, smaller ones may cost less, though a query then
takes more GPU-seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from planner.cost.fleets import Fleet, operating_fleet
from planner.cost.memory import gpu_choices
from planner.domain.draws import CENTRAL
from planner.domain.observation import ALL
from planner.errors import InfeasibleError
from planner.options.candidate import Candidate
from planner.options.spending import samples_per_prompt


def on_smaller_replicas(
    made: Candidate, n: float, mix: Mapping[str, float], queries_per_day: float
) -> Candidate | None:
    """The candidate on the smaller replicas that serve a volume for the fewest dollars.

    None where none is cheaper than its own in the central case, where it is not on GPUs by the day,
    and where its verifier has a fleet apart.
    """
    if made.metered or made.reader_fleet is not None:
        return None
    found, least = None, _usd(made, n, mix, queries_per_day) * (1 - 1e-9)
    for gpus in gpu_choices(made.supply.hardware, made.generator, made.reader):
        if gpus >= made.on_fleet.gpus_per_replica:
            break
        try:
            other = replace(made, fleet=_fleet(made, gpus))
        except InfeasibleError:
            continue
        if (usd := _usd(other, n, mix, queries_per_day)) < least:
            found, least = other, usd
    return found


def _usd(made: Candidate, n: float, mix: Mapping[str, float], queries_per_day: float) -> float:
    served = made.served(made.load([n], mix)[:, 0], queries_per_day)
    return float(served.usd_per_day[CENTRAL])


def _fleet(made: Candidate, gpus: int) -> Fleet:
    supply = made.supply
    return operating_fleet(
        made.on_fleet.generator,
        supply.hardware,
        supply.prompt(ALL),
        made.output_tokens[ALL],
        samples_per_prompt=samples_per_prompt(supply, made.reader),
        verifier=made.reader,
        engine_efficiency=supply.efficiency_of(f"{made.model}|{made.verifier}"),
        gpus_per_replica=gpus,
    )
