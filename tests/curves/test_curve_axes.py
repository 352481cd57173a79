"""Curves over depth and over thinking tokens, at a fixed number of samples."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.curves import FAMILIES, CurveBook, CurveKey, curves_json, fit_curves
from planner.curves.axis import position_of, value_at
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations

DRAWS = Draws(200)
CAPS = (1_000, 4_000, 16_000, 64_000)


def row(method: str, accuracy: float, **changes: Any) -> Observation:
    usual: dict[str, Any] = {
        "model": "m",
        "method": method,
        "question_set": "Q",
        "bucket": ALL,
        "n_samples": 1,
        "accuracy": accuracy,
        "n_questions": 500,
    }
    return Observation.model_validate(usual | changes)


def fitted(rows: list[Observation]) -> CurveBook:
    return fit_curves(Observations(tuple(rows), ("obs.csv:2",) * len(rows), {}), DRAWS)


def thinking(accuracies: tuple[float, ...], **changes: Any) -> list[Observation]:
    pairs = zip(CAPS, accuracies, strict=True)
    return [row("long_cot", y, thinking_tokens=t, **changes) for t, y in pairs]


def revisions(accuracies: dict[int, float], **changes: Any) -> list[Observation]:
    return [row("revision", y, depth=d, **changes) for d, y in accuracies.items()]


@pytest.mark.parametrize("axis", ["n_samples", "depth", "thinking_tokens"])
def test_a_place_on_an_axis_is_its_value_and_back(axis: Any) -> None:
    for value in (1, 3, 1000, 64_000):
        assert value_at(axis, position_of(axis, value)) == pytest.approx(value)
    assert position_of("depth", 0) == position_of("thinking_tokens", 0) == 1.0


def test_points_that_differ_in_thinking_alone_make_a_curve_over_it() -> None:
    book = fitted(thinking((0.60, 0.66, 0.70, 0.72)))
    (curve,) = book.along
    assert (curve.key.axis, curve.key.n_samples, curve.key.thinking_tokens) == (
        "thinking_tokens",
        1,
        None,
    )
    assert curve.n_measured.tolist() == [2.0, 5.0, 17.0, 65.0]
    at = [position_of("thinking_tokens", t) for t in (1_000, 8_000, 64_000, 128_000)]
    accuracy = curve.accuracy(at)[0]
    assert accuracy[[0, 2]].tolist() == [0.60, 0.72]
    assert 0.66 < accuracy[1] < 0.70
    assert curve.basis(at) == ["measured", "interpolated", "measured", "extrapolated"]


def test_points_that_differ_in_depth_alone_make_a_curve_over_it() -> None:
    book = fitted(revisions({0: 0.30, 1: 0.36, 2: 0.39, 4: 0.42, 8: 0.43}))
    (curve,) = book.along
    assert curve.key.axis == "depth"
    assert curve.n_measured.tolist() == [1.0, 2.0, 3.0, 5.0, 9.0]
    assert "revision_chain" in curve.weights


def test_each_number_of_samples_has_its_curve_over_depth() -> None:
    """Where no depth was measured at two n there is no surface to speak of."""
    book = fitted([*revisions({1: 0.3, 2: 0.35}), *revisions({4: 0.5, 8: 0.55}, n_samples=4)])
    assert [curve.key.n_samples for curve in book.along] == [1, 4]
    assert not book.surfaces


def test_a_fixed_cap_stays_a_curve_over_n() -> None:
    rows = [
        row("majority_vote", y, n_samples=n, thinking_tokens=4_000)
        for n, y in {1: 0.5, 2: 0.52, 4: 0.55, 8: 0.57}.items()
    ]
    book = fitted(rows)
    assert not book.along
    assert not book.surfaces
    (curve,) = book.values()
    assert (curve.key.axis, curve.key.thinking_tokens) == ("n_samples", 4_000)


def test_thinking_that_harms_shows_its_peak_and_a_note() -> None:
    book = fitted(thinking((0.60, 0.70, 0.66, 0.58), n_questions=2_000))
    (found,) = curves_json(book, [1])["curves"]
    assert found["peak_at"] == 4_000
    assert found["peak_n"] is None
    (note,) = book.along[0].notes
    assert note.code == "falls_with_depth"
    assert "from 4,000 thinking tokens to 64,000 thinking tokens" in note.message


def test_predictions_carry_every_axis() -> None:
    rows = [*thinking((0.60, 0.66, 0.70, 0.72)), *revisions({0: 0.3, 1: 0.36, 2: 0.39, 4: 0.42})]
    document = curves_json(fitted(rows), [1, 64])
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    over_tokens, over_depth = document["curves"]
    assert [c["axis"] for c in document["curves"]] == ["thinking_tokens", "depth"]
    told = {p["thinking_tokens"]: p for p in over_tokens["predictions"]}
    assert set(CAPS) < set(told)
    assert [p["n_samples"] for p in told.values()] == [1] * len(told)
    assert [t for t, p in told.items() if p["extrapolated"]] == [129_000]
    assert told[129_000]["high"] - told[129_000]["low"] > told[64_000]["high"] - told[64_000]["low"]
    assert [p["depth"] for p in over_depth["predictions"]] == [0, 1, 2, 3, 4, 9]
    assert over_depth["predictions"][-1]["extrapolated"]
    assert over_depth["measured"][0]["depth"] == 0


def test_one_point_over_n_is_cut_out_of_a_curve_at_any_cap() -> None:
    book = fitted(thinking((0.60, 0.66, 0.70, 0.72)))
    key = CurveKey("m", "long_cot", None, "Q")
    for cap, basis in ((4_000, "measured"), (8_000, "interpolated"), (128_000, "extrapolated")):
        curve = book.at(CurveKey(**{**vars(key), "thinking_tokens": cap}))
        assert curve is not None
        assert curve.basis([1]) == [basis]
        (along,) = book.along
        at = position_of("thinking_tokens", cap)
        assert np.allclose(curve.accuracy([1]), along.accuracy([at]))
    assert book.at(CurveKey("m", "long_cot", None, "other", thinking_tokens=4_000)) is None


def test_a_chain_of_revisions_tells_how_many_it_mends_and_breaks() -> None:
    """Two states, by hand: 38% of right answers broken, 20% of wrong ones put right."""
    chain, right = FAMILIES["revision_chain"], 0.5
    steps = [right]
    for _ in range(6):
        right = right * (1 - 0.38) + (1 - right) * 0.20
        steps.append(right)
    rows = revisions(dict(enumerate(steps)), n_questions=10**8)
    (curve,) = fit_curves(
        Observations(tuple(rows), ("",) * len(rows), {}), DRAWS, families=[chain]
    ).along
    told = chain.published(curve.shape.central[0]) if curve.shape is not None else {}
    assert told["fixed"] == pytest.approx(0.20, abs=1e-4)
    assert told["broken"] == pytest.approx(0.38, abs=1e-4)
    assert told["limit"] == pytest.approx(0.20 / 0.58, abs=1e-4)


@pytest.mark.realdata
def test_real_thinking_budgets_left_out_come_back_within_their_interval(
    shared_data: Path,
) -> None:
    """Claude models on GPQA Diamond and OTIS by thinking budget, one sample a question."""
    hits = []
    for rows in _budgets(shared_data):
        for i in range(1, len(rows) - 1):
            (curve,) = fitted(rows[:i] + rows[i + 1 :]).along
            left_out = rows[i]
            at = position_of("thinking_tokens", float(left_out.thinking_tokens or 0))
            draws = curve.accuracy([at])[:, 0]
            noise = DRAWS.normal(f"noise|{left_out}")
            draws = draws + noise * np.sqrt(draws * (1 - draws) / left_out.n_questions)
            low, high = np.quantile(draws[1:], [0.05, 0.95])
            hits.append(low <= left_out.accuracy <= high)
    assert len(hits) >= 8
    assert np.mean(hits) >= 0.8


def _budgets(data: Path) -> list[list[Observation]]:
    found = []
    for name in ("otis_mock_aime_2024_2025", "gpqa_diamond"):
        right: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        with gzip.open(data / "epoch_inspect" / f"per_sample_{name}.csv.gz", "rt") as file:
            for r in csv.DictReader(file):
                if r["model"].startswith("anthropic/") and r["correct"]:
                    budget = int(r["thinking_budget_tokens"] or 0)
                    right[r["model"]][budget].append(float(r["correct"]))
        found += [
            [
                row(
                    "long_cot",
                    float(np.mean(y)),
                    model=model,
                    thinking_tokens=t,
                    n_questions=45 if name.startswith("otis") else 198,
                )
                for t, y in sorted(by_budget.items())
            ]
            for model, by_budget in right.items()
            if len(by_budget) >= 3
        ]
    return found
