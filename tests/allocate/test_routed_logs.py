"""From logs to a plan by what the first samples agree on, with the router's three figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from planner.measure.measuring import Terms
from planner.pipeline import measure, solve
from planner.pipeline.measuring import partition_wish

SCENARIO = """schema = "planner.scenario/1"
[data]
observations = ["obs.csv"]
[workload]
volume = "60M queries/day"
prompt_tokens = 200
output_tokens = 300
[[workload.classes]]
name = "all"
mix = {{ {mix} }}
[[candidates]]
model = "llama-3-8b"
methods = ["sampled"]
[[candidates]]
model = "big"
methods = ["sampled"]
[[supply]]
accelerator = "h100-sxm"
price = "$2.50/h"
engine_efficiency = 0.5
[budget]
usd_per_day = 14000
{router}
"""


def logs(path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = []
    for i in range(160):
        easy = i % 2 == 0
        rates = (0.95, 0.97) if easy else (0.15, 0.7)
        for model, size, p in zip(("llama-3-8b", "big"), (8, 70), rates, strict=True):
            for s in range(10):
                right = bool(rng.random() < p)
                answer = "yes" if right else f"no{rng.integers(6)}"
                rows.append(
                    {"model": model, "problem_id": f"p{i}", "sample": s, "correct": int(right),
                     "answer": answer, "question_set": "S", "method": "sampled", "params_b": size}
                )  # fmt: skip
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")


@pytest.fixture
def measured(tmp_path: Path) -> dict[str, float]:
    """Shares of the questions by what they are told."""
    logs(tmp_path / "log.jsonl")
    wish = partition_wish("agreement", "llama-3-8b", 5, 4)
    found = measure(tmp_path / "log.jsonl", tmp_path / "obs.csv", terms=Terms(wish=wish))
    wanted = ("big", "sampled", 1)
    rows = {
        r.bucket: r.n_questions for r in found.rows if (r.model, r.method, r.n_samples) == wanted
    }
    rows.pop("all")
    total = sum(rows.values())
    return {bucket: count / total for bucket, count in rows.items()}


def test_accuracies_by_told_bucket_make_a_plan_between_none_and_perfect(
    tmp_path: Path, measured: dict[str, float]
) -> None:
    mix = ", ".join(f'"{bucket}" = {share!r}' for bucket, share in measured.items())
    path = tmp_path / "scenario.toml"
    path.write_text(SCENARIO.format(mix=mix, router=""), encoding="utf-8")
    plan = solve(path, draws=20)
    assert any(w.code == "router_unpaid" for w in plan.warnings)
    value = plan.router_value
    assert value is not None
    assert value.basis == "measured"
    assert value.perfect is not None
    assert value.this is not None
    assert value.none is not None
    assert value.none.accuracy < value.this.accuracy < value.perfect.accuracy
    paid = '[router]\nmodel = "llama-3-8b"\ntokens = 200\noutput_tokens = 300\nsamples = 4'
    dear = SCENARIO.format(mix=mix, router=paid).replace("14000", "100000")
    path.write_text(dear, encoding="utf-8")
    charged = solve(path, draws=20)
    assert charged.router is not None
    assert charged.router.tokens == 200 + 4 * 300
    assert charged.status == "optimal"
    assert charged.router.cost_usd_per_day > 1000
    assert not any(w.code == "router_unpaid" for w in charged.warnings)
