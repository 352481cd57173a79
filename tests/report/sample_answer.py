"""An answer as the flagship question gives it, for tests of the page and the terminal.

Accuracies: Sun et al. 2024 (arXiv:2403.09472, figures 4 and 8 and tables 1 and 2), weighted
vote by a PRM on MATH-500. Costs are made up, of the size that the flagship has.
"""

from __future__ import annotations

import math
from typing import Any

from planner.domain.answer import Answer
from planner.domain.plan import STATUS_SENTENCE, PlanAnswer
from planner.units import HOURS_PER_DAY, SECONDS_PER_HOUR

SMALL, LARGE = "Llemma 7B weighted vote by PRM", "Llemma 34B greedy"
MEASURED_N = tuple(2**k for k in range(11))
QUESTIONS = {"all": 500, "level 1-3": 238, "level 4-5": 262}
WEIGHTED_VOTE = {
    "all": (.1693, .2108, .2495, .2883, .3221, .3510, .3748, .3943, .4079, .4158, .4202),
    "level 1-3": (.281, .346, .404, .461, .509, .548, .578, .602, .617, .625, .628),
    "level 4-5": (.068, .088, .109, .131, .152, .172, .190, .206, .218, .226, .232),
}  # fmt: skip
GREEDY_34B, SAMPLED_34B = 0.248, {"level 1-3": 0.371, "level 4-5": 0.106}
RENT_USD_PER_HOUR = 3.0
MIX = {"level 1-3": 0.476, "level 4-5": 0.524}
PRM = "llemma-7b-prm-levels-1-3"
SMALL_MODEL, LARGE_MODEL = "llemma-7b-sft-levels-1-3", "llemma-34b-sft-levels-1-3"
MODEL_OF = {7: SMALL_MODEL, 34: LARGE_MODEL}


def interval(accuracy: float, questions: int) -> dict[str, float]:
    """90% interval of a binomial proportion."""
    spread = 1.645 * math.sqrt(accuracy * (1 - accuracy) / questions)
    return {"accuracy_low": accuracy - spread, "accuracy_high": accuracy + spread}


def bounds(accuracy: float, bucket: str) -> dict[str, float]:
    """The same interval with the names that a curve uses."""
    low, high = interval(accuracy, QUESTIONS[bucket]).values()
    return {"low": low, "high": high}


def gpus_of(queries_per_day: float, gpu_s: float, per_replica: int = 1) -> int:
    """Whole GPUs at 70% use and a peak of twice the mean, with no fewer than one replica."""
    busy = queries_per_day / (HOURS_PER_DAY * SECONDS_PER_HOUR) * gpu_s * 2.0 / 0.7
    return max(1, math.ceil(busy / per_replica)) * per_replica


def option(label: str, side: int, n: int, gpu_s: float, **changes: Any) -> dict[str, Any]:
    """One option with the cost fields that follow from its GPU-seconds."""
    gpus = gpus_of(1e6, gpu_s)
    usd = gpus * RENT_USD_PER_HOUR * HOURS_PER_DAY
    accuracy = WEIGHTED_VOTE["all"][int(math.log2(n))] if side == 0 else GREEDY_34B
    return {
        "label": label, "side": side, "n_samples": n, "accuracy": accuracy,
        **interval(accuracy, 500), "basis": "measured",
        "cost_usd_per_query": usd / 1e6, "cost_usd_per_query_low": usd * .7 / 1e6,
        "cost_usd_per_query_high": usd * 1.6 / 1e6,
        "cost_usd_per_day": usd, "cost_usd_per_day_low": usd * .7,
        "cost_usd_per_day_high": usd * 1.6, "cost_usd_per_correct": usd / 1e6 / accuracy,
        "marginal_cost_usd_per_query": gpu_s * RENT_USD_PER_HOUR / SECONDS_PER_HOUR,
        "gpu_s_per_query": gpu_s, "gpu_s_per_query_low": gpu_s * .6,
        "gpu_s_per_query_high": gpu_s * 1.7, "gpus": gpus, "gpus_low": max(1, gpus - 2),
        "gpus_high": gpus + 4, "replicas": gpus, "gpus_per_replica": 1,
        "utilisation": 0.31, "accelerator": "h100-sxm", "capex_usd": None,
        "capex_reason": "the weights exist and the GPUs are rented: nothing is paid up front",
        **changes,
    }  # fmt: skip


def small_option(n: int, role: str) -> dict[str, Any]:
    """Side A at n samples."""
    i = int(math.log2(n))
    buckets = [
        {"bucket": b, "accuracy": WEIGHTED_VOTE[b][i], "basis": "measured",
         **interval(WEIGHTED_VOTE[b][i], QUESTIONS[b])}
        for b in MIX
    ]  # fmt: skip
    return option(
        f"{SMALL} @{n}", 0, n, 0.0523 * n, role=role, model=SMALL_MODEL, model_title="Llemma 7B",
        method="weighted_vote", verifier=PRM, flop_per_query=8.9e12 * n, verifier_share=0.33,
        latency_p50_s=9.8, latency_p95_s=15.2, by_bucket=buckets,
    )  # fmt: skip


def large_option() -> dict[str, Any]:
    """Side B."""
    reason = "Llemma 34B greedy was measured on the whole set only"
    buckets = [{"bucket": b, "accuracy": None, "reason": reason} for b in MIX]
    return option(
        LARGE, 1, 1, 0.121, role="asked", model=LARGE_MODEL, model_title="Llemma 34B",
        method="greedy", verifier=None, flop_per_query=2.1e13, verifier_share=0.0,
        latency_p50_s=12.1, latency_p95_s=19.0, by_bucket=buckets,
    )  # fmt: skip


def curves() -> list[dict[str, Any]]:
    """The curve of A with dashed ends, and the one point of B."""
    found: list[dict[str, Any]] = []
    for bucket, values in WEIGHTED_VOTE.items():
        points: list[dict[str, Any]] = []
        for i, (n, value) in enumerate(zip(MEASURED_N, values, strict=True)):
            points.append({"n_samples": n, "accuracy": value, "basis": "measured",
                           **bounds(value, bucket)})  # fmt: skip
            if i + 1 < len(values):
                middle = (value + values[i + 1]) / 2
                points.append({"n_samples": n * 2**.5, "accuracy": middle, "basis": "interpolated",
                               **bounds(middle, bucket)})  # fmt: skip
        for step, n in enumerate((1448.15, 2048.0), 1):
            value = values[-1] + 0.001 * step
            wide = {"low": value - 0.05 - 0.02 * step, "high": value + 0.05 + 0.02 * step}
            points.append({"n_samples": n, "accuracy": value, "basis": "extrapolated", **wide})
        found.append({"label": SMALL, "side": 0, "bucket": bucket, "points": points})
    point = {"n_samples": 1, "accuracy": GREEDY_34B, "basis": "measured",
             **bounds(GREEDY_34B, "all")}  # fmt: skip
    found.append({"label": LARGE, "side": 1, "bucket": "all", "points": [point]})
    return found


def frontier_steps() -> list[dict[str, Any]]:
    """The frontier in FLOPs (the units of papers; the verifier charged at its size)."""
    steps = [
        (34, .248, 34, "greedy", None, 1), (56, .270, 7, "majority_vote", None, 8),
        (112, .311, 7, "majority_vote", None, 16), (224, .336, 7, "weighted_vote", "ORM", 16),
        (272, .357, 34, "majority_vote", None, 8), (544, .403, 34, "majority_vote", None, 16),
        (1088, .433, 34, "majority_vote", None, 32), (2176, .458, 34, "weighted_vote", "OPRM", 32),
        (4352, .482, 34, "weighted_vote", "OPRM", 64),
        (69632, .524, 34, "weighted_vote", "OPRM", 1024),
    ]  # fmt: skip
    return [
        {"flop_units": units, "times_reference": units / 34, "accuracy": accuracy,
         "label": f"Llemma {size}B {method.replace('_', ' ')} @{n}",
         "model": MODEL_OF[size], "method": method, "verifier": verifier, "n_samples": n}
        for units, accuracy, size, method, verifier, n in steps
    ]  # fmt: skip


def parity(median: float | None, low: float | None, high: float | None, **more: Any) -> Any:
    """A parity and its interval."""
    return {"side": 0, "reference": LARGE, "central": median, "median": median, "low": low,
            "high": high, **more}  # fmt: skip


def sample_plan() -> PlanAnswer:
    """The plan that the budget of B buys."""
    usd = 5 * RENT_USD_PER_HOUR * HOURS_PER_DAY
    return PlanAnswer.model_validate(
        {
            "status": "optimal", "status_sentence": STATUS_SENTENCE["optimal"],
            "objective": "accuracy", "gap": 0.0, "bound": 0.2495, "accuracy": 0.2495,
            "accuracy_low": 0.218, "accuracy_high": 0.282, "cost_usd_per_day": usd,
            "cost_usd_per_day_low": usd * .8, "cost_usd_per_day_high": usd * 1.2,
            "flop_per_day": 3.56e19, "queries_per_day": 1e6,
            "shadow_price_accuracy_per_usd_per_day": 3.1e-5,
            "allocation": [
                {"query_class": "all queries", "bucket": "all", "share": share,
                 "option": f"{SMALL} @{n}", "model": SMALL_MODEL,
                 "method": "weighted_vote", "verifier": PRM, "n_samples": n,
                 "accuracy": .2495, "accuracy_low": .218, "accuracy_high": .282,
                 "cost_usd_per_query": usd / 1e6, "marginal_cost_usd_per_query": 0.0,
                 "latency_p50_s": 9.8, "latency_p95_s": 15.2}
                for share, n in ((0.62, 4), (0.38, 2))
            ],
            "fleet": [{"model": SMALL_MODEL, "verifier": PRM, "accelerator": "h100-sxm",
                       "replicas": 5, "gpus": 5, "utilisation": .31, "batch_at_mean_load": 42.0,
                       "usd_per_day": usd}],
            "baseline": {"label": LARGE, "accuracy": GREEDY_34B, "accuracy_low": .216,
                         "accuracy_high": .28, "cost_usd_per_day": usd,
                         "cost_usd_per_correct": usd / 1e6 / .248, "gpus": 5,
                         "latency_p95_s": 19.0},
            "probability_beats_baseline": 0.41, "budget_usd_per_day": usd,
            "feasibility": "Checked: every requirement is met by the printed numbers.",
        }
    )  # fmt: skip


def over_time() -> dict[str, Any]:
    """Two years of a volume that grows, with $40,000 of training for A."""
    horizon, up_front = 24, 40_000.0
    volumes = [1e6 * 1.03**m for m in range(horizon)]
    seconds, trained = {SMALL: 0.105, LARGE: 0.121}, {SMALL: up_front, LARGE: 0.0}
    months, so_far = [], dict(trained)
    for m, volume in enumerate(volumes):
        gpus = {label: gpus_of(volume, s) for label, s in seconds.items()}
        rent = {k: c * RENT_USD_PER_HOUR * HOURS_PER_DAY * 365 / 12 for k, c in gpus.items()}
        so_far = {k: so_far[k] + usd / 1.1 ** ((m + 1) / 12) for k, usd in rent.items()}
        paid = rent if m else {k: usd + trained[k] for k, usd in rent.items()}
        months.append(
            {"begins": f"{2027 + m // 12}-{m % 12 + 1:02d}-01", "queries_per_day": volume,
             "usd": list(paid.values()), "gpus": list(gpus.values()),
             "present_usd_so_far": list(so_far.values())}
        )  # fmt: skip
    paths = [
        {"label": label, "side": side, "n_samples": n, "training_usd": trained[label],
         "opex_usd": sum(m["usd"][side] for m in months) - trained[label],
         "total_usd": sum(m["usd"][side] for m in months), "present_usd": so_far[label],
         "present_usd_low": so_far[label] * .6, "present_usd_high": so_far[label] * 1.8,
         "equivalent_usd_per_day": so_far[label] / 660, "usd_per_correct": 0.0017}
        for side, (label, n) in enumerate(((SMALL, 2.0), (LARGE, 1.0)))
    ]  # fmt: skip
    rate = {"value": 0.1, "low": 0.08, "high": 0.12}
    date = {
        "unit": "months",
        "median": 18,
        "low": 11,
        "high": None,
        "share_of_draws": 0.7,
        "ahead_beyond": SMALL,
        "median_date": "2028-07-01",
        "low_date": "2027-12-01",
    }
    volume = {
        "unit": "queries/day",
        "median": 8.1e5,
        "low": 3e5,
        "high": 4e6,
        "share_of_draws": 0.9,
        "ahead_beyond": SMALL,
        "crossings": 3,
        "first": 6.2e5,
    }
    return {
        "start": "2027-01-01", "horizon_days": 730.0, "growth_per_year": 0.4257608868,
        "price_decline_per_year": 0.0, "discount_per_year": rate, "paths": paths,
        "by_month": months,
        "by_volume": [
            {"queries_per_day": v, "equivalent_usd_per_day": [
                gpus_of(v, s) * RENT_USD_PER_HOUR * HOURS_PER_DAY + trained[k] / 660
                for k, s in seconds.items()]}
            for v in (10 ** (3 + k / 6) for k in range(31))
        ],
        "compared": [SMALL, LARGE], "cheaper": SMALL, "probability_cheaper": 0.64,
        "saved_usd": 21_000.0, "saved_usd_low": -30_000.0, "saved_usd_high": 90_000.0,
        "break_evens": {"volume": volume, "date": date, "rent": None},
        "break_even_sentences": {
            "volume": f"From about 810k queries a day on {SMALL} costs less than {LARGE}.",
            "date": f"{SMALL} is paid back by 2028-07-01.",
            "rent": "Both sides pay the rent of the same GPUs."},
        "sunk": [f"the training of {LARGE}, whose weights exist"],
        "sentences": [f"Over 24 months {SMALL} saves $21,000.",
                      "Taken as spent in any case and left out: the training of Llemma 34B."],
    }  # fmt: skip


def sample_fields() -> dict[str, Any]:
    """Every field of the answer, as plain data that a test may change."""
    volumes = [10 ** (3 + k / 12) for k in range(49)]
    seconds = {f"{SMALL} @4": 0.209, f"{SMALL} @2": 0.105, LARGE: 0.121}
    gpus = [{label: gpus_of(v, s) for label, s in seconds.items()} for v in volumes]
    return {
        "schema": "planner.answer/1",
        "question": "7B+PRM or 34B greedy at 1M queries/day",
        "answer": f"Undecided: at 1M queries a day, the question is whether at the accuracy of"
        f" {LARGE}, {LARGE} is the cheaper, and {LARGE} is ahead in 78% of the draws.",
        "explanation": [
            f"{SMALL} is as accurate as {LARGE} at about 3.9 samples (90% interval 2.0 to 8.0).",
            f"It costs as much as {LARGE} at about 2.2 samples in GPU time.",
        ],
        "criterion": "cost_at_equal_accuracy", "winner": "undecided", "probability_winner": 0.78,
        "leader": LARGE, "sides": [SMALL, LARGE], "prices_as_of": "2026-11-24",
        "queries_per_day": 1e6, "question_set": "MATH-500", "mix": MIX,
        "options": [small_option(4, "accuracy parity"), small_option(2, "cost parity"),
                    large_option()],
        "parity_n_accuracy": parity(3.9, 2.0, 8.0, share_of_draws=.996, by_bucket=[
            {"bucket": "level 1-3", "median": 2.9, "low": 1.4, "high": 6.1, "share_of_draws": .97,
             "reason": f"against one sample of Llemma 34B: {LARGE} was not measured by bucket"},
            {"bucket": "level 4-5", "median": 3.8, "low": 1.1, "high": None, "share_of_draws": .94,
             "reason": f"against one sample of Llemma 34B: {LARGE} was not measured by bucket"}]),
        "parity_n_cost": parity(2.2, 1.7, 2.9, share_of_draws=1.0, flop_nominal=2.43,
                                flop_full=2.31, by_bucket=[
            {"bucket": "level 1-3", "median": 2.2, "low": 1.7, "high": 2.9, "share_of_draws": 1.0},
            {"bucket": "level 4-5", "median": None, "low": None, "high": None,
             "share_of_draws": .0, "reason": "not measured by this bucket"}]),
        "break_even_queries_per_day": None,
        "break_even_reason": "The weights exist and the GPUs are rented, so neither side pays"
        " anything up front: there is no volume at which an investment pays back.",
        "over_time": over_time(),
        "human": [{"title": "a tutor", "compared_with": LARGE, "accuracy": 0.95,
                   "accuracy_low": 0.92, "accuracy_high": 0.97, "usd_per_query": 1.5,
                   "usd_per_correct": 1.58, "usd_per_correct_compared": 0.00145,
                   "points_ahead": -70.2, "sentence": "a tutor answers 95% correctly for $1.50."}],
        "parity_windows": [
            {"bucket": "all", "from_n": 3.9, "to_n": 2.2, "open": False, "share_of_draws": 0.06,
             "sentence": f"No n at which {SMALL} wins on both."},
            {"bucket": "level 1-3", "from_n": 2.9, "to_n": 2.2, "open": False,
             "share_of_draws": 0.2, "sentence": "On level 1-3 alone: no n at which it wins."}],
        "second_fleet_queries_per_day": 4.3e6,
        "winner_by_mix": [
            {"mix": {"level 1-3": s / 10, "level 4-5": 1 - s / 10},
             "winner": LARGE if .86 - s * .02 >= .8 else "undecided",
             "leader": LARGE, "probability": .86 - s * .02}
            for s in range(11)
        ],
        "cost_by_volume": [
            {"queries_per_day": v, "gpus": g,
             "cost_usd_per_day": {k: c * RENT_USD_PER_HOUR * HOURS_PER_DAY for k, c in g.items()}}
            for v, g in zip(volumes, gpus, strict=True)
        ],
        "flop_frontier": frontier_steps(),
        "flop_frontier_sentence": f"At equal FLOPs, in units of {LARGE}: Llemma 7B leads from 1.65"
        f" to just under 8 times; Llemma 34B leads from 8 times up. From {LARGE}'s budget up, a"
        " verifier leads plain voting by more than 0.2 points only from 64 times that budget on.",
        "curves": curves(),
        "best_plan": sample_plan().model_dump(by_alias=True),
        "best_plan_sentence": f"For what {LARGE} costs, the best plan answers 25% correctly.",
        "next": [{"what": f"{SMALL} and {LARGE} on 4,100 questions", "question_set": "MATH",
                  "bucket": "all", "model": LARGE_MODEL, "method": "greedy", "n_samples": [1, 4],
                  "questions": 4100, "probability_changes_decision": 0.3, "cost_usd": 12.5,
                  "why": "sampling noise of 500 questions alone keeps the answer open"}],
        "assumptions": [
            {"name": "rent of one h100-sxm", "value": 3.0, "low": 2.5, "high": 3.5,
             "unit": "$/GPU-hour", "source": "median of 12 price cards", "date": "2026-11-24",
             "flag": "--price"},
            {"name": "output tokens of a sample", "value": 305.0, "low": 280.0, "high": 330.0,
             "unit": "tokens", "source": "implied by Wu et al.'s FLOPs (arXiv:2408.00724)",
             "flag": "--output-tokens"},
            {"name": "share of GPU time that may be used", "value": 0.7, "unit": "share",
             "source": "planner's default", "flag": "--utilisation"},
            {"name": "error correlation", "value": "assumed", "unit": "",
             "source": "medians of .33 on GPQA and .48 on OTIS were seen between models"},
        ],
        "warnings": [
            {"code": "basis", "message": "34B greedy is not published by level: by level the page"
             " compares with one sample of the 34B."},
            {"code": "tokens", "message": "Token counts are not in the table; they are assumed."},
        ],
        "sources": ["Sun et al. 2024, Easy-to-hard generalisation (arXiv:2403.09472)"],
        "inputs": {"sun2024_easy_to_hard.csv": "9f" * 32},
        "seed": 0, "draws": 1000, "version": "0.1.0",
        "command": 'planner ask "7B+PRM or 34B greedy at 1M queries/day" --report report.html',
    }  # fmt: skip


def sample_answer(**changes: Any) -> Answer:
    """The answer, with fields replaced."""
    return Answer.model_validate({**sample_fields(), **changes})
