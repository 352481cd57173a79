"""What a plan's problem is where one input stands at an end of its range.

GPU-seconds and token bills are smooth functions of few drawn inputs: lengths, the time of kernels
and the engine's efficiency. They are read off the draws by regression of their logarithms on those
of the inputs, quadratic, instead of being priced again: a thousandth of the work, and right to
about that much (the tests price some again). The batch of a replica stays that of the middle case,
as it does in every draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.allocate.problem import Array, Blocks, Problem
from planner.allocate.table import Table
from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL
from planner.domain.ranges import Z80
from planner.domain.tornado import InputKind
from planner.economics.voi_inputs import Measured

LOW, HIGH = 0.1, 0.9
"""Quantiles at the ends of a range."""
VOLUME_RANGE = (0.5, 2.0)
"""Of the volume, as multiples: assumed, where a scenario has one number."""
MIX_RANGE = 0.1
"""Share of the queries that may be easier or harder than the mix says: assumed."""


@dataclass(frozen=True)
class Moved:
    """An input at both ends of its range, and the problems there."""

    input: str
    kind: InputKind
    low: float
    high: float
    unit: str
    problems: tuple[Problem, Problem]
    assumed_range: bool = False


def moved_inputs(table: Table, problem: Problem) -> Iterator[Moved]:
    """Every input but accuracies, at its ends."""
    supplies = {id(e.candidate.supply): e.candidate.supply for e in table.entries}
    for supply in supplies.values():
        where = f" on {supply.terms.accelerator.name}" if len(supplies) > 1 else ""
        yield from _prices(table, problem, supply, where)
        yield from _engine(table, problem, supply, where)
        yield from _lengths(table, problem, supply, where)
    yield from _transfers(table, problem)
    yield _volume(problem)
    yield from _mixes(table, problem)


def moved_accuracy(table: Table, problem: Problem, one: Measured) -> Moved:
    """The accuracies of one curve on one bucket, all n together."""
    ends = np.quantile(one.draws, [LOW, HIGH], axis=0)
    middle = one.candidate.accuracy([float(n) for n in one.n_samples], {one.bucket: 1.0})[CENTRAL]
    problems = []
    for end in ends:
        accuracy = problem.accuracy.copy()
        for o, entry in enumerate(table.entries):
            if entry.candidate.curves is not one.candidate.curves:
                continue
            shift = (end - middle)[one.n_samples.index(entry.n)] if entry.n in one.n_samples else 0
            for c, load in enumerate(table.classes):
                accuracy[c, o] += load.mix.get(one.bucket, 0.0) * shift
        problems.append(replace(problem, accuracy=np.clip(accuracy, 0.0, 1.0)))
    # Told of the largest n: the others move with it.
    low, high = float(ends[0, -1]), float(ends[1, -1])
    return Moved(one.name, "accuracy", low, high, "accuracy", (problems[0], problems[1]))


def _ends(draws: Array) -> tuple[float, float] | None:
    """The 10% and 90% quantiles of (draw,); None where nothing varies."""
    low, high = (float(x) for x in np.quantile(draws[1:], [LOW, HIGH]))
    return (low, high) if high - low > 1e-9 * abs(high) else None


def _prices(table: Table, problem: Problem, supply: Supply, where: str) -> Iterator[Moved]:
    fleets = problem.fleets
    mine = [p for p, r in zip(fleets.pool, table.fleet_of, strict=True) if r.supply is supply]
    for block in supply.blocks:
        ends = _ends(block.usd_per_gpu_hour)
        if ends is None or not mine:
            continue
        middle = float(block.usd_per_gpu_hour[CENTRAL])
        daily = middle * units.HOURS_PER_DAY
        cells = (fleets.blocks.pool == mine[0]) & np.isclose(fleets.blocks.usd_per_gpu_day, daily)
        found = []
        for end in ends:
            usd = fleets.blocks.usd_per_gpu_day * np.where(cells, end / middle, 1.0)
            order = np.lexsort((usd, fleets.blocks.pool))
            had = fleets.blocks
            blocks = Blocks(had.pool[order], usd[order], had.gpus[order])
            found.append(replace(problem, fleets=replace(fleets, blocks=blocks)))
        name = f"price of a GPU-hour, {block.kind}{where}"
        yield Moved(name, "price", *ends, "USD per GPU-hour", (found[0], found[1]))


def _engine(table: Table, problem: Problem, supply: Supply, where: str) -> Iterator[Moved]:
    owned = _on(table, supply)
    for name, kind, draws in (
        ("engine efficiency", "engine", supply.engine_efficiency),
        ("utilisation at the peak", "utilisation", supply.utilisation),
    ):
        ends = _ends(draws)
        if ends is None or not owned.any():
            continue
        middle = float(draws[CENTRAL])
        found = []
        for end in ends:
            if kind == "engine":
                found.append(_loads_times(problem, owned, middle / end))
            else:
                more = np.where(owned, end / middle, 1.0)
                capacity = problem.fleets.capacity_gpu_s_per_day * more
                fleets = replace(problem.fleets, capacity_gpu_s_per_day=capacity)
                found.append(replace(problem, fleets=fleets))
        told: InputKind = "engine" if kind == "engine" else "utilisation"
        yield Moved(f"{name}{where}", told, *ends, "share", (found[0], found[1]))


def _on(table: Table, supply: Supply) -> NDArray[np.bool_]:
    """(fleet,) fleets on a supply."""
    return np.array([r.supply is supply for r in table.fleet_of], dtype=np.bool_)


def _loads_times(problem: Problem, fleets: NDArray[np.bool_], factor: float) -> Problem:
    """The problem with the GPU-seconds on some fleets multiplied."""

    def times(fleet: NDArray[np.int64]) -> Array:
        inside = np.append(fleets, False)[fleet]
        return np.where(inside, factor, 1.0)

    changed = replace(problem, gpu_s=problem.gpu_s * times(problem.fleet))
    if problem.reader_fleet is None or problem.reader_gpu_s is None:
        return changed
    reads = problem.reader_gpu_s * times(problem.reader_fleet)
    return replace(changed, reader_gpu_s=reads)


def _lengths(table: Table, problem: Problem, supply: Supply, where: str) -> Iterator[Moved]:
    """Generated and prompt tokens, every bucket by itself."""
    mixed = dict.fromkeys(b for load in table.classes for b in load.mix)
    sources: dict[str, Mapping[str, Array]] = {
        "generated tokens of a sample": supply.output_tokens,
        "prompt tokens of a query": supply.prompt_tokens,
    }
    named = {
        f"{what}{'' if bucket == 'all' else f' on {bucket}'}{where}": tokens
        for what, by_bucket in sources.items()
        for bucket, tokens in by_bucket.items()
        if bucket in mixed or bucket == "all"
    }
    varying = {name: tokens for name, tokens in named.items() if _ends(tokens) is not None}
    if not varying:
        return
    time = np.broadcast_to(np.asarray(supply.hardware.time_factor, dtype=np.float64), (
        supply.draws.rows,))  # fmt: skip
    factors = _Factors(table, supply, np.column_stack([*varying.values(), time]))
    for i, (name, tokens) in enumerate(varying.items()):
        ends = _ends(tokens)
        assert ends is not None
        low, high = (factors.problem(problem, i, end) for end in ends)
        yield Moved(name, "tokens", *ends, "tokens", (low, high))


class _Factors:
    """How GPU-seconds and bills of one supply's options change with its drawn inputs."""

    def __init__(self, table: Table, supply: Supply, inputs: Array) -> None:
        self.table = table
        self.mine = np.array([e.candidate.supply is supply for e in table.entries], dtype=np.bool_)
        self.logs = np.log(np.maximum(inputs, 1e-300))
        self.middle = self.logs[CENTRAL]
        design = _quadratic(self.logs[1:] - self.middle)
        efficiency = np.ones((table.draws, len(table.entries)))
        for o, entry in enumerate(table.entries):
            if entry.candidate.fleet is not None:
                efficiency[:, o] = entry.candidate.fleet.engine_efficiency
        self.gpu_s = _slopes(design, table.gpu_s[1:] * efficiency[1:, None, :])
        self.usd = _slopes(design, table.direct_usd[1:])
        self.reads = _slopes(design, table.reader_gpu_s[1:] * efficiency[1:, None, :])

    def problem(self, problem: Problem, i: int, end: float) -> Problem:
        """The problem where input i stands at `end` and the others in the middle."""
        at = np.zeros((1, len(self.middle)))
        at[0, i] = np.log(end) - self.middle[i]
        moved = _quadratic(at) - _quadratic(np.zeros_like(at))

        def times(slopes: Array) -> Array:
            factor = np.exp(np.einsum("p,pco->co", moved[0], slopes))
            return np.where(self.mine, factor, 1.0)

        changed = replace(
            problem,
            gpu_s=problem.gpu_s * times(self.gpu_s),
            direct_usd=problem.direct_usd * times(self.usd),
        )
        if problem.reader_gpu_s is None:
            return changed
        return replace(changed, reader_gpu_s=problem.reader_gpu_s * times(self.reads))


def _quadratic(x: Array) -> Array:
    rows, cols = np.triu_indices(x.shape[1])
    return np.concatenate([np.ones((len(x), 1)), x, x[:, rows] * x[:, cols]], axis=1)


def _slopes(design: Array, values: Array) -> Array:
    """(column, class_, option) of the logarithms of values (draw, class_, option); 0 where a value
    is none.
    """
    draws, classes, options = values.shape
    flat = values.reshape(draws, -1)
    live = np.isfinite(flat).all(axis=0) & (flat > 0).all(axis=0)
    slopes = np.zeros((design.shape[1], classes * options))
    if live.any():
        slopes[:, live], *_ = np.linalg.lstsq(design, np.log(flat[:, live]), rcond=1e-10)
    return slopes.reshape(-1, classes, options)


def _transfers(table: Table, problem: Problem) -> Iterator[Moved]:
    """What all options of a class share between the benchmark and its traffic."""
    if table.benchmark is None:
        return
    for name in dict.fromkeys(load.query_class for load in table.classes):
        rows = np.array([load.query_class == name for load in table.classes])
        live = np.argwhere(problem.allowed & rows[:, None])
        if not len(live):
            continue
        c, o = live[0]
        shift = _logit(table.accuracy[1:, c, o]) - _logit(table.benchmark[1:, c, o])
        sd = float(shift.std())
        found = []
        for z in (-Z80, Z80):
            odds = np.where(rows[:, None], np.exp(z * sd), 1.0)
            accuracy = problem.accuracy * odds / (1 - problem.accuracy + problem.accuracy * odds)
            found.append(replace(problem, accuracy=accuracy))
        several = len({load.query_class for load in table.classes}) > 1
        told = f"traffic against benchmark{f', {name}' if several else ''}"
        yield Moved(told, "transfer", -Z80 * sd, Z80 * sd, "logits", (found[0], found[1]))


def _logit(p: Array) -> Array:
    safe = np.clip(p, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(safe / (1 - safe)))


def _volume(problem: Problem) -> Moved:
    total = float(problem.queries_per_day.sum())
    low, high = (times_volume(problem, factor) for factor in VOLUME_RANGE)
    ends = (total * VOLUME_RANGE[0], total * VOLUME_RANGE[1])
    return Moved("volume", "volume", *ends, "queries a day", (low, high), assumed_range=True)


def times_volume(problem: Problem, factor: float) -> Problem:
    """The problem at a multiple of its volume."""
    return replace(problem, queries_per_day=problem.queries_per_day * factor)


def _mixes(table: Table, problem: Problem) -> Iterator[Moved]:
    """More of a class's easiest bucket, or of its hardest, where the router tells them apart."""
    best = np.where(problem.allowed, problem.accuracy, -np.inf).max(axis=1)
    names = list(dict.fromkeys(load.query_class for load in table.classes))
    for name in names:
        rows = np.array([c for c, load in enumerate(table.classes) if load.query_class == name])
        if len(rows) < 2:
            continue
        hard, easy = rows[best[rows].argmin()], rows[best[rows].argmax()]
        total = float(problem.queries_per_day[rows].sum())
        share = float(problem.queries_per_day[easy]) / total
        found, ends = [], []
        for sign in (-1.0, 1.0):
            volume = problem.queries_per_day.copy()
            taken = easy if sign < 0 else hard
            moved = min(MIX_RANGE * total, float(volume[taken]))
            volume[easy] += sign * moved
            volume[hard] -= sign * moved
            ends.append(share + sign * moved / total)
            found.append(replace(problem, queries_per_day=volume))
        of = f" of {name}" if len(names) > 1 else ""
        told = f"share of {table.classes[easy].bucket}{of}"
        yield Moved(
            told, "mix", ends[0], ends[1], "share", (found[0], found[1]), assumed_range=True
        )
