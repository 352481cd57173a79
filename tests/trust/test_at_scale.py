"""Random scenarios through the whole pipeline: no failure, no budget exceeded, memory flat."""

from __future__ import annotations

import json
import resource
from collections import defaultdict
from pathlib import Path

import pytest
from random_scenarios import written

from planner import pipeline
from planner.units import jsonable

WARM_UP = 100
MOST_GROWTH_BYTES = 150 * 1024**2


def solved(folder: Path, seed: int) -> str:
    """Solves a random scenario, checks what it prints, and says its status."""
    plan = pipeline.solve(written(folder, seed), draws=20, seed=seed)
    printed = json.loads(json.dumps(jsonable(plan.model_dump(mode="json", by_alias=True))))
    if printed["status"] == "infeasible":
        assert printed["relaxation"] or printed["conflict"], seed
        return "infeasible"
    budget = printed["budget_usd_per_day"]
    assert printed["cost_usd_per_day"] <= budget * (1 + 1e-8), (seed, printed["cost_usd_per_day"])
    fleets = sum(row["usd_per_day"] for row in printed["fleet"])
    assert fleets <= budget * (1 + 1e-6), seed
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for row in printed["allocation"]:
        shares[row["query_class"], row["bucket"]] += row["share"]
    assert all(abs(total - 1) < 1e-6 for total in shares.values()), (seed, shares)
    assert printed["accuracy_low"] <= printed["accuracy_high"], seed
    return str(printed["status"])


def memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("count", [20, pytest.param(1000, marks=pytest.mark.verify)])
def test_a_random_scenario_fails_or_exceeds_its_budget(tmp_path: Path, count: int) -> None:
    found: dict[str, int] = defaultdict(int)
    before = memory_bytes()
    for seed in range(count):
        found[solved(tmp_path, seed)] += 1
        if seed == WARM_UP:
            before = memory_bytes()
    assert found["optimal"] >= count / 4, dict(found)
    if count > 2 * WARM_UP:
        assert memory_bytes() - before < MOST_GROWTH_BYTES
