"""The options of an answer as rows: each side at the n asked for, or next to its parities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from planner.allocate.answer import finite
from planner.allocate.table import option_label
from planner.ask.judge import Contender, Judgement
from planner.ask.per_correct import last_point, per_correct
from planner.domain.answer import AnswerOption, BucketAccuracy, Role
from planner.domain.draws import CENTRAL, interval90
from planner.domain.method import METHODS
from planner.economics.parity import Crossing
from planner.options import Candidate
from planner.options.whole import idle_s, most_on_the_same


def wanted_rows(sides: Sequence[Contender], judgement: Judgement) -> list[tuple[int, int, Role]]:
    """(side, whole n, why this n) of every row, in the order of the sides.

    A parity is a real number. The whole n above an accuracy parity is as accurate; the whole n
    nearest to a cost parity costs about the same.
    """
    rows: list[tuple[int, int, Role]] = []
    for i, side in enumerate(sides):
        if side.n is not None:
            rows.append((i, side.n, "asked"))
            continue
        parity = judgement.parity_accuracy[i]
        at_accuracy = _whole(parity, up=True, most=side.n_max)
        at_cost = _whole(judgement.parity_cost[i], up=False, most=side.n_max)
        reached = parity.central is not None
        rows.append((i, at_accuracy, "accuracy parity" if reached else "largest measured"))
        if at_cost != at_accuracy:
            rows.append((i, at_cost, "cost parity"))
    return rows


def _whole(crossing: Crossing, *, up: bool, most: int) -> int:
    """The whole n next to the central parity; the largest measured where there is none."""
    central = crossing.central
    if central is None:
        return most
    # A parity a hair over a whole number is that number: the data do not tell them apart.
    whole = math.ceil(central - 0.01) if up else round(central)
    return min(max(whole, 1), most)


def answer_option(
    side: int,
    candidate: Candidate,
    n: int,
    role: Role,
    mix: Mapping[str, float],
    buckets: Sequence[str],
    queries_per_day: float,
    capex: tuple[float | None, str | None],
) -> AnswerOption:
    """One row: accuracy, money, GPUs and time of a candidate at a whole n."""
    accuracy = candidate.accuracy([n], mix)[:, 0]
    served = candidate.served(candidate.load([n], mix)[:, 0], queries_per_day)
    per_query = served.usd_per_day / queries_per_day
    p50, p95 = candidate.latency_s([n], mix)
    _, at_load = candidate.latency_s([n], mix, float(served.busy[CENTRAL]))
    low, high = interval90(accuracy)
    central = float(accuracy[CENTRAL])
    return AnswerOption(
        label=option_label(candidate, n),
        side=side,
        role=role,
        model=candidate.model,
        model_title=candidate.title,
        method=candidate.method,
        verifier=candidate.verifier,
        n_samples=n,
        depth=candidate.depth,
        accuracy=central,
        accuracy_low=low,
        accuracy_high=high,
        basis=candidate.basis(n, mix),
        cost_usd_per_query=float(per_query[CENTRAL]),
        cost_usd_per_query_low=interval90(per_query)[0],
        cost_usd_per_query_high=interval90(per_query)[1],
        cost_usd_per_day=float(served.usd_per_day[CENTRAL]),
        cost_usd_per_day_low=interval90(served.usd_per_day)[0],
        cost_usd_per_day_high=interval90(served.usd_per_day)[1],
        cost_usd_per_correct=float(per_query[CENTRAL]) / central if central > 0 else None,
        **per_correct(per_query, accuracy),
        **last_point(candidate, n, mix, queries_per_day),
        marginal_cost_usd_per_query=float(candidate.full_usd([n], mix)[CENTRAL, 0]),
        flop_per_query=finite(float(candidate.flop([n], mix)[CENTRAL, 0])),
        eflop_per_query=finite(float(candidate.memory_aware_flop([n], mix)[CENTRAL, 0])),
        latency_p50_s=finite(float(p50[0])),
        latency_p95_s=finite(float(p95[0])),
        latency_p95_at_mean_load_s=finite(float(at_load[0])),
        same_gpus_up_to_n=(
            None
            if candidate.metered or not METHODS[candidate.method].samples
            else most_on_the_same(candidate, n, mix, queries_per_day)
        ),
        batch=None if candidate.fleet is None else int(candidate.fleet.batch[CENTRAL]),
        gpus=int(served.gpus[CENTRAL]),
        gpus_low=int(interval90(served.gpus)[0]),
        gpus_high=math.ceil(interval90(served.gpus)[1]),
        replicas=int(served.replicas[CENTRAL]),
        utilisation=finite(float(served.busy[CENTRAL])),
        bought=_bought(candidate),
        **_on_gpus(candidate, n, mix),
        capex_usd=capex[0],
        capex_reason=capex[1],
        by_bucket=tuple(_bucket(candidate, n, bucket) for bucket in buckets),
    )


def _bought(candidate: Candidate) -> str:
    """What is paid for: GPUs by the day, seconds of them, or tokens of a provider."""
    if candidate.api is not None:
        return f"tokens of {candidate.api.provider}"
    return "GPU-seconds" if candidate.metered else "GPUs"


def _on_gpus(candidate: Candidate, n: int, mix: Mapping[str, float]) -> dict[str, Any]:
    """What is known only of a model on GPUs."""
    if candidate.fleet is None:
        return {}
    gpu_s = candidate.gpu_s([n], mix)[:, 0]
    low, high = interval90(gpu_s)
    alone = idle_s(candidate, n)
    return {
        "gpu_s_per_query": float(gpu_s[CENTRAL]),
        "gpu_s_per_query_low": low,
        "gpu_s_per_query_high": high,
        "verifier_share": float(candidate.verifier_share([n], mix)[CENTRAL, 0]),
        "idle_s_per_query": alone,
        "idle_times_one_sample": alone / idle_s(candidate, 1),
        "gpus_per_replica": candidate.fleet.gpus_per_replica,
        "accelerator": candidate.fleet.hardware.name,
    }


def _bucket(candidate: Candidate, n: int, bucket: str) -> BucketAccuracy:
    if bucket not in candidate.curves:
        what = candidate.method.replace("_", " ")
        return BucketAccuracy(
            bucket=bucket,
            accuracy=None,
            reason=f"{candidate.title} {what} was measured on the whole set only",
        )
    accuracy = candidate.accuracy([n], {bucket: 1.0})[:, 0]
    low, high = interval90(accuracy)
    return BucketAccuracy(
        bucket=bucket,
        accuracy=float(accuracy[CENTRAL]),
        accuracy_low=low,
        accuracy_high=high,
        basis=candidate.basis(n, {bucket: 1.0}),
    )
