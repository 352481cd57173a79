"""The uncertain inputs of a plan that somebody could find out, as draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.allocate.rented import Rented
from planner.allocate.table import Table
from planner.cost.supply import Supply
from planner.domain.method import METHODS
from planner.domain.tornado import InputKind
from planner.options import Candidate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """The accuracies of one model and method on one bucket, at every n that may be bought."""

    candidate: Candidate
    bucket: str
    """As the answer's mixes name it."""
    question_set: str
    part: str
    """As its question set names it."""
    n_samples: tuple[int, ...]
    """Ascending."""
    draws: Array
    """(draw, n) accuracy on questions of the same kind, the central case left out."""

    @property
    def name(self) -> str:
        """As "accuracy of Llemma 7B majority vote on level 1-3"."""
        where = self.question_set if self.bucket == "all" else self.bucket
        return f"accuracy of {self.candidate.label} on {where}"

    def up_to(self, n: int) -> Array:
        """(draw, n) what the samples of a run at n tell: every smaller n as well."""
        return self.draws[:, : self.n_samples.index(n) + 1]

    def usd_per_question(self, n: int) -> float:
        """Dollars of one question answered at n, priced like a query on a full fleet."""
        return float(self.candidate.full_usd([float(n)], {self.bucket: 1.0})[0, 0])


@dataclass(frozen=True)
class Known:
    """Another input: a price, a length, an efficiency."""

    name: str
    kind: InputKind
    draws: Array
    """(draw, 1) the central case left out."""
    central: float
    rented: Rented | None = None
    """The fleet, for what is timed on it."""
    bucket: str | None = None
    supply: Supply | None = None


def measured_inputs(table: Table) -> list[Measured]:
    """Every accuracy that the plans rest on and that varies, one input a curve and bucket.

    Options of one curve on several machines are one input.
    """
    found: dict[tuple[object, ...], Measured] = {}
    for candidate, counts in _candidates(table):
        for bucket in dict.fromkeys(b for load in table.classes for b in load.mix):
            curve = candidate.curves.get(bucket)
            if curve is None and bucket not in (candidate.assumed or {}):
                continue
            made = (candidate.model, candidate.method, candidate.verifier, candidate.depth)
            key = (*made, candidate.thinking_tokens, candidate.temperature, bucket)
            if key in found or candidate.method == "human":
                continue
            any_curve = curve or next(iter(candidate.curves.values()))
            n = tuple(sorted(counts)) if METHODS[candidate.method].samples else (1,)
            draws = candidate.accuracy([float(k) for k in n], {bucket: 1.0})[1:]
            if draws.std(axis=0).max() > 0:
                part = bucket if curve is None else curve.key.bucket
                found[key] = Measured(candidate, bucket, any_curve.key.question_set, part, n, draws)
    return list(found.values())


def _candidates(table: Table) -> list[tuple[Candidate, set[int]]]:
    found: dict[int, tuple[Candidate, set[int]]] = {}
    for entry in (one for whole in table.entries for one in whole.stages):
        found.setdefault(id(entry.candidate), (entry.candidate, set()))[1].add(entry.n)
    return list(found.values())


def known_inputs(table: Table) -> list[Known]:
    """Prices, lengths, engine efficiencies and utilisation that vary over the draws."""
    supplies = list({id(s): s for s in (e.candidate.supply for e in table.entries)}.values())
    buckets = dict.fromkeys(b for load in table.classes for b in load.mix)
    found = [*_of_supplies(supplies, list(buckets)), *_of_fleets(table.fleet_of)]
    return [known for known in found if known.draws.std() > 1e-9 * abs(known.central)]


def _of_supplies(supplies: Sequence[Supply], buckets: Sequence[str]) -> Iterator[Known]:
    several = len(supplies) > 1
    for supply in supplies:
        where = f" on {supply.terms.accelerator.name}" if several else ""
        for block in supply.blocks:
            name = f"price of a GPU-hour, {block.kind}{where}"
            yield _known(name, "price", block.usd_per_gpu_hour, supply=supply)
        yield _known(f"utilisation at the peak{where}", "utilisation", supply.utilisation)
        for what, by_bucket in (
            ("generated tokens of a sample", supply.output_tokens),
            ("prompt tokens of a query", supply.prompt_tokens),
        ):
            for bucket, tokens in by_bucket.items():
                if bucket in buckets or bucket == "all":
                    of = "" if bucket == "all" else f" on {bucket}"
                    yield _known(f"{what}{of}{where}", "tokens", tokens, bucket, supply)


def _of_fleets(fleets: Sequence[Rented]) -> Iterator[Known]:
    for rented in fleets:
        beside = "" if rented.verifier is None else f" with {rented.verifier}"
        efficiency = rented.fleet.engine_efficiency
        drawn = np.broadcast_to(efficiency, (rented.supply.draws.rows,))
        name = f"engine efficiency of {rented.model}{beside} on {rented.fleet.hardware.name}"
        yield Known(name, "engine", drawn[1:, None], float(drawn[0]), rented)


def _known(
    name: str,
    kind: InputKind,
    draws: Array,
    bucket: str | None = None,
    supply: Supply | None = None,
) -> Known:
    return Known(name, kind, draws[1:, None], float(draws[0]), None, bucket, supply)
