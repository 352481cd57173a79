"""Adaptive sampling beside uniform compute: a world where it must win, and the Epoch logs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def bench(project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    import adaptive

    monkeypatch.setattr(adaptive, "ORDERS", 1)
    monkeypatch.setattr(adaptive, "RESAMPLES", 400)
    return adaptive


def test_samples_saved_on_easy_problems_answer_hard_ones(bench: Any) -> None:
    rng = np.random.default_rng(0)
    problems, answers, right = [], [], []
    for i in range(300):
        p = 0.98 if i % 2 else 0.4
        problems.append(f"p{i:03}")
        answers.append(
            tuple("yes" if rng.random() < p else f"no{rng.integers(3)}" for _ in range(16))
        )
        right.append(frozenset({"yes"}))
    found = bench.compared([bench.Run(tuple(problems), tuple(answers), tuple(right))] * 2, 8)
    assert found.gain > 0.005
    assert found.low > 0
    assert found.samples < 8.5


@pytest.mark.realdata
def test_on_real_logs_the_plan_keeps_its_compute_and_is_told_with_its_interval(
    bench: Any, shared_data: Path
) -> None:
    folder = shared_data / "epoch_inspect"
    runs = bench.read_runs(folder / "per_sample_gpqa_diamond.csv.gz")
    found = bench.compared(runs, 8)
    assert found.problems == 198
    assert found.samples < 8.5
    assert found.low < found.gain < found.high
    # On unused problems it neither wins nor loses by much: a point is wider than the interval.
    assert abs(found.gain) < 0.03
