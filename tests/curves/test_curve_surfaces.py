"""Surfaces over n and depth, or n and thinking tokens, from few cells."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from curve_lookup import curve_where
from numpy.typing import NDArray

from planner.curves import CurveBook, CurveKey, Surface, curves_json, fit_curves
from planner.curves.grouping import grouped
from planner.curves.surface import fit_surface
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations
from planner.measure.replicates import Correlation, accuracy_draws

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from surfaces import PATTERNS, additive_logits, errors, real_grids

Array = NDArray[np.float64]
DRAWS = Draws(300)
Cell = tuple[int, int]


def rows_of(
    cells: dict[Cell, float], method: str = "majority_vote", **changes: Any
) -> list[Observation]:
    usual: dict[str, Any] = {
        "model": "m",
        "method": method,
        "question_set": "Q",
        "bucket": ALL,
        "n_questions": 500,
    }
    axis = "depth" if method == "revision" else "thinking_tokens"
    return [
        Observation.model_validate(usual | {"n_samples": n, axis: value, "accuracy": y} | changes)
        for (n, value), y in cells.items()
    ]


def fitted(rows: list[Observation], draws: Draws = DRAWS) -> CurveBook:
    return fit_curves(Observations(tuple(rows), ("",) * len(rows), {}), draws)


def surface_of(cells: dict[Cell, float], method: str = "majority_vote", **changes: Any) -> Surface:
    (surface,) = fitted(rows_of(cells, method, **changes)).surfaces
    return surface


FEW = {(1, 1_000): 0.50, (8, 1_000): 0.58, (1, 4_000): 0.60, (1, 16_000): 0.68, (8, 16_000): 0.74}


def test_a_surface_meets_every_measured_cell_in_every_draw() -> None:
    surface = surface_of(FEW)
    n, tokens = zip(*[(r.n_samples, r.thinking_tokens) for r in surface.observations], strict=True)
    assert np.array_equal(surface.accuracy(n, tokens), surface.measured)
    near = surface.accuracy(np.array(n) * (1 + 1e-6), np.array(tokens) * (1 + 1e-6))
    assert np.abs(near - surface.measured).max() < 1e-3, "no jump beside a cell"
    assert surface.basis(n, tokens) == ["measured"] * 5


def test_what_lies_between_and_beyond_is_told_apart() -> None:
    surface = surface_of(FEW)
    at = [(8, 4_000), (4, 8_000), (16, 4_000), (4, 64_000), (1, 4_000)]
    assert surface.basis(*zip(*at, strict=True)) == [
        "interpolated",
        "interpolated",
        "extrapolated",
        "extrapolated",
        "measured",
    ]
    spread = surface.accuracy(*zip(*at, strict=True))[1:].std(0)
    assert spread[3] > spread[1]


def test_a_missing_cell_is_where_an_additive_fit_puts_it() -> None:
    """Logits that add up exactly leave nothing to learn but the sum."""
    logit = {(n, t): 0.1 * np.log2(n) + a for n in (1, 2, 4, 8) for t, a in
             {1_000: 0.0, 4_000: 0.5, 16_000: 0.7}.items()}  # fmt: skip
    cells = {cell: float(1 / (1 + np.exp(-z))) for cell, z in logit.items()}
    left_out = cells.pop((4, 4_000))
    surface = surface_of(cells, n_questions=10_000)
    assert surface.accuracy([4], [4_000])[0, 0] == pytest.approx(left_out, abs=0.002)


def alone(rows: list[Observation]) -> Surface:
    """The surface without the curves that it lends to."""
    (cells,) = grouped(Observations(tuple(rows), ("",) * len(rows), {}), None, {}).surfaces
    measured = accuracy_draws(cells.rows, DRAWS)
    return fit_surface(cells.key, cells.rows, measured, 1 - Correlation().methods, DRAWS)


NS, LENGTHS, QUESTIONS = (1, 2, 4, 8, 16), (1_000, 4_000, 16_000, 64_000), 300


def simulated(rng: np.random.Generator, product: float) -> tuple[dict[Cell, float], ...]:
    """(truth, seen) of a surface whose votes gain less, by `product`, where one sample is good."""
    start, by_n, by_t = rng.normal(0, 0.6), rng.uniform(0, 0.2), rng.uniform(0, 0.8)
    shared = np.sqrt(0.6) * rng.normal()
    truth: dict[Cell, float] = {}
    seen: dict[Cell, float] = {}
    for j, t in enumerate(LENGTHS):
        own = rng.normal()
        for i, n in enumerate(NS):
            own = own if i == 0 else 0.9 * own + np.sqrt(1 - 0.81) * rng.normal()
            p = truth[n, t] = float(
                1 / (1 + np.exp(-(start + by_n * i + by_t * j - product * i * j)))
            )
            error = (shared + np.sqrt(0.4) * own) * np.sqrt(p * (1 - p) / QUESTIONS)
            seen[n, t] = float(np.clip(np.round((p + error) * QUESTIONS) / QUESTIONS, 0, 1))
    return truth, seen


@pytest.mark.parametrize("few", [False, True])
def test_cells_held_out_of_simulated_surfaces(few: bool) -> None:
    """No worse than the additive fit in logits, and inside the interval as often as it says.

    Half of the truths add up exactly, which the rival assumes and the planner does not know.
    """
    rng = np.random.default_rng(5)
    ours, additive, held = [], [], []
    for world in range(160):
        truth, seen = simulated(rng, 0.0 if world % 2 else rng.uniform(0.01, 0.03))
        out = (NS[rng.integers(5)], LENGTHS[rng.integers(4)])
        kept = {cell: y for cell, y in seen.items() if cell != out}
        if few:
            out = (16, 16_000)
            kept = {c: y for c, y in seen.items() if c[0] == 1 or c in {(16, 1_000), (16, 64_000)}}
        rival = additive_logits([(*cell, y, QUESTIONS) for cell, y in kept.items()], *out)
        assert rival is not None
        draws = alone(rows_of(kept, n_questions=QUESTIONS)).accuracy([out[0]], [out[1]])[:, 0]
        ours.append(abs(draws[0] - seen[out]))
        additive.append(abs(rival - seen[out]))
        low, high = np.quantile(draws[1:], [0.05, 0.95])
        held.append(low <= truth[out] <= high)
    assert np.mean(ours) <= np.mean(additive)
    assert 0.85 <= np.mean(held) <= 0.97


@pytest.mark.realdata
def test_cells_held_out_of_real_surfaces(shared_data: Path) -> None:
    """Votes over n samples of models run at several lengths of thinking (Epoch AI's logs)."""
    grids = real_grids(shared_data)
    assert len(grids) == 8
    for pattern in PATTERNS:
        ours, additive = errors(grids, pattern)
        assert len(ours) >= 60
        assert np.mean(ours) <= np.mean(additive), pattern


def test_a_curve_over_n_is_lent_what_its_neighbours_show() -> None:
    book = fitted(rows_of({**FEW, (8, 4_000): 0.66, (2, 1_000): 0.52}))
    curve = curve_where(book, model="m", method="majority_vote", thinking_tokens=4_000)
    assert curve.n_measured.tolist() == [1, 2, 8]
    assert curve.basis([1, 2, 8, 16]) == ["measured", "interpolated", "measured", "extrapolated"]
    assert [note.code for note in curve.notes] == ["lent_by_surface"]
    assert "at n = 2 is read off" in curve.notes[0].message


def test_a_vote_among_one_long_thought_is_that_thought() -> None:
    singles = rows_of({(1, 1_000): 0.5, (1, 4_000): 0.6, (1, 16_000): 0.68}, "long_cot")
    votes = rows_of({(8, 1_000): 0.58, (8, 16_000): 0.74})
    book = fitted([*singles, *votes])
    (surface,) = book.surfaces
    assert surface.key.method == "majority_vote"
    assert len(surface.observations) == 5
    alone = curve_where(book, model="m", method="long_cot", thinking_tokens=4_000).measured[:, 0]
    assert np.array_equal(surface.accuracy([1], [4_000])[:, 0], alone)


def test_a_curve_is_cut_out_at_thinking_that_was_not_measured() -> None:
    book = fitted(rows_of(FEW))
    (surface,) = book.surfaces
    for tokens, basis in ((8_000, "interpolated"), (64_000, "extrapolated")):
        key = CurveKey("m", "majority_vote", None, "Q", thinking_tokens=tokens)
        curve = book.at(key)
        assert curve is not None
        assert curve.key == key
        assert np.allclose(curve.accuracy([1, 8]), surface.accuracy([1, 8], [tokens, tokens]))
        assert curve.basis([1, 3, 8]) == [basis] * 3


def test_coverage_on_a_surface_never_falls_with_n() -> None:
    cells = {(1, 1_000): 0.5, (4, 1_000): 0.7, (16, 1_000): 0.71,
             (1, 4_000): 0.68, (16, 4_000): 0.70}  # fmt: skip
    book = fitted(rows_of(cells, "oracle_best_of_n"))
    for curve in book.values():
        assert np.diff(curve.measured, axis=1).min() >= -0.05
        lent = [i for i, n in enumerate(curve.n_measured) if n in curve.assumed]
        for i in lent:
            below, above = curve.measured[0, i - 1], curve.measured[0, i + 1]
            assert below <= curve.measured[0, i] <= above


@pytest.mark.parametrize("method", ["majority_vote", "revision"])
def test_surfaces_are_told_over_both_axes(method: str) -> None:
    scale = 1 if method == "majority_vote" else 1_000
    cells = {(n, t // scale): y for (n, t), y in FEW.items()}
    document = curves_json(fitted(rows_of(cells, method)), [1, 64])
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    (surface,) = document["surfaces"]
    axis = "depth" if method == "revision" else "thinking_tokens"
    told = {(p["n_samples"], p[axis]): p for p in surface["predictions"]}
    for cell, y in cells.items():
        assert told[cell]["accuracy"] == pytest.approx(y)
        assert told[cell]["basis"] == "measured"
    assert {n for n, _ in told} == {1, 8, 64}
    assert all(told[64, value]["extrapolated"] for value in {v for _, v in cells})
    assert all(p["low"] <= p["accuracy"] <= p["high"] for p in told.values())
    assert {c[axis] for c in document["curves"]} == {v for _, v in cells}


def test_the_same_seed_gives_the_same_surface() -> None:
    one, other = (surface_of(FEW).accuracy([3], [9_000]) for _ in range(2))
    assert np.array_equal(one, other)
    with pytest.raises(ValueError, match="n = 1"):
        surface_of(FEW).accuracy([0.5], [1_000])
