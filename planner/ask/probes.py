"""Every input of a question at both ends of its range, the others in the middle: rows of probes.

Row 0 is the middle case; probe j has rows 2 j + 1, its low end, and 2 j + 2, its high one. The
sides of a question are judged on all rows at once, as they are on draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.ask.judge import Contender
from planner.cost.fleets import Fleet
from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL
from planner.domain.observation import ALL
from planner.domain.ranges import Z80
from planner.domain.tornado import InputKind
from planner.economics.tornado_ends import HIGH, LOW
from planner.options.probed import probed, probed_supply

Array = NDArray[np.float64]
Ends = tuple[float, float]

EDGE = 1e-6
VARIES = 1e-9
"""Relative spread from which an input counts as uncertain."""


@dataclass(frozen=True)
class Probe:
    """An input, and what it makes of the arrays of a question at the ends of its range."""

    input: str
    kind: InputKind
    unit: str
    ends: Ends
    places: Mapping[bytes, Ends] = field(default_factory=dict)
    """What stands at the ends in place of the draws of these bytes."""
    logits: Mapping[tuple[int, str], Ends] = field(default_factory=dict)
    """By side and bucket: what its accuracy is moved by."""
    volume: Ends | None = None
    """Multiples of the volume."""
    assumed_range: bool = False


@dataclass(frozen=True)
class Moved(Contender):
    """A side on rows of probes."""

    logits: Mapping[str, Array] = field(default_factory=dict)
    """(row,) by bucket."""

    @cached_property
    def by_bucket(self) -> Mapping[str, Array]:
        """Accuracy on the grid by bucket, (row, n)."""
        said = Contender(self.candidate, self.n).by_bucket
        return {
            bucket: _moved(values, self.logits[bucket][:, None])
            if bucket in self.logits
            else values
            for bucket, values in said.items()
        }


def on_rows(sides: Sequence[Contender], probes: Sequence[Probe]) -> tuple[Contender, ...]:
    """The sides with every probe on its rows; two rows of the middle where there is none."""
    rows = max(2 * len(probes) + 1, 2)
    found: dict[bytes, list[tuple[int, Ends]]] = {}
    for j, probe in enumerate(probes):
        for key, ends in probe.places.items():
            found.setdefault(key, []).append((2 * j + 1, ends))

    def at(draws: Array) -> Array:
        values = np.full(rows, draws[CENTRAL], dtype=np.float64)
        for row, ends in found.get(key_of(draws), ()):
            values[row : row + 2] = ends
        return values

    supplies = {id(s.candidate.supply): s.candidate.supply for s in sides}
    moved = {key: probed_supply(supply, at) for key, supply in supplies.items()}
    return tuple(
        Moved(
            probed(side.candidate, at, moved[id(side.candidate.supply)]),
            side.n,
            _logits(i, rows, probes),
        )
        for i, side in enumerate(sides)
    )


def volumes(probes: Sequence[Probe], queries_per_day: float) -> Array:
    """(row,) queries a day of every row."""
    found = np.full(max(2 * len(probes) + 1, 2), queries_per_day)
    for j, probe in enumerate(probes):
        if probe.volume is not None:
            found[2 * j + 1 : 2 * j + 3] *= probe.volume
    return found


def _logits(side: int, rows: int, probes: Sequence[Probe]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for j, probe in enumerate(probes):
        for (of, bucket), ends in probe.logits.items():
            if of == side:
                found.setdefault(bucket, np.zeros(rows))[2 * j + 1 : 2 * j + 3] = ends
    return found


def accuracies(
    sides: Sequence[Contender], labels: Sequence[str], mix: Mapping[str, float]
) -> Iterator[Probe]:
    """The accuracy of each side on each bucket of the mix, its whole curve together.

    Told of the middle of its curve, and moved there by as many logits as elsewhere.
    """
    for i, side in enumerate(sides):
        for bucket in (b for b, share in mix.items() if share > 0):
            said = side.by_bucket[bucket][:, len(side.grid) // 2]
            ends = _ends(said)
            if ends is None:
                continue
            logits = (
                _logit(ends[0]) - _logit(said[CENTRAL]),
                _logit(ends[1]) - _logit(said[CENTRAL]),
            )
            of = "" if bucket == ALL else f" on {bucket}"
            at = "" if side.n is not None else f" at n = {side.grid[len(side.grid) // 2]:.0f}"
            name = f"accuracy of {labels[i]}{at}{of}"
            yield Probe(name, "accuracy", "accuracy", ends, logits={(i, bucket): logits})


def traffic(
    side: int, label: str, mix: Mapping[str, float], option_sd_logit: float
) -> Iterator[Probe]:
    """Production traffic that suits one side better than another, by sqrt(2) option_sd_logit."""
    sd = float(np.sqrt(2.0)) * option_sd_logit
    if sd > 0:
        ends = (-Z80 * sd, Z80 * sd)
        moves = {(side, bucket): ends for bucket, share in mix.items() if share > 0}
        told = f"traffic that suits {label} better than the questions did"
        yield Probe(told, "transfer", "logits", ends, logits=moves)


def costs(
    sides: Sequence[Contender], labels: Sequence[str], mix: Mapping[str, float]
) -> list[Probe]:
    """Prices, engines, kernels and lengths of the sides, each once however many it moves."""
    once: dict[tuple[bytes, ...], tuple[Probe, str]] = {}
    for i, side in enumerate(sides):
        for probe in (*_of_side(side, mix), *_own_engines(side, labels[i])):
            once.setdefault(tuple(sorted(probe.places)), (probe, labels[i]))
    found: dict[str, Probe] = {}
    for probe, label in once.values():
        # What each side has by itself, a length say, has a name for each.
        name = f"{probe.input} of {label}" if probe.input in found else probe.input
        found[name] = replace(probe, input=name)
    return [*found.values(), *_engines(sides)]


def _of_side(side: Contender, mix: Mapping[str, float]) -> Iterator[Probe]:
    made = side.candidate
    supply = made.supply
    yield from _probe("utilisation at the peak", "utilisation", "share", supply.utilisation)
    for block in supply.blocks:
        name = f"price of a GPU-hour, {block.kind}"
        yield from _probe(name, "price", "USD per GPU-hour", block.usd_per_gpu_hour)
    if np.ndim(supply.hardware.time_factor):
        name = f"time of kernels on {supply.hardware.name} over what is modelled"
        yield from _probe(name, "engine", "times", np.asarray(supply.hardware.time_factor))
    for what, tokens in (("prompt", supply.prompt_tokens), ("generated", made.output_tokens)):
        # Buckets that share one assumed length are one input.
        of: dict[bytes, list[str]] = {}
        for bucket in dict.fromkeys(b if b in tokens else ALL for b in mix):
            of.setdefault(key_of(tokens[bucket]), []).append(bucket)
        for buckets in of.values():
            where = "" if len(of) == 1 or ALL in buckets else f" on {', '.join(buckets)}"
            yield from _probe(f"{what} tokens{where}", "tokens", "tokens", tokens[buckets[0]])


def _probe(name: str, kind: InputKind, unit: str, draws: Array) -> Iterator[Probe]:
    ends = _ends(draws)
    if ends is not None and (draws > 0).all():
        yield Probe(name, kind, unit, ends, {key_of(draws): ends})


def _own_engines(side: Contender, label: str) -> Iterator[Probe]:
    """How far each fleet's engine is from engines in general; those stand in the middle."""
    made = side.candidate
    for fleet, name in ((made.fleet, label), (made.reader_fleet, f"the verifier of {label}")):
        common = made.supply.engine_efficiency
        if fleet is None or len(fleet.engine_efficiency) != len(common):
            continue
        ends = _ends(fleet.engine_efficiency / common)
        if ends is not None:
            own = tuple(min(end * float(common[CENTRAL]), 1.0) for end in ends)
            place = {key_of(fleet.engine_efficiency): (own[0], own[1])}
            yield Probe(f"engine efficiency of {name}", "engine", "share", (own[0], own[1]), place)


def _engines(sides: Sequence[Contender]) -> Iterator[Probe]:
    """The engine in general, which every fleet of a supply has."""
    supplies = {id(s.candidate.supply): s.candidate.supply for s in sides}
    for key, supply in supplies.items():
        ends = _ends(supply.engine_efficiency)
        mine = [s.candidate for s in sides if id(s.candidate.supply) == key]
        fleets = [f for made in mine for f in (made.fleet, made.reader_fleet) if f is not None]
        if ends is None or not fleets:
            continue
        places = {key_of(supply.engine_efficiency): ends}
        for fleet in fleets:
            places[key_of(fleet.engine_efficiency)] = _with_engine(fleet, supply, ends)
        yield Probe("engine efficiency, of every model alike", "engine", "share", ends, places)


def _with_engine(fleet: Fleet, supply: Supply, ends: Ends) -> Ends:
    middle = float(fleet.engine_efficiency[CENTRAL] / supply.engine_efficiency[CENTRAL])
    low, high = (min(end * middle, 1.0) for end in ends)
    return low, high


def key_of(draws: Array) -> bytes:
    """Draws of one input have the same bytes wherever they stand."""
    return np.ascontiguousarray(draws, dtype=np.float64).tobytes()


def _ends(draws: Array) -> Ends | None:
    """The 10% and 90% quantiles of (draw,); None where nothing varies."""
    if draws[1:].std() <= VARIES * abs(draws[CENTRAL]):
        return None
    low, high = (float(x) for x in np.quantile(draws[1:], [LOW, HIGH]))
    return low, high


def _moved(p: Array, logits: Array) -> Array:
    odds = np.exp(logits)
    return np.asarray(p * odds / (1.0 - p + p * odds))


def _logit(p: float) -> float:
    safe = min(max(p, EDGE), 1.0 - EDGE)
    return float(np.log(safe / (1.0 - safe)))
