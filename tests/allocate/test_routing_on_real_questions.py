"""Plans over the subjects of real questions against every choice of subjects."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from planner.allocate.solvers import own


@pytest.mark.realdata
def test_whole_plans_by_subject_equal_brute_force_over_all_sums_of_calls(
    shared_data: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    sys.modules.pop("routellm", None)
    import routellm

    bucket, cheap, strong = routellm.read_questions(shared_data)
    assert len(bucket) == 15_361
    calls = np.bincount(bucket)
    gained = (np.bincount(bucket, strong) - np.bincount(bucket, cheap)).astype(int)
    # Most questions gained for each number of calls to the strong model, over every choice of the
    # 58 buckets: 2^58 choices have only 15,361 sums of calls.
    best = np.zeros(len(bucket) + 1, dtype=int)
    for count, gain in zip(calls.tolist(), gained.tolist(), strict=True):
        best[count:] = np.maximum(best[count:], best[:-count] + gain)
    for share in (0.02, 0.1, 0.25, 0.5, 0.77, 0.9, 1.0):
        problem = routellm.routing_problem(bucket, cheap, strong, share, whole=True)
        found = own.solve(problem)
        assert found.status == "optimal"
        most = cheap.sum() + best[int(problem.budget_usd_per_day)]
        assert round(found.value * len(bucket)) == most, share


@pytest.mark.realdata
def test_split_plans_by_subject_take_buckets_by_what_a_call_gains(
    shared_data: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    sys.modules.pop("routellm", None)
    import routellm

    bucket, cheap, strong = routellm.read_questions(shared_data)
    calls = np.bincount(bucket)
    gained = np.bincount(bucket, strong) - np.bincount(bucket, cheap)
    order = np.argsort(-gained / calls)
    for share in (0.1, 0.5, 0.9):
        left, most = float(int(share * len(bucket))), float(cheap.sum())
        for b in order:
            part = max(0.0, min(1.0, left / calls[b]))
            left, most = left - part * calls[b], most + max(0.0, part * gained[b])
        found = own.solve(routellm.routing_problem(bucket, cheap, strong, share))
        assert found.value * len(bucket) == pytest.approx(most, abs=1e-4)
